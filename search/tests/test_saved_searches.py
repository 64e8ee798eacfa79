import json

import pytest
import time_machine
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.tests.factories import MARINA_MALL, ProductFactory
from core.errors import StaleRevision
from search import actions
from search.actions.saving import MOST_SAVED
from search.errors import AlreadySaved, SavedSearchNotFound, SavesEverything, SoldIsNoNews, TooManySavedSearches
from search.models import Find, SavedSearch, Watch
from search.selectors import Asked, saved_searches
from search.states import AlertFrequency
from search.tests.factories import saved
from search.tests.test_api_search import listed

pytestmark = pytest.mark.django_db
URL = "/api/v1/search/saved"


@pytest.fixture
def user(client):
    user = UserFactory()
    client.force_login(user)
    return user


def post(client, url=URL, **body):
    return client.post(url, body, content_type="application/json")


def patch(client, search, **body):
    return client.patch(f"{URL}/{search.pk}", body, content_type="application/json")


# --- saving -----------------------------------------------------------------------------------------------------------


def test_saves_a_search_with_its_filters(client, user):
    question = {"q": "oak chair", "condition": ["good", "new"], "max_price": "800.00", "category": "furniture"}
    answer = post(client, question=question, alerts="weekly")
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert body["question"] == {
        "q": "oak chair",
        "condition": ["good", "new"],
        "max_price": "800",
        "category": "furniture",
    }
    assert (body["name"], body["alerts"], body["new_count"], body["is_paused"]) == ("oak chair", "weekly", 0, False)
    assert answer["ETag"]
    assert Watch.objects.get().user_id == user.pk


def test_saves_what_a_shelf_asks(client, user):
    question = {"category": "electronics", "attr_storage": ["256_gb"], "attr_battery_health_min": 80}
    answer = post(client, question=question)
    assert answer.status_code == 201, answer.content
    kept = {"attr_battery_health_min": ["80"], "attr_storage": ["256_gb"], "category": "electronics"}
    assert answer.json()["question"] == kept
    assert client.get(f"{URL}/{answer.json()['id']}/results").status_code == 200
    assert Watch.objects.get().attributes
    refused = post(client, question=question | {"attr_wings": "2"})
    assert (refused.status_code, refused.json()["code"]) == (400, "feeds.attribute_unknown")


def test_a_place_is_kept_roughly_and_with_its_radius(client, user):
    body = post(client, question={"latitude": 25.076312, "longitude": 55.139844}).json()
    assert body["question"] == {"latitude": 25.076, "longitude": 55.14, "radius_km": 5.0}
    assert body["name"].startswith("Within 5 km")


@pytest.mark.parametrize("place", [(51.478, 0.0002), (0.0004, 32.58), (0, 0)])
def test_a_place_on_the_meridian_or_the_equator_is_kept_like_any_other(client, user, place):
    answer = post(client, question={"q": "lamp", "latitude": place[0], "longitude": place[1]})
    kept = {"latitude": round(place[0], 3), "longitude": round(place[1], 3), "radius_km": 5.0, "q": "lamp"}
    assert answer.json()["question"] == kept
    assert client.get(f"{URL}/{answer.json()['id']}/results").status_code == 200
    assert client.get("/searches").status_code == 200
    assert actions.read_saved_searches_again() == 1
    assert Watch.objects.get().radius == 5000


def test_takes_all_filters_as_one_object(client, user):
    filters = {"condition": ["good"], "max_price": 800, "attributes": {"battery_health": {"min": 80}}}
    asked = {"q": "phone", "category": "electronics"}
    answer = post(client, question=asked | {"filters": filters})
    assert answer.status_code == 201, answer.content
    kept = asked | {"condition": ["good"], "max_price": "800", "attr_battery_health_min": ["80"]}
    assert answer.json()["question"] == kept
    as_text = post(client, question=asked | {"filters": json.dumps(filters)})
    assert (as_text.status_code, as_text.json()["code"]) == (409, "search.already_saved")


