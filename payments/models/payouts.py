"""Sellers as they are paid, and what was paid to them."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.ids import uuid7
from core.money import Money
from core.states import known_state
from payments.states import PayoutState, Schedule


class SellerAccount(models.Model):
    """A seller's account at the provider, how they want to be paid, and what holds that back."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, primary_key=True, related_name="seller_account")
    provider_id = models.CharField(max_length=80, blank=True, verbose_name=_("at the provider"))  # acct_…
    charges_enabled = models.BooleanField(default=False)
    payouts_enabled = models.BooleanField(default=False, verbose_name=_("may be paid out"))
    transfers_active = models.BooleanField(default=False)
    requirements = models.JSONField(default=list, blank=True)  # what the provider still wants to know
    disabled_reason = models.CharField(max_length=80, blank=True)
    bank_refused_at = models.DateTimeField(
        null=True, blank=True
    )  # no scheduled payout until the bank account is another
    bank_last4 = models.CharField(max_length=4, blank=True)
    bank_name = models.CharField(max_length=80, blank=True)
    takes_instant = models.BooleanField(default=False)  # the bank does
    deauthorized_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)  # the provider's account was last read

    schedule = models.CharField(
        max_length=10, choices=Schedule.choices, default=Schedule.WEEKLY, verbose_name=_("paid")
    )
    minimum_minor = models.BigIntegerField(null=True, blank=True)  # None: the platform's own
    legal_name = models.CharField(max_length=120, blank=True)
    tax_number = models.CharField(max_length=20, blank=True)  # for invoices

    frozen_at = models.DateTimeField(null=True, blank=True, verbose_name=_("payouts frozen since"))
    frozen_because = models.CharField(max_length=200, blank=True)
    reserve_percent = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(100)]
    )  # None: by the platform's rule for new sellers
    takes_cash = models.BooleanField(default=True, verbose_name=_("takes cash"))  # the seller's own word
    cash_debt_limit_minor = models.BigIntegerField(null=True, blank=True)  # None: the platform's own
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("seller account")
        verbose_name_plural = _("seller accounts")
        permissions = (("freeze_payouts", _("Can freeze and release a seller's payouts")),)
        constraints = (
            models.UniqueConstraint(fields=["provider_id"], condition=~Q(provider_id=""), name="payments_account_once"),
            models.CheckConstraint(
                condition=Q(minimum_minor=None) | Q(minimum_minor__gte=0), name="payments_minimum_not_negative"
            ),
        )

    def __str__(self) -> str:
        return self.provider_id or str(self.user_id)


class Payout(models.Model):
    """Released money on its way to a seller's bank. `amount_minor` leaves the balance, `fee_minor` of it stays with us."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    seller = models.ForeignKey(User, on_delete=models.PROTECT, related_name="payouts", verbose_name=_("seller"))
    amount_minor = models.BigIntegerField(verbose_name=_("amount in minor units"))
    fee_minor = models.BigIntegerField(default=0, verbose_name=_("fee"))
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=8, default="standard")  # standard | instant
    state = models.CharField(max_length=20, choices=PayoutState.choices, default=PayoutState.PENDING)
    period = models.CharField(max_length=20, blank=True)  # of a scheduled one, "2026-W47": one for each
    retries = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="retried_by")
    requested_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by")
    )  # None: the schedule
    approved_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("approved by")
    )
    needs_approval = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True)
    transfer_id = models.CharField(max_length=80, blank=True)  # tr_…
    destination_payment_id = models.CharField(max_length=80, blank=True)  # py_…
    provider_id = models.CharField(max_length=80, blank=True, verbose_name=_("at the provider"))  # po_…
    provider_status = models.CharField(max_length=40, blank=True)
    bank_last4 = models.CharField(max_length=4, blank=True)
    failure_code = models.CharField(max_length=80, blank=True)
    arrives_on = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    transferred_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        permissions = (("approve_payout", _("Can approve payouts that somebody else asked for")),)
        constraints = (
            known_state(PayoutState, "payments_payout_state"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, fee_minor__gte=0, fee_minor__lt=F("amount_minor")),
                name="payments_payout_amount",
            ),
            models.UniqueConstraint(
                fields=["seller", "currency", "period"], condition=~Q(period=""), name="payments_payout_once"
            ),
            # One at a time, so that two requests cannot both pay the same balance out.
            models.UniqueConstraint(
                fields=["seller", "currency"],
                condition=Q(state__in=["awaiting_approval", "pending"]),
                name="payments_one_open_payout",
            ),
            models.UniqueConstraint(
                fields=["transfer_id"], condition=~Q(transfer_id=""), name="payments_transfer_once"
            ),
            models.UniqueConstraint(
                fields=["provider_id"], condition=~Q(provider_id=""), name="payments_bank_payout_once"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(requested_by=None) | ~Q(approved_by=F("requested_by")),
                name="payments_payout_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(needs_approval=False)
                | Q(state__in=["awaiting_approval", "refused"])
                | Q(approved_by__isnull=False),
                name="payments_payout_approved",
            ),
        )
        indexes = (
            models.Index(fields=["seller", "-id"], name="payments_payouts_of"),
            models.Index(fields=["state", "created_at"], name="payments_payouts_open"),
        )

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} to {self.seller_id}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)

    @property
    def net(self) -> Money:
        """What reaches the bank."""
        return Money(self.amount_minor - self.fee_minor, self.currency)
