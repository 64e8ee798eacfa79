from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import BlockFactory, UserFactory
from catalog.models import Brand
from catalog.selectors import relevance, similar_products
from catalog.tests.factories import ABU_DHABI, JLT, ProductFactory
from core.geo import LatLng
from core.testing import counted_queries
from places.tests.factories import NeighborhoodFactory

pytestmark = pytest.mark.django_db
FOUR_KM = LatLng(latitude=25.0763, longitude=55.1795)
SIX_KM = LatLng(latitude=25.0763, longitude=55.2000)


def test_finds_the_same_shelf_near_in_place_and_price():
    product = ProductFactory(price_minor=100_00)
    same = ProductFactory(title="same", price_minor=100_00)
    ProductFactory(title="dearer", price_minor=125_00)
    ProductFactory(title="further", price_minor=100_00, place=FOUR_KM)
    for wrong in (
        {"price_minor": 131_00},
        {"price_minor": 69_00},
        {"place": SIX_KM},
        {"place": ABU_DHABI},
        {"state": "sold"},
        {"hidden_at": timezone.now()},
        {"currency": "USD"},
        {"category__slug": "books"},
    ):
        ProductFactory(**({"price_minor": 100_00} | wrong))
    found = similar_products(viewer=None, product=product)
    assert {one.row["title"] for one in found} == {"same", "dearer", "further"}
    assert found[0].row["id"] == same.pk
    assert found[0].relevance > found[1].relevance > found[2].relevance > 0


def test_the_same_neighbourhood_counts_as_near_however_wide_it_is():
    wide = NeighborhoodFactory(half_degrees=0.2)
    product = ProductFactory(neighborhood=wide, price_minor=100_00)
    ProductFactory(neighborhood=wide, price_minor=100_00, place=SIX_KM, title="same area")
    assert [one.row["title"] for one in similar_products(viewer=None, product=product)] == ["same area"]


def test_leaves_out_people_with_a_block():
    product, reader = ProductFactory(), UserFactory()
    other = ProductFactory(place=JLT)
    BlockFactory(blocker=other.seller, blocked=reader)
    assert similar_products(viewer=reader, product=product) == []
    assert len(similar_products(viewer=None, product=product)) == 1


def test_a_draft_without_price_or_place_is_like_nothing():
    assert similar_products(viewer=None, product=ProductFactory(state="draft", price_minor=None)) == []


@pytest.mark.parametrize("rows", [1, 20])
def test_takes_few_queries_and_tells_ten_at_most(api, rows):
    product = ProductFactory()
    ProductFactory.create_batch(rows)
    with counted_queries() as queries:
        answer = api.get(f"/api/v1/products/{product.pk}/similar").json()["results"]
    assert len(answer) == min(rows, 10)
    assert 0 < answer[0]["relevance"] <= 1
    assert len(queries) == 3


def test_relevance_falls_with_price_distance_and_age_and_rises_with_the_brand():
    base = {"price_minor": 100, "wanted_minor": 100, "metres": 0.0, "same_brand": True, "age_days": 0.0}
    assert relevance(**base) == pytest.approx(1.0)
    for worse in ({"price_minor": 120}, {"metres": 2000.0}, {"same_brand": False}, {"age_days": 20.0}):
        assert 0 < relevance(**(base | worse)) < 1
    assert relevance(**(base | {"price_minor": 130, "metres": 9e9, "same_brand": False, "age_days": 99})) == 0.0


def test_a_shared_brand_breaks_a_tie():
    ikea = Brand.objects.get(slug="ikea")
    now = timezone.now()
    product = ProductFactory(brand=ikea)
    ProductFactory(title="plain", published_at=now - timedelta(hours=1))
    ProductFactory(title="ikea", brand=ikea, published_at=now - timedelta(hours=1))
    assert [one.row["title"] for one in similar_products(viewer=None, product=product)] == ["ikea", "plain"]
