"""People on the wire."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts import selectors
from accounts.api.fields import AddressedIn, CodeMixin, exactly_one
from accounts.models import Restriction, Session, User
from accounts.shapes import PersonBriefOut
from accounts.states import MessagesFrom, ProfileVisibility
from core.geo import LatLng
from core.rest.serializers import LatitudeField, LongitudeField, StrictSerializer
from core.text import localized
from places.models import Neighborhood

ROLES = [("buyer", "buyer"), ("seller", "seller"), ("both", "both")]
PURPOSES = [("verify", "verify"), ("login", "login")]


class RegisterIn(StrictSerializer):
    """Somebody joins. At least one of `email` and `phone`; without a password they sign in by code."""

    username = serializers.CharField(max_length=30)
    email = serializers.CharField(required=False, max_length=254)
    phone = serializers.CharField(required=False, max_length=32, help_text="With country code, or local to the UAE.")
    password = serializers.CharField(required=False, max_length=128, trim_whitespace=False, write_only=True)
    full_name = serializers.CharField(required=False, max_length=100, allow_blank=True)
    language = serializers.ChoiceField(required=False, choices=settings.LANGUAGES)
    role = serializers.ChoiceField(
        required=False, choices=ROLES, help_text="What the person wants to do; default both."
    )
    device_id = serializers.CharField(required=False, max_length=100)


class LoginIn(CodeMixin, StrictSerializer):
    """Exactly one name (`identifier`, `email`, `username` or `phone`), and either a password or a one-time code."""

    identifier = serializers.CharField(required=False, max_length=254, help_text="Email, username or phone.")
    email = serializers.CharField(required=False, max_length=254)
    username = serializers.CharField(required=False, max_length=30)
    phone = serializers.CharField(required=False, max_length=32)
    password = serializers.CharField(required=False, max_length=128, trim_whitespace=False, write_only=True)
    device_id = serializers.CharField(required=False, max_length=100)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        _name, who = exactly_one(attrs, "identifier", "email", "username", "phone")
        how, _secret = exactly_one(attrs, "password", "code", "otp_code")
        return {**attrs, "who": who, "code": attrs.get("code") or attrs.get("otp_code"), "by_code": how != "password"}


class SendCodeIn(AddressedIn):
    purpose = serializers.ChoiceField(choices=PURPOSES, default="verify")


class SentOut(serializers.Serializer):
    """The same for known and unknown identifiers."""

    challenge_id = serializers.UUIDField()
    channel = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds.")


class VerifyCodeIn(CodeMixin, AddressedIn):
    purpose = serializers.ChoiceField(choices=PURPOSES, default="verify")
    device_id = serializers.CharField(required=False, max_length=100)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        return {**attrs, "code": exactly_one(attrs, "code", "otp_code")[1]}


class RefreshIn(StrictSerializer):
    refresh_token = serializers.CharField(max_length=2000)


class LogoutIn(StrictSerializer):
    refresh_token = serializers.CharField(required=False, max_length=2000)


class ForgotPasswordIn(AddressedIn):
    pass


class ResetPasswordIn(StrictSerializer):
    token = serializers.CharField(max_length=200)
    new_password = serializers.CharField(max_length=128, trim_whitespace=False, write_only=True)


class ChangePasswordIn(StrictSerializer):
    old_password = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=128, trim_whitespace=False, write_only=True
    )
    new_password = serializers.CharField(max_length=128, trim_whitespace=False, write_only=True)


class SecondFactorIn(StrictSerializer):
    code = serializers.CharField(max_length=20)


class TokensOut(serializers.Serializer):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds until the access token is stale.")


class NeighborhoodBriefOut(serializers.ModelSerializer):
    name = serializers.CharField(read_only=True)

    class Meta:
        model = Neighborhood
        fields = ("id", "slug", "name", "city")


class PrivacyOut(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ("profile_visibility", "messages_from", "show_neighborhood", "show_last_seen", "show_following")


class PrivacyIn(StrictSerializer):
    profile_visibility = serializers.ChoiceField(required=False, choices=ProfileVisibility.choices)
    messages_from = serializers.ChoiceField(required=False, choices=MessagesFrom.choices)
    show_neighborhood = serializers.BooleanField(required=False)
    show_last_seen = serializers.BooleanField(required=False)
    show_following = serializers.BooleanField(required=False)


class OwnLocationOut(serializers.Serializer):
    """Where one lives: for oneself only. Others get the neighbourhood's name."""

    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)
    neighborhood = NeighborhoodBriefOut(allow_null=True)
    building_name = serializers.CharField()


class RestrictionOut(serializers.ModelSerializer):
    """What the person may not do, and why, in their language."""

    reason = serializers.SerializerMethodField()

    class Meta:
        model = Restriction
        fields = ("id", "kind", "reason", "starts_at", "ends_at")

    def get_reason(self, restriction: Restriction) -> str:
        return localized(restriction, "reason")


