"""Orders, checkouts, carts and vouchers on the wire: the schemas of what `selectors.told` returns."""

from rest_framework import serializers

from accounts.shapes import PersonBriefOut
from catalog.states import Condition, ProductState
from media.shapes import PictureOut
from orders.selectors import STATUSES
from orders.states import (
    CancelledBecause,
    Change,
    CheckoutState,
    Delivery,
    DisputeAxis,
    FulfilmentAxis,
    Funder,
    OrderState,
    PayBy,
    PaymentAxis,
    Side,
    Source,
    VoucherKind,
)
from payments.states import PaymentState

AMOUNT = "A decimal string."


class CartLineOut(serializers.Serializer):
    id = serializers.UUIDField()
    product_id = serializers.UUIDField()
    variant_id = serializers.UUIDField()
    title = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())
    picture = PictureOut(allow_null=True)
    state = serializers.ChoiceField(choices=ProductState.choices)
    quantity = serializers.IntegerField()
    price = serializers.CharField(help_text="Of one, now.")
    seen_price = serializers.CharField(help_text="Of one, when its person last saw it.")
    amount = serializers.CharField(help_text="Of all of them, now.")
    currency = serializers.CharField()
    change = serializers.ChoiceField(
        choices=Change.choices, allow_null=True, help_text="What became of it meanwhile; null: nothing."
    )
    added_at = serializers.DateTimeField()


class CartSellerOut(serializers.Serializer):
    """What becomes one order."""

    seller = PersonBriefOut()
    items = CartLineOut(many=True)


class SubtotalOut(serializers.Serializer):
    currency = serializers.CharField()
    amount = serializers.CharField(help_text=AMOUNT)


class CartOut(serializers.Serializer):
    id = serializers.UUIDField(allow_null=True)
    revision = serializers.IntegerField()
    count = serializers.IntegerField(help_text="Different things.")
    pieces = serializers.IntegerField()
    subtotals = SubtotalOut(many=True)
    changed = serializers.IntegerField(help_text="Lines that are not as their person last saw them.")
    sellers = CartSellerOut(many=True)
    cart_key = serializers.CharField(
        required=False, help_text="Of a guest: send it as `Cart-Key` from now on (browsers keep it in a cookie)."
    )


class CartChangeOut(serializers.Serializer):
    item_id = serializers.UUIDField()
    product_id = serializers.UUIDField()
    title = serializers.CharField()
    what = serializers.ChoiceField(choices=Change.choices)
    words = serializers.CharField()
    quantity = serializers.IntegerField()
    available = serializers.IntegerField()
    seen_price = serializers.CharField()
    price = serializers.CharField()
    currency = serializers.CharField()


class CartChangesOut(serializers.Serializer):
    changes = CartChangeOut(many=True)
    cart = CartOut()


class LeftOutOut(serializers.Serializer):
    product_id = serializers.UUIDField()
    variant_id = serializers.UUIDField(allow_null=True)
    code = serializers.CharField(help_text="docs/errors.md")
    detail = serializers.CharField()


class SyncedOut(serializers.Serializer):
    cart = CartOut()
    left_out = LeftOutOut(many=True)


class OrderItemOut(serializers.Serializer):
    """A line as it was bought."""

    id = serializers.UUIDField()
    product_id = serializers.UUIDField()
    variant_id = serializers.UUIDField()
    title = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())
    condition = serializers.ChoiceField(choices=Condition.choices, allow_blank=True)
    quantity = serializers.IntegerField()
    unit_price = serializers.CharField(help_text=AMOUNT)
    is_traded = serializers.BooleanField(help_text="Given in exchange by the buyer.")
    picture = PictureOut(allow_null=True)


class OrderWordsOut(serializers.Serializer):
    """How things stand, in sentences for the reader."""

    order = serializers.CharField()
    money = serializers.CharField()
    fulfilment = serializers.CharField()
    dispute = serializers.CharField(allow_blank=True)


