"""Writes without a body: fields that nobody would read are refused, and change nothing."""

import re
from functools import partial

import pytest
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator

from tests.permissions.test_permissions import rows, world  # noqa: F401 - a fixture
from tests.permissions.world import World


def described() -> dict[str, bool]:
    """Every POST and PATCH, and whether the description of the API says that it takes a body."""
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return {
        f"{method.upper()} {path}": "requestBody" in operation
        for path, operations in paths.items()
        for method, operation in operations.items()
        if method in ("post", "patch")
    }


BODYLESS = [
    "POST /api/v1/auth/logout-all",
    "POST /api/v1/cart/accept",
    "POST /api/v1/checkout/{checkout_id}/cancel",
    "POST /api/v1/conversations/{conversation_id}/unarchive",
    "POST /api/v1/disputes/{dispute_id}/accept",
    "POST /api/v1/disputes/{dispute_id}/escalate",
    "POST /api/v1/disputes/{dispute_id}/returned",
    "POST /api/v1/disputes/{dispute_id}/settle",
    "POST /api/v1/disputes/{dispute_id}/withdraw",
    "POST /api/v1/media/{asset_id}/complete",
    "POST /api/v1/meetings/{meeting_id}/agree",
    "POST /api/v1/meetings/{meeting_id}/cancel-order",
    "POST /api/v1/meetings/{meeting_id}/contest",
    "POST /api/v1/meetings/{meeting_id}/decline",
    "POST /api/v1/meetings/{meeting_id}/no-show",
    "POST /api/v1/moderation/cases/{case_id}/release",
    "PATCH /api/v1/notifications/read-all",
    "PATCH /api/v1/notifications/{pk}/read",
    "PATCH /api/v1/offers/{offer_id}/accept",
    "POST /api/v1/offers/{offer_id}/accept",
    "PATCH /api/v1/offers/{offer_id}/decline",
    "POST /api/v1/offers/{offer_id}/decline",
    "PATCH /api/v1/offers/{offer_id}/withdraw",
    "POST /api/v1/offers/{offer_id}/withdraw",
    "POST /api/v1/orders/{order_id}/handover-code",
    "POST /api/v1/orders/{order_id}/received",
    "POST /api/v1/payouts/onboarding",
    "POST /api/v1/products/{product_id}/favourite",
    "PATCH /api/v1/products/{product_id}/mark-sold",
    "POST /api/v1/products/{product_id}/pause",
    "POST /api/v1/products/{product_id}/publish",
    "POST /api/v1/products/{product_id}/renew",
    "POST /api/v1/products/{product_id}/resume",
    "POST /api/v1/realtime/tickets",
    "POST /api/v1/search/saved/{saved_search_id}/restore",
    "POST /api/v1/seller/orders/{order_id}/accept",
    "POST /api/v1/seller/orders/{order_id}/cash-back",
    "POST /api/v1/seller/orders/{order_id}/ready",
    "POST /api/v1/transactions/{order_id}/confirm",
    "POST /api/v1/users/me/confirmation-code",
    "POST /api/v1/users/me/exports",
    "POST /api/v1/users/me/seller",
    "POST /api/v1/users/{user_id}/block",
    "POST /api/v1/users/{user_id}/follow",
]


def send(world: World, route: str, body: object):  # noqa: F811
    method, template = route.split()
    word = template.split("/")[3]
    path = re.sub(r"{(\w+)}", lambda m: str(world.ids.get(f"{word}.{m[1]}", world.ids.get(m[1]))), template)
    role = "moderator" if word == "moderation" else "stranger" if word == "users" else "owner"
    with transaction.atomic():
        response = getattr(world.client(role), method.lower())(path, body, format="json")
        transaction.set_rollback(True)
    return response


def test_the_list_is_what_the_description_says():
    unnamed = partial(re.sub, r"{\w+}", "{}")  # the description has its own names of ids
    bodyless = {unnamed(route) for route, takes_body in described().items() if not takes_body}
    assert {unnamed(route) for route in BODYLESS} == bodyless
    assert set(BODYLESS) <= set(rows())


@pytest.mark.django_db
@pytest.mark.parametrize("route", BODYLESS)
@pytest.mark.parametrize("body", [{"force": True}, {"price": "1.00", "reason": "none"}])
def test_refuses_fields_where_there_is_no_body(world, route, body):  # noqa: F811
    refused = send(world, route, body)
    assert (refused.status_code, refused.json()["code"]) == (400, "core.invalid")
    assert {(e["attr"], e["code"]) for e in refused.json()["errors"]} == {(name, "unknown_field") for name in body}


@pytest.mark.django_db
@pytest.mark.parametrize("route", BODYLESS)
def test_refuses_a_body_that_is_no_object(world, route):  # noqa: F811
    assert send(world, route, ["x"]).status_code == 400


@pytest.mark.django_db
def test_an_empty_body_is_none(world):  # noqa: F811
    assert send(world, "POST /api/v1/products/{product_id}/favourite", {}).status_code == 200
    assert send(world, "POST /api/v1/products/{product_id}/favourite", None).status_code == 200
