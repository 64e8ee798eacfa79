from collections import Counter
from datetime import date

import pytest

from catalog.models import Brand
from catalog.rules import clean_attributes
from catalog.selectors import questions_of, shelf_named
from demo.catalogue import kinds_for, offers, troubled_offers
from demo.goods import KINDS
from demo.people import HOMES, people
from demo.words import TROUBLE

TWELVE = {
    "trading_cards", "mens_fashion", "sneakers", "sports_cards", "collectibles", "electronics", "home_decor", "beauty",
    "kids_baby", "furniture", "books", "other",
}  # fmt: skip
LUXURY = {"watches", "bags", "jewelry", "clothing", "shoes", "accessories"}


def test_one_seed_makes_one_city_and_another_seed_another():
    assert list(offers(seed=42, listings=120)) == list(offers(seed=42, listings=120))
    assert list(offers(seed=42, listings=120)) != list(offers(seed=43, listings=120))
    assert people(seed=42, many=50) == people(seed=42, many=50)


def test_all_twelve_shelves_and_the_luxury_six_are_filled_in_realistic_shares():
    shelves = Counter(offer.category for offer in offers(seed=42, listings=300))
    assert set(shelves) == TWELVE | LUXURY
    assert shelves["electronics"] > shelves["furniture"] > shelves["books"]
    assert sum(shelves[shelf] for shelf in LUXURY) < 60


def test_offers_are_complete_and_within_limits():
    for offer in offers(seed=7, listings=400):
        assert 0 < len(offer.title) <= 100
        assert 0 < len(offer.description) <= 2000
        assert 1 <= len(offer.pictures) == len(set(offer.pictures)) <= 10
        assert len(offer.tags) <= 10
        assert offer.price > 0
        assert offer.original_price is None or offer.original_price > offer.price
        assert 0 < offer.listed_hours_ago <= 50 * 24


def test_a_tenth_and_more_is_written_in_arabic():
    said = Counter(offer.language for offer in offers(seed=42, listings=300))
    assert said["ar"] > 30


def test_every_kind_of_trouble_is_there():
    assert {offer.trouble for offer in troubled_offers(seed=42, listings=300)} == set(TROUBLE)
    assert not any(offer.trouble for offer in offers(seed=42, listings=300))


def test_a_large_city_has_more_kinds_of_things():
    assert len(kinds_for(2000)) > len(kinds_for(300)) >= 30


def test_people_are_told_apart_and_belong_to_nobody():
    everybody = people(seed=42, many=200)
    for field in ("username", "email"):
        assert len({getattr(person, field) for person in everybody}) == 200
    phones = [person.phone for person in everybody if person.phone]
    assert len(set(phones)) == len(phones)
    assert all(phone.startswith("+97150000") for phone in phones)
    assert all(person.email.endswith(".example") for person in everybody)
    assert {person.home for person in everybody} <= set(HOMES)
    assert {"en", "ar"} == {person.language for person in everybody}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_facts_answer_the_questions_of_their_shelf(kind):
    questions = questions_of(shelf_named(kind.category))
    for thing in kind.things:
        widest = {key: values[0] for key, values in kind.choices.items()} | dict(thing.facts)
        assert clean_attributes(questions, widest, today=date(2026, 11, 20)) == widest
        assert not thing.brand or Brand.objects.filter(slug=thing.brand).exists()
        required = {question.key for question in questions if question.is_required}
        assert required <= set(thing.facts)
    for key, values in kind.choices.items():
        for value in values:
            assert clean_attributes(questions, {key: value}, today=date(2026, 11, 20)) == {key: value}
