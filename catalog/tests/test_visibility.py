import itertools
import json
import random
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils import timezone

from accounts.models import Block
from accounts.selectors import person_brief
from accounts.tests.factories import UserFactory
from catalog.models import Brand, Product
from catalog.selectors import (
    CARD_JOINS_SQL,
    CARD_KEYS,
    CARD_SELECT_SQL,
    VISIBLE_SQL,
    card_rows,
    may_see,
    products_with_a_page,
    visible_products,
)
from catalog.shapes import ProductCardOut, product_card
from catalog.states import ProductState
from catalog.tests.factories import JLT, DiscoverFactory, FavouriteFactory, ProductFactory, SellerFactory
from core.geo import LatLng
from places.tests.factories import NeighborhoodFactory

pytestmark = pytest.mark.django_db


def by_sql(viewer) -> set:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.id FROM catalog_product p JOIN accounts_user u ON u.id = p.seller_id WHERE {VISIBLE_SQL}",  # noqa: S608
            {"viewer": viewer.pk if viewer else None},
        )
        return {row[0] for row in cursor.fetchall()}


def by_orm(viewer) -> set:
    return set(visible_products(viewer).values_list("pk", flat=True))


def test_the_queryset_and_the_sql_are_one_rule_over_every_case():
    now, dice = timezone.now(), random.Random(20261120)
    sellers = [
        SellerFactory(is_active=active, suspended_at=suspended, listings_hidden_at=hidden)
        for active, suspended, hidden in itertools.product((True, False), (None, now), (None, now))
    ]
    for seller, state, hidden_at in itertools.product(sellers, ProductState.values, (None, now)):
        ProductFactory(seller=seller, state=state, hidden_at=hidden_at, images=0)
    viewers = [None, AnonymousUser(), *UserFactory.create_batch(6), *sellers[:3]]
    for viewer, seller in itertools.product(viewers[2:], sellers):
        for one, other in ((viewer, seller), (seller, viewer)):
            if one != other and dice.random() < 0.25:
                Block.objects.get_or_create(blocker=one, blocked=other)
    seen = set()
    for viewer in viewers:
        person = viewer if viewer and viewer.pk else None
        visible = by_orm(viewer)
        assert visible == by_sql(person)
        for product in Product.objects.filter(pk__in=visible).select_related("seller"):
            assert product.is_listed
            assert product.seller.is_active
            assert not product.seller.suspended_at
            assert not product.seller.listings_hidden_at
            assert person is None or not Block.objects.filter(blocker=person, blocked=product.seller).exists()
            assert person is None or not Block.objects.filter(blocked=person, blocker=product.seller).exists()
        seen.add(frozenset(visible))
    assert len(by_orm(None)) == 1  # one seller in good standing has one active listing that is not hidden
    assert frozenset() in seen  # and some viewers have a block with that seller


@pytest.mark.parametrize(
    ("state", "open_to_strangers"), [(s, s in ("active", "reserved", "sold")) for s in ProductState.values]
)
def test_reserved_and_sold_listings_keep_their_page(state, open_to_strangers):
    product = ProductFactory(state=state, images=0)
    assert products_with_a_page(None).filter(pk=product.pk).exists() is open_to_strangers
    assert may_see(viewer=UserFactory(), product=product) is open_to_strangers
    assert visible_products(None).filter(pk=product.pk).exists() is (state == "active")


def test_a_card_from_the_orm_and_one_from_sql_are_the_same():
    viewer = UserFactory()
    seller = SellerFactory(neighborhood=NeighborhoodFactory(name_en="Jumeirah"), avatar_key="a/b.jpg")
    product = ProductFactory(
        seller=seller,
        brand=Brand.objects.get(slug="ikea"),
        neighborhood=NeighborhoodFactory(name_en="Marsa Dubai", name_ar="مرسى دبي"),
        original_price_minor=400_00,
        tags=["oak"],
        images=2,
    )
    FavouriteFactory(user=viewer, product=product)
    DiscoverFactory(images=0)
    rows = {row["id"]: row for row in card_rows(visible_products(viewer), viewer=viewer)}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {CARD_SELECT_SQL} FROM catalog_product p {CARD_JOINS_SQL} WHERE {VISIBLE_SQL}",  # noqa: S608
            {"viewer": viewer.pk},
        )
        by_hand = [dict(zip(CARD_KEYS, row, strict=True)) for row in cursor.fetchall()]
    assert len(by_hand) == 2
    for row in by_hand:
        for name in ("cover_variants", "video_variants"):
            if isinstance(row[name], str):
                row[name] = json.loads(row[name])
        assert product_card(row) == product_card(rows[row["id"]])
    card = product_card(rows[product.pk], origin=JLT)
    assert set(card) == set(ProductCardOut().fields)
    assert card["seller"] == person_brief(seller)
    assert card["is_favourite"] is True
    assert card["price"] == "250.00"
    assert card["place"]["neighborhood"] == {"slug": product.neighborhood.slug, "name": "Marsa Dubai"}
    assert card["place"]["distance_km"] == 0.7
    assert {v["width"] for v in card["cover"]["variants"]} == {320, 640}


def test_a_card_never_tells_the_exact_place():
    product = ProductFactory()
    card = product_card(card_rows(visible_products(None), viewer=None).get(), origin=LatLng.of(product.location))
    public = LatLng.of(product.public_location)
    assert (card["place"]["latitude"], card["place"]["longitude"]) == (
        round(public.latitude, 6),
        round(public.longitude, 6),
    )
    assert "location" not in card
    assert card["place"]["distance_km"] >= 0.1


@pytest.mark.parametrize("count", [1, 20])
def test_cards_take_one_query_for_one_and_for_twenty(count, django_assert_num_queries):
    viewer = UserFactory()
    ProductFactory.create_batch(count)
    with django_assert_num_queries(1):
        assert len([product_card(row) for row in card_rows(visible_products(viewer), viewer=viewer)]) == count


def test_a_stranger_is_somebody_without_an_id():
    ProductFactory(images=0)
    assert visible_products(SimpleNamespace(pk=None)).count() == 1
