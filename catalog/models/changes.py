"""What a listing was, and what it wants to be."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.products import Product
from catalog.states import RevisionState
from core.ids import uuid7
from core.states import known_state


class ProductRevision(models.Model):
    """A material edit that waits for a moderator while the approved listing stays on show. `content` is the whole edit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=RevisionState.choices, default=RevisionState.PENDING)
    content = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            known_state(RevisionState, "catalog_revision_state"),
            models.UniqueConstraint(fields=["product", "number"], name="catalog_revision_once"),
            models.UniqueConstraint(
                fields=["product"], condition=Q(state="pending"), name="catalog_one_pending_revision"
            ),
        )

    def __str__(self) -> str:
        return f"{self.product_id} r{self.number}"


class PriceChange(models.Model):
    """What a listing cost before, and since when it costs something else."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="price_changes")
    old_minor = models.BigIntegerField()
    new_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (models.Index(fields=["product", "-at"], name="catalog_price_history"),)

    def __str__(self) -> str:
        return f"{self.product_id}: {self.old_minor} → {self.new_minor}"
