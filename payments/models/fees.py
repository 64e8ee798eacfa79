"""Fee rules."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Category
from core.ids import uuid7


class FeeChannel(models.TextChoices):
    COMMUNITY = "community", _("neighbourhood")
    DISCOVER = "discover", _("discover")
    LIVE = "live", _("live room")


class FeeRule(models.Model):
    """One line of the fee table. The first active rule by `position` that fits a sale decides; an empty condition fits all."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    position = models.PositiveIntegerField(unique=True, verbose_name=_("position"))
    name = models.CharField(max_length=80, verbose_name=_("name"))
    channel = models.CharField(max_length=10, choices=FeeChannel.choices, blank=True, verbose_name=_("channel"))
    category = models.ForeignKey(
        Category,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("category, and what stands below it"),
    )  # and below it
    seller_tier = models.CharField(max_length=20, blank=True, verbose_name=_("tier of the seller"))
    seller = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("seller")
    )
    percent = models.DecimalField(max_digits=5, decimal_places=2, verbose_name=_("percent"))
    is_active = models.BooleanField(default=True, verbose_name=_("in force"))
    created_at = models.DateTimeField(default=timezone.now, verbose_name=_("added"))
    updated_at = models.DateTimeField(auto_now=True, verbose_name=_("last changed"))

    class Meta:
        verbose_name = _("fee rule")
        verbose_name_plural = _("fee rules")
        ordering = ("position",)
        constraints = (
            models.CheckConstraint(condition=Q(percent__gte=0, percent__lte=100), name="payments_fee_percent"),
        )

    def __str__(self) -> str:
        return self.name


class FeeAmounts(models.Model):
    """The fixed part, minimum and maximum of a rule in one currency, in minor units."""

    rule = models.ForeignKey(FeeRule, on_delete=models.CASCADE, related_name="amounts", verbose_name=_("rule"))
    currency = models.CharField(max_length=3, verbose_name=_("currency"))
    fixed_minor = models.PositiveBigIntegerField(default=0, verbose_name=_("fixed part"))
    minimum_minor = models.PositiveBigIntegerField(default=0, verbose_name=_("smallest fee"))
    maximum_minor = models.PositiveBigIntegerField(null=True, blank=True, verbose_name=_("largest fee"))

    class Meta:
        verbose_name = _("amounts")
        verbose_name_plural = _("amounts")
        constraints = (
            models.UniqueConstraint(fields=["rule", "currency"], name="payments_fee_currency"),
            models.CheckConstraint(
                condition=Q(maximum_minor=None) | Q(maximum_minor__gte=models.F("minimum_minor")),
                name="payments_fee_range",
            ),
        )

    def __str__(self) -> str:
        return self.currency
