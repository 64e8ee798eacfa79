import pytest
from rest_framework.test import APIClient

from accounts.models import Restriction
from core.ids import uuid7
from core.testing import counted_queries
from moderation import actions
from moderation.models import Case, Decision
from moderation.states import CaseState
from moderation.targets import ACCOUNT
from moderation.tests.factories import CaseFactory, ModeratorFactory, PersonFactory, ReportFactory

pytestmark = pytest.mark.django_db
BASE = "/api/v1/moderation"


@pytest.fixture
def report(pamphlet):
    return actions.report_target(
        reporter=PersonFactory(username="hana"), target_kind="pamphlet", target_id=pamphlet.id, reason="scam",
        description="asked me to pay outside",
    )  # fmt: skip


@pytest.fixture
def case(report):
    return report.case


@pytest.fixture
def staff(api: APIClient, moderator):
    api.force_authenticate(moderator)
    return api


EVERY_DOOR = [
    ("get", "/reports"),
    ("get", "/reports/{report}"),
    ("patch", "/reports/{report}/resolve"),
    ("post", "/users/{person}/suspend"),
    ("post", "/users/{person}/unsuspend"),
    ("get", "/cases"),
    ("get", "/cases/{case}"),
    ("post", "/cases/{case}/claim"),
    ("post", "/cases/{case}/release"),
    ("post", "/cases/{case}/decide"),
    ("post", "/decisions/{decision}/undo"),
]


@pytest.mark.parametrize(("method", "path"), EVERY_DOOR)
def test_the_doors_are_for_staff_with_the_permission(api, report, author, method, path):
    url = BASE + path.format(report=report.pk, person=author.pk, case=report.case_id, decision=uuid7())

    assert getattr(api, method)(url, {}).status_code == 401
    api.force_authenticate(PersonFactory())
    assert getattr(api, method)(url, {}).status_code == 404
    api.force_authenticate(ModeratorFactory(may=()))
    assert getattr(api, method)(url, {}).status_code == 403
    assert Case.objects.get().state == CaseState.OPEN


# --- cases -----------------------------------------------------------------------------------------------------------


def test_the_queue_comes_in_its_order_and_goes_on(staff):
    cases = [CaseFactory(severity=n) for n in (1, 4, 2, 3)]
    CaseFactory(state=CaseState.DECIDED)

    first = staff.get(f"{BASE}/cases?per_page=3")
    rest = staff.get(first.data["next"])

    assert [c["severity"] for c in first.data["results"]] == [4, 3, 2]
    assert [c["id"] for c in rest.data["results"]] == [str(cases[0].pk)]
    assert rest.data["next"] is None


def test_the_queue_has_its_views(staff, moderator):
    mine, other = CaseFactory(), CaseFactory(kind="review")
    actions.claim_case(case_id=mine.pk, moderator=moderator)

    def ids(query):
        return [c["id"] for c in staff.get(f"{BASE}/cases?{query}").data["results"]]

    assert ids("view=mine") == [str(mine.pk)]
    assert ids("view=unassigned") == [str(other.pk)]
    assert ids("kind=review") == [str(other.pk)]
    assert ids("view=overdue") == []
    assert ids("state=decided") == []


@pytest.mark.parametrize("query", ["view=all", "state=lost", "page=2", "colour=red", "cursor=nonsense", "per_page=101"])
def test_the_queue_names_what_it_does_not_know(staff, query):
    answer = staff.get(f"{BASE}/cases?{query}")
    assert answer.status_code == 400
    assert answer.data["errors"][0]["attr"] == query.split("=")[0]


def test_the_queue_costs_the_same_for_one_and_for_twenty(staff):
    CaseFactory()
    staff.get(f"{BASE}/cases")  # permissions are cached on the person
    with counted_queries() as one:
        staff.get(f"{BASE}/cases")
    for _ in range(19):
        CaseFactory()
    with counted_queries() as twenty:
        assert len(staff.get(f"{BASE}/cases").data["results"]) == 20
    assert len(twenty) == len(one) == 1


def test_a_case_tells_everything_but_private_notes(staff, case, moderator, policy):
    answer = staff.get(f"{BASE}/cases/{case.pk}").data
    assert answer["revision"] == 1
    assert answer["content"]["body"] == "Cash only."
    assert answer["reports"][0]["reporter"] | {"id": None} == {
        "id": None, "username": "hana", "display_name": "Hana S.", "reliability": 0.75,
    }  # fmt: skip
    assert [o["name"] for o in answer["outcomes"]] == ["no_action", "warn", "remove", "lock_up"]
    assert answer["case"]["at_risk"] == {"amount": "2950.00", "currency": "AED"}

    actions.decide_case(
        case_id=case.pk, moderator=moderator, outcome="warn", policy=policy, revision=1, private_note="SECRET-NOTE"
    )
    body = staff.get(f"{BASE}/cases/{case.pk}").content.decode()
    assert '"outcome":"warn"' in body
    assert "SECRET-NOTE" not in body


