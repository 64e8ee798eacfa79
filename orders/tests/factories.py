"""Orders of a chair for AED 250 that was bought from its listing, in any state. Made directly, not by actions: a test of one action
starts anywhere. Payments and their holds are those of `payments`, so that what releases and refunds them finds them.
"""

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.models import StockHold
from catalog.states import ProductState
from catalog.tests.factories import ProductFactory, SellerFactory
from orders.actions.numbers import new_order_code
from orders.models import Cart, CartItem, Checkout, DeliveryTerms, Order, OrderItem, Voucher
from orders.rules import checkout_reference, reference_of, stock_reference
from orders.states import (
    CancelledBecause,
    CheckoutState,
    Delivery,
    DisputeAxis,
    FulfilmentAxis,
    Funder,
    OrderState,
    PayBy,
    PaymentAxis,
    Source,
    VoucherKind,
)
from payments.models import Payment, PaymentHold
from payments.states import HoldState, PaymentState

ADDRESS = {
    "recipient": "Layla Haddad",
    "phone": "+971501234567",
    "street": "Al Marsa Street 12",
    "building": "",
    "unit": "",
    "city": "Dubai",
    "country": "AE",
    "instructions": "",
}


def ago(**span: float) -> Any:
    return factory.LazyFunction(lambda: timezone.now() - timedelta(**span))


def ahead(**span: float) -> Any:
    return factory.LazyFunction(lambda: timezone.now() + timedelta(**span))


class CheckoutFactory(factory.django.DjangoModelFactory):
    """An open checkout of AED 250 by card; `paid=True`, `cancelled=True`."""

    class Meta:
        model = Checkout

    class Params:
        paid = factory.Trait(state=CheckoutState.PAID, paid_at=factory.LazyFunction(timezone.now))
        cancelled = factory.Trait(state=CheckoutState.CANCELLED, cancelled_at=factory.LazyFunction(timezone.now))

    buyer = factory.SubFactory(UserFactory)
    pay_by = PayBy.CARD
    total_minor = 250_00
    currency = "AED"
    expires_at = ahead(minutes=15)


def _checkout_for(o: Any) -> Checkout:
    state = {
        OrderState.AWAITING_PAYMENT: CheckoutState.OPEN,
        OrderState.CANCELLED: CheckoutState.CANCELLED,
    }.get(o.state, CheckoutState.PAID)
    at = timezone.now()
    return CheckoutFactory(
        buyer=o.buyer,
        pay_by=o.pay_by,
        total_minor=o.total_minor,
        currency=o.currency,
        state=state,
        paid_at=at if state == CheckoutState.PAID else None,
        cancelled_at=at if state == CheckoutState.CANCELLED else None,
    )


