"""What we ask the provider to do, and what it tells us."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from core.states import known_state
from payments.states import CommandKind, CommandState, InboxState


class ProviderCommand(models.Model):
    """One thing to do at the provider, written in the transaction that decided it and carried out after. What it says never changes
    (a trigger refuses it): the provider answers the same key with the same answer only for the same words.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=20, choices=CommandKind.choices, verbose_name=_("kind"))
    subject = models.CharField(max_length=80, verbose_name=_("for"))  # "payment:…", "refund:…", "payout:…", "user:…"
    params = models.JSONField()
    account = models.CharField(max_length=80, blank=True)  # in whose name, a connected account
    idempotency_key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=CommandState.choices, default=CommandState.PENDING)
    round = models.PositiveSmallIntegerField(default=1)  # the provider saved a failure for the key: `:a2` is sent next
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    first_sent_at = models.DateTimeField(null=True, blank=True)  # of this round; after 20 h the key may be forgotten
    result_id = models.CharField(max_length=80, blank=True)
    error_code = models.CharField(max_length=80, blank=True)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("provider command")
        verbose_name_plural = _("provider commands")
        constraints = (
            known_state(CommandState, "payments_command_state"),
            models.UniqueConstraint(
                fields=["kind", "result_id"], condition=~Q(result_id=""), name="payments_result_once"
            ),
        )
        indexes = (
            models.Index(
                fields=["due_at", "id"], condition=Q(state__in=["pending", "sent"]), name="payments_commands_due"
            ),
            models.Index(fields=["subject"], name="payments_commands_of"),
            models.Index(fields=["-created_at"], condition=Q(state__in=["failed", "parked"]), name="payments_stuck"),
        )
        triggers = (
            pgtrigger.Protect(
                name="says_what_it_said",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("kind", "subject", "params", "account", "idempotency_key", "created_at"),
            ),
            pgtrigger.Protect(name="stays", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class ProviderEvent(models.Model):
    """The inbox of webhooks: each event once, whatever the provider repeats."""

    id = models.CharField(primary_key=True, max_length=80)  # evt_…
    endpoint = models.CharField(max_length=10)  # platform | connect
    account = models.CharField(max_length=80, blank=True)
    type = models.CharField(max_length=80, verbose_name=_("kind"))
    object_id = models.CharField(max_length=80, blank=True)
    livemode = models.BooleanField(default=False)
    payload = models.JSONField()
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=InboxState.choices, default=InboxState.RECEIVED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    error = models.CharField(max_length=500, blank=True)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("provider event")
        verbose_name_plural = _("provider events")
        constraints = (known_state(InboxState, "payments_inbox_state"),)
        indexes = (
            models.Index(fields=["due_at"], condition=Q(state__in=["received", "failed"]), name="payments_inbox_due"),
            models.Index(fields=["-received_at"], name="payments_inbox_recent"),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.id}"
