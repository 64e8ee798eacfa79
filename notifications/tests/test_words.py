"""Amounts in notifications, as mails, push messages and the list say them."""

import pytest
from django.utils import translation

from notifications.states import NotificationKind
from notifications.words import words_of


@pytest.mark.parametrize("kept", ["3000.00 AED", "AED 3000.00"])
def test_an_amount_follows_the_readers_language_however_it_was_kept(kept):
    facts = {"title": "AED 100", "old": "AED 3500.50", "new": kept}
    with translation.override("en"):
        said = words_of(NotificationKind.PRICE_DROP, facts)
    assert (said.title, said.body) == ("“AED 100” costs less now", "AED 3,500.50 before, AED 3,000 now.")
    with translation.override("ar"):
        said = words_of(NotificationKind.PRICE_DROP, facts)
    assert "AED 100" in said.title  # a title stays what it is
    assert "3,000 د.إ." in said.body
    assert "3,500.50 د.إ." in said.body
    assert "AED" not in said.body


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (NotificationKind.SAVED_SEARCH, {"what": "found_cheaper", "price": "250.00 AED"}),
        (NotificationKind.NEW_OFFER, {"amount": "AED 250.00"}),
        (NotificationKind.NEW_OFFER, {"amount": "AED 250.00", "offer_kind": "mixed"}),
        (NotificationKind.OFFER_ACCEPTED, {"amount": "AED 250.00", "what": "pay_until"}),
        (NotificationKind.ORDER_CANCELLED, {"what": "cancelled.buyer", "back": "AED 250.00", "amount": "AED 250.00"}),
        (NotificationKind.PAYOUT, {"what": "paid", "amount": "AED 250.00"}),
    ],
)
def test_no_latin_currency_stands_in_an_arabic_sentence(kind, facts):
    with translation.override("ar"):
        said = words_of(kind, facts | {"title": "كنبة", "name": "ليلى"})
    both = f"{said.title} {said.body}"
    assert "250 د.إ." in both
    assert "AED" not in both
    assert "د.إ.." not in both
