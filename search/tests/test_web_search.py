import re
from html import unescape

import pytest
from django.test import override_settings

from accounts.models import Block
from accounts.tests.factories import UserFactory
from catalog.models import Category, CategoryAttribute
from catalog.tests.factories import ABU_DHABI, JLT, MARINA_MALL, CategoryFactory, SellerFactory
from core.cache import ForgivingRedisCache
from feeds import actions as ranking
from feeds.models import Impression
from search.models import PopularSearch
from search.tests.factories import saved
from search.tests.test_api_search import listed

pytestmark = pytest.mark.django_db
TITLES = re.compile(r"<h3[^>]*>(.+?)</h3>")


@pytest.fixture(autouse=True)
def at_the_mall(client):
    client.cookies["place"] = f"{MARINA_MALL.latitude:.3f},{MARINA_MALL.longitude:.3f}"


def page(client, address, status=200, **headers):
    answer = client.get(address, headers=headers)
    assert answer.status_code == status, answer.content[:500]
    return unescape(answer.content.decode())


def titles(shown):
    return [re.sub(r"</?mark>", "", title) for title in TITLES.findall(shown)]


def chips(shown):
    return re.findall(r'aria-label="Take away: ([^"]+)"', shown)


@pytest.fixture
def chairs():
    shelf = CategoryFactory(slug="bikes")
    choices = [{"value": v, "name_en": v.title(), "name_ar": v} for v in ("small", "medium")]
    CategoryAttribute.objects.create(
        category=shelf, key="size", name_en="Size", name_ar="المقاس", kind="choice", choices=choices
    )
    CategoryAttribute.objects.create(category=shelf, key="year", name_en="Year", name_ar="السنة", kind="year")
    listed("Oak chair", price_minor=300_00)
    listed("Pine chair", price_minor=100_00, condition="new")
    listed(
        "Chair for a bike", price_minor=900_00, place=JLT, category=shelf, attributes={"size": "small", "year": 2020}
    )
    listed("Chair far away", place=ABU_DHABI, price_minor=200_00)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=chair&sort=price_low", ["Pine chair", "Chair far away", "Oak chair", "Chair for a bike"]),
        ("q=chair&sort=price_high", ["Chair for a bike", "Oak chair", "Chair far away", "Pine chair"]),
        ("q=chair&max_price=100", ["Pine chair"]),
        ("q=chair&condition=new", ["Pine chair"]),
        ("q=chair&condition=nonsense&condition=new", ["Pine chair"]),
        ("q=chair&category=bikes", ["Chair for a bike"]),
        ("q=chair&category=bikes&attr_size=small", ["Chair for a bike"]),
        ("q=chair&category=bikes&attr_size=medium", []),
        ("q=chair&category=bikes&attr_year_min=2019", ["Chair for a bike"]),
        ("q=chair&category=bikes&attr_year_min=2021", []),
        ("q=chair&category=bikes&attr_year_min=nonsense", ["Chair for a bike"]),
        ("q=chair&category=bikes&attr_year_max=-5", []),
        ("q=chair&category=bikes&attr_year_min=2020.0000001", ["Chair for a bike"]),
        ("q=chair&category=bikes&attr_year_min=٢٠٢١", []),
        ("q=chair&distance=nearby&sort=price_low", ["Pine chair", "Oak chair", "Chair for a bike"]),
        ("q=chair&latitude=24.454&longitude=54.377&radius_km=5", ["Chair far away"]),
        ("q=chair&latitude=999&longitude=54.377&max_price=100", ["Pine chair"]),
        ("q=chair&price_band=100_500&sort=price_low", ["Pine chair", "Chair far away", "Oak chair"]),
        ("q=oak&brand=nobody", ["Oak chair"]),
        ("q=oak&neighborhood=nowhere&seller_type=nobody&feed_type=x&sort=x", ["Oak chair"]),
        ("category=bikes", ["Chair for a bike"]),
        ("q=oak&availability=sold", []),
    ],
)
def test_shows_what_is_asked_and_leaves_out_what_makes_no_sense(client, chairs, asked, found):
    assert titles(page(client, f"/search?{asked}")) == found


def test_nothing_asked_shows_where_to_begin(client):
    PopularSearch.objects.create(q="oak piano", folded="oak piano", score=3)
    shown = page(client, "/search")
    assert "oak piano" in shown
    assert "/search?category=furniture" in shown
    assert TITLES.findall(shown) == []


