"""What is bought of a listing, and what is set aside."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.products import Product
from core.ids import uuid7


class ProductVariant(models.Model):
    """What is bought: a listing has one without options, a shop's listing one per size and colour."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField(max_length=40, blank=True)
    options = models.JSONField(default=dict, blank=True)  # {"size": "M", "color": "black"}
    price_minor = models.BigIntegerField(null=True, blank=True)  # None: the listing's price
    stock = models.PositiveIntegerField(default=1)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(fields=["product", "options"], name="catalog_variant_once"),
            models.CheckConstraint(condition=Q(price_minor=None) | Q(price_minor__gt=0), name="catalog_variant_price"),
        )

    def __str__(self) -> str:
        return self.sku or str(self.pk)


class StockHold(models.Model):
    """Some of a variant set aside for somebody, named by a reference of whoever took it ("offer:…", "order:…")."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    variant = models.ForeignKey(ProductVariant, on_delete=models.PROTECT, related_name="holds")
    quantity = models.PositiveIntegerField()
    reference = models.CharField(max_length=80)
    taken_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    committed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["variant", "reference"], name="catalog_hold_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="catalog_hold_quantity"),
            models.CheckConstraint(condition=Q(released_at=None) | Q(committed_at=None), name="catalog_hold_one_end"),
        )
        indexes = (
            models.Index(
                fields=["variant"], condition=Q(released_at=None, committed_at=None), name="catalog_holds_open"
            ),
            models.Index(
                fields=["expires_at"], condition=Q(released_at=None, committed_at=None), name="catalog_holds_due"
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} for {self.reference}"
