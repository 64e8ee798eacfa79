"""What people keep an eye on."""

from django.db import models
from django.utils import timezone

from accounts.models import User
from catalog.models.products import Product
from core.ids import uuid7


class Favourite(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="favourites")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="favourites")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "product"], name="catalog_favourite_once"),)
        indexes = (
            models.Index(fields=["user", "-id"], name="catalog_favourites"),
            models.Index(fields=["product"], name="catalog_favoured_by"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} ♥ {self.product_id}"
