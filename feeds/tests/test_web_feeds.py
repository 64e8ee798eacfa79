import json
import re
from html import unescape

import pytest

from accounts.tests.factories import FollowFactory, UserFactory
from catalog.models import CategoryAttribute
from catalog.states import ProductState
from catalog.tests.factories import (
    ABU_DHABI,
    JLT,
    MARINA_MALL,
    CategoryFactory,
    DiscoverFactory,
    ProductFactory,
    SellerFactory,
)
from core.geo import LatLng

pytestmark = pytest.mark.django_db
TITLES = re.compile(r"<h3[^>]*>([^<]+)</h3>")
PEARL = LatLng(latitude=25.1, longitude=55.1398)  # some 2.6 km north of the mall


@pytest.fixture(autouse=True)
def at_the_mall(client):
    client.cookies["place"] = f"{MARINA_MALL.latitude:.3f},{MARINA_MALL.longitude:.3f}"


def titles(client, address="/", **headers):
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return TITLES.findall(response.content.decode())


@pytest.fixture
def chairs():
    seller = SellerFactory()
    shelf = CategoryFactory(slug="bikes")
    choices = [{"value": v, "name_en": v.title(), "name_ar": v} for v in ("small", "medium")]
    CategoryAttribute.objects.create(
        category=shelf, key="size", name_en="Size", name_ar="المقاس", kind="choice", choices=choices
    )
    ProductFactory(title="Near", price_minor=300_00, seller=seller)
    ProductFactory(title="Farther", price_minor=100_00, seller=seller, place=PEARL, condition="new")
    ProductFactory(
        title="Bike", price_minor=900_00, seller=seller, place=JLT, category=shelf, attributes={"size": "small"}
    )
    ProductFactory(title="Far away", seller=seller, place=ABU_DHABI)


class TestCommunity:
    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ("", ["Near", "Bike", "Farther"]),
            ("?sort=recent", ["Bike", "Farther", "Near"]),
            ("?sort=price_low", ["Farther", "Near", "Bike"]),
            ("?sort=price_high", ["Bike", "Near", "Farther"]),
            ("?sort=nonsense", ["Near", "Bike", "Farther"]),
            ("?radius_km=1", ["Near", "Bike"]),
            ("?radius_km=500", ["Near", "Bike", "Farther"]),
            ("?category=bikes", ["Bike"]),
            ("?category=bikes&attr_size=small", ["Bike"]),
            ("?category=bikes&attr_size=medium", []),
            ("?category=bikes&attr_size=huge", ["Bike"]),
            ("?attr_size=medium", ["Near", "Bike", "Farther"]),
            ("?category=nonsense", ["Near", "Bike", "Farther"]),
            ("?max_price=300", ["Near", "Farther"]),
            ("?min_price=abc", ["Near", "Bike", "Farther"]),
            ("?condition=new", ["Farther"]),
            ("?neighborhood=nowhere", ["Near", "Bike", "Farther"]),
            ("?neighborhood=24.454,54.377", ["Far away"]),
        ],
    )
    def test_shows_what_is_around(self, client, chairs, asked, found):
        assert titles(client, f"/{asked}") == found

    def test_says_how_far(self, client, chairs):
        shown = client.get("/").content.decode()
        assert "0.1 km" in shown
        assert "2.6 km" in shown

    def test_leaves_out_what_may_not_be_seen(self, client):
        ProductFactory(state=ProductState.DRAFT)
        ProductFactory(seller=SellerFactory(suspended=True))
        assert titles(client) == []

    def test_is_readable_and_usable_without_javascript(self, client, chairs):
        shown = client.get("/").content.decode()
        assert " style=" not in shown
        assert not re.search(r"\son[a-z]+=", shown)
        assert 'href="/place"' in shown
        assert 'method="post" action="/place/set"' in shown

    def test_nothing_around_offers_to_look_further(self, client):
        client.cookies["place"] = "23.000,53.000"
        shown = client.get("/").content.decode()
        assert "Nothing for sale around here yet" in shown
        assert 'name="radius_km" value="10"' in shown

    def test_nothing_that_fits_offers_to_clear_filters(self, client, chairs):
        assert "Nothing here fits" in client.get("/?min_price=999999").content.decode()

    def test_without_any_neighbourhood_there_is_still_a_page(self, client):
        del client.cookies["place"]
        assert "Choose a place" in client.get("/").content.decode()

    def test_bad_cursor_is_refused_calmly(self, client):
        response = client.get("/?cursor=nonsense")
        assert response.status_code == 400
        assert "Start again from the first page" in response.content.decode()

    @pytest.mark.parametrize("sort", ["nearest", "recent", "price_low", "price_high"])
    def test_pages_continue_without_gaps_and_repeats(self, client, sort):
        seller = SellerFactory()
        for n in range(30):
            ProductFactory(title=f"Thing {n:02}", price_minor=1000 + n % 5, seller=seller, images=0)
        seen, address = [], f"/?sort={sort}"
        while address:
            shown = client.get(address).content.decode()
            seen += TITLES.findall(shown)
            following = re.search(r'class="pager"><a[^>]*href="([^"]+)"', shown)
            address = f"/{unescape(following[1])}" if following else ""
        assert len(seen) == 30
        assert len(set(seen)) == 30

    def test_htmx_gets_only_the_cards_that_follow(self, client):
        ProductFactory.create_batch(30, seller=SellerFactory(), images=0)
        following = re.search(r'class="pager"><a[^>]*href="([^"]+)"', client.get("/").content.decode())[1]
        response = client.get(f"/{unescape(following)}", headers={"HX-Request": "true"})
        assert "<html" not in response.content.decode()
        assert len(TITLES.findall(response.content.decode())) == 6
        assert "HX-Request" in response["Vary"]

    @pytest.mark.parametrize("address", ["/", "/?view=map"])
    def test_costs_the_same_queries_with_1_and_with_20_rows(self, client, address, django_assert_max_num_queries):
        client.force_login(UserFactory())
        ProductFactory()
        client.get(address)
        counted = []
        for _ in range(2):
            with django_assert_max_num_queries(12) as found:
                client.get(address)
            counted.append(len(found))
            ProductFactory.create_batch(20)
        assert counted[0] == counted[1]


