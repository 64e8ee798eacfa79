import itertools
import os
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Block, User
from catalog.models import Brand, CategoryAttribute, Product
from catalog.states import Condition
from core.geo import LatLng
from feeds.tests.worlds import MARINA, World, passes
from search.selectors import Asked, counts, read_question, results
from search.selectors.finding import find
from search.states import PriceBand, SearchSort
from search.tests import engines

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("each_engine")]
WORDS = ["oak", "piano", "كنبة", "harp", "zx9000"]  # in no shelf's and nobody's name
BRANDS = ["apple", "sony"]
COLORS = ("black", "white", "red")
COLOR = {"kind": "choice", "choices": [{"value": value, "name_en": value, "name_ar": value} for value in COLORS]}
GAMES = ["Zelda", "ZELDA", 'Élan "X"', "لعبة"]
EXAMPLES = 400 if os.environ.get("SOUK_TEST_FULL") else 25


class Market(World):
    """A random city whose listings have words, brands and states of every kind, searched for by anybody."""

    def __init__(self, seed: int, *, listings: int = 180) -> None:
        super().__init__(seed, listings=0)
        CategoryAttribute.objects.get_or_create(category=self.categories[0], key="year", defaults={"kind": "year"})
        CategoryAttribute.objects.get_or_create(category=self.categories[0], key="color", defaults=COLOR)
        for key, kind in (("boxed", "flag"), ("game", "text"), ("weight", "number")):
            CategoryAttribute.objects.get_or_create(category=self.categories[0], key=key, defaults={"kind": kind})
        self.brands = list(Brand.objects.filter(slug__in=BRANDS))
        self.is_closed, self.kept = False, {}
        self.fill(listings)

    def fill(self, many: int) -> list[Product]:
        products = []
        for _ in range(many):
            words = self.dice.sample(WORDS, self.dice.randint(1, 3))
            answers = self.dice.choice([{}, {"boxed": True}, {"boxed": False, "weight": self.dice.choice([1, 2.5])}])
            answers |= {"color": self.dice.choice(COLORS), "year": self.dice.randint(2010, 2015)}
            if game := self.dice.choice([None, *GAMES]):
                answers["game"] = game
            brand = self.dice.choice([None, *self.brands])
            products += self.add(1, title=" ".join(words), brand=brand, attributes=answers)
        engines.index([p.pk for p in products])
        return products

    def seen(self, viewer: User | None, *, state: str) -> list[Product]:
        """Read once where the market does not change (`market`)."""
        if not self.is_closed:
            return self._seen(viewer, state)
        if (viewer, state) not in self.kept:
            self.kept[viewer, state] = self._seen(viewer, state)
        return self.kept[viewer, state]

    def _seen(self, viewer: User | None, state: str) -> list[Product]:
        blocked = {self.sellers[0].pk, self.sellers[1].pk} if viewer == self.viewer else set()
        return [
            p
            for p in Product.objects.select_related("seller__standing", "category", "neighborhood", "brand")
            if p.state == state
            and p.hidden_at is None
            and p.seller.is_active
            and p.seller.listings_hidden_at is None
            and p.seller_id not in blocked
        ]


