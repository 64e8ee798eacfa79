from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.ids import uuid7
from core.testing import counted_queries
from media.states import Purpose
from media.tests.factories import ReadyImageFactory
from moderation import actions
from moderation.models import Case, Decision
from moderation.states import CaseState
from moderation.tests.factories import CaseFactory, ModeratorFactory, PersonFactory, ReportFactory
from moderation.tests.pamphlets import write_pamphlet

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(pamphlet):
    return actions.report_target(
        reporter=PersonFactory(username="hana"), target_kind="pamphlet", target_id=pamphlet.id, reason="scam",
        description="asked me to pay outside the app",
    ).case  # fmt: skip


def url(case, what="change"):
    return reverse(f"admin:moderation_case_{what}", args=[case.pk])


def decide(desk, case, **facts):
    return desk.post(url(case), {"outcome": "remove", "revision": 1, **facts})


def test_shows_the_evidence_the_person_and_what_may_be_decided(desk, case):
    page = desk.get(url(case)).content.decode()
    for expected in (
        "Bread for all", "revision 1", "1 report", "AED 2,950 at risk", "Cash only.", "asked me to pay outside the app",
        "Hana S.", "reliable 0.75", "Khalid M.", "Dubai Marina", "sha256", "Nobody holds this case.",
        "Undoing remove brings the pamphlet back.", "No action", "Lock up",
    ):  # fmt: skip
        assert expected in page, expected
    assert "<style" not in page
    assert " style=" not in page
    assert " onclick=" not in page


def test_marks_contact_details_in_any_digits(desk, author):
    pamphlet = write_pamphlet(author, body="واتساب ٠٥٠ ١٢٣ ٤٥٦٧ or mail me@example.com")
    case = actions.open_review_case(target_kind="pamphlet", target_id=pamphlet.id)
    page = desk.get(url(case)).content.decode()
    assert page.count("<mark") == 3


def test_shows_what_changed_since_it_was_reported(desk, case, pamphlet):
    pamphlet.edit("Cards only.")
    page = desk.get(url(case)).content.decode()
    assert '<del class="diff-old">Cash</del>' in page
    assert '<ins class="diff-new">Cards</ins>' in page
    assert 'name="revision" value="2"' in page


def test_a_sensitive_case_shows_no_picture_before_it_is_asked_for(desk, author):
    pamphlet = write_pamphlet(author)
    reporter = PersonFactory()
    shot = ReadyImageFactory(owner=reporter, purpose=Purpose.EVIDENCE)
    case = actions.report_target(
        reporter=reporter,
        target_kind="pamphlet",
        target_id=pamphlet.id,
        reason="prohibited_item",
        evidence_ids=[shot.pk],
    ).case
    page = desk.get(url(case)).content.decode()
    assert 'class="pic veiled"' in page
    assert f"/api/v1/media/private/{shot.pk}/" in page


def test_costs_the_same_for_one_report_and_for_twenty(desk, case):
    desk.get(url(case))
    with counted_queries() as one:
        desk.get(url(case))
    for _ in range(19):
        ReportFactory(case=case)
    with counted_queries() as twenty:
        assert desk.get(url(case)).content.decode().count("reliable") == 20
    assert len(twenty) == len(one)


def test_what_does_not_exist_is_not_found(desk):
    assert desk.get(f"/admin/moderation/case/{uuid7()}/change/").status_code == 404
    assert desk.get("/admin/moderation/case/nonsense/change/").status_code == 404


def test_a_case_whose_subject_is_gone_can_be_read_and_dismissed(desk, case, pamphlet):
    pamphlet.tear_up()
    page = desk.get(url(case)).content.decode()
    assert "The thing itself is gone." in page
    assert "Cash only." in page  # what was kept of it
    assert 'name="outcome"' not in page
    assert desk.post(url(case, "dismiss"), {"note": "Gone."}).status_code == 302
    assert Case.objects.get().state == CaseState.DISMISSED


# --- deciding --------------------------------------------------------------------------------------------------------


def test_decides_and_opens_the_next_case_already_claimed(desk, case, pamphlet, moderator, policy):
    following = CaseFactory()

    answer = decide(desk, case, policy=policy.pk, private_note="third time", next="1")

    assert answer.status_code == 302
    assert answer.url == url(following)
    decision = Decision.objects.get()
    assert (decision.actor, decision.private_note, decision.policy) == (moderator, "third time", policy)
    assert pamphlet.row["removed"]
    assert Case.objects.get(pk=following.pk).claimed_by == moderator


def test_decides_and_stays_where_one_wants_to(desk, case, policy):
    answer = decide(desk, case, policy=policy.pk, stay="1")
    assert answer.url == url(case)
    page = desk.get(url(case)).content.decode()
    assert "Undo" in page
    assert 'name="outcome"' not in page


def test_says_when_the_queue_is_done(desk, case, policy):
    answer = desk.post(url(case), {"outcome": "remove", "revision": 1, "policy": policy.pk}, follow=True)
    assert "Nothing waits for you. The queue is done." in answer.content.decode()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "Choose the policy that this rests on."),
        ({"outcome": "lock_up", "policy": True}, "Say for how many days, from 1 to 365."),
        ({"outcome": "burn", "policy": True}, "is not one of the available choices"),
        ({"revision": 7, "policy": True}, "This changed since you read it."),
    ],
)
def test_what_is_refused_is_said_on_the_page_with_the_form_as_it_was(desk, case, pamphlet, policy, facts, words):
    if facts.get("policy"):
        facts = {**facts, "policy": policy.pk}
    answer = decide(desk, case, private_note="do not lose me", **facts)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert words in page
    assert "do not lose me" in page
    assert not Decision.objects.exists()
    assert not pamphlet.row["removed"]