class TestMap:
    def test_pins_stand_in_the_middle_of_cells_and_count_what_shares_them(self, client):
        ProductFactory(title="One", price_minor=300_00)
        ProductFactory(title="Two", price_minor=100_00)
        facts = self.facts(client)
        assert facts["radius_m"] == 5000
        (spot,) = facts["spots"]
        assert spot["at"] == pytest.approx([MARINA_MALL.snapped().latitude, MARINA_MALL.snapped().longitude], abs=1e-5)
        assert (spot["count"], spot["words"]) == (2, "100")

    def test_titles_cannot_leave_the_data(self, client):
        ProductFactory(title="</script><script>alert(1)</script>")
        assert "<script>alert" not in client.get("/?view=map").content.decode()
        assert self.facts(client)["spots"][0]["title"] == "</script><script>alert(1)</script>"

    def facts(self, client):
        shown = client.get("/?view=map").content.decode()
        return json.loads(re.search(r'<script id="map-facts"[^>]*>(.*?)</script>', shown)[1])


class TestDiscover:
    def test_shows_videos_from_everywhere(self, client):
        DiscoverFactory(title="Far video", place=ABU_DHABI)
        ProductFactory(title="No video")
        assert titles(client, "/discover") == ["Far video"]
        assert titles(client, "/discover?sort=popular") == ["Far video"]

    def test_costs_the_same_queries_with_1_and_with_20_rows(self, client, django_assert_max_num_queries):
        client.force_login(UserFactory())
        DiscoverFactory()
        client.get("/discover")
        counted = []
        for _ in range(2):
            with django_assert_max_num_queries(12) as found:
                client.get("/discover")
            counted.append(len(found))
            DiscoverFactory.create_batch(20)
        assert counted[0] == counted[1]


class TestFollowing:
    def test_shows_what_the_followed_sell(self, client):
        viewer, seller = UserFactory(), SellerFactory()
        FollowFactory(follower=viewer, followed=seller)
        ProductFactory(title="Followed", seller=seller, place=ABU_DHABI)
        ProductFactory(title="Not followed")
        client.force_login(viewer)
        assert titles(client, "/following") == ["Followed"]

    def test_stranger_is_told_what_it_is_for(self, client):
        shown = client.get("/following").content.decode()
        assert "See what people you like put up" in shown
        assert 'href="/login?next=/following"' in shown

    def test_costs_the_same_queries_with_1_and_with_20_rows(self, client, django_assert_max_num_queries):
        viewer, seller = UserFactory(), SellerFactory()
        FollowFactory(follower=viewer, followed=seller)
        client.force_login(viewer)
        ProductFactory(seller=seller)
        client.get("/following")
        counted = []
        for _ in range(2):
            with django_assert_max_num_queries(10) as found:
                client.get("/following")
            counted.append(len(found))
            ProductFactory.create_batch(20, seller=seller)
        assert counted[0] == counted[1]


EXACT = LatLng(latitude=25.076543, longitude=55.139876)


@pytest.mark.parametrize("address", ["/", "/?view=map", "/?sort=recent", "/discover", "/following"])
def test_exact_place_is_in_no_feed(client, address):
    viewer, seller = UserFactory(location=EXACT.point), SellerFactory()
    FollowFactory(follower=viewer, followed=seller)
    make = DiscoverFactory if address == "/discover" else ProductFactory
    product = make(place=EXACT, seller=seller, building_name="Marina Crown")
    client.force_login(viewer)
    shown = client.get(address).content.decode()
    assert product.title in shown
    for exact in ("25.0765", "55.1398", "Marina Crown"):
        assert exact not in shown