def test_each_filter_is_a_chip_that_can_be_taken_away(client, chairs):
    shown = page(client, "/search?q=chair&condition=new&condition=good&max_price=500&category=furniture")
    assert chips(shown) == ["Furniture", "Up to 500 AED", "Good", "New"]
    assert 'href="?q=chair&category=furniture&max_price=500&condition=new"' in shown
    assert "Clear all" in shown


def test_chips_write_money_as_the_reader_does(client, chairs):
    client.cookies["django_language"] = "ar"
    asked = "min_price=1000&max_price=2500.50", "max_price=3000", "price_band=100_500"
    shown = (page(client, f"/search?q=chair&{one}") for one in asked)
    said = [re.search(r'class="chip on"[^>]*><bdi>([^<]+)</bdi>', one)[1] for one in shown]
    for chip, amount in zip(said, ("2,500.50 د.إ.", "3,000 د.إ.", "500 د.إ."), strict=True):
        assert amount in chip
        assert "AED" not in chip


def test_says_how_many_there_are(client, chairs, monkeypatch):
    assert "4 listings" in page(client, "/search?q=chair")
    monkeypatch.setattr("search.selectors.facets.COUNTED", 3)
    assert "More than" in page(client, "/search?q=chair")


def test_a_chosen_shelf_has_as_many_as_the_page_says(client, chairs, monkeypatch):
    monkeypatch.setattr("search.selectors.facets.COUNTED", 3)
    listed("Oak table", "Oak desk", "Oak bench")  # newer than what stands on the shelf
    shown = page(client, "/search?category=bikes")
    assert "One listing" in shown
    assert re.search(
        r'category=bikes[^>]+aria-current="true"><span><bdi>[^<]+</bdi></span> <span class="tally">1<', shown
    )


def test_says_what_it_corrected_and_offers_the_words_as_they_were(client):
    listed("iPhone 15 Pro", "Wooden table")
    shown = page(client, "/search?q=iphnoe")
    assert titles(shown) == ["iPhone 15 Pro"]
    assert "We searched for “iphone”, because no listing says “iphnoe”." in shown
    assert "verbatim=true" in shown
    assert titles(page(client, "/search?q=iphnoe&verbatim=true")) == []


def test_says_what_it_left_out(client):
    listed("Oak table")
    assert "without “xyzzyplugh”" in page(client, "/search?q=oak+table+xyzzyplugh")


def test_marks_the_words_that_were_found(client):
    listed("Two oak chairs")
    assert "Two oak <mark>chairs</mark>" in page(client, "/search?q=chair")


def test_nothing_found_helps_to_go_on(client):
    PopularSearch.objects.create(q="oak piano", folded="oak piano", score=3)
    listed("Oak chair")
    shown = page(client, "/search?q=oak+chair&max_price=1")
    assert "Nothing found for “oak chair”" in shown
    assert "Search without filters" in shown
    assert "Save this search" in shown
    assert "oak piano" in shown


@pytest.mark.parametrize("q", ["x" * 201, "a " * 20, "a\x00b"])
def test_words_that_are_none_are_refused_with_a_page(client, q):
    answer = client.get("/search", {"q": q})
    assert answer.status_code == 400
    assert "This cannot be searched for" in answer.content.decode()


def test_bad_cursor_is_refused_calmly(client, chairs):
    assert "Start again from the first page" in page(client, "/search?q=chair&cursor=nonsense", status=400)


@pytest.mark.parametrize("sort", ["relevance", "recent", "price_low", "nearest"])
def test_pages_continue_without_gaps_and_repeats(client, sort):
    seller = SellerFactory()
    listed(*[f"Lamp {n:02}" for n in range(30)], seller=seller, images=0)
    first = page(client, f"/search?q=lapm&sort={sort}")
    [more] = re.findall(r'hx-get="([^"]+)"', first)
    assert "q=lamp" in more
    second = page(client, f"/search{more}", **{"HX-Request": "true"})
    assert "<html" not in second
    assert sorted(titles(first) + titles(second)) == [f"Lamp {n:02}" for n in range(30)]


def test_hides_what_may_not_be_seen(client):
    viewer = UserFactory()
    shown, apart, hidden = listed("Zither one", "Zither two", "Zither three")
    Block.objects.create(blocker=apart.seller, blocked=viewer)
    hidden.hidden_at = hidden.published_at
    hidden.save()
    client.force_login(viewer)
    assert titles(page(client, "/search?q=zither")) == [shown.title]