class OrderLineOut(serializers.Serializer):
    """An order in a list, as the reader's side sees it."""

    id = serializers.UUIDField()
    code = serializers.CharField(help_text="For people: SL-7K3F9QXM.")
    side = serializers.ChoiceField(choices=Side.choices)
    checkout_id = serializers.UUIDField(allow_null=True, help_text="For its buyer.")
    other = PersonBriefOut()
    source = serializers.ChoiceField(choices=Source.choices)  # type: ignore[assignment]
    state = serializers.ChoiceField(choices=OrderState.choices)
    payment_state = serializers.ChoiceField(choices=PaymentAxis.choices)
    fulfilment_state = serializers.ChoiceField(choices=FulfilmentAxis.choices)
    dispute_state = serializers.ChoiceField(choices=DisputeAxis.choices)
    words = OrderWordsOut()
    pay_by = serializers.ChoiceField(choices=PayBy.choices)
    delivery = serializers.ChoiceField(choices=Delivery.choices)
    items = OrderItemOut(many=True)
    delivery_price = serializers.CharField(help_text="Of the total, what the parcel costs.")
    total = serializers.CharField(help_text="What the buyer pays.")
    currency = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True, help_text="To be paid until then.")
    dispatch_by = serializers.DateTimeField(allow_null=True)
    inspection_ends_at = serializers.DateTimeField(allow_null=True, help_text="Then the seller is paid.")
    created_at = serializers.DateTimeField()
    may_cancel = serializers.BooleanField()


class AmountsOut(serializers.Serializer):
    items = serializers.CharField(help_text=AMOUNT)
    delivery = serializers.CharField()
    discount = serializers.CharField()
    total = serializers.CharField()
    refunded = serializers.CharField()
    commission = serializers.CharField(allow_null=True, help_text="For the seller.")
    payout = serializers.CharField(allow_null=True, help_text="For the seller.")


class OrderAddressOut(serializers.Serializer):
    """As it was when it was bought."""

    recipient = serializers.CharField()
    phone = serializers.CharField()
    street = serializers.CharField()
    building = serializers.CharField(allow_blank=True)
    unit = serializers.CharField(allow_blank=True)
    city = serializers.CharField()
    country = serializers.CharField()
    instructions = serializers.CharField(allow_blank=True)


