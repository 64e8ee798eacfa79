"""Money that came in, whose parts it is, and what went back."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.ids import uuid7
from core.money import Money
from core.states import known_state
from payments.states import ChargebackState, HoldState, PaymentState, RefundState


class ProviderCustomer(models.Model):
    """A payer as the provider knows them."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, primary_key=True, related_name="provider_customer")
    provider_id = models.CharField(max_length=80, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.provider_id


class Payment(models.Model):
    """What one payer pays at once for something that `reference` names ("checkout:…"); payments does not know what it is."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    payer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="payments", verbose_name=_("payer"))
    reference = models.CharField(max_length=80, verbose_name=_("for"))
    attempt = models.PositiveSmallIntegerField(default=1)  # a new intent for the same reference
    amount_minor = models.BigIntegerField(verbose_name=_("amount in minor units"))
    currency = models.CharField(max_length=3)
    description = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=12, choices=PaymentState.choices, default=PaymentState.OPEN)
    funds_flow = models.CharField(max_length=12, default="separate")  # separate | destination, as it was when it began

    provider_id = models.CharField(max_length=80, blank=True, verbose_name=_("at the provider"))  # pi_…
    provider_status = models.CharField(max_length=40, blank=True)  # as last read; merged by rank, never backwards
    client_secret = models.CharField(max_length=200, blank=True)  # for the payer's browser alone
    charge_id = models.CharField(max_length=80, blank=True)
    balance_transaction_id = models.CharField(max_length=80, blank=True)
    provider_fee_minor = models.BigIntegerField(null=True, blank=True)
    available_on = models.DateTimeField(null=True, blank=True)  # from then it can be paid out
    method = models.JSONField(default=dict, blank=True)  # {"brand": "visa", "last4": "4242"}
    receipt_url = models.URLField(max_length=500, blank=True)
    failure_code = models.CharField(max_length=80, blank=True)  # of the last try that was declined
    next_action_url = models.URLField(max_length=500, blank=True)  # where the payer proves who they are (3-D Secure)

    created_at = models.DateTimeField(default=timezone.now)
    captured_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = (
            known_state(PaymentState, "payments_payment_state"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_payment_amount"),
            models.UniqueConstraint(fields=["reference", "attempt"], name="payments_attempt_once"),
            # Two open ones could both be paid. One that was cancelled and captured after all may stand beside the next.
            models.UniqueConstraint(
                fields=["reference"], condition=Q(state__in=["open", "processing"]), name="payments_one_open_payment"
            ),
            models.UniqueConstraint(fields=["provider_id"], condition=~Q(provider_id=""), name="payments_intent_once"),
            models.CheckConstraint(
                condition=~Q(state="captured") | Q(captured_at__isnull=False), name="payments_captured_at"
            ),
        )
        indexes = (
            models.Index(fields=["payer", "-id"], name="payments_of_payer"),
            models.Index(fields=["charge_id"], condition=~Q(charge_id=""), name="payments_by_charge"),
            models.Index(
                fields=["updated_at"], condition=Q(state__in=["open", "processing"]), name="payments_in_the_air"
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} for {self.reference}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class PaymentHold(models.Model):
    """One payee's part of a payment, held until whoever opened it releases or refunds it.

    The payee gets `share_minor` = what was paid + what the platform adds to it (a voucher of its own) − the commission. What has been
    given back is counted beside it, so a hold's remainder is always `amount_minor - refunded_minor`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="holds", verbose_name=_("payment"))
    reference = models.CharField(max_length=80, verbose_name=_("for"))  # "order:…"
    payee = models.ForeignKey(User, on_delete=models.PROTECT, related_name="holds_as_payee", verbose_name=_("seller"))
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(verbose_name=_("paid, in minor units"))
    subsidy_minor = models.BigIntegerField(default=0, verbose_name=_("added by the platform"))
    commission_minor = models.BigIntegerField(default=0, verbose_name=_("commission"))
    share_minor = models.BigIntegerField(verbose_name=_("the seller's share"))
    state = models.CharField(max_length=10, choices=HoldState.choices, default=HoldState.PENDING)

    refunded_minor = models.BigIntegerField(default=0)  # of amount_minor, as soon as it is decided
    subsidy_returned_minor = models.BigIntegerField(default=0)
    commission_returned_minor = models.BigIntegerField(default=0)
    reserve_minor = models.BigIntegerField(default=0)  # of the share, kept back until `reserve_until`
    reserve_until = models.DateTimeField(null=True, blank=True)

    available_on = models.DateTimeField(null=True, blank=True)  # as of its payment
    frozen_at = models.DateTimeField(null=True, blank=True)  # not paid out meanwhile; beside the state
    frozen_because = models.CharField(max_length=40, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    payout = models.ForeignKey("payments.Payout", null=True, blank=True, on_delete=models.PROTECT, related_name="holds")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("payment hold")
        verbose_name_plural = _("payment holds")
        constraints = (
            known_state(HoldState, "payments_hold_state"),
            models.UniqueConstraint(fields=["payment", "reference"], name="payments_hold_once"),
            models.UniqueConstraint(
                fields=["reference"], condition=~Q(state="cancelled"), name="payments_one_live_hold"
            ),
            models.CheckConstraint(
                condition=Q(
                    amount_minor__gt=0,
                    subsidy_minor__gte=0,
                    commission_minor__gte=0,
                    share_minor__gte=0,
                    share_minor=F("amount_minor") + F("subsidy_minor") - F("commission_minor"),
                ),
                name="payments_hold_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(
                    refunded_minor__gte=0,
                    refunded_minor__lte=F("amount_minor"),
                    subsidy_returned_minor__gte=0,
                    subsidy_returned_minor__lte=F("subsidy_minor"),
                    commission_returned_minor__gte=0,
                    commission_returned_minor__lte=F("commission_minor"),
                ),
                name="payments_refunds_fit",
            ),
            models.CheckConstraint(
                condition=~Q(state="released") | Q(released_at__isnull=False), name="payments_released_at"
            ),
        )
        indexes = (
            models.Index(
                fields=["payee", "available_on"], condition=Q(state="released", payout=None), name="payments_to_pay_out"
            ),
            models.Index(fields=["payee", "-id"], name="payments_of_payee"),
            models.Index(fields=["payee"], condition=Q(state="held"), name="payments_held_for"),
            models.Index(fields=["payee"], condition=Q(reserve_minor__gt=0), name="payments_reserved_for"),
        )

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} for {self.reference}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def share(self) -> Money:
        return Money(self.share_minor, self.currency)

    @property
    def left_minor(self) -> int:
        """What could still be given back."""
        return self.amount_minor - self.refunded_minor