def test_the_map_shows_cells_and_never_the_place_itself(client):
    (lamp,) = listed("Brass lamp")
    shown = page(client, "/search?q=lamp&view=map")
    assert 'data-map="map-facts"' in shown
    assert f"{lamp.public_location.y:.5f}" in shown
    assert f"{lamp.location.y:.6f}" not in shown
    assert str(lamp.location.x) not in shown


def test_where_no_neighbourhood_is_loaded_there_is_a_list_and_no_map(client):
    del client.cookies["place"]
    listed("Brass lamp")
    shown = page(client, "/search?q=lamp&view=map")
    assert titles(shown) == ["Brass lamp"]
    assert "data-map=" not in shown
    assert 'href="?q=lamp&view=map"' not in page(client, "/search?q=lamp")


def test_the_form_of_filters_keeps_what_it_has_no_field_for(client, chairs):
    asked = "q=chair&category=bikes&attr_year=2020&sort=price_low&verbatim=true&currency=AED"
    asked += "&latitude=25.07&longitude=55.13&radius_km=20"
    shown = page(client, f"/search?{asked}")
    form = shown[shown.index('<form method="get" action="/search" class="form">') : shown.index("filters-foot")]
    for name, value in re.findall(r"(\w+)=([^&]+)", asked):
        assert f'name="{name}" value="{value}' in form, name
        assert form.count(f'name="{name}"') == 1, name
    assert "Within 20 km" in form
    assert titles(shown) == ["Chair for a bike"]


def test_words_as_they_were_stay_so_when_a_filter_is_taken(client):
    listed("iPhone 15 Pro", condition="good")
    shown = page(client, "/search?q=iphnoe&verbatim=true&condition=good")
    assert titles(shown) == []
    assert "verbatim=true" in re.search(r'class="chip on" href="([^"]+)"', shown)[1]


def test_answers_in_ones_own_words_are_choices(client, chairs):
    shelf = Category.objects.get(slug="bikes")
    CategoryAttribute.objects.create(category=shelf, key="maker", name_en="Maker", name_ar="الصانع", kind="text")
    listed("Bike one", "Bike two", category=shelf, attributes={"maker": "Brompton"})
    listed("Bike three", category=shelf, attributes={"maker": "BROMPTON"})
    listed("Bike four", category=shelf, attributes={"maker": "Trek"})
    shown = page(client, "/search?category=bikes")
    offered = re.findall(
        r'name="attr_maker" value="(\w+)"><span><bdi>(\w+)</bdi></span> <span class="tally">(\d+)', shown
    )
    assert offered == [("Brompton", "Brompton", "3"), ("Trek", "Trek", "1")]
    chosen = page(client, "/search?category=bikes&attr_maker=brompton&sort=price_low")
    assert sorted(titles(chosen)) == ["Bike one", "Bike three", "Bike two"]
    assert "Maker: brompton" in chips(chosen)
    assert 'name="attr_maker" value="brompton" checked' in chosen


def test_numbers_may_be_in_the_digits_of_the_east(client, chairs):
    assert titles(page(client, "/search?category=bikes&attr_year_min=٢٠١٩")) == ["Chair for a bike"]
    assert titles(page(client, "/search?category=bikes&attr_year_min=٢٠٢١")) == []


def test_prices_may_be_in_another_currency(client, chairs):
    listed("Chair from abroad", price_minor=100_00, currency="USD")
    shown = page(client, "/search?q=chair&max_price=100&currency=usd")
    assert titles(shown) == ["Chair from abroad"]
    assert chips(shown) == ["Up to 100 USD"]
    assert titles(page(client, "/search?q=chair&max_price=100&currency=XXX")) == ["Pine chair"]


def test_is_readable_and_usable_without_javascript(client, chairs):
    shown = page(client, "/search?q=chair")
    assert 'role="search" method="get" action="/search"' in shown
    assert " style=" not in shown
    assert not re.search(r"\son[a-z]+=", shown)


def test_the_box_stands_on_other_pages(client):
    for address in ("/", "/categories", "/search"):
        assert 'action="/search"' in page(client, address)


# --- why --------------------------------------------------------------------------------------------------------------


def test_explains_why_a_listing_stands_where_it_does(client):
    (lamp,) = listed("Brass lamp")
    shown = page(client, "/search?q=lamp")
    [address] = re.findall(r'class="why" href="([^"]+)"', shown)
    explained = page(client, address)
    assert "Your words" in explained
    assert "It fits the words that you searched for" in explained
    assert "You sorted by" in page(client, f"/search/why/{lamp.pk}?q=lamp&sort=price_low")


def test_explains_what_was_sold(client):
    listed("Brass lamp", state="sold")
    [address] = re.findall(r'class="why" href="([^"]+)"', page(client, "/search?q=lamp&availability=sold"))
    assert "It fits the words that you searched for" in page(client, address)


