from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts.tests.factories import UserFactory
from search.prices import price_in
from search.tests.test_api_search import found, listed, understood

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("q", "rest", "most"),
    [
        ("iphone under 3000", "iphone", 3000),
        ("Sofa Below 1k", "Sofa", 1000),
        ("kettle max 200 aed", "kettle", 200),
        ("bike up to AED 1,500", "bike", 1500),
        ("under 500 aed oak table", "oak table", 500),
        ("آيفون أقل من ٣٠٠٠", "آيفون", 3000),
        ("كنبة اقل من 500 درهم", "كنبة", 500),
        ("دراجة تحت 2 ألف", "دراجة", 2000),
        ("ساعة حتى 300 درهم", "ساعة", 300),
    ],
)
def test_a_price_is_read(q, rest, most):
    said = price_in(q)
    assert said is not None
    assert (said.q, said.most) == (rest, Decimal(most))


@pytest.mark.parametrize(
    "q",
    [
        "air max 90", "iphone 15 pro max 256", "usb up to 64", "desk under 120 cm", "books under 12 years", "car under 100000 km",
        "under 3000", "under armour", "sofa under 0", "tv under 500 usd", "lamp under", "موقد تحت 60 سم", "ساعة حتى 300", "thunder 500",
    ],
)  # fmt: skip
def test_what_may_be_something_else_is_no_price(q):
    assert price_in(q) is None


def test_the_answer_says_what_it_read_and_its_links_go_on_with_it(client):
    listed(*[f"iPhone {n}" for n in (12, 13, 14)], price_minor=2_000_00)
    listed("iPhone 16", price_minor=4_000_00)
    answer = client.get("/api/v1/search", {"q": "iphone under 3000", "per_page": 2, "sort": "recent"}).json()
    read = answer["understood"]
    assert (read["q"], read["typed"], read["reading"], read["max_price"]) == (
        "iphone", "iphone under 3000", "priced", "3000.00"
    )  # fmt: skip
    assert answer["count"] == 3
    asked = parse_qs(urlsplit(answer["next"]).query)
    assert (asked["q"], asked["max_price"]) == (["iphone"], ["3000.00"])
    both = [hit["title"] for page in (answer, client.get(answer["next"]).json()) for hit in page["results"]]
    assert sorted(both) == ["iPhone 12", "iPhone 13", "iPhone 14"]
    assert found(client, q="iphone under 3000", verbatim="true") == []


def test_a_title_that_has_the_words_is_never_missed(client):
    listed("Lamp Under 500", price_minor=900_00)
    listed("Lamp", price_minor=100_00)
    read, titles, _more = understood(client, "lamp under 500")
    assert (read["reading"], read["max_price"], titles) == ("verbatim", "", ["Lamp Under 500"])


def test_a_misspelt_word_beside_a_price_is_corrected(client):
    listed("iPhone 12", price_minor=900_00)
    listed("iPhone 16", price_minor=4_000_00)
    read, titles, _more = understood(client, "iphnoe under 3000")
    assert (read["q"], read["reading"], titles) == ("iphone", "priced", ["iPhone 12"])


def test_a_filter_that_is_there_is_not_read_over(client):
    listed("Lamp", price_minor=100_00)
    read = client.get("/api/v1/search", {"q": "lamp under 500", "max_price": "50"}).json()["understood"]
    assert read["max_price"] == ""


@pytest.mark.parametrize(
    ("q", "words", "left_out"),
    [
        ("lamp under 500", "lamp", "under 500"),
        ("lapm under 500 aed", "lamp", "under 500 aed"),
        ("مصباح أقل من ٥٠٠ درهم", "مصباح", "أقل من 500 درهم"),
    ],
)
def test_where_nothing_is_so_cheap_the_price_is_left_out(client, q, words, left_out):
    listed("Oak lamp", "مصباح خشب", price_minor=900_00)
    read, titles, _more = understood(client, q)
    assert (read["reading"], read["q"], read["left_out"], read["max_price"]) == ("loosened", words, [left_out], "")
    assert titles


def test_what_stands_in_a_description_is_found_where_nothing_is_so_cheap(client):
    listed("Oak lamp", description="Sold for under 500 hours of light", price_minor=900_00)
    read, titles, _more = understood(client, "lamp under 500")
    assert (read["reading"], titles) == ("verbatim", ["Oak lamp"])


def test_on_the_page_the_price_is_a_filter_that_can_be_taken_away_and_saved(client):
    listed("كنبة كبيرة", "Corner sofa", price_minor=400_00)
    page = client.get("/search", {"q": "sofa under 500 aed"}).content.decode()
    assert "We read a price in your words: up to AED 500." in page
    assert "Up to 500 AED" in page
    assert 'href="?q=sofa+under+500+aed&amp;verbatim=true"' in page
    assert 'name="q" value="sofa"' in page
    assert 'href="?q=sofa"' in page


def test_a_search_that_is_saved_keeps_its_price_as_a_filter(client):
    client.force_login(UserFactory())
    listed("Corner sofa", price_minor=400_00)
    url = "/api/v1/search/saved"
    answers = [
        client.post(url, {"question": {"q": q}}, content_type="application/json").json()
        for q in ("sofa under 500 aed", "sofa under 30 aed")
    ]
    assert [one["question"] for one in answers] == [{"q": "sofa", "max_price": "500"}, {"q": "sofa", "max_price": "30"}]
    assert client.get(f"{url}/{answers[0]['id']}/results").json()["count"] == 1
    changed = {"question": {"q": "sofa under 600 aed"}}
    answer = client.patch(f"{url}/{answers[1]['id']}", changed, content_type="application/json")
    assert answer.json()["question"] == {"q": "sofa", "max_price": "600"}
