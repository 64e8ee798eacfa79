import pytest
from django.contrib.gis.geos import Point

from accounts.actions.areas import look_up_neighborhoods
from accounts.tests.factories import AddressFactory, UserFactory
from places.models import NeighborhoodSource
from places.tests.factories import NeighborhoodFactory

pytestmark = pytest.mark.django_db
HERE = Point(55.1398, 25.0763, srid=4326)


def test_people_and_addresses_move_to_the_boundary_that_holds_them_now():
    drawn = NeighborhoodFactory(is_active=False)
    municipal = NeighborhoodFactory(source=NeighborhoodSource.MUNICIPAL)
    user = UserFactory(location=HERE, neighborhood=drawn)
    address = AddressFactory(user=user, location=HERE, neighborhood=None)
    elsewhere = UserFactory(location=None, neighborhood=drawn)
    assert look_up_neighborhoods(city="Dubai", retired_ids=[str(drawn.pk)]) == 2
    for row in (user, address, elsewhere):
        row.refresh_from_db()
    assert user.neighborhood == address.neighborhood == municipal
    assert elsewhere.neighborhood == drawn


def test_a_point_that_no_boundary_holds_any_more_has_none():
    gone = NeighborhoodFactory(latitude=24.0, longitude=54.0)
    user = UserFactory(location=HERE, neighborhood=gone)
    look_up_neighborhoods(city="Dubai", retired_ids=[])
    user.refresh_from_db()
    assert user.neighborhood is None
