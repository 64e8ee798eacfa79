import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.ports import erasers, erasure_blockers, exporters
from accounts.tests.factories import UserFactory
from catalog.models import Product
from offers.actions import accept_offer
from offers.tests.factories import OfferFactory

pytestmark = pytest.mark.django_db


def test_exports_both_sides_of_ones_haggling():
    me = UserFactory()
    bought = OfferFactory(buyer=me, message="Today?")
    sold = OfferFactory(product__seller=me, state="declined", responded_at=timezone.now())
    OfferFactory()
    [(name, told)] = list(exporters()["offers"](me))
    assert name == "offers/offers.json"
    assert [(row["id"], row["my_side"]) for row in json.loads(json.dumps(told))] == [
        (str(bought.pk), "buyer"),
        (str(sold.pk), "seller"),
    ]
    assert told[0]["message"] == "Today?"
    assert told[0]["amount"] == "200.00"


def test_erasing_ends_what_waits_and_blanks_ones_words():
    me = UserFactory()
    mine = OfferFactory(buyer=me, message="Today?")
    theirs = OfferFactory(buyer=me, made_by="seller", turn=2, message="No.")
    to_me = OfferFactory(product__seller=me, message="Please.")
    assert erasers()["offers"](me) == {"offers": 1}
    for offer, state, words in (
        (mine, "withdrawn", ""),
        (theirs, "declined", "No."),
        (to_me, "declined", "Please."),
    ):
        offer.refresh_from_db()
        assert (offer.state, offer.message) == (state, words)


@pytest.mark.parametrize("side", ["buyer", "seller"])
def test_an_accepted_offer_keeps_both_here(side):
    offer = OfferFactory(expires_at=timezone.now() + timedelta(hours=1))
    person = getattr(offer, side)
    assert erasure_blockers(person) == []
    accept_offer(person=offer.seller, offer_id=offer.pk)
    assert any("waits for its payment" in why for why in erasure_blockers(person))
    assert Product.objects.get(pk=offer.product_id).state == "reserved"
