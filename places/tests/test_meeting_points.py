import pytest
from django.contrib.auth.models import Permission
from django.contrib.gis.geos import Point
from django.urls import reverse

from accounts.tests.factories import UserFactory
from core.models import AuditEntry
from core.testing import counted_queries
from places.models import MeetingPoint

pytestmark = pytest.mark.django_db
URL = "/api/v1/meeting-points"
MARINA = {"latitude": 25.0763, "longitude": 55.1403}


def test_all_cities_have_some_in_both_languages():
    points = list(MeetingPoint.objects.all())
    assert len(points) >= 25
    assert all(p.name_en and p.name_ar and p.hint_en and p.hint_ar for p in points)
    for latitude, longitude in ((25.08, 55.14), (24.49, 54.38), (25.33, 55.39), (25.40, 55.46)):
        spot = Point(longitude, latitude, srid=4326)
        assert any(p.location.distance(spot) < 0.1 for p in points)


def test_the_nearest_come_first_with_their_distance(api):
    found = api.get(URL, MARINA).json()["results"]
    assert found[0]["slug"] == "dubai-marina-mall"
    assert found[0]["distance_m"] == 0
    metres = [point["distance_m"] for point in found]
    assert metres == sorted(metres)
    assert metres[1] > 100
    assert len(found) == 20


def test_names_are_in_the_readers_language(api):
    found = api.get(URL, MARINA, headers={"Accept-Language": "ar"}).json()["results"]
    assert found[0]["name"] == "دبي مارينا مول"


def test_without_a_point_they_come_by_name(api):
    found = api.get(URL, {"limit": 3}).json()["results"]
    assert [p["distance_m"] for p in found] == [None] * 3
    assert [p["name"] for p in found] == sorted(p["name"] for p in found)


def test_one_that_is_switched_off_is_not_offered(api):
    MeetingPoint.objects.filter(slug="dubai-marina-mall").update(is_active=False)
    assert api.get(URL, MARINA).json()["results"][0]["slug"] != "dubai-marina-mall"


@pytest.mark.parametrize("query", [{"latitude": 25}, {"latitude": 95, "longitude": 55}, {"limit": 51}, {"near": "x"}])
def test_wrong_questions_are_told_so(api, query):
    assert api.get(URL, query).status_code == 400


def test_one_query_however_many(api):
    with counted_queries() as few:
        api.get(URL, MARINA | {"limit": 1})
    with counted_queries() as many:
        api.get(URL, MARINA | {"limit": 20})
    assert len(few) == len(many) == 1


def test_an_operator_moves_one_and_it_is_written_down(client):
    staff = UserFactory(staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename__in=["view_meetingpoint", "change_meetingpoint"]))
    client.force_login(staff)
    point = MeetingPoint.objects.get(slug="al-qasba")
    page = reverse("admin:places_meetingpoint_change", args=[point.pk])
    assert "55.3757" in client.get(page).content.decode()
    fields = {"slug": point.slug, "name_en": "Al Qasba canal", "name_ar": point.name_ar, "is_active": "on"}
    answer = client.post(page, fields | {"latitude": "25.3221", "longitude": "55.3758"})
    assert answer.status_code == 302
    point.refresh_from_db()
    assert (point.name_en, point.location.y) == ("Al Qasba canal", 25.3221)
    entry = AuditEntry.objects.get(action="places.meeting_point_saved")
    assert (entry.before["name_en"], entry.after["name_en"]) == ("Al Qasba", "Al Qasba canal")


def test_without_the_permission_nothing_is_shown(client):
    staff = UserFactory(staff=True)
    client.force_login(staff)
    assert client.get(reverse("admin:places_meetingpoint_changelist")).status_code == 403
