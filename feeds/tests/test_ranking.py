import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import SellerStanding
from accounts.tests.factories import UserFactory
from catalog.tests.factories import ProductFactory
from feeds.ranking import TERMS, Facts, Weights, diversified, diversified_sql, score, score_sql, terms, terms_sql

# ruff: noqa: S608


def steps(lowest, highest, many=10_000):
    """Numbers as people write them and columns hold them: none so small that PostgreSQL refuses to multiply it."""
    return st.integers(0, many).map(lambda n: lowest + (highest - lowest) * n / many)


amounts = steps(0, 10)
WEIGHTS = st.builds(
    Weights,
    text=amounts,
    freshness=amounts,
    distance=amounts,
    trust=amounts,
    engagement=amounts,
    newcomer=amounts,
    diversity=steps(0, 0.9),
    freshness_half_days=steps(0.25, 90),
    distance_half_km=steps(0.1, 50),
    engagement_half=steps(0.5, 500),
    newcomer_days=steps(1, 180),
)
FACTS = st.builds(
    Facts,
    age_hours=steps(-1, 50_000) | steps(0, 100),
    text=st.none() | steps(0, 1),
    metres=st.none() | steps(0, 20_000_000) | steps(0, 20_000),
    is_proven=st.booleans(),
    is_checked=st.booleans(),
    rating=st.none() | steps(1, 5, 400),
    review_count=st.integers(0, 10_000),
    sales_count=st.integers(0, 10),
    seller_days=st.none() | steps(0, 5000) | steps(0, 60),
    views=st.integers(0, 10**7),
    favourites=st.integers(0, 10**6),
)
TINY = 1e-12


@given(FACTS, WEIGHTS)
def test_a_score_and_each_of_its_terms_lie_between_nothing_and_one(facts, weights):
    found = terms(facts, weights)
    assert all(0 <= value <= 1 for value in found.values())
    assert -TINY <= score(facts, weights) <= 1 + TINY
    assert score(facts, weights) == score(replace(facts), replace(weights))


@given(FACTS, WEIGHTS)
def test_only_what_the_question_has_counts(facts, weights):
    found = terms(facts, weights)
    assert ("text" in found) == (facts.text is not None)
    assert ("distance" in found) == ("newcomer" in found) == (facts.metres is not None)
    assert list(found) == [term for term in TERMS if term in found]


BETTER = {
    "a better answer to the words": lambda f, n: replace(f, text=min(1, f.text + n)) if f.text is not None else f,
    "newer": lambda f, n: replace(f, age_hours=f.age_hours - n * 100),
    "nearer": lambda f, n: replace(f, metres=max(0, f.metres - n * 1000)) if f.metres is not None else f,
    "a proven address": lambda f, n: replace(f, is_proven=True),
    "a checked identity": lambda f, n: replace(f, is_checked=True),
    "a better rating": lambda f, n: replace(f, rating=min(5, f.rating + n)) if f.rating is not None else f,
    "more good reviews": lambda f, n: (
        replace(f, review_count=f.review_count + int(n * 10)) if f.rating and f.rating >= 3.5 else f
    ),
    "more looks": lambda f, n: replace(f, views=f.views + int(n * 100)),
    "more favourites": lambda f, n: replace(f, favourites=f.favourites + int(n * 10)),
    "newer at selling": lambda f, n: (
        replace(f, seller_days=max(0, f.seller_days - n * 10)) if f.seller_days is not None else f
    ),
}


@pytest.mark.parametrize("what", BETTER)
@given(facts=FACTS, weights=WEIGHTS, much=st.floats(0, 5))
@settings(max_examples=50)
def test_more_of_anything_never_lowers_a_score(what, facts, weights, much):
    better = BETTER[what](facts, much)
    assert score(better, weights) >= score(facts, weights) - TINY
    before, after = terms(facts, weights), terms(better, weights)
    assert all(after[term] >= before[term] - TINY for term in before)


@given(facts=FACTS, weights=WEIGHTS, term=st.sampled_from(TERMS))
def test_a_heavier_term_pulls_the_score_towards_it(facts, weights, term):
    heavier = replace(weights, **{term: weights.of(term) + 1})
    before, after, at = score(facts, weights), score(facts, heavier), terms(facts, weights).get(term)
    if at is None:
        assert after == before
    else:
        assert abs(after - at) <= abs(before - at) + TINY or before == 0


def test_without_any_weight_everything_is_equal():
    nothing = Weights(text=0, freshness=0, distance=0, trust=0, engagement=0, newcomer=0)
    assert score(Facts(age_hours=1, text=1, metres=5), nothing) == 0
    assert score_sql(nothing, now="now()") == "0::float8"


def test_one_friend_with_five_stars_is_no_reputation():
    def trust(**facts):
        return terms(Facts(age_hours=0, **facts), Weights())["trust"]

    unknown, one, many = trust(), trust(rating=5.0, review_count=1), trust(rating=4.7, review_count=60)
    assert unknown < one < many
    assert one - unknown < (many - unknown) / 3
    assert trust(rating=1.0, review_count=30) < unknown


def test_a_newcomer_is_helped_a_little_only_nearby_and_only_for_a_while():
    def helped(**facts):
        return terms(Facts(age_hours=0, **({"metres": 100, "is_proven": True, "seller_days": 2} | facts)), Weights())[
            "newcomer"
        ]

    assert helped() > 0.8
    assert helped(metres=10_000) < 0.05
    assert helped(seller_days=31) == helped(sales_count=5) == helped(is_proven=False) == helped(seller_days=None) == 0
    ordinary = {"age_hours": 24, "metres": 500, "is_proven": True}
    most = score(Facts(**ordinary, seller_days=0), Weights()) - score(Facts(**ordinary), Weights())
    assert 0 < most < 0.07


