"""Registrations, publications and decisions at the same time, and not one half-written row afterwards."""

import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, zip_longest
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection, connections
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from catalog.actions import publish_new_product
from catalog.models import Product
from catalog.tests.factories import JLT, MARINA_MALL, ProductFactory
from core.errors import Refusal
from core.events import registered
from core.models import Delivery, DeliveryState, OutboxEvent
from core.testing import deliver_everything
from media.tests.factories import ReadyImageFactory
from moderation.actions import decide_case
from moderation.models import Case, Decision, Policy
from moderation.tests.factories import CaseFactory
from notifications.models import Notification

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

FULL = bool(os.environ.get("SOUK_TEST_FULL"))
PEOPLE, SELLERS, CASES, MODERATORS = (50, 10, 25, 5) if FULL else (12, 3, 6, 3)
EACH_WISHES, EACH_MAY = 5, 4  # listings of a seller
TOO_LATE = {"moderation.case_closed", "moderation.held_by_somebody_else"}  # of two moderators, the second
AT_ONCE = 60  # connections: the throw-away server has 150 for all tests that run beside each other

# Each counts rows that only a change that stopped half-way would leave.
HALF_WRITTEN = {
    "a listing for sale without its date, price, cover or place": """
        SELECT count(*) FROM catalog_product WHERE state = 'active' AND (published_at IS NULL OR expires_at IS NULL
        OR price_minor IS NULL OR cover_id IS NULL OR location IS NULL OR feed_cell IS NULL)""",
    "a listing without a variant or a picture": """
        SELECT count(*) FROM catalog_product p WHERE NOT EXISTS (SELECT FROM catalog_productvariant WHERE product_id = p.id)
        OR NOT EXISTS (SELECT FROM catalog_productmedia WHERE product_id = p.id)""",
    "a draft that nobody wrote": "SELECT count(*) FROM catalog_product WHERE state = 'draft'",
    "a listing in review without one waiting case": """
        SELECT count(*) FROM catalog_product p WHERE state = 'pending_review' AND 1 <> (SELECT count(*) FROM moderation_case
        WHERE target_id = p.id AND state IN ('open', 'claimed', 'reopened'))""",
    "a listing that was decided while its case waits": """
        SELECT count(*) FROM catalog_product p JOIN moderation_case c ON c.target_id = p.id
        WHERE p.state <> 'pending_review' AND c.state IN ('open', 'claimed', 'reopened')""",
    "a case about nothing": """
        SELECT count(*) FROM moderation_case c WHERE target_kind = 'product'
        AND NOT EXISTS (SELECT FROM catalog_product WHERE id = c.target_id AND seller_id = c.author_id)""",
    "a case without what was seen": """
        SELECT count(*) FROM moderation_case c WHERE NOT EXISTS (SELECT FROM moderation_snapshot WHERE case_id = c.id)""",
    "a decided case without exactly one decision, or a decision in a waiting one": """
        SELECT count(*) FROM moderation_case c WHERE (c.state = 'decided')::int <>
        (SELECT count(*) FROM moderation_decision WHERE case_id = c.id AND undone_at IS NULL)""",
    "a decided case that is not closed": """
        SELECT count(*) FROM moderation_case WHERE state = 'decided' AND closed_at IS NULL""",
    "a decision that its listing does not show": """
        SELECT count(*) FROM moderation_decision d JOIN moderation_case c ON c.id = d.case_id
        JOIN catalog_product p ON p.id = c.target_id
        WHERE p.state <> CASE d.outcome WHEN 'approve' THEN 'active' ELSE 'rejected' END""",
    "a decision without one event and one line in the audit": """
        SELECT count(*) FROM moderation_decision d WHERE 1 <> (SELECT count(*) FROM core_outboxevent
        WHERE name = 'moderation.decision_made' AND payload->>'decision_id' = d.id::text)
        OR 1 <> (SELECT count(*) FROM core_auditentry WHERE action = 'moderation.case_decided'
        AND target_id IN (d.id::text, d.case_id::text))""",
    "a picture in use that no listing shows, or the reverse": """
        SELECT count(*) FROM media_mediaasset a WHERE (attached_at IS NOT NULL)
        <> EXISTS (SELECT FROM catalog_productmedia WHERE asset_id = a.id)""",
    "a newcomer without a code, a session or the news": """
        SELECT count(*) FROM accounts_user u WHERE username LIKE 'newcomer%'
        AND (1 <> (SELECT count(*) FROM accounts_challenge WHERE user_id = u.id)
        OR 1 <> (SELECT count(*) FROM accounts_session WHERE user_id = u.id)
        OR 1 <> (SELECT count(*) FROM core_outboxevent WHERE name = 'accounts.person_registered'
        AND payload->>'user_id' = u.id::text))""",
    "news of somebody or something that is not there": """
        SELECT count(*) FROM core_outboxevent WHERE
        (payload ? 'user_id' AND payload->>'user_id' NOT IN (SELECT id::text FROM accounts_user))
        OR (payload ? 'product_id' AND payload->>'product_id' NOT IN (SELECT id::text FROM catalog_product))
        OR (payload ? 'case_id' AND payload->>'case_id' NOT IN (SELECT id::text FROM moderation_case))
        OR (payload ? 'decision_id' AND payload->>'decision_id' NOT IN (SELECT id::text FROM moderation_decision))""",
}


