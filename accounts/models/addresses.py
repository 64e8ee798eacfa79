"""Where parcels go."""

from django.contrib.gis.db.models import PointField
from django.db import models
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from accounts.models.people import User
from core.ids import uuid7
from places.models import Neighborhood


class Address(models.Model):
    """Where a person wants things delivered. Private."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    label = models.CharField(max_length=30)
    recipient = models.CharField(max_length=100)
    phone = PhoneNumberField()
    street = models.CharField(max_length=200)
    building = models.CharField(max_length=100, blank=True)
    unit = models.CharField(max_length=30, blank=True)
    city = models.CharField(max_length=60)
    country = models.CharField(max_length=2, default="AE")
    neighborhood = models.ForeignKey(Neighborhood, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    location = PointField(geography=True, spatial_index=False, null=True, blank=True)
    instructions = models.CharField(max_length=300, blank=True)
    is_default = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(is_default=True), name="accounts_one_default_address"
            ),
        )
        indexes = (models.Index(fields=["user", "-id"], name="accounts_addresses"),)

    def __str__(self) -> str:
        return self.label
