import json
import re
from html import unescape

import pytest
from django.utils import timezone

from accounts.models import Block
from accounts.tests.factories import UserFactory
from catalog.models import CategoryAttribute, Favourite
from catalog.states import ProductState
from catalog.tests.factories import (
    MARINA_MALL,
    CategoryFactory,
    DiscoverFactory,
    FavouriteFactory,
    ProductFactory,
    SellerFactory,
)
from core.geo import LatLng

pytestmark = pytest.mark.django_db
EXACT = LatLng(latitude=25.076543, longitude=55.139876)


def page(client, product, **headers):
    return client.get(f"/l/{product.pk}", headers=headers)


def html(client, product, **headers):
    response = page(client, product, **headers)
    assert response.status_code == 200
    return response.content.decode()


def test_shows_what_a_buyer_needs(client):
    product = ProductFactory(title="Oak chair", price_minor=125_000, images=3, seller__full_name="Layla Haddad")
    shown = html(client, product)
    for words in ("Oak chair", "1,250 <small>AED</small>", "Used for two years", "Layla H.", "good", "Furniture"):
        assert words in shown
    assert shown.count('id="picture-') == 3


def test_is_readable_and_usable_without_javascript(client):
    shown = html(client, ProductFactory())
    assert '<form class="save" method="post" action="/l/' in shown
    assert " style=" not in shown
    assert not re.search(r"\son[a-z]+=", shown)
    assert "javascript:" not in shown


@pytest.mark.parametrize("who", ["stranger", "buyer", "owner"])
def test_exact_place_is_in_no_page(client, who):
    product = ProductFactory(place=EXACT, building_name="Marina Crown")
    ProductFactory(place=EXACT, title="Like it")
    if who != "stranger":
        client.force_login(product.seller if who == "owner" else UserFactory(location=EXACT.point))
    shown = html(client, product)
    assert "25.0765" not in shown
    assert "55.1398" not in shown
    assert "Marina Crown" not in shown
    facts = json.loads(re.search(r'<script id="map-facts"[^>]*>(.*?)</script>', shown)[1])
    assert facts["centre"] == pytest.approx([EXACT.snapped().latitude, EXACT.snapped().longitude])
    assert facts["blur_m"] >= 200


