import json

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.template.loader import render_to_string

from core.errors import InvalidCursor, NotAllowed, NotFound, TooMany
from core.filters import ChoiceGroup, FilterForm
from core.middleware import RefusalPageMiddleware
from core.models import OutboxEvent
from core.rest.pagination import encode_cursor
from core.web import continued, keyset_page, newest_page, signed_in

CONDITION = ChoiceGroup("condition", "Condition", (("new", "new"), ("good", "good")))


def refused(rf, refusal, **headers):
    request = rf.get("/somewhere", headers=headers)
    request.user = AnonymousUser()
    return RefusalPageMiddleware(lambda _: HttpResponse()).process_exception(request, refusal)


def test_refusal_becomes_a_page_that_says_it(rf):
    response = refused(rf, NotAllowed())
    assert response.status_code == 403
    assert "You may not do this." in response.content.decode()


def test_what_is_not_there_gets_the_page_for_that(rf):
    response = refused(rf, NotFound())
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_refusal_to_htmx_is_a_toast_and_swaps_nothing(rf):
    response = refused(rf, TooMany(retry_after=7), **{"HX-Request": "true"})
    assert response.status_code == 429
    assert response["Retry-After"] == "7"
    assert json.loads(response["HX-Trigger"])["souk:toast"]["kind"] == "error"
    assert response.content == b""


def test_other_exceptions_are_left_to_django(rf):
    assert refused(rf, ValueError()) is None


def test_stranger_is_sent_to_sign_in_and_comes_back(rf):
    request = rf.get("/saved?x=1")
    request.user = AnonymousUser()
    assert signed_in(lambda _: HttpResponse())(request)["Location"] == "/login?next=%2Fsaved%3Fx%3D1"


def test_stranger_who_taps_a_heart_is_sent_to_sign_in_by_htmx(rf):
    request = rf.post("/l/1/save", {"next": "/c/books"}, headers={"HX-Request": "true"})
    request.user = AnonymousUser()
    assert signed_in(lambda _: HttpResponse())(request)["HX-Redirect"] == "/login?next=%2Fc%2Fbooks"


def test_continued_keeps_the_rest_of_the_address(rf):
    assert continued(rf.get("/c/books?condition=new&condition=good&cursor=old"), "next") == (
        "?condition=new&condition=good&cursor=next"
    )
    assert continued(rf.get("/"), "") == ""


@pytest.mark.django_db
@pytest.mark.parametrize("order", ["name", "-name"])
def test_keyset_pages_show_everything_once_in_order(order):
    for number in range(11):
        OutboxEvent.objects.create(name=f"test.{number // 4}")  # many alike
    rows = OutboxEvent.objects.values("id", "name")
    seen, cursor = [], ""
    while True:
        page, cursor = keyset_page(rows, order=order, cursor=cursor, size=4)
        seen += page
        if not cursor:
            break
    assert len({row["id"] for row in seen}) == len(seen) == 11
    assert [row["name"] for row in seen] == sorted((f"test.{n // 4}" for n in range(11)), reverse=order.startswith("-"))


@pytest.mark.django_db
@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIiwiYiJd"])
def test_foreign_cursor_is_refused(cursor):
    with pytest.raises(InvalidCursor):
        keyset_page(OutboxEvent.objects.values("id", "occurred_at"), order="occurred_at", cursor=cursor, size=4)


def test_filter_that_makes_no_sense_is_told_and_the_rest_still_filters(rf):
    form = FilterForm(rf.get("/?min_price=abc&condition=good").GET, groups=[CONDITION])
    assert form.asked == {"condition": ["good"]}
    assert form.errors["min_price"]


def test_price_range_upside_down_is_told_at_its_field(rf):
    form = FilterForm(rf.get("/?min_price=100&max_price=50").GET)
    assert form.asked == {"min_price": 100}
    assert form.errors["max_price"]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1", "1e400", "9" * 40])
def test_no_number_breaks_the_price_filter(rf, value):
    assert FilterForm(rf.get("/", {"min_price": value}).GET).asked == {}


@pytest.mark.django_db
def test_unknown_address_gets_the_page_for_that(client):
    response = client.get("/no/such/page")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_pages_of_the_worst_stand_alone():
    for name in ("400.html", "500.html"):
        shown = render_to_string(name)  # as Django does it: without a request
        assert 'lang="ar"' in shown
        assert "<script" not in shown


@pytest.mark.django_db
def test_address_may_name_the_language(client):
    assert '<html lang="ar" dir="rtl"' in client.get("/no/such/page?lang=ar").content.decode()
    assert '<html lang="en" dir="ltr"' in client.get("/no/such/page?lang=xx").content.decode()


@pytest.mark.django_db
def test_newest_pages_show_everything_once_and_end(rf):
    made = [OutboxEvent.objects.create(name="x", payload={}) for _ in range(5)]
    rows, seen, address = OutboxEvent.objects.order_by("-pk"), [], "/list"
    while address:
        page, further = newest_page(rf.get(address), rows, size=2)
        seen += page
        address = further and f"/list{further}"
    assert seen == made[::-1]


@pytest.mark.django_db
def test_a_cursor_of_something_else_is_none(rf):
    with pytest.raises(InvalidCursor):
        newest_page(rf.get("/list", {"cursor": encode_cursor(["x"])}), OutboxEvent.objects.order_by("-pk"), size=2)
