"""Proofs that an address or a number is somebody's."""

from django.db import models
from django.utils import timezone

from accounts.models.people import User
from accounts.states import ChallengePurpose, Channel
from core.ids import uuid7


class Challenge(models.Model):
    """A one-time proof that somebody holds an identifier. The code is derived from the id and a server key: not stored."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purpose = models.CharField(max_length=20, choices=ChallengePurpose.choices)
    channel = models.CharField(max_length=5, choices=Channel.choices)
    identifier = models.CharField(max_length=254)  # a lower-case address or an E.164 number
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="challenges")
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["identifier", "purpose", "-id"], name="accounts_challenges"),)

    def __str__(self) -> str:
        return f"{self.purpose} {self.id}"


class IdentifierChange(models.Model):
    """A new email or phone on its way in: confirmed from the new one and, where there is one, from the old."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="identifier_changes")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    new_value = models.CharField(max_length=254)
    old_value = models.CharField(max_length=254, blank=True, db_default="")  # what was replaced, where it was proven
    old_confirmed_at = models.DateTimeField(null=True, blank=True)
    new_confirmed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.channel} of {self.user_id}"
