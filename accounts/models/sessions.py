"""Who is signed in where, and by what."""

from django.db import models
from django.utils import timezone

from accounts.models.people import User
from accounts.states import Platform, SessionKind
from core.ids import uuid7


class Device(models.Model):
    """An installed app that push messages can reach."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
    device_id = models.CharField(max_length=100)
    platform = models.CharField(max_length=10, choices=Platform.choices)
    push_token = models.CharField(max_length=500, blank=True)
    name = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "device_id"], name="accounts_device_once"),)
        indexes = (models.Index(fields=["device_id"], name="accounts_same_device"),)

    def __str__(self) -> str:
        return self.name or self.device_id


class Session(models.Model):
    """One sign-in: a family of refresh tokens in an app, or a browser's session. Revoking it ends both at once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    kind = models.CharField(max_length=5, choices=SessionKind.choices)
    browser_key = models.CharField(max_length=64, blank=True)  # SHA-256 of the browser session's key
    device_id = models.CharField(max_length=100, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    second_factor_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_because = models.CharField(max_length=30, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["user", "-last_seen_at"], name="accounts_sessions"),
            models.Index(fields=["browser_key"], condition=~models.Q(browser_key=""), name="accounts_browser_session"),
            models.Index(fields=["device_id"], condition=~models.Q(device_id=""), name="accounts_sessions_of_device"),
        )

    def __str__(self) -> str:
        return str(self.get_kind_display())


class SocketTicket(models.Model):
    """Lets one socket in, once, within seconds: browsers cannot send a header with a handshake, and a token has no place in an
    address. Only the ticket's hash is kept.
    """

    hash = models.CharField(max_length=64, primary_key=True)  # SHA-256
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="socket_tickets")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["expires_at"], name="accounts_tickets_old"),)

    def __str__(self) -> str:
        return f"ticket of {self.session_id}"


class RefreshToken(models.Model):
    """One link of a family. Used once; used again, it ends the family."""

    jti = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="refresh_tokens")
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    replaced_by = models.UUIDField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.jti)