class OrderOut(OrderLineOut):
    amounts = AmountsOut()
    address = OrderAddressOut(allow_null=True, help_text="For the seller from the confirmation on.")
    note = serializers.CharField(allow_blank=True)
    is_luxury = serializers.BooleanField()
    inspection_hours = serializers.IntegerField()
    arrive_by = serializers.DateTimeField(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    dispatched_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    cancelled_because = serializers.ChoiceField(choices=CancelledBecause.choices, allow_blank=True)
    cash_owed = serializers.CharField(
        allow_null=True, help_text="What the seller owes the buyer in cash, by a decision, until the buyer has it."
    )
    cash_back_said_at = serializers.DateTimeField(
        allow_null=True, help_text="The seller of a cash sale says that the buyer has the money back."
    )
    cash_back_answer_by = serializers.DateTimeField(
        allow_null=True, help_text="Until when the buyer says whether that is so; then our staff look at it."
    )
    dispute_until = serializers.DateTimeField(
        allow_null=True, help_text="Of a cash sale: until when its buyer may report a problem."
    )


class OrderEventOut(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    side = serializers.ChoiceField(choices=Side.choices, help_text="Who did it.")
    words = serializers.CharField(help_text="For the reader.")
    facts = serializers.DictField()
    at = serializers.DateTimeField()


class PaymentOut(serializers.Serializer):
    """How a payment stands, for its payer. Without a secret the provider was not asked yet: look again in a moment."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=PaymentState.choices)
    client_secret = serializers.CharField(allow_null=True, help_text="For the card form of whoever pays.")
    failure_code = serializers.CharField(allow_null=True, help_text="Of the last try that was declined.")
    next_action_url = serializers.CharField(allow_null=True)
    method = serializers.DictField(allow_null=True)
    receipt_url = serializers.CharField(allow_null=True)


class CheckoutOut(serializers.Serializer):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=CheckoutState.choices)
    pay_by = serializers.ChoiceField(choices=PayBy.choices)
    total = serializers.CharField(help_text=AMOUNT)
    currency = serializers.CharField()
    expires_at = serializers.DateTimeField(help_text="Of an open one: then its things are for sale again.")
    created_at = serializers.DateTimeField()
    payment = PaymentOut(allow_null=True)
    orders = OrderLineOut(many=True)


class PreviewLineOut(serializers.Serializer):
    product_id = serializers.UUIDField()
    variant_id = serializers.UUIDField()
    title = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = serializers.CharField()
    amount = serializers.CharField()


class PreviewPartOut(serializers.Serializer):
    """What becomes one order."""

    seller = PersonBriefOut()
    lines = PreviewLineOut(many=True)
    items = serializers.CharField(help_text=AMOUNT)
    delivery = serializers.CharField(help_text="What bringing it costs in the chosen way.")
    parcel = serializers.CharField(allow_null=True, help_text="What a parcel would cost; null: the seller sends none.")
    discount = serializers.CharField()
    total = serializers.CharField()
    takes_cash = serializers.BooleanField()


class VoucherTakenOut(serializers.Serializer):
    code = serializers.CharField()
    funder = serializers.ChoiceField(choices=Funder.choices)
    discount = serializers.CharField()


class PreviewOut(serializers.Serializer):
    currency = serializers.CharField()
    parts = PreviewPartOut(many=True)
    vouchers = VoucherTakenOut(many=True)
    items = serializers.CharField(help_text=AMOUNT)
    delivery = serializers.CharField()
    discount = serializers.CharField()
    total = serializers.CharField()


class TransactionOut(serializers.Serializer):
    """The money of an order, as the reader's side sees it. Its id is the order's."""

    id = serializers.UUIDField()
    order_code = serializers.CharField()
    checkout_id = serializers.UUIDField(allow_null=True)
    side = serializers.ChoiceField(choices=Side.choices)
    status = serializers.ChoiceField(choices=sorted(STATUSES))
    order_state = serializers.ChoiceField(choices=OrderState.choices)
    payment_state = serializers.ChoiceField(choices=PaymentAxis.choices)
    words = serializers.CharField()
    product = OrderItemOut(help_text="The first of them.")
    items = OrderItemOut(many=True)
    buyer = PersonBriefOut()
    seller = PersonBriefOut()
    amount = serializers.CharField(help_text=AMOUNT)
    delivery_price = serializers.CharField(help_text="Of it, what the parcel cost.")
    refunded = serializers.CharField()
    currency = serializers.CharField()
    platform_fee = serializers.CharField(allow_null=True, help_text="For the seller.")
    seller_payout = serializers.CharField(allow_null=True, help_text="For the seller.")
    pay_by = serializers.ChoiceField(choices=PayBy.choices)
    payment = PaymentOut(allow_null=True, help_text="For the buyer.")
    created_at = serializers.DateTimeField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)


class VoucherOut(serializers.Serializer):
    id = serializers.UUIDField()
    code = serializers.CharField()
    funder = serializers.ChoiceField(choices=Funder.choices)
    shop_id = serializers.UUIDField(allow_null=True)
    kind = serializers.ChoiceField(choices=VoucherKind.choices)
    percent = serializers.CharField(allow_null=True)
    amount = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    minimum = serializers.CharField(help_text=AMOUNT)
    cap = serializers.CharField(allow_null=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)


class OwnVoucherOut(VoucherOut):
    """A voucher as its shop sees it."""

    total_limit = serializers.IntegerField(allow_null=True)
    person_limit = serializers.IntegerField()
    used = serializers.IntegerField(help_text="Uses that stand, or are set aside by an open checkout.")
    is_listed = serializers.BooleanField()
    is_active = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class VoucherWorthOut(serializers.Serializer):
    voucher = VoucherOut()
    discount = serializers.CharField(help_text="What it takes off here.")
    total = serializers.CharField(help_text="What is left to pay.")
    currency = serializers.CharField()


class DeliveryTermsOut(serializers.Serializer):
    """What a seller asks for a parcel, for what is bought from now on."""

    ships = serializers.BooleanField(help_text="False: the seller only meets.")
    parcel = serializers.CharField(help_text="What one costs the buyer; 0.00: it is in the price.")
    free_from = serializers.CharField(
        allow_null=True, help_text="From things of so much on, less the shop's voucher, it costs nothing."
    )
    currency = serializers.CharField()