@pytest.mark.parametrize("q", ["x" * 10_000, "a\x00b", "a " * 20])
def test_explains_no_words_that_are_none(client, q):
    (lamp,) = listed("Brass lamp")
    assert client.get(f"/search/why/{lamp.pk}", {"q": q}).status_code == 400


def test_explains_nothing_that_one_may_not_see(client):
    (lamp,) = listed("Brass lamp", seller__suspended=True)
    page(client, f"/search/why/{lamp.pk}?q=lamp", status=404)


def test_some_looks_are_noted_for_the_ranking(client, settings):
    settings.RANKING_SAMPLE = 1.0
    listed("Brass lamp", "Oak lamp")
    page(client, "/search?q=lamp")
    page(client, "/search?q=lamp&sort=recent")
    assert ranking.flush_impressions() == 2
    noted = Impression.objects.order_by("position")
    assert [(one.feed, one.position) for one in noted] == [("search", 1), ("search", 2)]
    assert noted[0].facts["text"] > 0


# --- suggestions, history ---------------------------------------------------------------------------------------------


def test_suggests_while_typing(client):
    SellerFactory(username="pianoforte", full_name="Pia Noforte")
    listed("Grand piano")
    shown = page(client, "/search/suggest?q=pian")
    assert 'role="listbox"' in shown
    assert "Grand piano" in shown
    assert 'data-href="/u/pianoforte"' in shown
    assert 'data-href="/search?category=electronics"' in page(client, "/search/suggest?q=elec")


def test_suggests_what_one_looked_for_before_the_first_letter(client):
    listed("Grand piano")
    client.force_login(UserFactory())
    page(client, "/search?q=piano&condition=good")
    shown = page(client, "/search/suggest?q=")
    assert 'data-href="/search?q=piano&condition=good"' in shown
    client.logout()
    assert "piano" not in page(client, "/search/suggest?q=")


@pytest.mark.parametrize("q", ["p", "x" * 300, "a\x00b"])
def test_suggests_nothing_for_nonsense(client, q):
    answer = client.get("/search/suggest", {"q": q})
    assert answer.status_code == 200
    assert b"option" not in answer.content


def test_finds_without_redis(client):
    listed("Grand piano")
    nowhere = {
        "BACKEND": "core.cache.ForgivingRedisCache",
        "LOCATION": "unix:///nowhere/redis.sock?db=0",
        "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},
    }
    with override_settings(CACHES={"default": nowhere}):
        assert titles(page(client, "/search?q=piano")) == ["Grand piano"]
    ForgivingRedisCache.away_until = 0.0


@pytest.mark.parametrize("q", ["!!!", "؟؟", "😀"])
def test_signs_alone_ask_for_nothing(client, q):
    listed("Grand piano")
    shown = page(client, f"/search?q={q}")
    assert "There is no word in" in shown
    assert "Grand piano" not in shown
    assert titles(page(client, f"/search?q={q}&condition=good")) == ["Grand piano"]


# --- cost -------------------------------------------------------------------------------------------------------------


def test_costs_the_same_queries_with_1_and_with_20_results(client, settings, django_assert_max_num_queries):
    settings.RANKING_SAMPLE = 0
    seller = SellerFactory()
    client.force_login(UserFactory())
    listed("Lamp 0", seller=seller, images=0)
    page(client, "/search?q=lamp&category=furniture")
    with django_assert_max_num_queries(40) as one:
        page(client, "/search?q=lamp&category=furniture")
    listed(*[f"Lamp {n}" for n in range(1, 20)], seller=seller, images=0)
    page(client, "/search?q=lamp&category=furniture")
    with django_assert_max_num_queries(40) as twenty:
        assert len(titles(page(client, "/search?q=lamp&category=furniture"))) == 20
    assert len(one) >= len(twenty)


def test_in_arabic_it_reads_from_the_right(client):
    listed("كنبة رمادية")
    shown = page(client, "/search?q=كنبة&lang=ar")
    assert 'dir="rtl"' in shown
    assert titles(shown) == ["كنبة رمادية"]


def test_says_that_one_follows_a_search_already(client):
    user = UserFactory()
    client.force_login(user)
    listed("Brass lamp")
    saved(user=user, q="lamp", conditions=["good"])
    assert "You follow this search" in page(client, "/search?q=Lamp&condition=good")
    assert "You follow this search" not in page(client, "/search?q=lamp")
    assert Category.objects.exists()
