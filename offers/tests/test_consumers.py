import uuid

import pytest

from accounts.tests.factories import UserFactory
from catalog.errors import ProductNotFound
from catalog.tests.factories import ProductFactory
from core.money import Money
from core.realtime.registry import Caller, command_named
from core.rest.renderers import dumps
from offers import errors
from offers.actions import make_offer
from offers.models import Offer
from offers.shapes import ChipOut, OfferOut
from offers.tests.factories import OfferFactory, TermsFactory

pytestmark = pytest.mark.django_db


def say(person, name, **data):
    """What the socket does with a frame: read its shape, call the command. The caller comes back with its rooms."""
    said = command_named(name)
    body = said.takes(data=data)
    body.is_valid(raise_exception=True)
    caller = Caller(person=person, session_id=uuid.uuid4(), socket_id="1")
    return said.call(caller, body.validated_data), caller


def shaped(serializer, told):
    return set(told) == set(serializer().fields) and dumps(told)


def test_makes_and_answers_offers_over_the_socket():
    product, buyer = ProductFactory(), UserFactory()
    made, _ = say(buyer, "offer:create", product_id=str(product.pk), offered_price="200.00")
    assert shaped(OfferOut, made)
    countered, _ = say(
        product.seller, "offer:respond", offer_id=str(made["id"]), response="counter", counter_price="230.00"
    )
    assert (countered["turn"], countered["amount"]) == (2, "230.00")
    accepted, _ = say(buyer, "offer:respond", offer_id=str(countered["id"]), response="accept")
    assert (accepted["state"], accepted["product"]["state"]) == ("accepted", "reserved")
    again, _ = say(buyer, "offer:respond", offer_id=str(countered["id"]), response="accept")
    assert again["state"] == "accepted"


def test_refuses_over_the_socket_as_by_rest():
    offer = OfferFactory()
    with pytest.raises(errors.NotYourTurn):
        say(offer.buyer, "offer:respond", offer_id=str(offer.pk), response="accept")
    with pytest.raises(errors.OfferNotFound):
        say(UserFactory(), "offer:respond", offer_id=str(offer.pk), response="decline")
    assert Offer.objects.get().state == "pending"


def test_watching_joins_the_listings_room_and_shows_the_last_chips():
    offer = OfferFactory()
    TermsFactory(product=offer.product, shows_offers=True)
    told, caller = say(UserFactory(), "offers:watch", product_id=str(offer.product_id))
    assert caller.joins == [f"offers:{offer.product_id}"]
    assert told["shows_offers"] is True
    assert shaped(ChipOut, told["results"][0])
    told, caller = say(UserFactory(), "offers:unwatch", product_id=str(offer.product_id))
    assert (told, caller.leaves) == (None, [f"offers:{offer.product_id}"])


def test_nobody_watches_what_they_may_not_see():
    product = ProductFactory(state="draft")
    with pytest.raises(ProductNotFound):
        say(UserFactory(), "offers:watch", product_id=str(product.pk))


@pytest.mark.django_db(transaction=True)
def test_both_sides_are_told_each_as_they_see_it(dial):
    product, buyer = ProductFactory(), UserFactory()
    sells, buys = dial(product.seller), dial(buyer)
    made = buys.ask("offer:create", {"product_id": product.pk, "offered_price": "200.00"})
    assert buys.hear("offer:new")["data"]["actions"] == ["withdraw"]
    assert sells.hear("message:new")["data"]["kind"] == "offer"
    heard = sells.hear("offer:new")
    assert (heard["stream"], heard["data"]["actions"]) == ("me", ["accept", "decline", "counter"])
    assert set(heard["data"]) == set(OfferOut().fields)
    turn = sells.ask("offer:respond", {"offer_id": made["id"], "response": "counter", "counter_price": "230.00"})
    assert buys.hear("offer:updated")["data"]["state"] == "countered"
    assert buys.hear("offer:new")["data"]["id"] == turn["id"]
    late = buys.refused("offer:respond", {"offer_id": made["id"], "response": "accept"})
    assert (late["code"], late["status"]) == ("offers.no_longer_waiting", 409)
    assert buys.ask("offer:respond", {"offer_id": turn["id"], "response": "decline"})["state"] == "declined"
    sells.hear("offer:updated")  # its own counter
    assert sells.hear("offer:updated")["data"]["state"] == "declined"


@pytest.mark.django_db(transaction=True)
def test_chips_are_pushed_only_where_the_seller_shows_offers(dial):
    product, quiet = ProductFactory(), ProductFactory()
    TermsFactory(product=product, shows_offers=True, floor_percent=70)
    looks = dial(UserFactory())
    for listing in (product, quiet):
        looks.ask("offers:watch", {"product_id": listing.pk})
    for listing, amount in ((quiet, 200_00), (product, 100_00), (product, 200_00)):
        buyer = UserFactory(full_name="Ali Mansour")
        make_offer(buyer=buyer, product_id=listing.pk, amount=Money(amount, "AED"))
    chip = looks.hear("offer:chip")
    assert chip["stream"] == f"offers:{product.pk}"
    assert (chip["data"]["name"], chip["data"]["amount"]) == ("Ali M.", "200.00")  # and not what the floor declined
    assert set(chip["data"]) == set(ChipOut().fields)
    looks.ask("offers:unwatch", {"product_id": product.pk})
    make_offer(buyer=UserFactory(), product_id=product.pk, amount=Money(210_00, "AED"))
    assert looks.hears_nothing("offer:chip")
