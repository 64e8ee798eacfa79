import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.factories import BlockFactory, UserFactory
from catalog.models import StockHold
from catalog.tests.factories import ProductFactory
from core.models import IdempotencyRecord
from core.testing import client_of, counted_queries, key
from messaging.actions import hide_messages, restore_messages
from messaging.models import Message
from offers.models import Offer, OfferTerms
from offers.shapes import ChipOut, OfferOut
from offers.tests.factories import OfferFactory, TermsFactory

pytestmark = pytest.mark.django_db
BASE = "/api/v1/offers"


@pytest.fixture
def product():
    return ProductFactory()


@pytest.fixture
def buyer():
    return UserFactory(full_name="Ali Mansour")


def keys_of(serializer):
    return set(serializer().fields)


def test_makes_an_offer(product, buyer):
    body = {"product_id": str(product.pk), "offered_price": "200.00", "message": " Today? "}
    answer = client_of(buyer).post(BASE, body)
    assert answer.status_code == 201, answer.json()
    told = answer.json()
    assert answer["Location"] == f"{BASE}/{told['id']}"
    assert set(told) == keys_of(OfferOut)
    assert (told["state"], told["amount"], told["asked"], told["percent_of_asked"]) == (
        "pending",
        "200.00",
        "250.00",
        80,
    )
    assert (told["kind"], told["made_by"], told["turn"], told["message"]) == ("cash", "buyer", 1, "Today?")
    assert told["product"]["id"] == str(product.pk)
    assert told["product"]["picture"]["variants"]
    assert told["buyer"]["display_name"] == "Ali M."
    assert told["actions"] == ["withdraw"]
    assert 24 * 3600 - 10 < told["seconds_left"] <= 24 * 3600


@pytest.mark.parametrize(
    ("body", "attr", "code"),
    [
        ({}, "product_id", "required"),
        ({"offered_price": "9999.00"}, "offered_price", "offers.amount_above_asked"),
        ({"offered_price": "1.005"}, "offered_price", "core.not_an_amount"),
        ({"offered_price": "free"}, "offered_price", "not_an_amount"),
        ({"offered_price": "200.00", "offer_type": "gift"}, "offer_type", "invalid_choice"),
        ({"offered_price": "200.00", "price": "200.00"}, "price", "unknown_field"),
    ],
)
def test_names_the_field_that_is_wrong(product, buyer, body, attr, code):
    if body:
        body["product_id"] = str(product.pk)
    answer = client_of(buyer).post(BASE, body)
    assert answer.status_code == 400
    assert [(e["attr"], e["code"]) for e in answer.json()["errors"]] == [(attr, code)]
    assert Offer.objects.count() == 0