class MeOut(serializers.ModelSerializer):
    """One's own account."""

    display_name = serializers.CharField(read_only=True)
    phone = serializers.SerializerMethodField()
    avatar_url = serializers.SerializerMethodField()
    role = serializers.CharField(read_only=True)
    is_seller = serializers.SerializerMethodField()
    is_verified = serializers.BooleanField(read_only=True)
    is_trusted = serializers.BooleanField(read_only=True)
    email_verified = serializers.SerializerMethodField()
    phone_verified = serializers.SerializerMethodField()
    has_password = serializers.BooleanField(source="has_usable_password", read_only=True)
    location = serializers.SerializerMethodField()
    privacy = PrivacyOut(source="*", read_only=True)
    restrictions = serializers.SerializerMethodField()
    erasure_due_at = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = (
            "id",
            "username",
            "display_name",
            "full_name",
            "email",
            "email_verified",
            "phone",
            "phone_verified",
            "bio",
            "avatar_url",
            "language",
            "role",
            "is_seller",
            "is_verified",
            "is_trusted",
            "has_password",
            "location",
            "privacy",
            "followers_count",
            "following_count",
            "suspended_at",
            "restrictions",
            "erasure_due_at",
            "created_at",
            "updated_at",
        )

    def get_phone(self, user: User) -> str | None:
        return str(user.phone) if user.phone else None

    def get_avatar_url(self, user: User) -> str | None:
        return selectors.avatar_url(user)

    def get_is_seller(self, user: User) -> bool:
        return user.sells_since is not None

    def get_email_verified(self, user: User) -> bool:
        return user.email_verified_at is not None

    def get_phone_verified(self, user: User) -> bool:
        return user.phone_verified_at is not None

    @extend_schema_field(OwnLocationOut)
    def get_location(self, user: User) -> dict[str, Any]:
        return location_of(user)

    @extend_schema_field(RestrictionOut(many=True))
    def get_restrictions(self, user: User) -> list[dict[str, Any]]:
        return list(RestrictionOut(selectors.restrictions_in_force(user), many=True).data)

    @extend_schema_field({"type": ["string", "null"], "format": "date-time"})
    def get_erasure_due_at(self, user: User) -> Any:
        erasure = selectors.erasure_under_way(user)
        return erasure.due_at if erasure else None


def location_of(user: User) -> dict[str, Any]:
    place = LatLng.of(user.location) if user.location else None
    return {
        "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None,
        "neighborhood": NeighborhoodBriefOut(user.neighborhood).data if user.neighborhood else None,
        "building_name": user.building_name,
    }


class SignedInOut(TokensOut):
    user = MeOut()


class VerifiedOut(serializers.Serializer):
    """After `purpose: verify`; after `purpose: login` the answer is that of a sign-in."""

    verified = serializers.BooleanField()
    channel = serializers.CharField()


class SessionOut(serializers.ModelSerializer):
    """Where one is signed in."""

    current = serializers.SerializerMethodField()

    class Meta:
        model = Session
        fields = ("id", "kind", "device_id", "user_agent", "ip", "created_at", "last_seen_at", "expires_at", "current")

    def get_current(self, session: Session) -> bool:
        return session.pk == self.context.get("current_id")


class EditMeIn(StrictSerializer):
    username = serializers.CharField(required=False, max_length=30)
    full_name = serializers.CharField(required=False, allow_blank=True, max_length=100)
    bio = serializers.CharField(required=False, allow_blank=True, max_length=300)
    language = serializers.ChoiceField(required=False, choices=settings.LANGUAGES)


class OwnLocationIn(StrictSerializer):
    latitude = LatitudeField()
    longitude = LongitudeField()
    building_name = serializers.CharField(required=False, allow_blank=True, max_length=100, default="")


class ProfileOut(PersonBriefOut):
    """A person as a visitor sees them. With `limited`, the person shows the rest to others only."""

    limited = serializers.BooleanField()
    bio = serializers.CharField(allow_blank=True)
    role = serializers.CharField()
    is_seller = serializers.BooleanField()
    badges = serializers.ListField(child=serializers.CharField())
    sales_count = serializers.IntegerField()
    followers_count = serializers.IntegerField(allow_null=True)
    following_count = serializers.IntegerField(allow_null=True)
    member_since = serializers.DateField()
    last_seen_at = serializers.DateTimeField(allow_null=True)


class FollowOut(PersonBriefOut):
    """Somebody in a list of followers or followed. `mutual`: in a list of followers, whether the reader follows them; in a list of
    followed, whether they follow back."""

    followed_at = serializers.DateTimeField()
    mutual = serializers.BooleanField()


class BlockedOut(PersonBriefOut):
    blocked_at = serializers.DateTimeField()


class RelationshipOut(serializers.Serializer):
    """How the reader and a person stand to each other."""

    following = serializers.BooleanField()
    followed_by = serializers.BooleanField()
    blocked = serializers.BooleanField()
    blocked_by = serializers.BooleanField()
    can_message = serializers.BooleanField()


class PeopleIn(StrictSerializer):
    """The filters of a list of people."""

    search = serializers.CharField(required=False, max_length=30, help_text="A part of the username.")
    cursor = serializers.CharField(required=False)
    per_page = serializers.IntegerField(required=False, min_value=1, max_value=100)


class PagingIn(StrictSerializer):
    cursor = serializers.CharField(required=False)
    per_page = serializers.IntegerField(required=False, min_value=1, max_value=100)
