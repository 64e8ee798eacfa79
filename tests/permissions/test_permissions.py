"""Who may call what: every route of the API stands in `table.txt` with the answer for each of four people.

Bodies are mostly empty, so 400 means "let in, then told what is missing". `python -m tests.permissions.draft` prints a
draft for new routes; every line of it is to be read before it is kept.
"""

import re
from pathlib import Path

import pytest
from django.db import transaction
from drf_spectacular.generators import EndpointEnumerator

from tests.permissions.world import ROLES, World, build

TABLE = Path(__file__).with_name("table.txt")
QUERIES = {
    "GET /api/v1/feeds/community": "?latitude=25.08&longitude=55.14",
    "GET /api/v1/feeds/discover": "",
    "GET /api/v1/messages/search": "?q=there",
    "GET /api/v1/neighborhoods/at": "?latitude=25.08&longitude=55.14",
    "GET /api/v1/fees/calculate": "?price=100.00&currency=AED&feed_type=community",
    "GET /api/v1/payouts/commission": "?month=2026-11",
}
STILL_ONES_OWN = {"DELETE /api/v1/products/{product_id}/favourite"}  # what one saved may be forgotten, hidden or not
FORBIDDEN = {401, 403, 404}


def routes() -> list[str]:
    found = {
        f"{method} {path}"
        for path, _regex, method, _view in EndpointEnumerator().get_api_endpoints()
        if path.startswith("/api/v1/")
    }
    return sorted(found, key=lambda r: (r.split()[1], r.split()[0]))


def rows() -> dict[str, tuple[int, ...]]:
    lines = [
        line.split()
        for line in TABLE.read_text().splitlines()
        if line.startswith(("GET", "POST", "PUT", "PATCH", "DEL"))
    ]
    return {f"{method} {path}": tuple(map(int, answers)) for method, path, *answers in lines}


def answer(world: World, route: str, role: str) -> int:
    """Call the route as that person; whatever it changed is rolled back."""
    method, template = route.split()
    word = template.split("/")[3]

    def fill(match: re.Match[str]) -> str:
        name = match.group(1)
        return str(world.ids.get(f"{word}.{name}", world.ids.get(name, "unknown")))

    path = re.sub(r"{(\w+)}", fill, template) + QUERIES.get(route, "")
    last = template.rsplit("/", 1)[-1]
    body = world.bodies.get(f"{word}.{last}", world.bodies.get(last, {}))
    with transaction.atomic():
        response = getattr(world.client(role), method.lower())(path, *([] if method == "GET" else [body]))
        transaction.set_rollback(True)
    return response.status_code


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


def test_every_route_stands_in_the_table():
    assert sorted(rows()) == sorted(routes())


@pytest.mark.django_db
@pytest.mark.parametrize("route", rows())
def test_everybody_gets_the_answer_of_the_table(world, route):
    assert dict(zip(ROLES, rows()[route], strict=True)) == {role: answer(world, route, role) for role in ROLES}


@pytest.mark.parametrize("route", rows())
def test_nothing_but_reads_is_open_to_strangers_without_reason(route):
    anonymous = rows()[route][0]
    open_writes = {
        "POST /api/v1/auth/",
        "PUT /api/v1/media/local-upload/",
        "POST /api/v1/search/track",
        "POST /api/v1/webhooks/",  # a signature is the proof
        "POST /api/v1/cart",  # guests have one; whose it is, their key says
        "DELETE /api/v1/cart",
    }
    if not route.startswith("GET") and not any(route.startswith(prefix) for prefix in open_writes):
        assert anonymous in FORBIDDEN


@pytest.mark.django_db
@pytest.mark.parametrize("route", [r for r in rows() if "{product_id}" in r and r not in STILL_ONES_OWN])
def test_a_hidden_listing_is_not_there_for_anybody_but_its_owner(world, route):
    shown = world.ids["product_id"]
    world.ids["product_id"] = world.ids["hidden_product"]
    try:
        assert answer(world, route, "anonymous") in (401, 404)
        assert answer(world, route, "stranger") in (400, 404)
    finally:
        world.ids["product_id"] = shown
