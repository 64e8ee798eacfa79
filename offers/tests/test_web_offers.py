import re

import pytest

from accounts.tests.factories import UserFactory
from catalog.models import StockHold
from catalog.tests.factories import ProductFactory
from core.testing import counted_queries
from offers.models import Offer, OfferTerms
from offers.states import OfferState
from offers.tests.factories import OfferFactory, TermsFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(client):
    user = UserFactory(full_name="Omar Khalid")
    client.force_login(user, backend="accounts.backends.IdentifierBackend")
    return user


@pytest.fixture
def chair():
    return ProductFactory(title="Oak chair")


def box(client, product):
    return client.get(f"/l/{product.pk}/offers", headers={"HX-Request": "true"})


def test_a_stranger_is_invited_to_sign_in_and_comes_back(client, chair):
    page = box(client, chair).content.decode()
    assert f"/login?next=/l/{chair.pk}/offers" in page
    assert "offered_price" not in page


def test_the_same_address_is_a_page_of_its_own_without_scripts(client, me, chair):
    page = client.get(f"/l/{chair.pk}/offers").content.decode()
    assert "<h1>Make an offer</h1>" in page
    assert 'name="offered_price"' in page


def test_an_offer_is_made_and_leads_to_the_conversation(client, me, chair):
    answer = client.post(f"/l/{chair.pk}/offers", {"offered_price": "200", "message": "Today?"})
    offer = Offer.objects.get()
    assert (offer.buyer, offer.amount_minor, offer.message) == (me, 200_00, "Today?")
    assert (answer.status_code, answer["Location"]) == (302, f"/messages/{offer.conversation_id}")


def test_htmx_is_sent_to_the_conversation(client, me, chair):
    answer = client.post(f"/l/{chair.pk}/offers", {"offered_price": "200"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"/messages/{Offer.objects.get().conversation_id}")


@pytest.mark.parametrize(("typed", "words"), [("300", "250 AED"), ("0", "zero"), ("", "offer"), ("a lot", "number")])
def test_what_may_not_be_offered_is_said_beside_the_field_and_nothing_is_made(client, me, chair, typed, words):
    answer = client.post(f"/l/{chair.pk}/offers", {"offered_price": typed})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Offer.objects.exists()


def test_something_of_ones_own_can_be_offered_in_trade(client, me, chair):
    lamp = ProductFactory(seller=me, title="Brass lamp")
    others = ProductFactory(title="Not mine")
    page = box(client, chair).content.decode()
    assert "Brass lamp" in page
    assert others.title not in page
    client.post(f"/l/{chair.pk}/offers", {"offered_price": "", "trade_product_id": str(lamp.pk)})
    assert Offer.objects.get().trade_product == lamp


def test_who_has_an_offer_there_sees_it_instead_of_the_form(client, me, chair):
    OfferFactory(product=chair, buyer=me)
    page = box(client, chair).content.decode()
    assert "Your offer" in page
    assert 'data-offer-do="withdraw"' in page
    assert 'name="offered_price"' not in page


@pytest.mark.parametrize(
    ("facts", "words"), [({"takes_offers": False}, "Fixed price"), ({"shows_offers": True}, "Omar K.")]
)
def test_the_sellers_terms_are_told_before_anybody_offers(client, me, chair, facts, words):
    TermsFactory(product=chair, **facts)
    assert words in box(client, chair).content.decode()


def test_the_floor_is_never_told(client, me, chair):
    TermsFactory(product=chair, floor_percent=87, auto_accept_percent=93)
    page = client.get(f"/l/{chair.pk}/offers").content.decode()
    said = re.sub(r"<[^>]*>|01[0-9a-f-]{34}", " ", page)
    assert "floor" not in page
    assert not re.search(r"\b(87|93)\b", said)


def test_the_last_offers_scroll_where_the_seller_shows_them(client, chair):
    TermsFactory(product=chair, shows_offers=True)
    OfferFactory(product=chair, buyer=UserFactory(full_name="Ali Mansour"), amount_minor=199_00)
    page = box(client, chair).content.decode()
    assert "Ali M." in page
    assert "AED 199" in page


def test_a_seller_sets_terms_and_strangers_cannot(client, me):
    mine, others = ProductFactory(seller=me), ProductFactory()
    said = {"takes_offers": "on", "floor_percent": "60", "auto_accept_percent": "95", "shows_offers": "on"}
    assert client.post(f"/l/{mine.pk}/offers/terms", said).status_code == 302
    terms = OfferTerms.objects.get()
    assert (terms.product, terms.floor_percent, terms.takes_trades, terms.shows_offers) == (mine, 60, False, True)
    client.post(f"/l/{others.pk}/offers/terms", said)
    assert OfferTerms.objects.count() == 1


def test_terms_that_contradict_each_other_are_said_beside_the_form(client, me):
    mine = ProductFactory(seller=me)
    answer = client.post(
        f"/l/{mine.pk}/offers/terms", {"takes_offers": "on", "floor_percent": "95", "auto_accept_percent": "60"}
    )
    assert answer.status_code == 422
    assert not OfferTerms.objects.exists()


def test_an_answer_without_scripts_goes_back_to_where_it_was_given(client, me):
    offer = OfferFactory(product=ProductFactory(seller=me))
    answer = client.post(f"/offers/{offer.pk}/accept", {"next": "/offers?shown=received"})
    offer.refresh_from_db()
    assert offer.state == OfferState.ACCEPTED
    assert answer["Location"] == "/offers?shown=received"
    assert StockHold.objects.filter(reference=f"offer:{offer.pk}", released_at=None).exists()


def test_a_counter_without_scripts(client, me):
    offer = OfferFactory(product=ProductFactory(seller=me))
    client.post(f"/offers/{offer.pk}/counter", {"counter_price": "230"})
    assert Offer.objects.get(turn=2).amount_minor == 230_00


@pytest.mark.parametrize("answer", ["accept", "decline", "withdraw", "counter"])
def test_strangers_answer_nothing(client, me, answer):
    offer = OfferFactory()
    assert client.post(f"/offers/{offer.pk}/{answer}", {"counter_price": "230"}).status_code == 404
    offer.refresh_from_db()
    assert offer.state == OfferState.PENDING
    assert Offer.objects.count() == 1


def test_nobody_answers_in_a_word_that_is_none(client, me):
    assert client.post(f"/offers/{OfferFactory(buyer=me).pk}/delete").status_code == 404


def test_the_list_tells_received_from_sent(client, me):
    OfferFactory(buyer=me, product=ProductFactory(title="Wanted desk"))
    OfferFactory(product=ProductFactory(seller=me, title="My lamp"))
    received, sent = (client.get(f"/offers?shown={tab}").content.decode() for tab in ("received", "sent"))
    assert ("My lamp" in received, "Wanted desk" in received) == (True, False)
    assert ("My lamp" in sent, "Wanted desk" in sent) == (False, True)


@pytest.mark.parametrize("rows", [1, 20])
def test_the_list_costs_the_same_for_one_and_for_twenty(client, me, rows):
    for _number in range(rows):
        OfferFactory(product=ProductFactory(seller=me))
    client.get("/offers")
    with counted_queries() as queries:
        client.get("/offers")
    assert len(queries) <= 7


def test_older_ones_follow(client, me):
    for _number in range(21):
        OfferFactory(product=ProductFactory(seller=me))
    first = client.get("/offers")
    assert len(first.context["offers"]) == 20
    assert len(client.get(f"/offers{first.context['next']}").context["offers"]) == 1