def test_preview_says_what_it_is_and_costs(client, settings):
    settings.SITE_URL = "https://souk.example"
    product = ProductFactory(title='A "chair" & more', price_minor=25_050)
    shown = html(client, product)
    assert f'<link rel="canonical" href="https://souk.example/l/{product.pk}">' in shown
    assert 'hreflang="ar"' in shown
    assert '<meta property="og:title" content="A &quot;chair&quot; &amp; more">' in shown
    assert re.search(r'<meta property="og:image" content="https://souk.example/[^"]+">', shown)
    offer = json.loads(re.search(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', shown)[1])
    assert offer["name"] == 'A "chair" & more'
    assert offer["offers"]["price"] == "250.50"
    assert offer["offers"]["availability"] == "https://schema.org/InStock"


def test_words_of_people_cannot_leave_their_place(client):
    evil = "</script><script>alert(1)</script>"
    product = ProductFactory(title=evil, description=evil, seller__full_name=evil, seller__bio=evil)
    shown = html(client, product)
    assert "<script>alert" not in shown
    assert evil in unescape(shown)


def test_scripts_carry_the_nonce_of_the_policy(client):
    response = page(client, ProductFactory())
    nonce = re.search(r"'nonce-([^']+)'", response["Content-Security-Policy"])[1]
    assert f'<script type="application/ld+json" nonce="{nonce}">' in response.content.decode()


def test_answers_to_the_category_are_said_in_words(client):
    shelf = CategoryFactory(slug="bikes")
    choices = [{"value": "m", "name_en": "Medium", "name_ar": "وسط"}]
    CategoryAttribute.objects.create(
        category=shelf, key="size", name_en="Size", name_ar="المقاس", kind="choice", choices=choices
    )
    CategoryAttribute.objects.create(
        category=shelf, key="weight", name_en="Weight", name_ar="الوزن", kind="number", unit="kg"
    )
    CategoryAttribute.objects.create(category=shelf, key="bell", name_en="Bell", name_ar="جرس", kind="flag")
    product = ProductFactory(category=shelf, attributes={"size": "m", "weight": 12, "bell": False})
    shown = html(client, product)
    assert "<dt>Size</dt>" in shown
    assert ">Medium</dd>" in shown
    assert ">12 kg</dd>" in shown
    assert ">no</dd>" in shown
    assert "وسط" in html(client, product, **{"Accept-Language": "ar"})


def test_sold_listing_keeps_its_page_with_similar_things(client):
    sold = ProductFactory(state=ProductState.SOLD, sold_at=timezone.now())
    ProductFactory(title="Just like it")
    shown = html(client, sold)
    assert "This is sold" in shown
    assert "Just like it" in shown
    assert "SoldOut" in shown


@pytest.mark.parametrize(
    "state", [ProductState.DRAFT, ProductState.PENDING_REVIEW, ProductState.REMOVED, ProductState.PAUSED]
)
def test_what_is_not_on_show_is_for_its_owner_only(client, state):
    product = ProductFactory(state=state)
    assert page(client, product).status_code == 404
    client.force_login(UserFactory())
    assert page(client, product).status_code == 404
    client.force_login(product.seller)
    shown = html(client, product)
    assert "noindex" in shown
    assert "application/ld+json" not in shown


def test_hidden_listing_is_gone_for_others_and_explained_to_its_owner(client):
    product = ProductFactory(hidden_at=timezone.now())
    assert page(client, product).status_code == 404
    client.force_login(product.seller)
    assert "Hidden while we look at it" in html(client, product)


def test_blocked_people_do_not_find_each_others_listings(client):
    product, viewer = ProductFactory(), UserFactory()
    Block.objects.create(blocker=product.seller, blocked=viewer)
    client.force_login(viewer)
    assert page(client, product).status_code == 404


def test_says_how_far_it_is_from_where_one_looks_around(client):
    client.cookies["place"] = f"{MARINA_MALL.latitude:.3f},{MARINA_MALL.longitude:.3f}"
    assert "Walking distance" in html(client, ProductFactory())


def test_video_comes_first_in_the_gallery(client):
    shown = html(client, DiscoverFactory())
    assert shown.index("<video") < shown.index('id="picture-2"')


def test_listing_without_a_picture_shows_its_categorys_icon(client):
    assert "#shapes" in html(client, ProductFactory(images=0, category=CategoryFactory(slug="odd")))


def test_right_to_left_in_arabic(client):
    assert '<html lang="ar" dir="rtl"' in html(client, ProductFactory(), **{"Accept-Language": "ar"})


def test_costs_the_same_queries_with_1_and_with_20_similar(client, django_assert_max_num_queries):
    few, many = CategoryFactory(slug="few"), CategoryFactory(slug="many")
    lonely = ProductFactory(category=few, images=1)
    ProductFactory(category=few)
    liked = ProductFactory(category=many, images=10)
    ProductFactory.create_batch(20, category=many)
    client.force_login(UserFactory())
    page(client, lonely)
    counted = []
    for product in (lonely, liked):
        with django_assert_max_num_queries(16) as found:
            page(client, product)
        counted.append(len(found))
    assert counted[0] == counted[1]


class TestSaving:
    def test_saves_and_comes_back(self, client):
        product, viewer = ProductFactory(), UserFactory()
        client.force_login(viewer)
        response = client.post(f"/l/{product.pk}/save", {"next": "/c/furniture"})
        assert response["Location"] == "/c/furniture"
        assert Favourite.objects.filter(user=viewer, product=product).exists()

    def test_htmx_gets_the_other_heart(self, client):
        product = ProductFactory()
        client.force_login(UserFactory())
        response = client.post(f"/l/{product.pk}/save", headers={"HX-Request": "true"})
        assert f'hx-post="/l/{product.pk}/unsave"' in response.content.decode()
        response = client.post(f"/l/{product.pk}/unsave", headers={"HX-Request": "true"})
        assert f'hx-post="/l/{product.pk}/save"' in response.content.decode()
        assert not Favourite.objects.exists()

    def test_stranger_signs_in_first_and_nothing_changes(self, client):
        product = ProductFactory()
        assert client.post(f"/l/{product.pk}/save").status_code == 302
        assert not Favourite.objects.exists()

    def test_what_one_may_not_see_cannot_be_saved(self, client):
        product = ProductFactory(state=ProductState.DRAFT)
        client.force_login(UserFactory())
        assert client.post(f"/l/{product.pk}/save").status_code == 404
        assert not Favourite.objects.exists()

    def test_looking_is_not_saving(self, client):
        client.force_login(UserFactory())
        assert client.get(f"/l/{ProductFactory().pk}/save").status_code == 405


class TestSaved:
    def test_newest_first_and_sold_ones_stay(self, client):
        viewer = UserFactory()
        for title, state in (("First", ProductState.SOLD), ("Second", ProductState.ACTIVE)):
            FavouriteFactory(user=viewer, product=ProductFactory(title=title, state=state))
        FavouriteFactory(product=ProductFactory(title="Of somebody else"))
        client.force_login(viewer)
        shown = client.get("/saved").content.decode()
        assert shown.index("Second") < shown.index("First")
        assert "Of somebody else" not in shown

    def test_stranger_signs_in_first(self, client):
        assert client.get("/saved")["Location"] == "/login?next=%2Fsaved"

    def test_empty_list_says_what_to_do(self, client):
        client.force_login(UserFactory())
        assert "Nothing saved yet" in client.get("/saved").content.decode()

    def test_pages_show_everything_once_with_the_same_queries(self, client, django_assert_max_num_queries):
        viewer = UserFactory()
        seller = SellerFactory()
        for n in range(30):
            FavouriteFactory(user=viewer, product=ProductFactory(title=f"Thing {n:02}", seller=seller))
        client.force_login(viewer)
        client.get("/saved")
        seen, address = [], "/saved"
        while address:
            with django_assert_max_num_queries(8):
                shown = client.get(address).content.decode()
            seen += re.findall(r"<h3[^>]*>(Thing \d\d)</h3>", shown)
            following = re.search(r'class="pager"><a[^>]*href="([^"]+)"', shown)
            address = f"/saved{unescape(following[1])}" if following else ""
        assert seen == [f"Thing {n:02}" for n in reversed(range(30))]