ROWS = st.lists(st.tuples(steps(0, 1), st.sampled_from("abcdef")), max_size=40).map(
    lambda pairs: [(value, seller, number) for number, (value, seller) in enumerate(pairs)]
)


def spread(rows, weights):
    return diversified(rows, weights, score=lambda r: r[0], seller=lambda r: r[1], key=lambda r: r[2])


@given(ROWS, WEIGHTS)
def test_spreading_keeps_everything_and_the_order_within_a_seller(rows, weights):
    found = [row for _, row in spread(rows, weights)]
    assert sorted(found) == sorted(rows)
    best_first = sorted(rows, key=lambda r: (r[0], r[2]), reverse=True)
    for seller in "abcdef":
        mine = [row[0] for row in found if row[1] == seller]
        assert mine == [row[0] for row in best_first if row[1] == seller]
    assert [row for _, row in spread(rows, replace(weights, diversity=0))] == best_first
    assert found == [row for _, row in spread(list(reversed(rows)), weights)]


@given(ROWS, WEIGHTS, st.integers(1, 40))
def test_spreading_never_costs_a_seller_their_place_on_a_page(rows, weights, size):
    before = {row[1] for row in sorted(rows, key=lambda r: (r[0], r[2]), reverse=True)[:size]}
    after = {row[1] for _, row in spread(rows, weights)[:size]}
    assert before <= after


@given(ROWS, WEIGHTS)
def test_what_a_listing_is_worth_falls_along_the_list(rows, weights):
    worth = [value for value, _ in spread(rows, weights)]
    assert worth == sorted(worth, reverse=True)


NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def one():
    seller = UserFactory()
    SellerStanding.objects.create(user=seller)
    return ProductFactory(seller=seller)


def said_by_sql(product, expressions, facts):
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH q AS MATERIALIZED (SELECT %s::timestamptz AS as_of, %s::float8 AS words, %s::float8 AS metres)
            SELECT {", ".join(expressions)} FROM catalog_product p JOIN accounts_user u ON u.id = p.seller_id
            LEFT JOIN accounts_sellerstanding s ON s.user_id = u.id WHERE p.id = %s
            """,
            [NOW, facts.text, facts.metres, product.pk],
        )
        return cursor.fetchone()


def written(product, facts):
    """The listing as the facts say, rounded to what columns hold; and the facts so."""
    seller = product.seller
    age = timedelta(microseconds=round(facts.age_hours * 3600 * 10**6))
    days = facts.seller_days if facts.seller_days is None else timedelta(seconds=round(facts.seller_days * 86400))
    rating = None if facts.rating is None else Decimal(str(round(facts.rating, 2)))
    type(product).objects.filter(pk=product.pk).update(
        published_at=NOW - age, view_count=facts.views, favourite_count=facts.favourites
    )
    type(seller).objects.filter(pk=seller.pk).update(
        email_verified_at=NOW if facts.is_proven else None,
        phone_verified_at=None,
        business_verified_at=NOW if facts.is_checked else None,
        sells_since=None if days is None else NOW - days,
    )
    SellerStanding.objects.filter(user=seller).update(
        rating=rating, review_count=facts.review_count, sales_count=facts.sales_count
    )
    return replace(
        facts,
        age_hours=age.total_seconds() / 3600,
        seller_days=None if days is None else days.total_seconds() / 86400,
        rating=None if rating is None else float(rating),
    )


@pytest.mark.django_db
def test_sql_says_what_python_says(one):
    @given(FACTS, WEIGHTS)
    @settings(max_examples=150, deadline=None)
    def check(facts, weights):
        facts = written(one, facts)
        ask = {
            "now": "(SELECT as_of FROM q)",
            "text": "(SELECT words FROM q)" if facts.text is not None else None,
            "metres": "(SELECT metres FROM q)" if facts.metres is not None else None,
        }
        expected = terms(facts, weights)
        expressions = terms_sql(weights, **ask)
        assert list(expressions) == list(expected)
        *said, whole = said_by_sql(one, [*expressions.values(), score_sql(weights, **ask)], facts)
        assert said == pytest.approx(list(expected.values()), abs=1e-9)
        assert whole == pytest.approx(score(facts, weights), abs=1e-9)

    check()


@pytest.mark.django_db
def test_a_seller_without_a_standing_is_read_as_one_nobody_has_rated(one):
    SellerStanding.objects.all().delete()
    facts = written(one, Facts(age_hours=5, metres=300, is_proven=True, seller_days=3))
    (said,) = said_by_sql(
        one, [score_sql(Weights(), now="(SELECT as_of FROM q)", metres="(SELECT metres FROM q)")], facts
    )
    assert said == pytest.approx(score(facts, Weights()), abs=1e-9)


@pytest.mark.django_db
@given(rows=ROWS, weights=WEIGHTS)
@settings(max_examples=40, deadline=None)
def test_sql_spreads_as_python_does(rows, weights):
    worth = diversified_sql(weights, score="r.score", seller="r.seller", key="r.id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {worth} AS worth, r.id FROM unnest(%s::float8[], %s::text[], %s::int[]) AS r (score, seller, id) "
            "ORDER BY worth DESC, r.id DESC",
            [[r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows]],
        )
        found = cursor.fetchall()
    expected = spread(rows, weights)
    assert [value for value, _ in found] == pytest.approx([value for value, _ in expected], abs=1e-12)
    if all(a[0] - b[0] > 1e-9 for a, b in itertools.pairwise(expected)):
        assert [number for _, number in found] == [row[2] for _, row in expected]
