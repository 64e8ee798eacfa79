import re
from html import unescape

import pytest
from django.core.cache import cache

from accounts.tests.factories import UserFactory
from catalog.models import CategoryAttribute
from catalog.states import ProductState
from catalog.tests.factories import CategoryFactory, FavouriteFactory, ProductFactory, SellerFactory

pytestmark = pytest.mark.django_db
TITLES = re.compile(r"<h3[^>]*>([^<]+)</h3>")


def titles(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return TITLES.findall(response.content.decode())


@pytest.fixture
def bikes():
    shelf = CategoryFactory(slug="bikes")
    choices = [{"value": v, "name_en": v.title(), "name_ar": v} for v in ("small", "medium")]
    CategoryAttribute.objects.create(
        category=shelf, key="size", name_en="Size", name_ar="المقاس", kind="choice", choices=choices
    )
    for title, price, condition, size in (
        ("City", 300_00, "good", "small"),
        ("Race", 900_00, "new", "medium"),
        ("Child", 100_00, "fair", "small"),
    ):
        ProductFactory(title=title, price_minor=price, condition=condition, attributes={"size": size}, category=shelf)
    return shelf


def test_shelf_shows_the_newest_first(client, bikes):
    assert titles(client, "/c/bikes") == ["Child", "Race", "City"]


def test_shelf_shows_what_stands_below_it(client, bikes):
    child = CategoryFactory(slug="tandems", parent=bikes)
    ProductFactory(title="Tandem", category=child)
    assert "Tandem" in titles(client, "/c/bikes")
    assert titles(client, "/c/tandems") == ["Tandem"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("sort=price_low", ["Child", "City", "Race"]),
        ("sort=price_high", ["Race", "City", "Child"]),
        ("sort=nonsense", ["Child", "Race", "City"]),
        ("min_price=300", ["Race", "City"]),
        ("max_price=299.99", ["Child"]),
        ("min_price=100&max_price=300", ["Child", "City"]),
        ("condition=new&condition=fair", ["Child", "Race"]),
        ("attr_size=medium", ["Race"]),
        ("attr_size=small&condition=good", ["City"]),
        ("attr_unknown=1", ["Child", "Race", "City"]),
        ("min_price=abc", ["Child", "Race", "City"]),
        ("condition=broken", ["Child", "Race", "City"]),
    ],
)
def test_shelf_filters_and_sorts(client, bikes, asked, found):
    assert titles(client, f"/c/bikes?{asked}") == found


def test_prices_of_different_currencies_are_never_compared(client, bikes):
    ProductFactory(title="In pounds", price_minor=200_00, currency="EGP", category=bikes)
    assert "In pounds" in titles(client, "/c/bikes")
    for asked in ("sort=price_low", "min_price=1"):
        assert "In pounds" not in titles(client, f"/c/bikes?{asked}")


def test_filter_that_makes_no_sense_is_told(client, bikes):
    assert "below the lowest price" in client.get("/c/bikes?min_price=5&max_price=1").content.decode()


def test_filters_that_fit_nothing_offer_a_way_back(client, bikes):
    shown = client.get("/c/bikes?min_price=999999").content.decode()
    assert "Nothing here fits" in shown
    assert 'href="/c/bikes">Clear filters' in shown


def test_shelf_leaves_out_what_may_not_be_seen(client, bikes):
    ProductFactory(title="Draft", state=ProductState.DRAFT, category=bikes)
    ProductFactory(title="Suspended", seller=SellerFactory(suspended=True), category=bikes)
    assert set(titles(client, "/c/bikes")) == {"City", "Race", "Child"}


@pytest.mark.parametrize("slug", ["nothing", "bikes-2"])
def test_unknown_shelf_is_not_there(client, bikes, slug):
    assert client.get(f"/c/{slug}").status_code == 404


def test_bad_cursor_is_refused_calmly(client, bikes):
    response = client.get("/c/bikes?cursor=nonsense")
    assert response.status_code == 400
    assert "Start again from the first page" in response.content.decode()


@pytest.mark.parametrize("sort", ["recent", "price_low", "price_high"])
def test_pages_continue_without_gaps_and_repeats(client, sort):
    shelf, seller = CategoryFactory(slug="long"), SellerFactory()
    for n in range(53):
        ProductFactory(title=f"Thing {n:02}", price_minor=1000 + n % 5, category=shelf, seller=seller)
    seen, address = [], f"/c/long?sort={sort}"
    while address:
        shown = client.get(address).content.decode()
        seen += TITLES.findall(shown)
        following = re.search(r'class="pager"><a[^>]*href="([^"]+)"', shown)
        address = f"/c/long{unescape(following[1])}" if following else ""
    assert len(seen) == 53
    assert len(set(seen)) == 53


def test_htmx_gets_only_the_cards_that_follow(client):
    shelf, seller = CategoryFactory(slug="long"), SellerFactory()
    ProductFactory.create_batch(30, category=shelf, seller=seller)
    following = re.search(r'hx-get="([^"]+)"', client.get("/c/long").content.decode().split('class="pager"')[1])[1]
    response = client.get(f"/c/long{unescape(following)}", headers={"HX-Request": "true"})
    shown = response.content.decode()
    assert "<html" not in shown
    assert len(TITLES.findall(shown)) == 6
    assert "HX-Request" in response["Vary"]


