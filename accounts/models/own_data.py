"""A person's data on its way out: taken along, or forgotten."""

from django.db import models
from django.utils import timezone

from accounts.models.people import User
from accounts.states import ErasureState, ExportState
from core.ids import uuid7
from core.states import known_state


class DataExport(models.Model):
    """A person's own data, put into a zip by a job and kept for a few days."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exports")
    state = models.CharField(max_length=10, choices=ExportState.choices, default=ExportState.REQUESTED)
    key = models.CharField(max_length=200, blank=True)
    byte_size = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (known_state(ExportState, "accounts_export_state"),)
        indexes = (models.Index(fields=["user", "-id"], name="accounts_exports"),)

    def __str__(self) -> str:
        return f"export of {self.user_id}"


class Erasure(models.Model):
    """A person's wish to be forgotten, carried out after a time for second thoughts, with a receipt of what was erased."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="erasures")
    state = models.CharField(max_length=10, choices=ErasureState.choices, default=ErasureState.REQUESTED)
    requested_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    receipt = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = (
            known_state(ErasureState, "accounts_erasure_state"),
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(state="requested"), name="accounts_one_erasure"
            ),
        )
        indexes = (models.Index(fields=["due_at"], condition=models.Q(state="requested"), name="accounts_erasure_due"),)

    def __str__(self) -> str:
        return f"erasure of {self.user_id}"
