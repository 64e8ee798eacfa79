"""A person."""

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
from accounts.states import MessagesFrom, ProfileVisibility
from core.ids import uuid7
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
        session = getattr(self, "session_in_hand", None)
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
