"""Checkouts and the orders that they are made of, one for each seller."""

import pgtrigger
from django.contrib.gis.db.models import PointField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Product, ProductVariant
from core.ids import uuid7
from core.money import Money
from core.states import known_state
from orders.states import (
    CancelledBecause,
    CheckoutState,
    Delivery,
    DisputeAxis,
    FulfilmentAxis,
    OrderState,
    PayBy,
    PaymentAxis,
    Side,
    Source,
)
from payments.models import Payment


class Checkout(models.Model):
    """One act of buying: the orders in it are paid together or not at all. Its total is what the buyer pays."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    buyer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="checkouts", verbose_name=_("buyer"))
    state = models.CharField(max_length=10, choices=CheckoutState.choices, default=CheckoutState.OPEN)
    pay_by = models.CharField(max_length=8, choices=PayBy.choices, default=PayBy.CARD, verbose_name=_("paid by"))
    total_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payment = models.OneToOneField(Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()  # of an open one: then the things are for sale again
    created_at = models.DateTimeField(default=timezone.now)
    paid_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("checkout")
        verbose_name_plural = _("checkouts")
        constraints = (
            known_state(CheckoutState, "orders_checkout_state"),
            models.CheckConstraint(
                condition=Q(pay_by="nothing", total_minor=0) | Q(total_minor__gt=0), name="orders_checkout_total"
            ),
        )
        indexes = (
            models.Index(fields=["expires_at", "id"], condition=Q(state="open"), name="orders_checkouts_due"),
            models.Index(fields=["buyer", "-id"], name="orders_checkouts_of"),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


class Order(models.Model):
    """What one buyer bought of one seller. Four axes, each moved by its own table: order, payment, fulfilment, dispute.

    The amounts are frozen: items − discounts + delivery = total, which the buyer pays; total + the platform's part of the discount
    − commission = what the seller gets. In a trade of things alone all are zero.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=12, unique=True, verbose_name=_("number"))  # for people: SL-7K3F9QXM
    checkout = models.ForeignKey(Checkout, on_delete=models.PROTECT, related_name="orders", verbose_name=_("checkout"))
    buyer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="orders_as_buyer", verbose_name=_("buyer"))
    seller = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="orders_as_seller", verbose_name=_("seller")
    )
    source = models.CharField(max_length=8, choices=Source.choices, verbose_name=_("came by"))
    source_reference = models.CharField(max_length=80, blank=True)  # "offer:…"; its stock is held under the same name
    channel = models.CharField(max_length=10)  # of the fee: community, discover, live

    state = models.CharField(
        max_length=20, choices=OrderState.choices, default=OrderState.AWAITING_PAYMENT, verbose_name=_("order")
    )
    payment_state = models.CharField(max_length=12, choices=PaymentAxis.choices, verbose_name=_("payment"))
    fulfilment_state = models.CharField(
        max_length=12, choices=FulfilmentAxis.choices, default=FulfilmentAxis.WAITING, verbose_name=_("delivery")
    )
    dispute_state = models.CharField(
        max_length=12, choices=DisputeAxis.choices, default=DisputeAxis.NONE, verbose_name=_("dispute")
    )

    pay_by = models.CharField(max_length=8, choices=PayBy.choices, default=PayBy.CARD, verbose_name=_("paid by"))
    delivery = models.CharField(max_length=4, choices=Delivery.choices, verbose_name=_("delivery by"))
    currency = models.CharField(max_length=3)
    items_minor = models.BigIntegerField()
    delivery_minor = models.BigIntegerField(default=0)
    shop_discount_minor = models.BigIntegerField(default=0)
    platform_discount_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField(verbose_name=_("total in minor units"))
    commission_minor = models.BigIntegerField(default=0)
    payout_minor = models.BigIntegerField()  # the seller's; in a cash sale before the commission is collected from them
    refunded_minor = models.BigIntegerField(default=0)
    fee = models.JSONField(default=dict, blank=True)  # how the commission came about, as payments explained it

    address = models.JSONField(
        default=dict, blank=True
    )  # as it was: recipient, phone, street… Private to the two and staff
    address_point = PointField(geography=True, spatial_index=False, null=True, blank=True)  # private
    buyer_note = models.CharField(max_length=300, blank=True)
    is_luxury = models.BooleanField(default=False)
    inspection_hours = models.PositiveIntegerField()  # frozen by the rule when it was bought; 0 after a hand-over code

    expires_at = models.DateTimeField(null=True, blank=True)  # not paid by then: cancelled
    dispatch_by = models.DateTimeField(null=True, blank=True)  # else the buyer gets the money back by itself
    arrive_by = models.DateTimeField(null=True, blank=True)  # counts as delivered then, unless the buyer disputes
    inspection_ends_at = models.DateTimeField(null=True, blank=True)  # then the hold is released
    created_at = models.DateTimeField(default=timezone.now, verbose_name=_("ordered"))
    confirmed_at = models.DateTimeField(null=True, blank=True)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cash_back_said_at = models.DateTimeField(null=True, blank=True)  # the seller says so; the buyer has yet to, or has
    cash_back_reminded_at = models.DateTimeField(null=True, blank=True)  # the buyer, who has said nothing to it
    cash_back_staff_at = models.DateTimeField(null=True, blank=True)  # their time was over: our staff look at it
    cash_owed_minor = models.BigIntegerField(
        default=0
    )  # decided: the seller gives it back, and nobody said yet that they did
    cash_owed_at = models.DateTimeField(null=True, blank=True)  # the last time that some was; stays
    cash_owed_unpaid_at = models.DateTimeField(null=True, blank=True)  # our staff found that it was not given
    cancelled_because = models.CharField(max_length=12, choices=CancelledBecause.choices, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        permissions = (
            ("decide_dispute", _("Can decide disputes about orders")),
            ("refund_order", _("Can give money back")),
            ("cancel_order", _("Can cancel orders")),
            ("read_order_address", _("Can read where an order goes, with a reason")),
        )
        constraints = (
            known_state(OrderState, "orders_order_state"),
            known_state(PaymentAxis, "orders_payment_state", axis="payment_state"),
            known_state(FulfilmentAxis, "orders_fulfilment_state", axis="fulfilment_state"),
            known_state(DisputeAxis, "orders_dispute_state", axis="dispute_state"),
            models.CheckConstraint(condition=~Q(buyer=F("seller")), name="orders_not_from_oneself"),
            models.CheckConstraint(
                condition=Q(
                    items_minor__gte=0,
                    delivery_minor__gte=0,
                    shop_discount_minor__gte=0,
                    platform_discount_minor__gte=0,
                    commission_minor__gte=0,
                    payout_minor__gte=0,
                    total_minor=F("items_minor")
                    + F("delivery_minor")
                    - F("shop_discount_minor")
                    - F("platform_discount_minor"),
                    payout_minor=F("total_minor") + F("platform_discount_minor") - F("commission_minor"),
                ),
                name="orders_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(pay_by="nothing", total_minor=0) | (~Q(pay_by="nothing") & Q(total_minor__gt=0)),
                name="orders_total_positive",
            ),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0, refunded_minor__lte=F("total_minor")), name="orders_refunds_fit"
            ),
            models.CheckConstraint(
                condition=Q(cash_owed_minor=0) | Q(cash_owed_minor__gt=0, pay_by="cash", cash_owed_at__isnull=False),
                name="orders_owed_in_cash",
            ),
            models.UniqueConstraint(
                fields=["source_reference"],
                condition=~Q(source_reference="") & ~Q(state="cancelled"),
                name="orders_one_for_each_source",
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | Q(cancelled_at__isnull=False), name="orders_cancelled_at"
            ),
        )
        indexes = (
            models.Index(fields=["buyer", "-id"], name="orders_of_buyer"),
            models.Index(fields=["seller", "-id"], name="orders_of_seller"),
            models.Index(fields=["seller", "state", "-id"], name="orders_of_seller_by_state"),
            models.Index(fields=["buyer", "state", "-id"], name="orders_of_buyer_by_state"),
            models.Index(
                fields=["dispatch_by", "id"],
                condition=Q(state="confirmed", fulfilment_state__in=["waiting", "preparing", "ready"]),
                name="orders_dispatch_due",
            ),
            models.Index(
                fields=["arrive_by", "id"],
                condition=Q(state="confirmed", fulfilment_state="dispatched"),
                name="orders_arrival_due",
            ),
            models.Index(
                fields=["inspection_ends_at", "id"],
                condition=Q(state="confirmed", dispute_state__in=["none", "closed"]),
                name="orders_release_due",
            ),
            models.Index(fields=["expires_at", "id"], condition=Q(state="awaiting_payment"), name="orders_payment_due"),
            models.Index(
                fields=["cash_back_said_at", "id"],
                condition=Q(payment_state="cash_paid", cash_back_said_at__isnull=False),
                name="orders_cash_back_unanswered",
            ),
            models.Index(
                fields=["cash_owed_at", "id"],
                condition=Q(cash_owed_minor__gt=0, cash_owed_unpaid_at=None),
                name="orders_cash_owed",
            ),
            models.Index(
                fields=["cancelled_at", "id"],
                condition=Q(state="cancelled", payment_state__in=["held", "released"]),
                name="orders_money_left_behind",
            ),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def cash_owed(self) -> Money:
        return Money(self.cash_owed_minor, self.currency)

    @property
    def payout(self) -> Money:
        return Money(self.payout_minor, self.currency)

    @property
    def commission(self) -> Money:
        return Money(self.commission_minor, self.currency)


class OrderItem(models.Model):
    """A line as it was bought: the words and picture of the listing are copied, so that they stay when it changes."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="order_items")
    variant = models.ForeignKey(ProductVariant, on_delete=models.PROTECT, related_name="+")
    # Given in exchange by the buyer: it goes the other way and is not counted in the amounts.
    is_traded = models.BooleanField(default=False)
    quantity = models.PositiveIntegerField(default=1)
    unit_minor = models.BigIntegerField()  # what one cost this buyer; an accepted offer's amount
    commission_minor = models.BigIntegerField(default=0)
    title = models.CharField(max_length=100)
    snapshot = models.JSONField(
        default=dict
    )  # options, condition, category, brand, answers, cover's key, product revision

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["order", "variant"], name="orders_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0, unit_minor__gte=0), name="orders_line_amounts"),
        )
        triggers = (
            pgtrigger.Protect(name="stays_as_bought", operation=pgtrigger.Update),
            pgtrigger.Protect(name="stays", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"


class OrderEvent(models.Model):
    """A line of the timeline, in words that `orders.words` makes of kind and facts. Both sides read it; `is_internal` only staff."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=40)
    side = models.CharField(max_length=6, choices=Side.choices)  # who did it
    actor_id = models.UUIDField(null=True, blank=True)
    facts = models.JSONField(default=dict, blank=True)  # plain values: amounts as strings, reasons, a carrier's name
    is_internal = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=["order", "id"], name="orders_timeline"),)
        triggers = (
            pgtrigger.Protect(name="stays_as_written", operation=pgtrigger.Update),
            pgtrigger.Protect(name="stays", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.order_id}"
