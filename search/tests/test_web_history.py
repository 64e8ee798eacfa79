from html import unescape
from importlib import import_module

import pytest

from accounts.tests.factories import UserFactory
from search import actions
from search.models import SearchEntry
from search.selectors import Asked

pytestmark = pytest.mark.django_db


def page(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, answer.content[:500]
    return unescape(answer.content.decode())


def test_a_history_is_forgotten_one_by_one(client):
    user = UserFactory()
    client.force_login(user)
    for q in ("piano", "violin&condition=good"):
        page(client, f"/search?q={q}")
    assert 'href="/search/history"' in page(client, "/search")
    shown = page(client, "/search/history")
    assert shown.index("violin") < shown.index("piano")
    assert 'href="/search?q=violin&condition=good"' in shown
    forget = f"/search/history/{SearchEntry.objects.get(q='violin').pk}/forget"
    assert f'action="{forget}"' in shown
    for _twice in range(2):
        assert client.post(forget)["Location"] == "/search/history"
    assert "violin" not in page(client, "/search/history")
    assert [entry.q for entry in user.search_entries.all()] == ["piano"]


def test_a_history_says_which_filters_were_set_and_keeps_no_exact_place(client):
    client.force_login(UserFactory())
    page(client, "/search?q=violin&condition=good&max_price=3000&latitude=25.0801234&longitude=55.1401234&radius_km=5")
    page(client, "/search?q=cello&sort=recent")
    shown = page(client, "/search/history")
    assert "Good" in shown
    assert "Up to 3,000 AED" in shown
    assert "Within 5 km" in shown
    kept = SearchEntry.objects.get(q="violin").asked
    assert (kept["latitude"], kept["longitude"], kept["radius_km"]) == (25.08, 55.14, 5.0)
    assert SearchEntry.objects.get(q="cello").asked == {"sort": "recent"}


def test_what_a_history_held_before_stands_as_saved_searches_have_it():
    as_saved = import_module("search.migrations.0013_history_as_saved")._as_saved
    place = {"latitude": "25.0801234", "longitude": "55.1401234"}
    before = {
        "brand": "apple",
        "condition": ["good"],
        "max_price": 500,
        "min_price": "NaN",
        "sort": "recent",
        "facets": True,
    }
    after = {"brand": ["apple"], "condition": ["good"], "max_price": "500", "sort": "recent"}
    assert as_saved(before) == after
    assert as_saved(after) == after
    assert as_saved(place | {"radius_km": "5"}) == {"latitude": 25.08, "longitude": 55.14, "radius_km": 5.0}
    assert as_saved({"latitude": "here", "longitude": "95", "radius_km": "5"}) == {}
    assert as_saved({"min_price": "1.234", "max_price": "-5", "currency": "XYZ", "verbatim": False}) == {}
    assert as_saved({"verbatim": "true", "currency": "USD"}) == {"verbatim": True, "currency": "USD"}


def test_nobody_sees_or_forgets_the_history_of_another(client):
    owner = UserFactory()
    client.force_login(owner)
    page(client, "/search?q=piano")
    forget = f"/search/history/{SearchEntry.objects.get().pk}/forget"
    client.force_login(UserFactory())
    assert "piano" not in page(client, "/search/history")
    client.post(forget)
    client.logout()
    for answer in (client.get("/search/history"), client.post(forget)):
        assert answer["Location"].startswith("/login")
    assert SearchEntry.objects.count() == 1


@pytest.mark.parametrize("many", [1, 20])
def test_a_history_asks_the_database_little(client, many, django_assert_max_num_queries):
    user = UserFactory()
    for n in range(many):
        actions.remember_search(user=user, asked=Asked(q=f"thing {n}"))
    client.force_login(user)
    page(client, "/search/history")
    with django_assert_max_num_queries(10):
        assert page(client, "/search/history").count("/forget") == many + 1


def test_a_history_is_forgotten_by_its_owner(client):
    user = UserFactory()
    client.force_login(user)
    page(client, "/search?q=piano")
    assert SearchEntry.objects.filter(user=user).count() == 1
    assert client.post("/search/forget").status_code == 302
    assert not SearchEntry.objects.exists()
