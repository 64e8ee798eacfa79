"""What people are told, and how they want to be told."""

from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KT
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.ids import uuid7
from core.states import known_state
from notifications.states import NotificationKind, SendChannel, SendState


class Notification(models.Model):
    """One thing a person is told. The words are made from `kind` and `facts` in the reader's language."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=30, choices=NotificationKind.choices)
    facts = models.JSONField(default=dict)  # names, titles, ids: what the words need
    url = models.CharField(max_length=300, blank=True)
    once_key = models.CharField(max_length=120, blank=True)  # nobody is told the same twice
    read_at = models.DateTimeField(null=True, blank=True)
    waits_for_digest = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = (
            models.UniqueConstraint(fields=["user", "once_key"], condition=~Q(once_key=""), name="notifications_once"),
        )
        indexes = (
            models.Index(fields=["user", "-id"], name="notifications_newest"),
            models.Index(fields=["user", "-id"], condition=Q(read_at=None), name="notifications_unread"),
            models.Index(fields=["user"], condition=Q(waits_for_digest=True), name="notifications_for_digest"),
            models.Index(KT("facts__user_id"), condition=Q(facts__has_key="user_id"), name="notifications_about"),
        )

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"


class Send(models.Model):
    """One notification on its way through one channel."""

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="sends")
    channel = models.CharField(max_length=5, choices=SendChannel.choices)
    state = models.CharField(max_length=8, choices=SendState.choices, default=SendState.WAITING)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            known_state(SendState, "notifications_send_state"),
            models.UniqueConstraint(fields=["notification", "channel"], name="notifications_send_once"),
        )

    def __str__(self) -> str:
        return f"{self.channel}: {self.notification_id}"


class NotificationSettings(models.Model):
    """How a person wants to be told. `kinds` holds exceptions: {"price_drop": {"email": false}}."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="notification_settings")
    push_enabled = models.BooleanField(default=True)
    email_enabled = models.BooleanField(default=True)
    kinds = models.JSONField(default=dict, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"settings of {self.user_id}"


class DevMessage(models.Model):
    """In development: a mail, SMS or push that would have left the house."""

    channel = models.CharField(max_length=5, choices=SendChannel.choices)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField()
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.channel} to {self.to}"
