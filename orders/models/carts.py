"""What somebody means to buy."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from catalog.models import ProductVariant
from core.ids import uuid7


class Cart(models.Model):
    """One for each person, and one for each browser that nobody has signed in at: `guest_key` is in its cookie, hashed here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.OneToOneField(User, null=True, blank=True, on_delete=models.CASCADE, related_name="cart")
    guest_key = models.CharField(max_length=64, null=True, blank=True, unique=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(user=None, guest_key__isnull=False) | Q(user__isnull=False, guest_key=None),
                name="orders_cart_is_somebodys",
            ),
        )
        indexes = (models.Index(fields=["updated_at"], condition=Q(user=None), name="orders_guest_carts"),)

    def __str__(self) -> str:
        return f"cart of {self.user_id or 'a guest'}"


class CartItem(models.Model):
    """A line. `seen_minor` is what it cost when its person last saw it, so that a change is shown and not slipped in."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="items")
    variant = models.ForeignKey(ProductVariant, on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField(default=1)
    seen_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["cart", "variant"], name="orders_cart_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="orders_cart_quantity"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"