def test_a_radius_is_said_although_anywhere_stands_beside_it(client, user):
    place = {"latitude": 25.076, "longitude": 55.14}
    body = post(client, question=place | {"radius_km": 3, "anywhere": True}).json()
    assert body["question"] == place | {"radius_km": 3.0}
    assert body["name"].startswith("Within 3 km")


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ({}, "search.saves_everything"),
        ({"max_price": "100"}, "search.saves_everything"),
        ({"q": "lamp", "availability": "sold"}, "search.sold_is_no_news"),
        ({"q": "lamp", "category": "nowhere"}, "catalog.category_unknown"),
        ({"q": "lamp", "brand": ["nobody"]}, "search.brand_unknown"),
        ({"q": "lamp", "hack": "1"}, "core.unknown_parameter"),
        ({"q": "x" * 201}, "search.query_too_long"),
        ({"q": "lamp", "cursor": "abc"}, "core.unknown_parameter"),
        ({"q": {"a": 1}}, "search.filters_not_an_object"),
        ({"q": "lamp", "latitude": 25.0}, "feeds.half_a_place"),
    ],
)
def test_refuses_what_is_no_search_and_saves_nothing(client, user, question, code):
    answer = post(client, question=question)
    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] == code
    assert not SavedSearch.objects.exists()


def test_refuses_the_same_search_twice_however_it_is_spelt(client, user):
    assert post(client, question={"q": "Oak  Chair", "condition": ["new", "good"]}).status_code == 201
    again = post(client, question={"condition": ["good", "new"], "q": "oak chair", "sort": "recent"})
    assert (again.status_code, again.json()["code"]) == (409, "search.already_saved")
    assert SavedSearch.objects.count() == 1


def test_the_usual_currency_of_a_price_makes_no_other_search(client, user):
    assert post(client, question={"q": "lamp", "max_price": "80", "currency": "AED"}).status_code == 201
    assert post(client, question={"q": "lamp", "max_price": 80}).json()["code"] == "search.already_saved"
    assert post(client, question={"q": "lamp", "max_price": 80, "currency": "USD"}).status_code == 201
    assert post(client, question={"q": "lamp", "currency": "AED"}).json()["question"] == {
        "q": "lamp",
        "currency": "AED",
    }


def test_refuses_more_than_a_person_can_follow():
    user = UserFactory()
    for n in range(MOST_SAVED):
        saved(user=user, q=f"thing {n}")
    with pytest.raises(TooManySavedSearches):
        saved(user=user, q="one more")
    assert SavedSearch.objects.filter(user=user).count() == MOST_SAVED


# --- changing ---------------------------------------------------------------------------------------------------------


def test_changes_what_is_given(client, user):
    search = saved(user=user, q="lamp", alerts=AlertFrequency.DAILY)
    body = patch(client, search, name="Lamps for the hall", alerts="at_once", is_paused=True).json()
    assert (body["name"], body["alerts"], body["is_paused"]) == ("Lamps for the hall", "at_once", True)
    assert not Watch.objects.exists()
    assert patch(client, search, is_paused=False).json()["is_paused"] is False
    assert Watch.objects.get().at_once is True


def test_another_question_begins_anew(client, user):
    search = saved(user=user, q="lamp")
    actions.tell_searches_of_listing(ProductFactory(title="Brass lamp").pk)
    body = patch(client, search, question={"q": "sofa"}).json()
    assert (body["question"], body["new_count"]) == ({"q": "sofa"}, 0)
    assert not Find.objects.exists()


def test_a_stale_change_is_refused_and_changes_nothing():
    search = saved(q="lamp", name="Lamps")
    with pytest.raises(StaleRevision):
        actions.change_saved_search(user=search.user, saved_search_id=search.pk, revision=7, name="Other")
    assert SavedSearch.objects.get().name == "Lamps"


