from html import unescape

import pytest

from accounts.tests.factories import UserFactory
from catalog.tests.factories import MARINA_MALL, ProductFactory
from search.actions import tell_searches_of_listing
from search.models import SavedSearch
from search.tests.factories import saved
from search.tests.test_api_search import listed

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(client):
    user = UserFactory()
    client.force_login(user)
    client.cookies["place"] = f"{MARINA_MALL.latitude:.3f},{MARINA_MALL.longitude:.3f}"
    return user


def page(client, address="/searches"):
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def keep(client, query, **form):
    return page_after(client.post("/searches", {"query": query, "next": f"/search?{query}", **form}, follow=True))


def page_after(answer):
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_keeps_the_search_that_one_looks_at(client, user):
    listed("Oak chair")
    shown = keep(client, "q=oak+chair&condition=good&max_price=500", alerts="weekly")
    assert "You follow this search" in shown
    search = SavedSearch.objects.get()
    assert search.asked == {"q": "oak chair", "condition": ["good"], "max_price": "500"}
    assert (search.user, search.name, search.alerts) == (user, "oak chair", "weekly")


def test_keeps_a_corrected_search_with_the_word_that_listings_have(client, user):
    listed("iPhone 15 Pro")
    shown = page(client, "/search?q=iphnoe&condition=good")
    assert 'name="query" value="q=iphone&condition=good"' in shown
    keep(client, "q=iphone&condition=good")
    assert "You follow this search" in page(client, "/search?q=iphnoe&condition=good")


def test_says_beside_its_name_only_what_the_name_does_not(client, user):
    keep(client, "q=sofa&condition=good")
    shown = page(client)
    assert "<bdi>sofa</bdi>" not in shown
    assert "<bdi>Good</bdi>" in shown


def test_keeps_it_around_where_one_looks(client, user):
    keep(client, "q=chair", radius_km="10", name="Chairs near me")
    search = SavedSearch.objects.get()
    assert search.asked == {"q": "chair", "latitude": 25.076, "longitude": 55.14, "radius_km": 10.0}
    assert search.name == "Chairs near me"


def test_keeps_the_same_search_once_and_says_so(client, user):
    keep(client, "q=chair")
    assert "You have saved this search already." in keep(client, "q=Chair")
    assert SavedSearch.objects.count() == 1


@pytest.mark.parametrize("query", ["", "max_price=5", "q=chair&availability=sold", "q=" + "x" * 300])
def test_refuses_what_cannot_be_kept_with_words(client, user, query):
    shown = page_after(client.post("/searches", {"query": query, "next": "/searches"}, follow=True))
    assert "toast error" in shown
    assert not SavedSearch.objects.exists()


def test_shows_what_each_asks_and_what_is_new(client, user):
    saved(user=user, q="lamp", conditions=["good"], max_price="800", name="For the hall")
    tell_searches_of_listing(ProductFactory(title="Brass lamp").pk)
    shown = page(client)
    assert "For the hall" in shown
    assert "Up to 800 AED" in shown
    assert "1 new" in shown


def test_opening_one_shows_its_results_and_makes_them_known(client, user):
    search = saved(user=user, q="lamp", place=MARINA_MALL, radius_km=5.0)
    lamp = ProductFactory(title="Brass lamp")
    tell_searches_of_listing(lamp.pk)
    shown = page(client, f"/searches/{search.pk}")
    assert "Brass <mark>lamp</mark>" in shown
    assert "Within 5 km" in shown
    assert "You follow this search" in shown
    assert "1 new" not in page(client)


def test_is_changed_paused_and_renamed(client, user):
    search = saved(user=user, q="lamp")
    address = f"/searches/{search.pk}/change"
    client.post(address, {"alerts": "weekly"})
    client.post(address, {"is_paused": "yes"})
    client.post(address, {"name": "Lights"})
    search.refresh_from_db()
    assert (search.alerts, search.paused_at is not None, search.name) == ("weekly", True, "Lights")
    assert "Paused" in page(client)
    client.post(address, {"is_paused": "no"})
    client.post(address, {"alerts": "nonsense"})
    search.refresh_from_db()
    assert (search.alerts, search.paused_at) == ("weekly", None)


def test_is_deleted_and_comes_back_by_undo(client, user):
    search = saved(user=user, q="lamp", name="Lights")
    shown = page_after(client.post(f"/searches/{search.pk}/remove", follow=True))
    assert "“Lights” is deleted." in shown
    assert "No saved searches yet" in shown
    assert "Lights" in page_after(client.post(f"/searches/{search.pk}/restore", follow=True))
    search.refresh_from_db()
    assert search.removed_at is None


def test_nobody_opens_or_changes_the_searches_of_another(client, user):
    search = saved(q="surprise for him")
    assert client.get(f"/searches/{search.pk}").status_code == 404
    for verb in ("change", "remove"):
        assert client.post(f"/searches/{search.pk}/{verb}", {"name": "mine"}).status_code == 404
    client.post(f"/searches/{search.pk}/restore")
    assert "surprise" not in page(client, f"/searches?removed={search.pk}")
    search.refresh_from_db()
    assert (search.name, search.removed_at) == ("surprise for him", None)


def test_strangers_sign_in_first_and_come_back(client):
    answer = client.get("/searches")
    assert (answer.status_code, answer["Location"]) == (302, "/login?next=%2Fsearches")
    assert client.post("/searches", {"query": "q=lamp"}).status_code == 302
    assert not SavedSearch.objects.exists()


def test_costs_the_same_queries_with_1_and_with_20_rows(client, user, django_assert_max_num_queries):
    def asking(n):
        return {"q": f"thing {n}", "place": MARINA_MALL, "radius_km": 5.0, "category": "furniture", "brands": ["apple"]}

    saved(user=user, **asking(0))
    page(client)
    with django_assert_max_num_queries(12) as one:
        page(client)
    for n in range(1, 20):
        saved(user=user, **asking(n))
    with django_assert_max_num_queries(12) as twenty:
        page(client)
    assert len(one) == len(twenty)
