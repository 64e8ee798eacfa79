"""Money off, and who pays for it."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.ids import uuid7
from core.money import Money
from orders.states import Funder, VoucherKind


class Voucher(models.Model):
    """A code. A shop's is worth something on that shop's things alone and lowers what the seller gets; the platform's does not.

    `used` counts uses that stand or are set aside by an open checkout: the database refuses one too many.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=30, verbose_name=_("code"))  # compared without case
    funder = models.CharField(max_length=8, choices=Funder.choices, verbose_name=_("paid by"))
    seller = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="vouchers", verbose_name=_("shop")
    )
    kind = models.CharField(max_length=7, choices=VoucherKind.choices, verbose_name=_("kind"))
    percent = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        verbose_name=_("percent"),
    )
    amount_minor = models.BigIntegerField(null=True, blank=True, verbose_name=_("amount in minor units"))
    currency = models.CharField(max_length=3, default="AED", verbose_name=_("currency"))
    minimum_minor = models.BigIntegerField(default=0, verbose_name=_("from, in minor units"))
    cap_minor = models.BigIntegerField(null=True, blank=True, verbose_name=_("at most, in minor units"))
    total_limit = models.PositiveIntegerField(null=True, blank=True, verbose_name=_("uses in all"))
    person_limit = models.PositiveIntegerField(default=1, verbose_name=_("uses of each person"))
    used = models.PositiveIntegerField(default=0, editable=False, verbose_name=_("used"))
    starts_at = models.DateTimeField(default=timezone.now, verbose_name=_("from"))
    ends_at = models.DateTimeField(null=True, blank=True, verbose_name=_("until"))
    is_listed = models.BooleanField(
        default=True, verbose_name=_("shown to buyers")
    )  # else only for whoever has the code
    is_active = models.BooleanField(default=True, verbose_name=_("in force"))
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        constraints = (
            models.UniqueConstraint(Upper("code"), name="orders_voucher_code"),
            models.CheckConstraint(
                condition=Q(funder="shop", seller__isnull=False) | Q(funder="platform", seller=None),
                name="orders_voucher_funder",
            ),
            models.CheckConstraint(
                condition=Q(kind="percent", percent__gt=0, percent__lte=100, amount_minor=None)
                | Q(kind="fixed", amount_minor__gt=0, percent=None),
                name="orders_voucher_worth",
            ),
            models.CheckConstraint(
                condition=Q(total_limit=None) | Q(used__lte=F("total_limit")), name="orders_voucher_not_overused"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="orders_voucher_has_time"
            ),
        )
        indexes = (models.Index(fields=["seller", "-id"], name="orders_vouchers_of"),)

    def __str__(self) -> str:
        return self.code

    @property
    def amount(self) -> Money | None:
        return None if self.amount_minor is None else Money(self.amount_minor, self.currency)


class VoucherUse(models.Model):
    """Somebody used a voucher in a checkout. Released when that came to nothing; then it counts no more."""

    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="uses")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    checkout = models.ForeignKey("orders.Checkout", on_delete=models.PROTECT, related_name="voucher_uses")
    discount_minor = models.BigIntegerField()
    used_at = models.DateTimeField(default=timezone.now)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["voucher", "checkout"], name="orders_voucher_use_once"),
            models.CheckConstraint(condition=Q(discount_minor__gt=0), name="orders_voucher_use_worth"),
        )
        indexes = (models.Index(fields=["voucher", "user"], condition=Q(released_at=None), name="orders_voucher_uses"),)

    def __str__(self) -> str:
        return f"{self.voucher_id} by {self.user_id}"
