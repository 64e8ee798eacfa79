"""Haggling over the socket: the same actions as by REST, and what is told as it happens."""

from typing import Any

from rest_framework import serializers

from catalog.selectors import product_page
from core.realtime.registry import Caller, announce, command
from core.rest.serializers import AmountField, StrictSerializer
from offers import actions, selectors
from offers.actions.telling import CHIP, NEW, UPDATED, room_of
from offers.api.serializers import MakeOfferIn, counter_said, offer_said
from offers.shapes import ChipOut, OfferOut


class RespondIn(StrictSerializer):
    """An answer to a turn; the last three belong to a counter."""

    offer_id = serializers.UUIDField()
    response = serializers.ChoiceField(choices=["accept", "decline", "counter", "withdraw"])
    counter_price = AmountField(required=False, allow_null=True)
    trade_product_id = serializers.UUIDField(required=False, allow_null=True)
    message = serializers.CharField(required=False, allow_blank=True, default="")


class WatchIn(StrictSerializer):
    product_id = serializers.UUIDField()


class WatchedOut(serializers.Serializer):
    shows_offers = serializers.BooleanField(help_text="Whether chips will come at all.")
    results = ChipOut(many=True, help_text="The last ones, newest first.")


@command("offer:create", takes=MakeOfferIn, answers=OfferOut, summary="Make an offer for a listing.", limit="20/m")
def make(caller: Caller, said: dict[str, Any]) -> dict[str, Any]:
    offer = actions.make_offer(buyer=caller.person, **offer_said(said))
    return selectors.shape_for(caller.person.pk, offer.pk)


@command(
    "offer:respond",
    takes=RespondIn,
    answers=OfferOut,
    summary="Accept, decline or counter the other's turn, or withdraw one's own. A counter answers with the new turn.",
    limit="60/m",
)
def respond(caller: Caller, said: dict[str, Any]) -> dict[str, Any]:
    person, offer_id = caller.person, said["offer_id"]
    if said["response"] == "counter":
        answered = selectors.offer_of(person, offer_id)
        turn = actions.counter_offer(person=person, offer_id=offer_id, **counter_said(said, answered.currency))
        return selectors.shape_for(person.pk, turn.pk)
    answer = {
        "accept": actions.accept_offer,
        "decline": actions.decline_offer,
        "withdraw": actions.withdraw_offer,
    }[said["response"]]
    answer(person=person, offer_id=offer_id)
    return selectors.shape_for(person.pk, offer_id)


@command("offers:watch", takes=WatchIn, answers=WatchedOut, summary="See offers for a listing scroll by.")
def watch(caller: Caller, said: dict[str, Any]) -> dict[str, Any]:
    product = product_page(viewer=caller.person, product_id=said["product_id"])
    caller.join(room_of(product.pk))
    chips = selectors.recent_offers(product.pk, viewer=caller.person)
    shows = selectors.terms_of(product.pk).shows_offers
    return {"shows_offers": shows, "results": [selectors.chip(offer) for offer in chips]}


@command("offers:unwatch", takes=WatchIn, summary="Stop that.")
def unwatch(caller: Caller, said: dict[str, Any]) -> None:
    caller.leave(room_of(said["product_id"]))


announce(NEW, shape=OfferOut, stream="me", summary="A turn was said, by the other or on another device of one's own.")
announce(UPDATED, shape=OfferOut, stream="me", summary="A turn was answered, ended, or its clock stopped or went on.")
announce(
    CHIP, shape=ChipOut, stream="offers:{id}", summary="A buyer offered something for a listing that shows offers."
)
