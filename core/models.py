"""Rows of the machinery: outbox, idempotency, limits, audit, heartbeats. They hold ids of actors, never foreign keys."""

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OutboxEvent(models.Model):
    """Something that happened, written in the transaction in which it happened."""

    name = models.CharField(max_length=100)
    payload = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)
    occurred_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = (BrinIndex(fields=["occurred_at"], name="core_event_when"),)

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("waiting")
    DONE = "done", _("done")
    PARKED = "parked", _("parked")


class Delivery(models.Model):
    """One event for one handler. `due_at` is when the relay may hand it out (again)."""

    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries")
    handler = models.CharField(max_length=150)
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    running_until = models.DateTimeField(null=True, blank=True)  # the lease of a job in some worker's hands
    done_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = (
            models.UniqueConstraint(fields=["event", "handler"], name="core_delivery_once"),
            models.CheckConstraint(condition=models.Q(state__in=DeliveryState.values), name="core_delivery_state"),
        )
        indexes = (
            models.Index(fields=["due_at", "id"], condition=models.Q(state="pending"), name="core_delivery_due"),
            models.Index(fields=["-id"], condition=models.Q(state="parked"), name="core_delivery_parked"),
        )

    def __str__(self) -> str:
        return f"{self.handler} ← {self.event_id}"


class IdempotencyRecord(models.Model):
    """The answer given to the first request with a key, kept to be given again."""

    actor = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField(null=True)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["actor", "key"], name="core_idempotency_key"),)
        indexes = (BrinIndex(fields=["created_at"], name="core_idempotency_when"),)

    def __str__(self) -> str:
        return f"{self.key} of {self.actor}"


class RateBucket(models.Model):
    """A limit that must hold when Redis does not: the theoretical arrival time of the next request (GCRA)."""

    key = models.CharField(max_length=200, primary_key=True)
    tat = models.DateTimeField()

    class Meta:
        indexes = (BrinIndex(fields=["tat"], name="core_ratebucket_tat"),)

    def __str__(self) -> str:
        return self.key


class AuditEntry(models.Model):
    """Who did what to what, and why. Rows are only ever added (a trigger refuses the rest)."""

    at = models.DateTimeField(default=timezone.now)
    actor_id = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=150, blank=True)
    action = models.CharField(max_length=100)
    target_kind = models.CharField(max_length=50)
    target_id = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    ip = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = (
            models.Index(fields=["target_kind", "target_id", "-id"], name="core_audit_target"),
            models.Index(fields=["actor_id", "-id"], name="core_audit_actor"),
        )
        triggers = (pgtrigger.Protect(name="audit_append_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.action} {self.target_kind} {self.target_id}"


class AuditSeal(models.Model):
    """A link of the chain: the hash of an entry together with the hash before it."""

    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, primary_key=True, related_name="seal")
    position = models.BigIntegerField(unique=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers = (pgtrigger.Protect(name="seal_append_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.position}: {self.hash[:12]}"


class Heartbeat(models.Model):
    """When a part was last seen doing its work, for `/readyz` and the operators' page."""

    name = models.CharField(max_length=50, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