class OrderFactory(factory.django.DjangoModelFactory):
    """An order of `product` that waits for its payment, in a checkout of its own, with its item and its stock set aside.

    Traits: `confirmed` (paid and held, its stock committed), `preparing`, `ready`, `dispatched`, `delivered` (by a carrier, under
    inspection), `handed_over`, `completed`, `cancelled`, `disputed`; `cash` (by itself a confirmed cash sale), `trade` (a confirmed
    trade). `ship=True`: delivery to an address instead of a hand-over (so are `dispatched` and `delivered`). Amounts follow
    `items_minor`; `with_payment=False` leaves the payment out.
    """

    class Meta:
        model = Order
        skip_postgeneration_save = True

    class Params:
        ship = factory.Trait(delivery=Delivery.SHIP, address=ADDRESS)
        confirmed = factory.Trait(
            state=OrderState.CONFIRMED,
            payment_state=PaymentAxis.HELD,
            confirmed_at=factory.LazyFunction(timezone.now),
            dispatch_by=ahead(days=3),
            expires_at=None,
        )
        preparing = factory.Trait(confirmed=True, fulfilment_state=FulfilmentAxis.PREPARING)
        ready = factory.Trait(confirmed=True, fulfilment_state=FulfilmentAxis.READY)
        dispatched = factory.Trait(
            confirmed=True,
            ship=True,
            fulfilment_state=FulfilmentAxis.DISPATCHED,
            dispatched_at=factory.LazyFunction(timezone.now),
            arrive_by=ahead(days=21),
        )
        delivered = factory.Trait(
            confirmed=True,
            ship=True,
            fulfilment_state=FulfilmentAxis.DELIVERED,
            dispatched_at=ago(days=1),
            delivered_at=factory.LazyFunction(timezone.now),
            inspection_ends_at=ahead(days=3),
        )
        handed_over = factory.Trait(
            confirmed=True,
            fulfilment_state=FulfilmentAxis.HANDED_OVER,
            delivered_at=factory.LazyFunction(timezone.now),
        )
        completed = factory.Trait(
            confirmed=True,
            ship=True,
            state=OrderState.COMPLETED,
            payment_state=PaymentAxis.RELEASED,
            fulfilment_state=FulfilmentAxis.DELIVERED,
            dispatched_at=ago(days=5),
            delivered_at=ago(days=4),
            inspection_ends_at=ago(days=1),
            completed_at=factory.LazyFunction(timezone.now),
        )
        cancelled = factory.Trait(
            state=OrderState.CANCELLED,
            payment_state=PaymentAxis.VOID,
            fulfilment_state=FulfilmentAxis.CALLED_OFF,
            cancelled_at=factory.LazyFunction(timezone.now),
            cancelled_because=CancelledBecause.NOT_PAID,
            expires_at=None,
        )
        disputed = factory.Trait(delivered=True, dispute_state=DisputeAxis.OPEN)
        cash = factory.Trait(
            state=OrderState.CONFIRMED,
            pay_by=PayBy.CASH,
            payment_state=PaymentAxis.CASH_DUE,
            confirmed_at=factory.LazyFunction(timezone.now),
            dispatch_by=ahead(days=3),
            expires_at=None,
        )
        trade = factory.Trait(
            state=OrderState.CONFIRMED,
            pay_by=PayBy.NOTHING,
            payment_state=PaymentAxis.NOTHING_DUE,
            items_minor=0,
            commission_minor=0,
            confirmed_at=factory.LazyFunction(timezone.now),
            dispatch_by=ahead(days=3),
            expires_at=None,
        )

    product = factory.SubFactory(ProductFactory)  # of its one line
    code = factory.LazyFunction(new_order_code)
    state = OrderState.AWAITING_PAYMENT
    fulfilment_state = FulfilmentAxis.WAITING
    dispute_state = DisputeAxis.NONE
    buyer = factory.SubFactory(UserFactory)
    seller = factory.SelfAttribute("product.seller")
    checkout = factory.LazyAttribute(_checkout_for)
    source = Source.BUY_NOW
    channel = "community"
    payment_state = PaymentAxis.UNPAID
    pay_by = PayBy.CARD
    delivery = Delivery.MEET
    currency = "AED"
    items_minor = 250_00
    commission_minor = factory.LazyAttribute(lambda o: o.items_minor * 5 // 100)
    delivery_minor = 0
    shop_discount_minor = 0
    platform_discount_minor = 0
    total_minor = factory.LazyAttribute(
        lambda o: o.items_minor + o.delivery_minor - o.shop_discount_minor - o.platform_discount_minor
    )
    payout_minor = factory.LazyAttribute(lambda o: o.total_minor + o.platform_discount_minor - o.commission_minor)
    inspection_hours = 72
    expires_at = ahead(minutes=15)

    @factory.post_generation
    def items(self: Order, create: bool, _extracted: Any, **_: Any) -> None:
        if not create:
            return
        product = self._bought
        variant = product.variants.first()
        OrderItem.objects.create(
            order=self,
            product=product,
            variant=variant,
            unit_minor=self.items_minor,
            commission_minor=self.commission_minor,
            title=product.title,
            snapshot={"condition": product.condition, "options": variant.options, "revision": product.revision},
        )
        _stock(self, variant)

    @factory.post_generation
    def with_payment(self: Order, create: bool, wanted: bool | None, **_: Any) -> None:
        if create and wanted is not False and self.pay_by == PayBy.CARD:
            _payment(self)

    @classmethod
    def _create(cls, model_class: type[Order], *args: Any, product: Any, **kwargs: Any) -> Order:
        order: Order = super()._create(model_class, *args, **kwargs)
        order._bought = product  # for its item, below
        return order


def _stock(order: Order, variant: Any) -> None:
    """What catalog knows: set aside while it may still be called off, a sale from the capture on."""
    now = timezone.now()
    hold = StockHold(variant=variant, quantity=1, reference=stock_reference(order))
    product = variant.product
    if order.state == OrderState.CANCELLED:
        hold.released_at = now
    elif order.state == OrderState.COMPLETED or order.payment_state == PaymentAxis.HELD:
        hold.committed_at = now
        variant.stock = max(0, variant.stock - 1)
        variant.save(update_fields=["stock"])
        if variant.stock == 0 and product.state == ProductState.ACTIVE:
            product.state, product.sold_at = ProductState.SOLD, now
    elif variant.stock == 1 and product.state == ProductState.ACTIVE:
        product.state = ProductState.RESERVED
    hold.save()
    product.save()


_PAID = {
    PaymentAxis.UNPAID: (PaymentState.OPEN, HoldState.PENDING),
    PaymentAxis.HELD: (PaymentState.CAPTURED, HoldState.HELD),
    PaymentAxis.RELEASED: (PaymentState.CAPTURED, HoldState.RELEASED),
    PaymentAxis.REFUNDED: (PaymentState.CAPTURED, HoldState.REFUNDED),
    PaymentAxis.VOID: (PaymentState.CANCELLED, HoldState.CANCELLED),
}


def _payment(order: Order) -> None:
    now = timezone.now()
    payment_state, hold_state = _PAID[PaymentAxis(order.payment_state)]
    captured = payment_state == PaymentState.CAPTURED
    payment = Payment.objects.filter(reference=checkout_reference(order.checkout)).first() or Payment.objects.create(
        payer=order.buyer,
        reference=checkout_reference(order.checkout),
        amount_minor=order.checkout.total_minor,
        currency=order.currency,
        state=payment_state,
        captured_at=now if captured else None,
        cancelled_at=now if payment_state == PaymentState.CANCELLED else None,
        provider_id=f"pi_{order.checkout_id.hex}" if captured else "",
        charge_id=f"ch_{order.checkout_id.hex}" if captured else "",
    )
    PaymentHold.objects.create(
        payment=payment,
        reference=reference_of(order),
        payee=order.seller,
        currency=order.currency,
        amount_minor=order.total_minor,
        subsidy_minor=order.platform_discount_minor,
        commission_minor=order.commission_minor,
        share_minor=order.payout_minor,
        state=hold_state,
        refunded_minor=order.total_minor if hold_state == HoldState.REFUNDED else 0,
        available_on=now if captured else None,
        released_at=now if hold_state == HoldState.RELEASED else None,
    )
    order.checkout.payment = payment
    order.checkout.save(update_fields=["payment"])


class VoucherFactory(factory.django.DjangoModelFactory):
    """Ten percent off, paid by the platform; `shop=<seller>`: by that shop; `fixed=2500`: AED 25 off."""

    class Meta:
        model = Voucher

    class Params:
        shop = None
        fixed = None

    code = factory.Sequence(lambda n: f"WELCOME{n}")
    funder = factory.LazyAttribute(lambda o: Funder.SHOP if o.shop else Funder.PLATFORM)
    seller = factory.LazyAttribute(lambda o: o.shop)
    kind = factory.LazyAttribute(lambda o: VoucherKind.FIXED if o.fixed else VoucherKind.PERCENT)
    percent = factory.LazyAttribute(lambda o: None if o.fixed else "10.00")
    amount_minor = factory.LazyAttribute(lambda o: o.fixed)
    currency = "AED"
    starts_at = ago(days=1)


class CartFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Cart

    user = factory.SubFactory(UserFactory)


class CartItemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CartItem

    class Params:
        product = factory.SubFactory(ProductFactory)

    cart = factory.SubFactory(CartFactory)
    variant = factory.LazyAttribute(lambda o: o.product.variants.first())
    seen_minor = factory.LazyAttribute(lambda o: o.variant.price_minor or o.product.price_minor)
    currency = factory.SelfAttribute("product.currency")


class DeliveryTermsFactory(factory.django.DjangoModelFactory):
    """A parcel costs AED 15, from AED 200 on nothing; `only_meets=True`, `never_free=True`."""

    class Meta:
        model = DeliveryTerms

    class Params:
        only_meets = factory.Trait(ships=False)
        never_free = factory.Trait(free_from_minor=None)

    seller = factory.SubFactory(SellerFactory)
    parcel_minor = 15_00
    free_from_minor = 200_00
