import pytest
from django.utils import translation

from orders.actions import note_event
from orders.models import Order, OrderEvent
from orders.states import DisputeAxis, FulfilmentAxis, OrderState, PaymentAxis, Side
from orders.tests.factories import OrderFactory
from orders.words import EVENTS, dispute_words, event_facts, event_words, fulfilment_words, money_words, order_words

STATES = (
    "confirmed",
    "preparing",
    "ready",
    "dispatched",
    "delivered",
    "handed_over",
    "completed",
    "cancelled",
    "disputed",
    "cash",
    "trade",
)


def facts_of(order: Order) -> dict[str, str]:
    return {"amount": "AED 250.00", "carrier": "Aramex", "note": "Out for delivery"}


@pytest.mark.django_db
def test_every_kind_of_line_reads_as_a_sentence_on_both_sides():
    order = OrderFactory(confirmed=True)
    for name in EVENTS:
        kind, _, side = name.partition(".")
        line = note_event(order, kind, side or Side.SYSTEM, **facts_of(order))
        for reader in (Side.BUYER, Side.SELLER):
            text = event_words(line, reader=reader)
            assert text[0].isupper() or text.startswith("AED")
            assert "{" not in text
            assert "…" not in text


@pytest.mark.django_db
def test_a_line_without_its_facts_still_reads():
    line = note_event(OrderFactory(), "dispatched", Side.SELLER)
    assert event_words(line, reader=Side.BUYER) == "The seller sent it with …."


@pytest.mark.django_db
def test_a_line_without_words_is_refused_and_nothing_is_written():
    order = OrderFactory()
    with pytest.raises(LookupError):
        note_event(order, "teleported", Side.SELLER)
    assert not order.events.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["", *STATES])
@pytest.mark.parametrize("reader", [Side.BUYER, Side.SELLER])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_state_reads_in_plain_words(state, reader, language):
    order = OrderFactory(**({state: True} if state else {}))
    with translation.override(language):
        for words in (order_words, money_words, fulfilment_words):
            assert words(order, reader=reader)
            assert "{" not in words(order, reader=reader)


@pytest.mark.django_db
def test_buyers_never_read_what_the_seller_gets():
    order = OrderFactory(confirmed=True)
    assert "237.50" in money_words(order, reader=Side.SELLER)
    assert "237.50" not in money_words(order, reader=Side.BUYER)


@pytest.mark.django_db
def test_a_dispute_is_told_beside_the_money():
    order = OrderFactory(disputed=True)
    assert dispute_words(order, reader=Side.SELLER) == "The buyer reported a problem"
    assert "dispute" in money_words(order, reader=Side.BUYER)
    assert dispute_words(OrderFactory(), reader=Side.BUYER) == ""


@pytest.mark.django_db
def test_the_factory_makes_orders_in_every_state():
    for state in STATES:
        order = OrderFactory(**{state: True})
        order.refresh_from_db()
        assert order.items.count() == 1
        assert order.state in OrderState.values
        assert order.payment_state in PaymentAxis.values
        assert order.fulfilment_state in FulfilmentAxis.values
        assert order.dispute_state in DisputeAxis.values


def test_what_the_seller_was_paid_is_no_fact_for_the_buyer():
    line = OrderEvent(kind="released", side=Side.SYSTEM, facts={"amount": "AED 237.50", "more": "x"})
    assert event_facts(line, reader=Side.BUYER) == {}
    assert event_facts(line, reader=Side.SELLER) == {"amount": "AED 237.50"}
