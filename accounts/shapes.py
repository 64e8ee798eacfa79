"""Shapes of people that other apps' API show too: the schema of what `selectors.person_brief` returns."""

from rest_framework import serializers


class PersonBriefOut(serializers.Serializer):
    """How a person stands beside a listing, a message, a name in a list (`accounts.selectors.person_brief`)."""

    id = serializers.UUIDField()
    username = serializers.CharField()
    display_name = serializers.CharField(help_text="First name and initial, or the username.")
    avatar_url = serializers.CharField(allow_null=True)
    is_verified = serializers.BooleanField(help_text="Email or phone is proven.")
    is_trusted = serializers.BooleanField(help_text="Identity or business was checked.")
    rating = serializers.CharField(allow_null=True, help_text="“1.00” to “5.00”, null before the first review.")
    review_count = serializers.IntegerField()
    neighborhood = serializers.CharField(
        allow_null=True, help_text="In the language of the request; null when not shown."
    )