def test_days_belong_only_to_outcomes_that_take_them(desk, case, policy):
    decide(desk, case, policy=policy.pk, duration_days=7)
    assert Decision.objects.get().duration_days is None


def test_an_outcome_with_days_keeps_them(desk, case, policy):
    decide(desk, case, outcome="lock_up", policy=policy.pk, duration_days=30)
    assert Decision.objects.get().duration_days == 30


def test_a_case_that_the_moderator_reported_has_no_form(desk, moderator, pamphlet):
    case = actions.report_target(reporter=moderator, target_kind="pamphlet", target_id=pamphlet.id, reason="scam").case
    page = desk.get(url(case)).content.decode()
    assert "This case concerns you." in page
    assert 'name="outcome"' not in page
    decide(desk, case)
    assert not Decision.objects.exists()


# --- holding ---------------------------------------------------------------------------------------------------------


def test_claims_and_puts_back(desk, case, moderator):
    desk.post(url(case, "claim"))
    assert Case.objects.get().claimed_by == moderator
    assert "You hold this case for" in desk.get(url(case)).content.decode()
    assert desk.post(url(case, "hold")).json()["left"] > 590
    desk.post(url(case, "release"))
    assert Case.objects.get().claimed_by is None
    assert desk.post(url(case, "hold")).status_code == 409


def test_a_case_held_by_a_colleague_says_so_and_can_be_taken_over_with_a_note(desk, case, moderator, policy):
    actions.claim_case(case_id=case.pk, moderator=ModeratorFactory(username="omar.desk"))

    page = desk.get(url(case)).content.decode()
    assert "@omar.desk is looking at this case" in page
    assert "disabled" in page
    decide(desk, case, policy=policy.pk)
    assert not Decision.objects.exists()

    assert desk.post(url(case, "take_over"), {"note": ""}).status_code == 200
    assert Case.objects.get().claimed_by != moderator
    desk.post(url(case, "take_over"), {"note": "He went home."})
    assert Case.objects.get().claimed_by == moderator


def test_hands_over_to_a_colleague(desk, case, moderator):
    colleague, stranger = ModeratorFactory(), PersonFactory()
    actions.claim_case(case_id=case.pk, moderator=moderator)
    assert desk.post(url(case, "hand_over"), {"to": stranger.pk}).status_code == 200
    assert Case.objects.get().claimed_by == moderator
    desk.post(url(case, "hand_over"), {"to": colleague.pk, "note": "You know him."})
    assert Case.objects.get().claimed_by == colleague


def test_escalates_with_a_note(desk, case, moderator):
    actions.claim_case(case_id=case.pk, moderator=moderator)
    assert desk.get(url(case, "escalate")).status_code == 200
    desk.post(url(case, "escalate"), {"note": "Organised, I think."})
    escalated = Case.objects.get()
    assert (escalated.severity, escalated.state, escalated.claimed_by) == (4, CaseState.OPEN, None)
    assert escalated.escalated_at is not None
    assert "Organised, I think." in desk.get(url(case)).content.decode()


def test_next_puts_the_case_in_hand_back(desk, case, moderator):
    other = CaseFactory(due_at=timezone.now() + timedelta(days=3))
    actions.claim_case(case_id=case.pk, moderator=moderator)
    answer = desk.post(reverse("admin:moderation_case_next"), {"here": str(case.pk)})
    assert answer.url == url(other)
    assert Case.objects.get(pk=case.pk).claimed_by is None


def test_opens_a_case_about_the_person(desk, case, author):
    answer = desk.post(url(case, "about_person"), {"note": "Third listing of this kind."})
    opened = Case.objects.get(target_kind="account")
    assert answer.url == url(opened)
    assert opened.author == author


# --- decisions -------------------------------------------------------------------------------------------------------


def test_undoes_a_decision_with_a_reason(desk, case, pamphlet, moderator, policy):
    decision = actions.decide_case(case_id=case.pk, moderator=moderator, outcome="remove", policy=policy, revision=1)
    ask = reverse("admin:moderation_decision_undo", args=[decision.pk])

    assert "Undoing remove brings the pamphlet back." in desk.get(ask).content.decode()
    assert desk.post(ask, {"note": " "}).status_code == 200
    assert pamphlet.row["removed"]
    assert desk.post(ask, {"note": "It was bread after all."}).url == url(case)
    assert not pamphlet.row["removed"]
    assert "This decision was undone already." in desk.post(ask, {"note": "again"}).content.decode()


def test_the_list_and_page_of_decisions(desk, case, moderator, policy):
    decision = actions.decide_case(
        case_id=case.pk, moderator=moderator, outcome="remove", policy=policy, revision=1, private_note="for us only"
    )
    for query in (
        "",
        "?standing=yes",
        "?standing=undone",
        "?upheld__exact=1",
        f"?q={case.number}",
        f"?actor__id__exact={moderator.pk}",
    ):
        assert desk.get(f"/admin/moderation/decision/{query}").status_code == 200
    assert "for us only" in desk.get(f"/admin/moderation/decision/{decision.pk}/change/").content.decode()
