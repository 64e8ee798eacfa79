"""What a person keeps here, on the wire: addresses, devices, exports, the wish to be forgotten."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.fields import CodeMixin
from accounts.api.serializers import NeighborhoodBriefOut
from accounts.models import Address, DataExport, Device, Erasure, IdentifierChange
from accounts.states import Platform
from core.geo import LatLng
from core.rest.serializers import LatLngIn, LatLngOut, StrictSerializer


class AddressOut(serializers.ModelSerializer):
    """A saved address. Private to its owner."""

    phone = serializers.CharField()
    place = serializers.SerializerMethodField()
    neighborhood = NeighborhoodBriefOut(allow_null=True)

    class Meta:
        model = Address
        fields = (
            "id",
            "label",
            "recipient",
            "phone",
            "street",
            "building",
            "unit",
            "city",
            "country",
            "place",
            "neighborhood",
            "instructions",
            "is_default",
            "created_at",
            "updated_at",
        )

    @extend_schema_field(LatLngOut(allow_null=True))
    def get_place(self, address: Address) -> dict[str, float] | None:
        if address.location is None:
            return None
        place = LatLng.of(address.location)
        return {"latitude": place.latitude, "longitude": place.longitude}


class AddressIn(StrictSerializer):
    """A new address."""

    label = serializers.CharField(max_length=30)  # type: ignore[assignment]  # the metaclass takes fields out of the class
    recipient = serializers.CharField(max_length=100)
    phone = serializers.CharField(max_length=32)
    street = serializers.CharField(max_length=200)
    building = serializers.CharField(required=False, allow_blank=True, max_length=100)
    unit = serializers.CharField(required=False, allow_blank=True, max_length=30)
    city = serializers.CharField(max_length=60)
    country = serializers.RegexField(r"^[A-Z]{2}$", required=False, help_text="ISO 3166-1 alpha-2; default AE.")
    place = LatLngIn(required=False)
    instructions = serializers.CharField(required=False, allow_blank=True, max_length=300)
    is_default = serializers.BooleanField(required=False)


class EditAddressIn(AddressIn):
    """What is to change of an address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "partial": True})


class DeviceOut(serializers.ModelSerializer):
    """An installed app. The push token is never given out."""

    has_push_token = serializers.SerializerMethodField()

    class Meta:
        model = Device
        fields = ("id", "device_id", "platform", "name", "has_push_token", "created_at", "last_seen_at")

    def get_has_push_token(self, device: Device) -> bool:
        return bool(device.push_token)


class DeviceIn(StrictSerializer):
    device_id = serializers.RegexField(r"^[\w.:-]{1,100}$", help_text="The app's own id of its installation.")
    platform = serializers.ChoiceField(choices=Platform.choices)
    push_token = serializers.CharField(required=False, allow_blank=True, max_length=500)
    name = serializers.CharField(required=False, allow_blank=True, max_length=100)


class ConfirmationIn(CodeMixin, StrictSerializer):
    """The password once more, or the code of `POST /users/me/confirmation-code`."""

    password = serializers.CharField(required=False, max_length=128, trim_whitespace=False, write_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {
            **{k: v for k, v in attrs.items() if k not in ("otp_code", "challenge_id")},
            "code": attrs.get("code") or attrs.get("otp_code") or "",
            "password": attrs.get("password", ""),
        }


class ChangeEmailIn(ConfirmationIn):
    email = serializers.CharField(max_length=254)


class ChangePhoneIn(ConfirmationIn):
    phone = serializers.CharField(max_length=32)


class IdentifierChangeOut(serializers.ModelSerializer):
    """A change under way: which sides have confirmed it."""

    needs_old = serializers.SerializerMethodField(help_text="Whether the old address or number must still confirm.")
    needs_new = serializers.SerializerMethodField()

    class Meta:
        model = IdentifierChange
        fields = ("id", "channel", "new_value", "needs_old", "needs_new", "expires_at", "done_at")

    def get_needs_old(self, change: IdentifierChange) -> bool:
        return change.old_confirmed_at is None

    def get_needs_new(self, change: IdentifierChange) -> bool:
        return change.new_confirmed_at is None


class ConfirmChangeIn(StrictSerializer):
    side = serializers.ChoiceField(
        choices=[("old", _("old")), ("new", _("new"))], help_text="From which address or number the code is."
    )
    code = serializers.CharField(max_length=12)


class ExportOut(serializers.ModelSerializer):
    """A data export. `download_url` is signed and works for ten minutes; read the export again for a new one."""

    download_url = serializers.SerializerMethodField()

    class Meta:
        model = DataExport
        fields = ("id", "state", "byte_size", "created_at", "ready_at", "expires_at", "download_url")

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_download_url(self, export: DataExport) -> str | None:
        return self.context["download_url"](export)


class ErasureOut(serializers.ModelSerializer):
    """The wish to be forgotten: when it is carried out, or what became of it."""

    class Meta:
        model = Erasure
        fields = ("id", "state", "requested_at", "due_at", "done_at")