def test_shelf_costs_the_same_queries_with_1_and_with_20_rows(client, django_assert_max_num_queries):
    for slug, many in (("one", 1), ("twenty", 20)):
        shelf = CategoryFactory(slug=slug)
        ProductFactory.create_batch(many, category=shelf)
    client.force_login(UserFactory())
    client.get("/c/one")
    counted = []
    for slug in ("one", "twenty"):
        with django_assert_max_num_queries(12) as found:
            client.get(f"/c/{slug}")
        counted.append(len(found))
    assert counted[0] == counted[1]


def test_shelves_are_listed_with_what_stands_on_them(client, django_assert_max_num_queries):
    ProductFactory.create_batch(3, category=CategoryFactory(slug="bikes", name_en="Bikes"))
    cache.clear()
    with django_assert_max_num_queries(4):
        shown = client.get("/categories").content.decode()
    assert "Bikes" in shown
    assert "3 listings" in shown


def test_shelves_carry_names_in_arabic(client):
    CategoryFactory(slug="bikes", name_ar="دراجات")
    assert "دراجات" in client.get("/categories", headers={"Accept-Language": "ar"}).content.decode()


class TestSeller:
    def test_shows_a_person_and_what_they_sell(self, client):
        seller = SellerFactory(
            username="layla",
            full_name="Layla Haddad",
            bio="Weekday evenings.",
            identity_verified_at="2026-01-01T00:00Z",
        )
        ProductFactory(title="Chair", seller=seller)
        ProductFactory(title="Gone", seller=seller, state=ProductState.SOLD)
        ProductFactory(title="Draft", seller=seller, state=ProductState.DRAFT)
        ProductFactory(title="Of somebody else")
        assert titles(client, "/u/layla") == ["Chair"]
        assert titles(client, "/u/layla?shown=sold") == ["Gone"]
        shown = client.get("/u/LAYLA").content.decode()
        for words in ("Layla H.", "@layla", "Weekday evenings.", "Verified"):
            assert words in shown

    def test_tells_nothing_private(self, client):
        SellerFactory(
            username="layla",
            email="layla@private.example",
            phone="+971501234567",
            full_name="Layla Haddad",
            building_name="Marina Crown",
        )
        shown = client.get("/u/layla").content.decode()
        for secret in ("private.example", "501234567", "Haddad", "Marina Crown"):
            assert secret not in shown

    def test_keeps_to_members_what_is_for_members(self, client):
        SellerFactory(username="layla", bio="Weekday evenings.", profile_visibility="members")
        assert "Weekday evenings." not in client.get("/u/layla").content.decode()
        client.force_login(UserFactory())
        assert "Weekday evenings." in client.get("/u/layla").content.decode()

    @pytest.mark.parametrize("trait", ["suspended", "gone"])
    def test_suspended_and_gone_people_have_no_page(self, client, trait):
        SellerFactory(username="layla", **({"suspended": True} if trait == "suspended" else {"is_active": False}))
        assert client.get("/u/layla").status_code == 404

    def test_follows_and_lets_go(self, client):
        seller, viewer = SellerFactory(username="layla"), UserFactory()
        client.force_login(viewer)
        client.post("/u/layla/follow")
        assert viewer.following_links.filter(followed=seller).exists()
        assert "Following" in client.get("/u/layla").content.decode()
        response = client.post("/u/layla/unfollow", headers={"HX-Request": "true"})
        assert 'hx-post="/u/layla/follow"' in response.content.decode()
        assert not viewer.following_links.exists()

    def test_stranger_signs_in_before_following(self, client):
        SellerFactory(username="layla")
        assert client.post("/u/layla/follow", {"next": "/u/layla"})["Location"] == "/login?next=%2Fu%2Flayla"

    def test_nobody_follows_themselves(self, client):
        me = SellerFactory(username="myself")
        client.force_login(me)
        assert client.post("/u/myself/follow").status_code in (400, 403, 409)
        assert not me.following_links.exists()

    def test_costs_the_same_queries_with_1_and_with_20_rows(self, client, django_assert_max_num_queries):
        for name, many in (("one", 1), ("twenty", 20)):
            ProductFactory.create_batch(many, seller=SellerFactory(username=name))
        client.force_login(UserFactory())
        client.get("/u/one")
        counted = []
        for name in ("one", "twenty"):
            with django_assert_max_num_queries(12) as found:
                client.get(f"/u/{name}")
            counted.append(len(found))
        assert counted[0] == counted[1]


@pytest.mark.parametrize("address", ["/c/furniture", "/u/layla", "/saved"])
def test_no_list_tells_an_exact_place(client, address):
    viewer = UserFactory()
    product = ProductFactory(seller=SellerFactory(username="layla"))
    FavouriteFactory(user=viewer, product=product)
    client.force_login(viewer)
    shown = client.get(address).content.decode()
    assert product.title in shown
    assert "25.0763" not in shown
    assert "55.1398" not in shown
