"""Who changes what somebody else (or another device) changed meanwhile is refused: every PATCH, PUT and DELETE of what one edits knows
If-Match. The others stand in `OTHERS` with the reason.
"""

import re

import pytest
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from accounts.models import User
from catalog.models import Product, ProductVariant
from orders.models import CartItem
from tests.permissions.test_permissions import routes
from tests.permissions.world import build

STALE = '"00000000000000000000000000000000-1"'
A_STEP = "a step, which its state guards"
A_MARK = "there or not: saying it twice is the same"
NEVER_EDITED = "it is never edited, only there or gone"
OTHERS = {
    "DELETE /api/v1/auth/sessions/{session_id}": NEVER_EDITED,
    "PATCH /api/v1/conversations/{conversation_id}/read": "only ever forward",
    "PUT /api/v1/media/local-upload/{asset_id}": "a signature is good for one file",
    "DELETE /api/v1/media/{asset_id}": NEVER_EDITED,
    "DELETE /api/v1/messages/{message_id}/reaction": A_MARK,
    "PUT /api/v1/messages/{message_id}/reaction": A_MARK,
    "PATCH /api/v1/moderation/reports/{report_id}/resolve": "names the revision that was read in its body",
    "PATCH /api/v1/notifications/read-all": A_MARK,
    "DELETE /api/v1/notifications/unregister-device": A_MARK,
    "DELETE /api/v1/notifications/{pk}": NEVER_EDITED,
    "PATCH /api/v1/notifications/{pk}/read": A_MARK,
    "PATCH /api/v1/offers/{offer_id}/accept": A_STEP,
    "PATCH /api/v1/offers/{offer_id}/counter": A_STEP,
    "PATCH /api/v1/offers/{offer_id}/decline": A_STEP,
    "PATCH /api/v1/offers/{offer_id}/withdraw": A_STEP,
    "DELETE /api/v1/products/{product_id}/favourite": A_MARK,
    "PATCH /api/v1/products/{product_id}/mark-sold": A_STEP,
    "DELETE /api/v1/search/history": NEVER_EDITED,
    "DELETE /api/v1/search/history/{entry_id}": NEVER_EDITED,
    "PATCH /api/v1/seller/orders/{order_id}/status": A_STEP,
    "DELETE /api/v1/users/me/avatar": NEVER_EDITED,
    "DELETE /api/v1/users/me/devices/{device_id}": NEVER_EDITED,
    "DELETE /api/v1/users/me/erasure": A_STEP,
    "DELETE /api/v1/users/me/seller": A_MARK,
    "DELETE /api/v1/users/{user_id}/block": A_MARK,
    "DELETE /api/v1/users/{user_id}/follow": A_MARK,
}
# A body that changes something.
EDITS = {
    "DELETE /api/v1/cart": {},
    "PATCH /api/v1/cart/items/{item_id}": {"quantity": 2},
    "DELETE /api/v1/cart/items/{item_id}": {},
    "PATCH /api/v1/conversations/{conversation_id}": {"is_archived": True},
    "DELETE /api/v1/conversations/{conversation_id}": {},
    "PATCH /api/v1/messages/{message_id}": {"content": "Is it still for sale?"},
    "DELETE /api/v1/messages/{message_id}": {},
    "PATCH /api/v1/notifications/settings": {"push_enabled": False},
    "PATCH /api/v1/payouts/settings": {"takes_cash": False},
    "PATCH /api/v1/products/{product_id}": {"tags": ["another"]},
    "PUT /api/v1/products/{product_id}": {
        "title": "Another title of it",
        "price": "90.00",
        "category": "furniture",
        "condition": "good",
    },
    "DELETE /api/v1/products/{product_id}": {},
    "PATCH /api/v1/products/{product_id}/offer-terms": {"floor_percent": 60},
    "PUT /api/v1/products/{product_id}/variants": {"variants": [{"options": {}, "stock": 2}]},
    "PATCH /api/v1/search/saved/{saved_search_id}": {"name": "Another name"},
    "DELETE /api/v1/search/saved/{saved_search_id}": {},
    "PUT /api/v1/seller/delivery": {"ships": True, "parcel": "20.00"},
    "PATCH /api/v1/seller/vouchers/{voucher_id}": {"person_limit": 2},
    "DELETE /api/v1/seller/vouchers/{voucher_id}": {},
    "PATCH /api/v1/users/me": {"full_name": "Another Name"},
    "PATCH /api/v1/users/me/addresses/{address_id}": {"label": "Office"},
    "DELETE /api/v1/users/me/addresses/{address_id}": {},
    "PUT /api/v1/users/me/location": {"latitude": 25.08, "longitude": 55.14},
    "DELETE /api/v1/users/me/location": {},
    "PATCH /api/v1/users/me/privacy": {"show_last_seen": False},
}
READ_AT = {"/api/v1/cart/items/{item_id}": "/api/v1/cart"}  # where it is not read at its own path