class Refund(models.Model):
    """Some or all of a hold given back. `commission_minor` and `subsidy_minor` are the parts that go back with it.

    Who asked may not be who approves, which the database checks too.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    hold = models.ForeignKey(PaymentHold, on_delete=models.PROTECT, related_name="refunds", verbose_name=_("hold"))
    amount_minor = models.BigIntegerField(verbose_name=_("amount in minor units"))
    commission_minor = models.BigIntegerField(default=0)
    subsidy_minor = models.BigIntegerField(default=0)
    after_release = models.BooleanField(default=False)  # from the seller's balance then
    reason = models.CharField(max_length=40, verbose_name=_("reason"))
    note = models.CharField(max_length=500, blank=True, verbose_name=_("note"))
    state = models.CharField(max_length=20, choices=RefundState.choices, default=RefundState.REQUESTED)
    requested_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by")
    )  # None: the system
    approved_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("approved by")
    )
    needs_approval = models.BooleanField(default=False)
    tries = models.PositiveSmallIntegerField(default=1)  # one that failed may be tried again, with a key of its own
    provider_id = models.CharField(max_length=80, blank=True, verbose_name=_("at the provider"))
    provider_status = models.CharField(max_length=40, blank=True)
    failure_code = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    succeeded_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        permissions = (("approve_refund", _("Can approve refunds that somebody else asked for")),)
        constraints = (
            known_state(RefundState, "payments_refund_state"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, commission_minor__gte=0, subsidy_minor__gte=0),
                name="payments_refund_amount",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(requested_by=None) | ~Q(approved_by=F("requested_by")),
                name="payments_refund_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(needs_approval=False)
                | Q(state__in=["awaiting_approval", "refused"])
                | Q(approved_by__isnull=False),
                name="payments_refund_approved",
            ),
            models.UniqueConstraint(fields=["provider_id"], condition=~Q(provider_id=""), name="payments_refund_once"),
        )
        indexes = (
            models.Index(
                fields=["created_at"], condition=Q(state="awaiting_approval"), name="payments_refunds_waiting"
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount} {self.hold.currency} back for {self.hold.reference}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.hold.currency)


class Chargeback(models.Model):
    """The payer disputed the charge with their bank, which took the money from us until it is decided."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="chargebacks", verbose_name=_("payment")
    )
    provider_id = models.CharField(max_length=80, unique=True, verbose_name=_("at the provider"))  # dp_…
    provider_status = models.CharField(max_length=40, blank=True)
    amount_minor = models.BigIntegerField(verbose_name=_("amount in minor units"))
    fee_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=60, blank=True, verbose_name=_("reason"))
    state = models.CharField(max_length=10, choices=ChargebackState.choices, default=ChargebackState.OPEN)
    evidence_due_at = models.DateTimeField(null=True, blank=True, verbose_name=_("evidence until"))
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    reinstated_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("chargeback")
        verbose_name_plural = _("chargebacks")
        constraints = (known_state(ChargebackState, "payments_chargeback_state"),)

    def __str__(self) -> str:
        return self.provider_id
