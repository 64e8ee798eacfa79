"""Offers on the wire: the schema of what `selectors.offer_shape` returns. Public: conversations show the same on cards."""

from rest_framework import serializers

from accounts.shapes import PersonBriefOut
from catalog.states import ProductState
from media.shapes import PictureOut
from offers.states import Ending, OfferKind, OfferState, Side


class OfferedThingOut(serializers.Serializer):
    """A listing beside an offer, as both sides may see it even when it is no longer for sale."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    price = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    state = serializers.ChoiceField(choices=ProductState.choices)
    picture = PictureOut(allow_null=True)


class OfferedVariantOut(serializers.Serializer):
    id = serializers.UUIDField()
    options = serializers.DictField(child=serializers.CharField())


class OfferOut(serializers.Serializer):
    """One turn of a negotiation, as one of its parties sees it."""

    id = serializers.UUIDField()
    negotiation_id = serializers.UUIDField(help_text="The first turn's id; shared by all turns.")
    conversation_id = serializers.UUIDField()
    turn = serializers.IntegerField()
    product = OfferedThingOut()
    variant = OfferedVariantOut()
    buyer = PersonBriefOut()
    seller = PersonBriefOut()
    made_by = serializers.ChoiceField(choices=Side.choices)
    kind = serializers.ChoiceField(choices=OfferKind.choices)
    amount = serializers.CharField(allow_null=True, help_text="Null in a plain trade.")
    currency = serializers.CharField()
    asked = serializers.CharField(help_text="The asking price when this was said.")
    percent_of_asked = serializers.IntegerField(allow_null=True)
    trade_product = OfferedThingOut(allow_null=True)
    message = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=OfferState.choices)
    ending = serializers.ChoiceField(
        choices=Ending.choices, allow_blank=True, help_text="Why it ended without a person's answer."
    )
    expires_at = serializers.DateTimeField(help_text="Moves on by as long as the clock stands.")
    clock_stopped = serializers.BooleanField(help_text="The listing is reserved for somebody else.")
    seconds_left = serializers.IntegerField(allow_null=True, help_text="For an answer; null when none is waited for.")
    responded_at = serializers.DateTimeField(allow_null=True)
    payment_due_at = serializers.DateTimeField(allow_null=True, help_text="Until then the listing is reserved.")
    paid_at = serializers.DateTimeField(allow_null=True, help_text="Its order was confirmed.")
    order_id = serializers.UUIDField(allow_null=True, help_text="Of an accepted one: what is to be paid.")
    created_at = serializers.DateTimeField()
    actions = serializers.ListField(
        child=serializers.ChoiceField(choices=["accept", "decline", "counter", "withdraw"]),
        help_text="What the reader may do with it now.",
    )


class ChipOut(serializers.Serializer):
    """An offer as everybody may see it, where the seller shows offers."""

    name = serializers.CharField(help_text="First name and initial.")
    amount = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    kind = serializers.ChoiceField(choices=OfferKind.choices)
    made_at = serializers.DateTimeField()
