"""What a seller asks for a parcel."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.money import Money


class DeliveryTerms(models.Model):
    """Whether a seller sends parcels, and what one costs their buyers. Without a row they send, and it is in the price.

    In force for what is bought from now on: an order keeps the price that it was opened with.
    """

    seller = models.OneToOneField(
        User, primary_key=True, on_delete=models.CASCADE, related_name="delivery_terms", verbose_name=_("seller")
    )
    currency = models.CharField(max_length=3, default="AED", verbose_name=_("currency"))
    ships = models.BooleanField(default=True, verbose_name=_("sends parcels"))
    parcel_minor = models.BigIntegerField(default=0, verbose_name=_("parcel, in minor units"))
    # Of the things less the shop's voucher, in one order.
    free_from_minor = models.BigIntegerField(null=True, blank=True, verbose_name=_("free from, in minor units"))
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("delivery terms")
        verbose_name_plural = _("delivery terms")
        constraints = (
            models.CheckConstraint(condition=Q(parcel_minor__gte=0), name="orders_parcel_price"),
            models.CheckConstraint(
                condition=Q(free_from_minor=None) | Q(free_from_minor__gt=0), name="orders_parcel_free_from"
            ),
        )

    def __str__(self) -> str:
        return f"{self.parcel} {self.currency}" if self.ships else "—"

    @property
    def parcel(self) -> Money:
        return Money(self.parcel_minor, self.currency)

    @property
    def free_from(self) -> Money | None:
        return None if self.free_from_minor is None else Money(self.free_from_minor, self.currency)