def half_written() -> dict[str, int]:
    found = {}
    with connection.cursor() as cursor:
        for what, statement in HALF_WRITTEN.items():
            cursor.execute(statement)
            found[what] = cursor.fetchone()[0]
        wanted = [(name, handler.name) for name, (_, handlers) in registered().items() for handler in handlers]
        cursor.execute(
            "SELECT count(*) FROM core_outboxevent e JOIN unnest(%s::text[], %s::text[]) AS h(name, handler) USING (name) "
            "LEFT JOIN core_delivery d ON d.event_id = e.id AND d.handler = h.handler WHERE d.id IS NULL",
            [[name for name, _ in wanted], [handler for _, handler in wanted]],
        )
        found["an event without one of its deliveries"] = cursor.fetchone()[0]
    return {what: count for what, count in found.items() if count}


def listing_of(seller: User) -> dict[str, Any]:
    return {
        "title": "Aeron chair",
        "category": "furniture",
        "condition": "good",
        "image_ids": [ReadyImageFactory(owner=seller).pk],
    }


def register(number: int) -> int:
    given = {"username": f"newcomer{number}", "email": f"n{number}@example.com", "password": PASSWORD}
    return APIClient().post("/api/v1/auth/register", given, format="json").status_code


def publish(seller: User, body: dict[str, Any]) -> int | str:
    browser = APIClient()
    browser.force_authenticate(seller)
    answer = browser.post("/api/v1/products", body, format="json")
    return answer.status_code if answer.status_code == 201 else answer.json()["code"]


def decide(case: Case, moderator: User, outcome: str) -> str:
    try:
        decide_case(case_id=case.pk, moderator=moderator, outcome=outcome, policy=Policy.objects.first(), revision=1)
    except Refusal as refusal:
        return refusal.code
    return "decided"


def in_a_crowd(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run all calls on many connections, the first of them at the same moment."""
    many = min(AT_ONCE, len(calls))
    start = Barrier(many)

    def work(mine: list[tuple[int, Callable[[], Any]]]) -> list[tuple[int, Any]]:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            return [(number, call()) for number, call in mine]
        finally:
            connections.close_all()

    numbered = list(enumerate(calls))
    with ThreadPoolExecutor(many) as pool:
        answers = chain.from_iterable(pool.map(work, [numbered[n::many] for n in range(many)]))
        return [answer for _, answer in sorted(answers, key=lambda one: one[0])]


def waiting_cases() -> list[Case]:
    for _case in range(CASES):
        seller = UserFactory()
        publish_new_product(seller=seller, price_minor=900_00, location=JLT, **listing_of(seller))
    return list(Case.objects.order_by("id"))


def test_registrations_publications_and_decisions_at_once_leave_nothing_half_written(settings):
    settings.OPEN_LISTINGS_PER_SELLER = EACH_MAY
    call_command("sync_groups", verbosity=0)
    moderators = UserFactory.create_batch(MODERATORS, staff=True)
    for moderator in moderators:
        moderator.groups.add(Group.objects.get(name="moderator"))
    cases, sellers = waiting_cases(), UserFactory.create_batch(SELLERS)
    place = {"latitude": MARINA_MALL.latitude, "longitude": MARINA_MALL.longitude}
    wishes = [
        (seller, listing_of(seller) | {"price": "900", "location": place})
        for _wish in range(EACH_WISHES)
        for seller in sellers
    ]
    verdicts = [  # two moderators at every case, who do not agree
        (case, moderators[(number + turn) % MODERATORS], outcome)
        for turn, outcome in enumerate(("approve", "reject"))
        for number, case in enumerate(cases)
    ]
    for _, body in wishes:
        body["image_ids"] = [str(pk) for pk in body["image_ids"]]

    registrations = [lambda n=n: register(n) for n in range(PEOPLE)]
    publications = [lambda w=wish: publish(*w) for wish in wishes]
    decisions = [lambda v=verdict: decide(*v) for verdict in verdicts]
    kinds = (registrations, publications, decisions)
    mixed = [
        (kind, call)
        for row in zip_longest(*kinds)
        for kind, call in zip(("register", "publish", "decide"), row, strict=True)
        if call
    ]
    answers = in_a_crowd([call for _, call in mixed])

    got = Counter((kind, answer) for (kind, _), answer in zip(mixed, answers, strict=True))
    allowed, refused = SELLERS * EACH_MAY, SELLERS * (EACH_WISHES - EACH_MAY)
    assert got[("register", 201)] == PEOPLE
    assert (got[("publish", 201)], got[("publish", "catalog.too_many_open_listings")]) == (allowed, refused), got
    assert got[("decide", "decided")] == CASES
    assert sum(count for (kind, _), count in got.items() if kind == "decide") == 2 * CASES
    assert {answer for kind, answer in got if kind == "decide"} <= {"decided", *TOO_LATE}, got
    assert half_written() == {}
    assert Product.objects.filter(seller__in=sellers).count() == allowed

    deliver_everything()
    assert half_written() == {}
    assert not Delivery.objects.exclude(state=DeliveryState.DONE).exists()
    told = Notification.objects.filter(once_key__startswith="decision:").values_list("once_key", flat=True)
    assert sorted(told) == sorted(f"decision:{pk}" for pk in Decision.objects.values_list("pk", flat=True))


def test_what_is_half_written_is_seen():
    ProductFactory(state="pending_review", images=0)
    CaseFactory(state="decided")
    OutboxEvent.objects.create(name="accounts.person_followed", payload={"follower_id": "", "followed_id": ""})
    assert half_written() == {
        "a listing without a variant or a picture": 1,
        "a listing in review without one waiting case": 1,
        "a case without what was seen": 1,
        "a decided case without exactly one decision, or a decision in a waiting one": 1,
        "a decided case that is not closed": 1,
        "an event without one of its deliveries": 1,
    }