def test_a_resent_offer_with_its_key_is_made_once(product, buyer):
    body, once = {"product_id": str(product.pk), "offered_price": "200.00"}, key()
    first, second = (client_of(buyer).post(BASE, body, **once) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert Offer.objects.count() == 1


def test_both_sides_see_what_they_may_do():
    offer = OfferFactory()
    assert client_of(offer.buyer).get(f"{BASE}/{offer.pk}").json()["actions"] == ["withdraw"]
    assert client_of(offer.seller).get(f"{BASE}/{offer.pk}").json()["actions"] == ["accept", "decline", "counter"]
    assert client_of(UserFactory()).get(f"{BASE}/{offer.pk}").status_code == 404


def test_what_can_be_done_follows_the_world():
    def actions_of(offer):
        return client_of(offer.seller).get(f"{BASE}/{offer.pk}").json()["actions"]

    gone, soon = timezone.now() - timedelta(seconds=1), timezone.now()
    assert actions_of(OfferFactory(expires_at=gone)) == []
    assert actions_of(OfferFactory(turn=10)) == ["accept", "decline"]
    assert actions_of(OfferFactory(stopped_at=soon, product__state="reserved")) == ["decline"]
    assert actions_of(OfferFactory(product__price_minor=199_00)) == ["decline", "counter"]
    assert actions_of(OfferFactory(state="declined", responded_at=soon)) == []
    buyer = UserFactory()
    paused = ProductFactory(seller=buyer, state="paused")
    trade = OfferFactory(buyer=buyer, kind="trade", amount_minor=None, trade_product=paused)
    assert actions_of(trade) == ["decline", "counter"]


def test_accepting_needs_a_key_and_answers_twice_alike():
    offer = OfferFactory()
    seller = client_of(offer.seller)
    without = seller.post(f"{BASE}/{offer.pk}/accept")
    assert (without.status_code, without.json()["code"]) == (400, "core.idempotency_key_required")
    assert Offer.objects.get().state == "pending"
    once = key()
    first, second = seller.patch(f"{BASE}/{offer.pk}/accept", **once), seller.patch(f"{BASE}/{offer.pk}/accept", **once)
    assert first.status_code == 200, first.json()
    assert first.json() == second.json()
    assert (first.json()["state"], first.json()["product"]["state"]) == ("accepted", "reserved")
    assert first.json()["payment_due_at"]
    assert IdempotencyRecord.objects.count() == 1
    assert seller.post(f"{BASE}/{offer.pk}/accept", **key()).json()["state"] == "accepted"
    assert StockHold.objects.count() == 1


@pytest.mark.parametrize("method", ["post", "patch"])
def test_counters_declines_and_withdraws_by_either_method(method):
    first = OfferFactory()
    buyer, seller = client_of(first.buyer), client_of(first.seller)
    countered = getattr(seller, method)(f"{BASE}/{first.pk}/counter", {"counter_price": "230.00"})
    assert countered.status_code == 201, countered.json()
    assert (countered.json()["turn"], countered.json()["made_by"]) == (2, "seller")
    assert countered["Location"] == f"{BASE}/{countered.json()['id']}"
    withdrawn = getattr(seller, method)(f"{BASE}/{countered.json()['id']}/withdraw")
    assert withdrawn.json()["state"] == "withdrawn"
    again = OfferFactory(buyer=first.buyer, product=first.product, conversation=first.conversation)
    assert getattr(seller, method)(f"{BASE}/{again.pk}/decline").json()["state"] == "declined"
    late = getattr(buyer, method)(f"{BASE}/{again.pk}/withdraw")
    assert (late.status_code, late.json()["code"]) == (409, "offers.no_longer_waiting")


def test_a_counter_keeps_what_is_traded_unless_it_is_named():
    buyer = UserFactory()
    offer = OfferFactory(buyer=buyer, kind="trade", amount_minor=None, trade_product=ProductFactory(seller=buyer))
    kept = client_of(offer.seller).post(f"{BASE}/{offer.pk}/counter", {"counter_price": "20.00"}).json()
    assert (kept["kind"], kept["trade_product"]["id"]) == ("mixed", str(offer.trade_product_id))
    out = {"counter_price": "10.00", "trade_product_id": None}
    money = client_of(buyer).post(f"{BASE}/{kept['id']}/counter", out).json()
    assert (money["kind"], money["trade_product"]) == ("cash", None)


def test_strangers_find_nothing_to_answer():
    offer, stranger = OfferFactory(), client_of(UserFactory())
    for verb in ("accept", "decline", "withdraw"):
        assert stranger.post(f"{BASE}/{offer.pk}/{verb}", **key()).status_code == 404
    assert stranger.post(f"{BASE}/{offer.pk}/counter", {"counter_price": "230.00"}).status_code == 404
    assert Offer.objects.get().state == "pending"


# --- lists ----------------------------------------------------------------------------------------------------------


def test_lists_negotiations_by_their_last_turn():
    first = OfferFactory(state="countered", responded_at=timezone.now())
    last = OfferFactory(
        product=first.product,
        buyer=first.buyer,
        conversation=first.conversation,
        negotiation_id=first.pk,
        turn=2,
        made_by="seller",
        amount_minor=230_00,
    )
    old = OfferFactory(buyer=first.buyer, state="declined", responded_at=timezone.now(), archived_at=timezone.now())
    sold = OfferFactory(product__seller=first.buyer)
    me = client_of(first.buyer)

    def listed(query=""):
        return [o["id"] for o in me.get(f"{BASE}{query}").json()["results"]]

    assert listed() == [str(sold.pk), str(last.pk)]
    assert listed("?as_buyer=true") == [str(last.pk)]
    assert listed("?as_buyer=false") == [str(sold.pk)]
    assert listed("?status=countered") == [str(first.pk)]
    assert listed("?status=pending&as_buyer=true") == [str(last.pk)]
    assert listed("?status=declined") == []
    assert str(old.pk) not in listed()
    assert me.get(f"{BASE}?status=odd").status_code == 400
    assert me.get(f"{BASE}?page=2").json()["code"] == "core.page_not_supported"
    assert me.get(f"{BASE}?seller=x").json()["code"] == "core.unknown_parameter"


def test_lists_in_pages():
    seller = UserFactory()
    OfferFactory.create_batch(5, product__seller=seller)
    me = client_of(seller)
    first = me.get(f"{BASE}?per_page=3").json()
    second = me.get(first["next"]).json()
    assert (len(first["results"]), len(second["results"]), second["next"]) == (3, 2, None)


@pytest.mark.parametrize("rows", [1, 20])
def test_a_list_costs_the_same_however_long(rows):
    seller = UserFactory()
    OfferFactory.create_batch(rows, product__seller=seller)
    with counted_queries() as queries:
        answer = client_of(seller).get(BASE)
    assert len(answer.json()["results"]) == rows
    assert len(queries) == 1


def test_the_owner_reads_every_negotiation_whole():
    first = OfferFactory(state="countered", responded_at=timezone.now())
    again = {"product": first.product, "buyer": first.buyer, "conversation": first.conversation}
    last = OfferFactory(**again, negotiation_id=first.pk, turn=2, made_by="seller", amount_minor=230_00)
    other = OfferFactory(product=first.product, state="declined", responded_at=timezone.now())
    answer = client_of(first.seller).get(f"/api/v1/products/{first.product.pk}/offers").json()
    assert [n["id"] for n in answer["results"]] == [str(other.pk), str(first.pk)]
    assert [t["id"] for t in answer["results"][1]["turns"]] == [str(first.pk), str(last.pk)]
    assert (answer["results"][1]["state"], answer["results"][1]["buyer"]["id"]) == ("pending", str(first.buyer_id))


@pytest.mark.parametrize("rows", [1, 20])
def test_the_owners_list_costs_the_same_however_long(product, rows):
    for _ in range(rows):
        first = OfferFactory(product=product, state="countered", responded_at=timezone.now())
        again = {"product": product, "buyer": first.buyer, "conversation": first.conversation}
        OfferFactory(**again, negotiation_id=first.pk, turn=2, made_by="seller", amount_minor=230_00)
    with counted_queries() as queries:
        answer = client_of(product.seller).get(f"/api/v1/products/{product.pk}/offers")
    assert [len(n["turns"]) for n in answer.json()["results"]] == [2] * rows
    assert len(queries) == 3  # the listing, the last turns, all turns


def test_nobody_else_reads_a_listings_offers(product):
    url = f"/api/v1/products/{product.pk}/offers"
    refused = client_of(UserFactory()).get(url)
    assert (refused.status_code, refused.json()["code"]) == (403, "catalog.not_your_product")
    assert client_of(UserFactory()).get(f"/api/v1/products/{uuid.uuid4()}/offers").status_code == 404
    assert APIClient().get(url).status_code == 401


# --- terms ----------------------------------------------------------------------------------------------------------


def test_terms_are_the_sellers_alone(product):
    url = f"/api/v1/products/{product.pk}/offer-terms"
    seller = client_of(product.seller)
    assert seller.get(url).json() == {
        "takes_offers": True,
        "takes_trades": True,
        "floor_percent": None,
        "auto_accept_percent": None,
        "shows_offers": False,
    }
    changed = seller.patch(url, {"floor_percent": 60, "auto_accept_percent": 95, "shows_offers": True})
    assert changed.status_code == 200, changed.json()
    assert seller.patch(url, {"auto_accept_percent": None}).json()["floor_percent"] == 60
    assert client_of(UserFactory()).get(url).status_code == 403
    assert client_of(UserFactory()).patch(url, {"floor_percent": 1}).status_code == 403
    assert OfferTerms.objects.get().floor_percent == 60


@pytest.mark.parametrize(
    ("body", "attr", "code"),
    [
        ({"floor_percent": 0}, "floor_percent", "offers.not_a_percentage"),
        ({"floor_percent": 100}, "floor_percent", "offers.not_a_percentage"),
        ({"auto_accept_percent": 101}, "auto_accept_percent", "offers.not_a_percentage"),
        ({"floor_percent": 90, "auto_accept_percent": 90}, "floor_percent", "offers.floor_above_acceptance"),
    ],
)
def test_refuses_terms_that_make_no_sense(product, body, attr, code):
    answer = client_of(product.seller).patch(f"/api/v1/products/{product.pk}/offer-terms", body)
    assert answer.status_code == 400
    assert [(e["attr"], e["code"]) for e in answer.json()["errors"]] == [(attr, code)]
    assert not OfferTerms.objects.exists()


# --- chips ----------------------------------------------------------------------------------------------------------


def chips_of(product, client=None):
    return (client or APIClient()).get(f"/api/v1/products/{product.pk}/offers/recent").json()


def test_chips_show_first_name_and_initial_where_the_seller_shows_offers(product, buyer):
    OfferFactory(product=product, buyer=buyer)
    assert chips_of(product) == {"shows_offers": False, "results": []}
    TermsFactory(product=product, shows_offers=True)
    [chip] = chips_of(product)["results"]
    assert set(chip) == keys_of(ChipOut)
    assert (chip["name"], chip["amount"], chip["currency"], chip["kind"]) == ("Ali M.", "200.00", "AED", "cash")


def test_chips_leave_out_what_was_taken_back_or_never_considered_and_who_is_blocked(product, buyer):
    TermsFactory(product=product, shows_offers=True)
    now = timezone.now()
    OfferFactory(product=product, state="withdrawn", responded_at=now)
    OfferFactory(product=product, state="declined", ending="floor", responded_at=now)
    OfferFactory(product=product, made_by="seller", turn=2)
    mine = OfferFactory(product=product, buyer=buyer)
    assert len(chips_of(product)["results"]) == 1
    viewer = UserFactory()
    BlockFactory(blocker=viewer, blocked=mine.buyer)
    assert chips_of(product, client_of(viewer))["results"] == []


def test_twenty_chips_newest_first(product):
    TermsFactory(product=product, shows_offers=True)
    offers = [OfferFactory(product=product, amount_minor=100_00 + n) for n in range(22)]
    shown = chips_of(product)["results"]
    assert len(shown) == 20
    assert shown[0]["amount"] == str(offers[-1].amount)
    with counted_queries() as queries:
        chips_of(product)
    assert len(queries) <= 4


def test_chips_of_what_is_not_there_are_not_found(product):
    assert APIClient().get(f"/api/v1/products/{uuid.uuid4()}/offers/recent").status_code == 404


def test_words_that_moderation_hid_are_nowhere_and_come_back_with_them(product, buyer):
    body = {"product_id": str(product.pk), "offered_price": "200.00", "message": "Call me names"}
    card = Message.objects.get(reference=client_of(buyer).post(BASE, body).json()["id"])
    hide_messages(conversation_id=card.conversation_id, message_ids=[card.pk])
    for person in (buyer, product.seller):
        [listed] = client_of(person).get(BASE).json()["results"]
        assert (listed["message"], listed["amount"]) == ("", "200.00")
    restore_messages(conversation_id=card.conversation_id, message_ids=[card.pk])
    assert client_of(buyer).get(BASE).json()["results"][0]["message"] == "Call me names"