def writes():
    return [route for route in routes() if route.startswith(("PATCH", "PUT", "DELETE"))]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        built = build()
        # A shop's listing with some pieces: what is used exists once.
        Product.objects.filter(pk=built.ids["product_id"]).update(condition="new")
        ProductVariant.objects.filter(pk=CartItem.objects.get(pk=built.ids["item_id"]).variant_id).update(stock=5)
        yield built
        transaction.set_rollback(True)


def owner(world):
    """As they are now: the tests are rolled back, and what was read in one of them is not true in the next."""
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(User.objects.get(pk=world.people["owner"].pk))
    return client


def filled(world, template):
    word = template.split("/")[3]
    return re.sub(r"{(\w+)}", lambda m: str(world.ids.get(f"{word}.{m[1]}", world.ids.get(m[1]))), template)


def send(world, route, tag, body):
    method, template = route.split()
    client = owner(world)
    return getattr(client, method.lower())(
        filled(world, template), body or {}, format="json", headers={"If-Match": tag}
    )


def read(world, route):
    template = route.split()[1]
    return owner(world).get(filled(world, READ_AT.get(template, template)))


def test_every_write_is_one_or_the_other():
    assert sorted([*OTHERS, *EDITS]) == sorted(writes())


def test_the_schema_names_the_header_where_it_is_heeded():
    schema = SchemaGenerator().get_schema(request=None, public=True)
    naming = {
        f"{method.upper()} {path}"
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method in ("patch", "put", "delete")
        and any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", ()))
    }
    assert naming == set(EDITS)


@pytest.mark.django_db
@pytest.mark.parametrize("route", EDITS)
def test_what_was_changed_meanwhile_is_not_changed_again(world, route):
    with transaction.atomic():
        before = read(world, route)
        assert before["ETag"], route
        answer = send(world, route, STALE, EDITS[route])
        assert (answer.status_code, answer.json()["code"]) == (412, "core.stale_revision")
        after = read(world, route)
        assert after["ETag"] == before["ETag"]
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("route", EDITS)
def test_with_the_tag_that_was_read_it_is_changed_once(world, route):
    with transaction.atomic():
        tag = read(world, route)["ETag"]
        answer = send(world, route, tag, EDITS[route])
        assert answer.status_code in (200, 204), answer.content
        again = send(world, route, tag, EDITS[route])
        gone = (404, 409) if route.startswith("DELETE") else ()
        assert again.status_code in (412, *gone), again.content
        now = read(world, route)
        if now.status_code == 200 and "ETag" in answer and answer.status_code == 200:
            assert now["ETag"] == answer["ETag"]  # what a change answers is what the next one names
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("route", ["PUT /api/v1/seller/delivery", "PATCH /api/v1/payouts/settings"])
def test_without_the_header_and_with_a_star_nothing_is_asked(world, route):
    with transaction.atomic():
        assert send(world, route, "*", EDITS[route]).status_code == 200
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_repeated_request_with_its_key_has_its_first_answer(world):
    route = "PATCH /api/v1/payouts/settings"
    with transaction.atomic():
        tag = read(world, route)["ETag"]
        client, path = owner(world), filled(world, route.split()[1])
        headers = {"If-Match": tag, "Idempotency-Key": "once"}
        first = client.patch(path, {"takes_cash": False}, format="json", headers=headers)
        second = client.patch(path, {"takes_cash": False}, format="json", headers=headers)
        assert (first.status_code, second.status_code) == (200, 200)
        assert second.json() == first.json()
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/conversations/{conversation_id}", "/api/v1/messages/{message_id}"])
def test_what_changes_by_itself_is_sent_whatever_tag_one_has(world, path):
    path = filled(world, path)
    tag = owner(world).get(path)["ETag"]
    again = owner(world).get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again["ETag"]) == (200, tag)
    assert again.json()


@pytest.mark.django_db
def test_who_has_it_already_is_not_sent_it_again(world):
    client = owner(world)
    tag = client.get("/api/v1/seller/delivery")["ETag"]
    assert client.get("/api/v1/seller/delivery", headers={"If-None-Match": tag}).status_code == 304