def test_claims_takes_over_and_releases(staff, case, moderator):
    holder = ModeratorFactory()
    actions.claim_case(case_id=case.pk, moderator=holder)

    assert staff.post(f"{BASE}/cases/{case.pk}/claim").data["code"] == "moderation.held_by_somebody_else"
    assert staff.post(f"{BASE}/cases/{case.pk}/release").status_code == 409
    assert Case.objects.get().claimed_by == holder
    taken = staff.post(f"{BASE}/cases/{case.pk}/claim", {"note": "She went home."})
    assert taken.data["claimed_by"]["username"] == moderator.username
    assert staff.post(f"{BASE}/cases/{case.pk}/release").data["state"] == "open"


def test_decides_and_undoes(staff, case, pamphlet, policy):
    body = {"outcome": "remove", "revision": 1, "policy": policy.number, "private_note": "SECRET-NOTE"}
    decided = staff.post(f"{BASE}/cases/{case.pk}/decide", body)

    assert decided.status_code == 201
    assert decided.data["policy"] == policy.number
    assert "SECRET-NOTE" not in decided.content.decode()
    assert Decision.objects.get().private_note == "SECRET-NOTE"
    assert pamphlet.row["removed"]

    undone = staff.post(f"{BASE}/decisions/{decided.data['id']}/undo", {"reason": "Mine was wrong."})
    assert undone.status_code == 200
    assert not pamphlet.row["removed"]


def test_one_key_decides_once(staff, case, policy):
    body = {"outcome": "warn", "revision": 1, "policy": policy.number}
    answers = [
        staff.post(f"{BASE}/cases/{case.pk}/decide", body, headers={"Idempotency-Key": "decide-1"}) for _ in range(2)
    ]
    assert [a.status_code for a in answers] == [201, 201]
    assert str(answers[0].data["id"]) == str(answers[1].data["id"])
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"outcome": "remove", "revision": 2, "policy": True}, 412, "core.stale_revision"),
        ({"outcome": "remove", "revision": 1}, 400, "moderation.policy_needed"),
        ({"outcome": "remove", "revision": 1, "policy": "0.0"}, 400, "moderation.unknown_policy"),
        ({"outcome": "burn", "revision": 1, "policy": True}, 400, "moderation.unknown_outcome"),
        ({"outcome": "lock_up", "revision": 1, "policy": True}, 400, "moderation.days_needed"),
        ({"outcome": "remove"}, 400, "core.invalid"),
        ({"outcome": "remove", "revision": 1, "state": "decided"}, 400, "core.invalid"),
    ],
)
def test_refused_decisions_have_their_own_codes_and_change_nothing(staff, case, pamphlet, policy, body, status, code):
    if body.get("policy") is True:
        body = {**body, "policy": policy.number}
    answer = staff.post(f"{BASE}/cases/{case.pk}/decide", body)
    assert (answer.status_code, answer.data["code"]) == (status, code)
    assert not Decision.objects.exists()
    assert not pamphlet.row["removed"]


def test_what_does_not_exist_is_not_found(staff):
    assert staff.get(f"{BASE}/cases/{uuid7()}").status_code == 404
    assert staff.get(f"{BASE}/reports/{uuid7()}").status_code == 404
    assert staff.patch(f"{BASE}/reports/{uuid7()}/resolve", {"action": "no_action"}).status_code == 404
    assert staff.post(f"{BASE}/users/{uuid7()}/suspend", {"reason": "x"}).status_code == 404


# --- reports ---------------------------------------------------------------------------------------------------------


def test_reports_of_the_most_reported_come_first_by_kind_and_status(staff, report, author):
    actions.report_target(reporter=PersonFactory(), target_kind=ACCOUNT, target_id=author.pk, reason="fraud")
    second = actions.report_target(
        reporter=PersonFactory(), target_kind="pamphlet", target_id=report.case.target_id, reason="spam"
    )

    everything = staff.get(f"{BASE}/reports").data["results"]
    assert [r["report_count"] for r in everything] == [2, 2, 1]
    assert everything[0]["id"] == str(second.pk)
    assert [r["type"] for r in staff.get(f"{BASE}/reports?type=user").data["results"]] == [ACCOUNT]
    assert len(staff.get(f"{BASE}/reports?status=pending").data["results"]) == 3
    assert staff.get(f"{BASE}/reports?status=resolved").data["results"] == []
    assert staff.get(f"{BASE}/reports?status=open").status_code == 400


