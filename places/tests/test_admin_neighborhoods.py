import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse

from places.tests.factories import NeighborhoodFactory

pytestmark = pytest.mark.django_db
LIST = "admin:places_neighborhood_changelist"


def staff_with(client, *permissions):
    person = get_user_model().objects.create(username="staff", is_staff=True, is_active=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(person)


def test_lists_and_searches_in_arabic(client):
    staff_with(client, "view_neighborhood")
    NeighborhoodFactory(name_en="Al Quoz", name_ar="القوز الأولى")
    NeighborhoodFactory(name_en="Mirdif")
    page = client.get(reverse(LIST), {"q": "الاولي"}).content.decode()
    assert "Al Quoz" in page
    assert "Mirdif" not in page


def test_shows_the_outline_and_no_map_from_outside(client):
    staff_with(client, "view_neighborhood")
    area = NeighborhoodFactory()
    page = client.get(reverse("admin:places_neighborhood_change", args=[area.pk])).content.decode()
    assert "<svg" in page
    assert "cdn." not in page


def test_switching_needs_the_permission_and_changes_nothing_without(client):
    staff_with(client, "view_neighborhood")
    area = NeighborhoodFactory()
    client.post(reverse(LIST), {"action": "switch_off", "_selected_action": [str(area.pk)]})
    area.refresh_from_db()
    assert area.is_active


def test_switches_off(client):
    staff_with(client, "view_neighborhood", "change_neighborhood")
    area = NeighborhoodFactory()
    client.post(reverse(LIST), {"action": "switch_off", "_selected_action": [str(area.pk)]})
    area.refresh_from_db()
    assert not area.is_active


@pytest.mark.parametrize("lookup", ["boundary__bbcontains", "centre__dwithin"])
def test_refuses_spatial_lookups_from_the_query_string(client, lookup):
    staff_with(client, "view_neighborhood")
    assert client.get(reverse(LIST), {lookup: "POINT(1 1)"}).status_code in (302, 400)
