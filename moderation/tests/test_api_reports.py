import pytest
from rest_framework.test import APIClient

from core.ids import uuid7
from core.testing import counted_queries
from moderation import actions
from moderation.models import Case, Report
from moderation.targets import ACCOUNT
from moderation.tests.factories import CaseFactory, PersonFactory, ReportFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def reporter(api: APIClient):
    person = PersonFactory()
    api.force_authenticate(person)
    return person


def test_reports_a_person_and_says_what_comes_next(api, reporter, author):
    answer = api.post(f"/api/v1/users/{author.pk}/report", {"reason": "fraud", "description": "Asked for a deposit"})

    assert answer.status_code == 201
    assert answer.data["status"] == "pending"
    assert answer.data["outcome"] == "A moderator will look at it."
    assert (answer.data["target_kind"], answer.data["target_id"]) == (ACCOUNT, str(author.pk))
    assert Report.objects.get().reporter == reporter


def test_a_second_report_is_the_first_one(api, reporter, author):
    first = api.post(f"/api/v1/users/{author.pk}/report", {"reason": "fraud"})
    again = api.post(f"/api/v1/users/{author.pk}/report", {"reason": "spam"})
    assert again.status_code == 200
    assert again.data["id"] == first.data["id"]
    assert again.data["reason"] == "fraud"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"reason": "scam"}, "moderation.reason_does_not_fit"),
        ({"reason": "boring"}, "core.invalid"),
        ({}, "core.invalid"),
        ({"reason": "fraud", "weight": 9}, "core.invalid"),
        ({"reason": "fraud", "description": "a" * 1001}, "core.invalid"),
        ({"reason": "fraud", "evidence_ids": ["https://example.com/a.jpg"]}, "media.foreign_url"),
    ],
)
def test_refuses_what_is_wrong_and_keeps_nothing(api, reporter, author, body, code):
    answer = api.post(f"/api/v1/users/{author.pk}/report", body)
    assert answer.status_code == 400
    assert answer.data["code"] == code
    assert not Case.objects.exists()


def test_refuses_oneself_and_nobody(api, reporter):
    assert api.post(f"/api/v1/users/{reporter.pk}/report", {"reason": "fraud"}).data["code"] == "moderation.own_content"
    assert api.post(f"/api/v1/users/{uuid7()}/report", {"reason": "fraud"}).status_code == 404
    assert not Case.objects.exists()


def test_strangers_are_asked_to_sign_in(api, author):
    assert api.post(f"/api/v1/users/{author.pk}/report", {"reason": "fraud"}).status_code == 401
    assert api.get("/api/v1/reports/mine").status_code == 401


@pytest.mark.parametrize(
    ("outcome", "status", "words"),
    [
        ("remove", "resolved", "You were right: it broke our rules and we acted. Thank you."),
        ("no_action", "dismissed", "We looked at it and found nothing against our rules. Thank you for telling us."),
    ],
)
def test_mine_tells_the_outcome_in_plain_words(api, reporter, pamphlet, moderator, policy, outcome, status, words):
    report = actions.report_target(reporter=reporter, target_kind="pamphlet", target_id=pamphlet.id, reason="scam")
    other = actions.report_target(
        reporter=PersonFactory(),
        target_kind="pamphlet",
        target_id=pamphlet.id,
        reason="scam",
        description="Other words",
    )
    actions.decide_case(
        case_id=report.case_id, moderator=moderator, outcome=outcome, policy=policy, revision=1,
        private_note="SECRET-NOTE",
    )  # fmt: skip

    answer = api.get("/api/v1/reports/mine")

    assert [(r["id"], r["status"], r["outcome"]) for r in answer.data["results"]] == [(str(report.pk), status, words)]
    body = answer.content.decode()
    for hidden in (
        "SECRET-NOTE",
        str(other.pk),
        other.reporter.username,
        "Other words",
        moderator.username,
        policy.reason_en,
    ):
        assert hidden not in body


def test_mine_speaks_arabic_where_the_catalogue_does(api, reporter, author):
    api.post(f"/api/v1/users/{author.pk}/report", {"reason": "fraud"})
    assert api.get("/api/v1/reports/mine", headers={"Accept-Language": "ar"}).status_code == 200


def test_mine_costs_the_same_for_one_and_for_twenty(api, reporter):
    ReportFactory(reporter=reporter)
    with counted_queries() as one:
        assert len(api.get("/api/v1/reports/mine").data["results"]) == 1
    for _ in range(19):
        ReportFactory(reporter=reporter, case=CaseFactory())
    with counted_queries() as twenty:
        assert len(api.get("/api/v1/reports/mine").data["results"]) == 20
    assert len(twenty) == len(one) <= 3
