import pytest

from catalog.tests.factories import ABU_DHABI, JLT, ProductFactory
from core.events import publish
from core.geo import LatLng
from places.events import NeighborhoodsLoaded
from places.tests.factories import NeighborhoodFactory

pytestmark = pytest.mark.django_db


@pytest.mark.django_db
def test_listings_find_their_neighbourhood_again_when_boundaries_are_loaded(deliver):
    old = NeighborhoodFactory(name_en="Drawn Marina", is_active=False)
    elsewhere = NeighborhoodFactory(name_en="Al Khalidiyah", city="Abu Dhabi", latitude=24.4539, longitude=54.3773)
    moved = ProductFactory(neighborhood=old, images=0)
    homeless = ProductFactory(neighborhood=None, place=JLT, images=0)
    untouched = ProductFactory(neighborhood=elsewhere, place=ABU_DHABI, images=0)
    nowhere = ProductFactory(neighborhood=None, place=LatLng(0.0, 0.0), images=0)
    new = NeighborhoodFactory(name_en="Marsa Dubai", source="municipal")
    publish(NeighborhoodsLoaded(city="Dubai", source="municipal", loaded_ids=[str(new.pk)], retired_ids=[str(old.pk)]))
    deliver()
    for product in (moved, homeless, untouched, nowhere):
        product.refresh_from_db()
    assert moved.neighborhood == new
    assert homeless.neighborhood == new
    assert untouched.neighborhood == elsewhere
    assert nowhere.neighborhood is None