def test_reports_go_on_by_cursor(staff):
    case = CaseFactory(report_count=3)
    for _ in range(3):
        ReportFactory(case=case)
    first = staff.get(f"{BASE}/reports?per_page=2")
    rest = staff.get(first.data["next"])
    assert len({r["id"] for r in [*first.data["results"], *rest.data["results"]]}) == 3


def test_reports_cost_the_same_for_one_and_for_twenty(staff):
    ReportFactory()
    staff.get(f"{BASE}/reports")
    with counted_queries() as one:
        staff.get(f"{BASE}/reports")
    for _ in range(19):
        ReportFactory()
    with counted_queries() as twenty:
        assert len(staff.get(f"{BASE}/reports").data["results"]) == 20
    assert len(twenty) == len(one) == 1


def test_a_report_tells_its_history(staff, report):
    answer = staff.get(f"{BASE}/reports/{report.pk}").data
    assert answer["description"] == "asked me to pay outside"
    assert [m["words"] for m in answer["history"]][:1] == ["Case opened"]


@pytest.mark.parametrize(
    ("action", "outcome", "upheld"),
    [("remove_content", "remove", True), ("warn_user", "warn", True), ("no_action", "no_action", False)],
)
def test_resolves_a_report_by_the_words_of_the_specification(staff, report, action, outcome, upheld):
    answer = staff.patch(f"{BASE}/reports/{report.pk}/resolve", {"action": action, "admin_notes": "SECRET-NOTE"})

    assert answer.status_code == 200
    assert (answer.data["outcome"], answer.data["upheld"]) == (outcome, upheld)
    assert answer.data["policy"] == "3.1"  # what a scam usually breaks
    assert "SECRET-NOTE" not in answer.content.decode()
    assert Decision.objects.get().private_note == "SECRET-NOTE"


def test_suspending_the_author_of_content_removes_the_content_too(staff, report, author, pamphlet):
    answer = staff.patch(f"{BASE}/reports/{report.pk}/resolve", {"action": "suspend_user", "duration_days": 7})

    assert answer.data["outcome"] == "remove"
    assert pamphlet.row["removed"]
    author.refresh_from_db()
    assert author.suspended_at is not None


def test_suspending_by_a_report_about_a_person(staff, author):
    report = actions.report_target(reporter=PersonFactory(), target_kind=ACCOUNT, target_id=author.pk, reason="fraud")
    answer = staff.patch(f"{BASE}/reports/{report.pk}/resolve", {"action": "suspend_user", "duration_days": 7})
    assert (answer.data["outcome"], answer.data["duration_days"]) == ("suspend", 7)


def test_what_cannot_be_done_to_a_person_is_refused(staff, author):
    report = actions.report_target(reporter=PersonFactory(), target_kind=ACCOUNT, target_id=author.pk, reason="fraud")
    answer = staff.patch(f"{BASE}/reports/{report.pk}/resolve", {"action": "remove_content"})
    assert answer.data["code"] == "moderation.unknown_outcome"
    assert not Decision.objects.exists()


# --- people ----------------------------------------------------------------------------------------------------------


def test_suspends_and_unsuspends_a_person(staff, author):
    suspended = staff.post(f"{BASE}/users/{author.pk}/suspend", {"reason": "Fraud, twice.", "duration_days": 30})
    assert suspended.status_code == 201
    assert (suspended.data["outcome"], suspended.data["reason_en"]) == ("suspend", "Fraud, twice.")
    assert suspended.data["reason_ar"]
    author.refresh_from_db()
    assert author.listings_hidden_at is not None

    restored = staff.post(f"{BASE}/users/{author.pk}/unsuspend", {"reason": "Appeal upheld."})
    assert restored.status_code == 200
    assert len(restored.data) == 1
    author.refresh_from_db()
    assert (author.suspended_at, author.listings_hidden_at) == (None, None)
    assert staff.post(f"{BASE}/users/{author.pk}/unsuspend", {"reason": "x"}).data["code"] == "moderation.not_suspended"


def test_without_days_it_lasts_until_it_is_lifted(staff, author):
    staff.post(f"{BASE}/users/{author.pk}/suspend", {"reason": "Fraud."})
    assert Restriction.objects.get().ends_at is None
    assert staff.post(f"{BASE}/users/{author.pk}/suspend", {"reason": "x", "duration_days": 0}).status_code == 400
    assert Restriction.objects.count() == 1
