"""People and the facts about them."""

from typing import Any, ClassVar

import pghistory
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.gis.db.models import PointField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.identifiers import USERNAME_PATTERN
from accounts.states import (
    ChallengePurpose,
    Channel,
    ErasureState,
    ExportState,
    MessagesFrom,
    Platform,
    ProfileVisibility,
    RestrictionKind,
    SessionKind,
)
from core.ids import uuid7
from core.states import known_state
from places.models import Neighborhood

USERNAME = RegexValidator(
    rf"^{USERNAME_PATTERN}$",
    _("3 to 30 letters, digits, dots and underscores, beginning and ending with a letter or digit."),
)


def display_name(*, full_name: str, username: str) -> str:
    """First name and initial: what strangers read beside a listing. For rows that are no `User`."""
    first, _, rest = full_name.strip().partition(" ")
    return f"{first} {rest.strip()[0]}." if first and rest.strip() else first or username


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)

    def create_superuser(self, username: str, password: str | None, email: str | None = None) -> "User":
        """For `manage.py createsuperuser`; everybody else registers."""
        user = self.model(
            username=username, email=email, is_staff=True, is_superuser=True, email_verified_at=timezone.now()
        )
        user.set_password(password)
        user.save()
        return user


# Facts whose changes are kept for good by triggers, whoever makes them: actions, staff, SQL by hand. No names, no addresses.
TRACKED = [
    "is_active",
    "is_staff",
    "is_superuser",
    "suspended_at",
    "listings_hidden_at",
    "sells_since",
    "email_verified_at",
    "phone_verified_at",
    "identity_verified_at",
    "business_verified_at",
]