def test_if_match_names_the_revision_that_was_read(client, user):
    search = saved(user=user, q="lamp")
    tag = client.get(f"{URL}/{search.pk}")["ETag"]
    first = client.patch(
        f"{URL}/{search.pk}", {"name": "A"}, content_type="application/json", headers={"If-Match": tag}
    )
    again = client.patch(
        f"{URL}/{search.pk}", {"name": "B"}, content_type="application/json", headers={"If-Match": tag}
    )
    assert (first.status_code, again.status_code) == (200, 412)
    assert SavedSearch.objects.get().name == "A"
    assert client.get(f"{URL}/{search.pk}", headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_a_question_that_one_has_already_is_refused():
    search = saved(q="lamp")
    saved(user=search.user, q="sofa")
    with pytest.raises(AlreadySaved):
        actions.change_saved_search(user=search.user, saved_search_id=search.pk, asked=Asked(q="sofa"))
    with pytest.raises(SavesEverything):
        actions.change_saved_search(user=search.user, saved_search_id=search.pk, asked=Asked(q=""))
    with pytest.raises(SoldIsNoNews):
        actions.change_saved_search(
            user=search.user, saved_search_id=search.pk, asked=Asked(q="sofa bed", availability="sold")
        )
    search.refresh_from_db()
    assert search.asked == {"q": "lamp"}


# --- removing ---------------------------------------------------------------------------------------------------------


def test_a_removal_can_be_taken_back_for_a_day(client, user):
    search = saved(user=user, q="lamp")
    assert client.delete(f"{URL}/{search.pk}").status_code == 204
    assert client.get(f"{URL}/{search.pk}").status_code == 404
    assert not Watch.objects.exists()
    assert post(client, f"{URL}/{search.pk}/restore").status_code == 200
    assert Watch.objects.exists()
    actions.remove_saved_search(user=user, saved_search_id=search.pk)
    assert actions.forget_removed_searches() == 0
    with time_machine.travel(timezone.now() + actions.saving.UNDONE_WITHIN * 1.1):
        assert actions.forget_removed_searches() == 1
    assert post(client, f"{URL}/{search.pk}/restore").status_code == 404


def test_nobody_reads_or_changes_the_searches_of_another(client):
    search = saved(q="surprise for him")
    stranger = UserFactory()
    for act in (
        lambda: actions.change_saved_search(user=stranger, saved_search_id=search.pk, name="mine"),
        lambda: actions.remove_saved_search(user=stranger, saved_search_id=search.pk),
        lambda: actions.restore_saved_search(user=stranger, saved_search_id=search.pk),
    ):
        with pytest.raises(SavedSearchNotFound):
            act()
    client.force_login(stranger)
    assert client.get(URL).json()["results"] == []
    assert client.get(f"{URL}/{search.pk}/results").status_code == 404
    client.logout()
    assert client.get(URL).status_code == 401
    search.refresh_from_db()
    assert (search.name, search.removed_at) == ("surprise for him", None)


def test_goes_with_the_person():
    search = saved(q="lamp")
    actions.tell_searches_of_listing(ProductFactory(title="Brass lamp").pk)
    assert [name for name, _ in actions.own_data.export_person(search.user)] == [
        "search/history.json",
        "search/saved.json",
    ]
    assert actions.own_data.erase_person(search.user) == {"searches": 0, "saved_searches": 1}
    assert not SavedSearch.objects.exists()
    assert not Find.objects.exists()


# --- what they find ---------------------------------------------------------------------------------------------------


def test_counts_what_is_new_until_one_has_looked(client, user):
    search = saved(user=user, q="lamp", place=MARINA_MALL, radius_km=5.0)
    for product in listed("Brass lamp", "Oak lamp"):
        actions.tell_searches_of_listing(product.pk)
    assert client.get(f"{URL}/{search.pk}").json()["new_count"] == 2
    body = client.get(f"{URL}/{search.pk}/results").json()
    assert sorted(hit["title"] for hit in body["results"]) == ["Brass lamp", "Oak lamp"]
    assert body["count"] == 2
    assert client.get(f"{URL}/{search.pk}").json()["new_count"] == 0


def test_results_go_on_page_by_page(client, user):
    search = saved(user=user, q="lamp")
    listed("Brass lamp", "Oak lamp", "Desk lamp")
    first = client.get(f"{URL}/{search.pk}/results", {"per_page": 2}).json()
    second = client.get(first["next"]).json()
    assert len(first["results"]) + len(second["results"]) == 3


@pytest.mark.parametrize("many", [1, 20])
def test_the_list_is_one_query(client, user, many, django_assert_num_queries):
    for n in range(many):
        saved(user=user, q=f"thing {n}")
    with django_assert_num_queries(4):  # Django's session, ours, the person, the page
        assert len(client.get(URL).json()["results"]) == many
    assert saved_searches(user)[0].name == f"thing {many - 1}"