@pytest.fixture(scope="module")
def market(each_engine, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        market = Market(31)
        market.is_closed = True
        yield market
        transaction.set_rollback(True)


# What may be asked of a listing's answers, each with its plain meaning.
ANSWERS = {
    ("boxed", "true"): lambda given: given.get("boxed") is True,
    ("boxed", "false"): lambda given: given.get("boxed") is False,
    ("game", "zelda"): lambda given: given.get("game", "").lower() == "zelda",
    ("game", 'éLAN "x"'): lambda given: given.get("game", "") == 'Élan "X"',
    ("weight", "2.5"): lambda given: given.get("weight") == 2.5,
    ("weight_max", "2"): lambda given: given.get("weight", 9) <= 2,
    ("year", "2012"): lambda given: given["year"] == 2012,
}
asking = st.fixed_dictionaries(
    {"sort": st.sampled_from(SearchSort.values)},
    optional={
        "words": st.lists(st.sampled_from(WORDS), max_size=2, unique=True),
        "category": st.sampled_from(["goods", "chairs", "lamps"]),
        "brands": st.lists(st.sampled_from(BRANDS), min_size=1, unique=True),
        "min_price": st.sampled_from(["30", "100.00"]),
        "max_price": st.sampled_from(["120", "150.00"]),
        "price_bands": st.lists(st.sampled_from(PriceBand.values[:3]), min_size=1, unique=True),
        "conditions": st.lists(st.sampled_from(Condition.values), min_size=1, max_size=3, unique=True),
        "seller_type": st.sampled_from(["verified", "individual", "power"]),
        "feed_type": st.sampled_from(["community", "discover"]),
        "availability": st.just("sold"),
        "neighborhood": st.booleans(),
        "radius_km": st.sampled_from([0.4, 2.0, 5.0, 13.0, 50.0]),
        "year": st.sampled_from([2012, 2014]),
        "colors": st.lists(st.sampled_from(COLORS), min_size=1, max_size=2, unique=True),
        "answer": st.sampled_from([*ANSWERS]),
    },
)


def question_of(drawn: dict, market: Market):
    """The search and, beside it, the plain meaning of it."""
    drawn = dict(drawn)
    words = drawn.pop("words", [])
    radius, year, colors = drawn.pop("radius_km", None), drawn.pop("year", None), drawn.pop("colors", None)
    answer = drawn.pop("answer", None)
    hood = market.hoods[0] if drawn.pop("neighborhood", False) else None
    placed = radius is not None or drawn["sort"] == SearchSort.NEAREST
    if year is not None or colors or answer:
        drawn["category"] = "goods"
    asked = Asked(
        q=" ".join(words),
        neighborhood=hood.slug if hood else "",
        place=MARINA if placed else None,
        radius_km=radius,
        anywhere=placed and radius is None,
        attributes=({"year_min": [str(year)]} if year else {})
        | ({"color": colors} if colors else {})
        | ({answer[0]: [answer[1]]} if answer else {}),
        **drawn,
    )
    question = read_question(asked)

    def fits(p: Product) -> bool:
        minor = p.price_minor
        return (
            set(words) <= set(p.title.split())
            and passes(p, question.filters)
            and (answer is None or ANSWERS[answer](p.attributes))
            and (not asked.brands or (p.brand is not None and p.brand.slug in asked.brands))
            and (not asked.price_bands or any(in_band(band, minor) for band in asked.price_bands))
            and (not asked.feed_type or p.feed_type == asked.feed_type)
            and (hood is None or p.neighborhood_id == hood.pk)
            and (question.radius is None or MARINA.metres_to(LatLng.of(p.public_location)) <= question.radius)
        )

    return asked, question, fits


def in_band(band: str, minor: int) -> bool:
    price = Decimal(minor) / 100
    return {"under_100": price < 100, "100_500": 100 <= price < 500, "500_1000": 500 <= price < 1000}[band]


def key_of(sort: str):
    return {
        "recent": lambda p: (-p.published_at.timestamp(), -p.id.int),
        "price_low": lambda p: (p.price_minor, p.id.int),
        "price_high": lambda p: (-p.price_minor, -p.id.int),
        "nearest": lambda p: (round(MARINA.metres_to(LatLng.of(p.public_location)), 4), -p.id.int),
    }[sort]


drawing = given(drawn=asking, as_viewer=st.booleans(), size=st.sampled_from([7, 50]))


def some(examples):
    return settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@drawing
@some(EXAMPLES)
def test_every_filter_and_order_returns_what_matches_and_nothing_else(market, each_engine, drawn, as_viewer, size):
    if each_engine == engines.FAKE:
        pytest.skip("asked less often below")
    check_question(market, drawn, as_viewer, size)


@drawing
@some(EXAMPLES // 5)
def test_the_small_server_returns_the_same(market, each_engine, drawn, as_viewer, size):
    if each_engine != engines.FAKE:
        pytest.skip("asked more often above")
    check_question(market, drawn, as_viewer, size)


def check_question(market, drawn, as_viewer, size):
    asked, question, fits = question_of(drawn, market)
    viewer = market.viewer if as_viewer else None
    state = "sold" if asked.availability == "sold" else "active"
    expected = [p for p in market.seen(viewer, state=state) if fits(p)]
    forward, backward = walk(question, viewer=viewer, size=size)
    assert len(set(forward)) == len(forward)
    assert set(forward) == {p.id for p in expected}
    if asked.sort != SearchSort.RELEVANCE:
        assert forward == [p.id for p in sorted(expected, key=key_of(asked.sort))]
    assert backward == forward

    counted = counts(question, asked, viewer=viewer)
    assert (counted.total, counted.is_exact) == (len(expected), True)
    page = results(question, viewer=viewer, size=size)
    assert counts(question, asked, viewer=viewer, matches=page.matches) == counted
    facets = {facet.name: {c.value: c.count for c in facet.choices} for facet in counted.facets}
    assert facets["feed_type"] == counted_plainly(market, viewer, state, fits, asked, "feed_type")
    assert facets["condition"] == counted_plainly(market, viewer, state, fits, asked, "condition")
    for key in ("color", "boxed", "game") if asked.category == "goods" else ():
        assert said_in_facet(facets[f"attr_{key}"]) == answered_plainly(market, viewer, state, asked, key)


def counted_plainly(market, viewer, state, fits, asked, name):
    """How many listings each choice has under all other filters: by asking for each of them."""
    values = {"feed_type": ["community", "discover"], "condition": Condition.values}[name]
    param = {"feed_type": "feed_type", "condition": "conditions"}[name]
    found = {}
    for value in values:
        drawn = drawn_again(asked) | {param: value if name == "feed_type" else [value]}
        found[value] = sum(question_of(drawn, market)[2](p) for p in market.seen(viewer, state=state))
    return found


def drawn_again(asked):
    """What `question_of` makes this search of."""
    drawn = {k: v for k, v in vars(asked).items() if k not in ("q", "place", "anywhere", "attributes")}
    drawn |= {"words": asked.q.split(), "neighborhood": bool(asked.neighborhood)}
    for key, values in asked.attributes.items():
        if key == "year_min":
            drawn["year"] = int(values[0])
        elif key == "color":
            drawn["colors"] = values
        else:
            drawn["answer"] = key, values[0]
    if drawn["radius_km"] is None:
        del drawn["radius_km"]
    return drawn


def answered_plainly(market, viewer, state, asked, key):
    """How many listings have each answer under all other filters, by the answer in small letters."""
    left = {name: values for name, values in asked.attributes.items() if name != key}
    fits = question_of(drawn_again(replace(asked, attributes=left)), market)[2]
    seen = [p for p in market.seen(viewer, state=state) if fits(p)]
    return dict(Counter(str(p.attributes[key]).lower() for p in seen if key in p.attributes))


def said_in_facet(counted):
    return {value.lower(): many for value, many in counted.items() if many}


def walk(question, *, viewer, size, between=lambda: None):
    forward, cursors, page = [], 0, results(question, viewer=viewer, size=size)
    while True:
        forward.append([item["id"] for item in page.items])
        if page.next_cursor is None:
            break
        between()
        cursors += 1
        page = results(question, viewer=viewer, size=size, cursor=page.next_cursor)
    backward, remembered = [forward[-1]], 20
    while page.previous_cursor is not None:
        page = results(question, viewer=viewer, size=size, cursor=page.previous_cursor)
        backward.insert(0, [item["id"] for item in page.items])
    if cursors > remembered:  # further back a cursor does not remember
        return [*itertools.chain(*forward)], [*itertools.chain(*forward)]
    return [*itertools.chain(*forward)], [*itertools.chain(*backward)]


@pytest.mark.parametrize("sort", SearchSort.values)
@pytest.mark.parametrize("q", ["", "oak"])
def test_listings_that_arrive_meanwhile_leave_no_gap_and_no_double(sort, q):
    market = Market(5, listings=60)
    question = read_question(Asked(q=q, sort=sort, place=MARINA, anywhere=True))
    before, _ = walk(question, viewer=None, size=7)
    forward, _ = walk(question, viewer=None, size=7, between=lambda: market.fill(3))
    assert len(set(forward)) == len(forward)
    still = [i for i in forward if i in set(before)]
    if sort == SearchSort.RELEVANCE:  # another listing of a seller may move that seller's others
        assert sorted(still) == sorted(before)
    else:
        assert still == before


def test_windows_follow_one_another(monkeypatch):
    monkeypatch.setattr("search.selectors.pages.WINDOW", 10)
    market = Market(9, listings=80)
    question = read_question(Asked(q="oak"))
    expected = {p.id for p in market.seen(None, state="active") if "oak" in p.title.split()}
    forward, backward = walk(question, viewer=None, size=4)
    assert (set(forward), len(forward)) == (expected, len(expected))
    assert backward == forward


@pytest.mark.parametrize("sort", SearchSort.values)
def test_pages_by_number_are_the_pages_by_cursor(sort):
    Market(12, listings=90)
    asked = Asked(q="oak", sort=sort, place=MARINA, anywhere=True)
    with time_machine.travel(
        timezone.now(), tick=False
    ):  # what is fresh fades while pages are read, and only cursors know when they began
        forward, _ = walk(read_question(asked), viewer=None, size=5)
        by_number = []
        for offset in range(0, len(forward) + 5, 5):
            by_number += [h["id"] for h in find(asked, viewer=None, size=5, offset=offset).page.items]
    assert by_number == forward


def test_a_far_page_by_number_repeats_nothing(monkeypatch):
    monkeypatch.setattr("search.selectors.pages.WINDOW", 10)
    monkeypatch.setattr("search.selectors.pages.MOST_WINDOWS", 2)
    Market(12, listings=160)
    question = read_question(Asked(q="oak"))
    with time_machine.travel(timezone.now(), tick=False):
        forward, _ = walk(question, viewer=None, size=5)
        pages = [results(question, viewer=None, size=5, offset=at).items for at in range(0, len(forward) + 5, 5)]
    assert len(forward) > 30
    assert [item["id"] for page in pages for item in page] == forward


def test_what_became_hidden_is_not_there_though_its_document_still_is():
    market = Market(3, listings=40)
    question = read_question(Asked(q="oak"))
    first = results(question, viewer=None, size=50).items
    Product.objects.filter(pk=first[0]["id"]).update(hidden_at=timezone.now())
    User.objects.filter(pk=Product.objects.get(pk=first[1]["id"]).seller_id).update(suspended_at=timezone.now())
    blocked = Product.objects.get(pk=first[2]["id"]).seller
    Block.objects.get_or_create(blocker=blocked, blocked=market.viewer)
    left = results(question, viewer=market.viewer, size=50).items
    gone = {first[0]["id"], first[1]["id"], first[2]["id"]}
    assert not gone & {item["id"] for item in left}
    counted = counts(question, Asked(q="oak"), viewer=market.viewer)
    assert counted.total == len(left)
    by_name = {facet.name: facet for facet in counted.facets}
    assert sum(choice.count for choice in by_name["condition"].choices) == len(left)