@pghistory.track(
    pghistory.UpdateEvent("facts_changed", condition=pghistory.AnyChange(*TRACKED)),
    fields=TRACKED,
    model_name="UserFactsEvent",
    obj_field=pghistory.ObjForeignKey(related_name="facts_history"),
    append_only=True,
)
class User(AbstractBaseUser, PermissionsMixin):
    """A person. "Seller" is a capability that they switch on (`sells_since`), "verified" a set of dated facts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(max_length=30, validators=[USERNAME])
    email = models.EmailField(null=True, blank=True)
    phone = PhoneNumberField(null=True, blank=True)
    full_name = models.CharField(max_length=100, blank=True)
    bio = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=2, default="en", choices=[("en", _("English")), ("ar", _("Arabic"))])
    avatar_key = models.CharField(max_length=200, blank=True)  # written by media through `set_avatar`

    email_verified_at = models.DateTimeField(null=True, blank=True)
    phone_verified_at = models.DateTimeField(null=True, blank=True)
    identity_verified_at = models.DateTimeField(null=True, blank=True)  # written by trust
    business_verified_at = models.DateTimeField(null=True, blank=True)  # written by trust
    sells_since = models.DateTimeField(null=True, blank=True)
    buys = models.BooleanField(default=True)

    is_active = models.BooleanField(default=True)  # False once erased: the row stays for the books, the person is gone
    is_staff = models.BooleanField(default=False)
    suspended_at = models.DateTimeField(null=True, blank=True)  # a restriction of kind `account` is in force
    listings_hidden_at = models.DateTimeField(null=True, blank=True)  # so is one of kind `account` or `sell`
    erased_at = models.DateTimeField(null=True, blank=True)

    neighborhood = models.ForeignKey(Neighborhood, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    location = PointField(
        geography=True, spatial_index=False, null=True, blank=True
    )  # exact and private; others see the neighbourhood
    building_name = models.CharField(max_length=100, blank=True)

    profile_visibility = models.CharField(
        max_length=10, choices=ProfileVisibility.choices, default=ProfileVisibility.EVERYONE
    )
    messages_from = models.CharField(max_length=10, choices=MessagesFrom.choices, default=MessagesFrom.EVERYONE)
    show_neighborhood = models.BooleanField(default=True)
    show_last_seen = models.BooleanField(default=True)
    show_following = models.BooleanField(default=True)

    followers_count = models.PositiveIntegerField(default=0)
    following_count = models.PositiveIntegerField(default=0)
    session_version = models.PositiveIntegerField(default=1)  # every older access token is void
    revision = models.PositiveIntegerField(default=1)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = (
            models.UniqueConstraint(Lower("username"), name="accounts_username_once"),
            models.UniqueConstraint(Lower("email"), name="accounts_email_once"),
            models.UniqueConstraint(fields=["phone"], name="accounts_phone_once"),
        )
        indexes = (models.Index(fields=["-created_at"], name="accounts_user_newest"),)
        permissions = (
            ("suspend_user", _("Can suspend and restore people")),
            ("see_contacts", _("Can see email addresses and phone numbers")),
            ("end_sessions", _("Can sign people out everywhere")),
        )

    def __str__(self) -> str:
        return f"@{self.username}"

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's answer, except that staff has no permission in a session without its second factor."""
        return not self.powers_asleep and super().has_perm(perm, obj)

    def has_module_perms(self, app_label: str) -> bool:
        return not self.powers_asleep and super().has_module_perms(app_label)

    @property
    def powers_asleep(self) -> bool:
        """Whether a person of the staff has yet to pass the second factor in the session in hand, which the doors name."""
        session: Session | None = getattr(self, "session_in_hand", None)
        return bool(
            settings.STAFF_SECOND_FACTOR and self.is_staff and session is not None and session.second_factor_at is None
        )

    def get_short_name(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        return display_name(full_name=self.full_name, username=self.username)

    @property
    def is_verified(self) -> bool:
        """At least one identifier is proven."""
        return bool(self.email_verified_at or self.phone_verified_at)

    @property
    def is_trusted(self) -> bool:
        """The badge: identity or business was checked by a verifier."""
        return bool(self.identity_verified_at or self.business_verified_at)

    @property
    def role(self) -> str:
        """The specification's word, derived: buyer, seller or both."""
        if not self.sells_since:
            return "buyer"
        return "both" if self.buys else "seller"


class SellerStanding(models.Model):
    """How a seller stands: numbers that trust writes and everybody reads."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="standing")
    rating = models.DecimalField(max_digits=3, decimal_places=2, null=True, blank=True)
    review_count = models.PositiveIntegerField(default=0)
    sales_count = models.PositiveIntegerField(default=0)
    tier = models.CharField(max_length=20, blank=True)
    badges = models.JSONField(default=list, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"standing of {self.user_id}"


class Restriction(models.Model):
    """Something a person may not do, from when until when, and because of which case. Written through moderation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="restrictions")
    kind = models.CharField(max_length=10, choices=RestrictionKind.choices)
    reason_en = models.TextField(blank=True)  # what the person is told
    reason_ar = models.TextField(blank=True)
    case_id = models.UUIDField(null=True, blank=True)
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)  # None: until lifted
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("restriction")
        verbose_name_plural = _("restrictions")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=RestrictionKind.values), name="accounts_restriction_kind"
            ),
        )
        indexes = (
            models.Index(fields=["user", "kind"], condition=models.Q(lifted_at=None), name="accounts_restriction_open"),
            models.Index(fields=["ends_at"], condition=models.Q(lifted_at=None), name="accounts_restriction_ends"),
        )

    def __str__(self) -> str:
        return str(self.get_kind_display())


class Follow(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    follower = models.ForeignKey(User, on_delete=models.CASCADE, related_name="following_links")
    followed = models.ForeignKey(User, on_delete=models.CASCADE, related_name="follower_links")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["follower", "followed"], name="accounts_follow_once"),
            models.CheckConstraint(condition=~models.Q(follower=models.F("followed")), name="accounts_follow_not_self"),
        )
        indexes = (
            models.Index(fields=["followed", "-id"], name="accounts_followers"),
            models.Index(fields=["follower", "-id"], name="accounts_following"),
        )

    def __str__(self) -> str:
        return f"{self.follower_id} → {self.followed_id}"


class Block(models.Model):
    """Neither sees nor reaches the other, whoever of the two blocked."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Both are led by an index below already; each further one costs the planner time in all that asks who may see what.
    blocker = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocks_made", db_index=False)
    blocked = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocks_received", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["blocker", "blocked"], name="accounts_block_once"),
            models.CheckConstraint(condition=~models.Q(blocker=models.F("blocked")), name="accounts_block_not_self"),
        )
        indexes = (
            models.Index(fields=["blocker", "-id"], name="accounts_blocks_newest"),
            models.Index(fields=["blocked", "blocker"], name="accounts_blocked_by"),
        )

    def __str__(self) -> str:
        return f"{self.blocker_id} ⊘ {self.blocked_id}"


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
    old_confirmed_at = models.DateTimeField(null=True, blank=True)
    new_confirmed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.channel} of {self.user_id}"


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
