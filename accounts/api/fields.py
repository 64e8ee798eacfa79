"""Identifiers as the wire takes them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.identifiers import Identifier, read_email, read_identifier, read_phone
from core.rest.serializers import StrictSerializer

ONE_OF = _("Send exactly one of: {names}.")


def exactly_one(attrs: dict[str, Any], *names: str) -> tuple[str, Any]:
    """The one of these fields that was sent. Raises ValidationError for none or several."""
    sent = [(name, attrs[name]) for name in names if attrs.get(name)]
    if len(sent) != 1:
        raise serializers.ValidationError({names[0]: ONE_OF.format(names=", ".join(names))}, code="exactly_one")
    return sent[0]


class AddressedIn(StrictSerializer):
    """Somebody named by `identifier`, or more exactly by `email` or `phone`."""

    identifier = serializers.CharField(required=False, max_length=254, help_text="An email address or a phone number.")
    email = serializers.CharField(required=False, max_length=254)
    phone = serializers.CharField(required=False, max_length=32)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        name, text = exactly_one(attrs, "identifier", "email", "phone")
        readers = {"identifier": read_identifier, "email": read_email, "phone": read_phone}
        read: Identifier = readers[name](text)
        return {**attrs, "read": read}


class CodeMixin(serializers.Serializer):
    """`code`, or by the specification's name `otp_code`."""

    code = serializers.CharField(required=False, max_length=12, help_text="Six digits.")
    otp_code = serializers.CharField(required=False, max_length=12, help_text="The same as `code`.")
    challenge_id = serializers.UUIDField(
        required=False, help_text="Which sending this code belongs to; without it the newest counts."
    )
