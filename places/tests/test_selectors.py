import pytest
from django.db.models import F

from core.geo import LatLng
from places.errors import NeighborhoodNotFound
from places.models import Neighborhood, NeighborhoodSource
from places.selectors import neighborhood_at, neighborhood_id_at, neighborhood_with_slug, neighborhoods
from places.tests.factories import NeighborhoodFactory

pytestmark = pytest.mark.django_db
MARINA_MALL = LatLng(25.0763, 55.1398)


def test_the_smallest_that_holds_the_point_wins():
    NeighborhoodFactory(half_degrees=0.05)
    small = NeighborhoodFactory(half_degrees=0.01)
    assert neighborhood_at(MARINA_MALL) == small


def test_a_municipal_one_wins_over_a_smaller_drawn_one():
    NeighborhoodFactory(half_degrees=0.01)
    municipal = NeighborhoodFactory(half_degrees=0.05, source=NeighborhoodSource.MUNICIPAL)
    assert neighborhood_at(MARINA_MALL) == municipal


def test_a_point_on_the_line_lies_in_it():
    edge = NeighborhoodFactory(half_degrees=0.01, latitude=25.0, longitude=55.0)
    assert neighborhood_at(LatLng(25.01, 55.0)) == edge


def test_nothing_at_sea_and_nothing_inactive():
    NeighborhoodFactory(is_active=False)
    assert neighborhood_at(MARINA_MALL) is None
    assert neighborhood_at(LatLng(25.5, 54.5)) is None


def test_many_rows_are_looked_up_in_one_statement(django_assert_num_queries):
    big = NeighborhoodFactory(half_degrees=0.05)
    small = NeighborhoodFactory(half_degrees=0.01)
    away = NeighborhoodFactory(latitude=24.5, longitude=54.4)
    with django_assert_num_queries(1):
        found = dict(Neighborhood.objects.annotate(holder=neighborhood_id_at("centre")).values_list("id", "holder"))
    assert found == {big.id: small.id, small.id: small.id, away.id: away.id}


def test_finds_a_part_of_a_name_in_either_language_however_spelt():
    marina = NeighborhoodFactory(name_en="Dubai Marina", name_ar="دبي مارينا")
    quoz = NeighborhoodFactory(name_en="Al Quoz", name_ar="القوز الأولى")
    assert list(neighborhoods(q="MARÍNA")) == [marina]
    assert list(neighborhoods(q="الاولي")) == [quoz]
    assert list(neighborhoods(q="marina dub")) == [marina]
    assert list(neighborhoods(q="nowhere")) == []


def test_lists_a_city_by_name_without_inactive_ones():
    b = NeighborhoodFactory(name_en="B")
    a = NeighborhoodFactory(name_en="A")
    NeighborhoodFactory(name_en="C", is_active=False)
    NeighborhoodFactory(name_en="D", city="Ajman")
    assert list(neighborhoods(city="dubai")) == [a, b]


def test_by_slug_only_while_active():
    kept = NeighborhoodFactory(slug="kept")
    assert neighborhood_with_slug("kept") == kept
    Neighborhood.objects.update(is_active=False, updated_at=F("updated_at"))
    with pytest.raises(NeighborhoodNotFound):
        neighborhood_with_slug("kept")
