from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from core.errors import NotFound, StaleRevision
from core.ids import uuid7
from core.models import AuditEntry, OutboxEvent
from moderation import actions
from moderation.errors import (
    CaseClosed,
    DaysNeeded,
    DaysNotWanted,
    HeldBySomebodyElse,
    MayNotModerate,
    OwnCase,
    PolicyNeeded,
    ReasonNeeded,
    UnknownOutcome,
)
from moderation.models import Case, Decision
from moderation.states import CaseState
from moderation.tests.factories import ModeratorFactory, PersonFactory, PolicyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(pamphlet):
    return actions.report_target(
        reporter=PersonFactory(), target_kind="pamphlet", target_id=pamphlet.id, reason="scam"
    ).case


def decide(case, moderator, **facts):
    facts = {"outcome": "remove", "policy": PolicyFactory(), "revision": 1, **facts}
    return actions.decide_case(case_id=case.pk, moderator=moderator, **facts)


@pytest.fixture
def nothing_changes(case, pamphlet):
    """Call the fixture's value after a refusal."""
    before = (
        Case.objects.values().get(pk=case.pk),
        pamphlet.row,
        AuditEntry.objects.count(),
        OutboxEvent.objects.count(),
        case.snapshots.count(),
    )

    def check():
        assert before == (
            Case.objects.values().get(pk=case.pk),
            pamphlet.row,
            AuditEntry.objects.count(),
            OutboxEvent.objects.count(),
            case.snapshots.count(),
        )
        assert not Decision.objects.exists()

    return check


def test_carries_the_outcome_out_and_keeps_its_inverse(case, pamphlet, moderator, policy):
    decision = decide(case, moderator, policy=policy, private_note=" third time ")

    case.refresh_from_db()
    assert pamphlet.row["removed"]
    assert (case.state, case.claimed_by, case.claimed_until) == (CaseState.DECIDED, None, None)
    assert case.closed_at is not None
    assert (decision.outcome, decision.upheld, decision.actor) == ("remove", True, moderator)
    assert (decision.policy, decision.policy_version, decision.target_revision) == (policy, 1, 1)
    assert decision.inverse == {"removed": False}
    assert decision.private_note == "third time"
    assert (decision.reason_en, decision.reason_ar) == (policy.reason_en, policy.reason_ar)
    assert OutboxEvent.objects.get(name="moderation.decision_made").payload == {"decision_id": str(decision.pk)}
    entry = AuditEntry.objects.get(action="moderation.case_decided")
    assert (entry.actor_id, entry.before["state"], entry.after["outcome"]) == (moderator.pk, "open", "remove")
    assert "third time" not in str(entry.after) + entry.reason


def test_the_moderators_own_words_win_over_the_policys(case, moderator):
    decision = decide(case, moderator, reason_en="Because.", reason_ar="لأن.")
    assert (decision.reason_en, decision.reason_ar) == ("Because.", "لأن.")


def test_no_action_dismisses_the_reports(case, pamphlet, moderator):
    decision = decide(case, moderator, outcome="no_action", policy=None)

    case.refresh_from_db()
    assert case.state == CaseState.DISMISSED
    assert not decision.upheld
    assert not pamphlet.row["removed"]


def test_approving_a_review_decides_it(pamphlet, moderator):
    case = actions.open_review_case(target_kind="pamphlet", target_id=pamphlet.id)
    decide(case, moderator, outcome="approve", policy=None)
    case.refresh_from_db()
    assert case.state == CaseState.DECIDED


def test_what_changed_since_it_was_read_is_not_decided(case, pamphlet, moderator, nothing_changes):
    pamphlet.edit("Something else.")
    row = pamphlet.row

    with pytest.raises(StaleRevision):
        decide(case, moderator, revision=1)

    assert pamphlet.row == row
    assert Case.objects.get().state == CaseState.OPEN
    assert not Decision.objects.exists()
    assert decide(case, moderator, revision=2).target_revision == 2
    assert case.snapshots.count() == 2  # what was decided is kept too


def test_an_automatic_hide_ends_when_nothing_was_wrong(pamphlet, moderator, case):
    for _ in range(3):
        actions.report_target(reporter=PersonFactory(), target_kind="pamphlet", target_id=pamphlet.id, reason="scam")
    assert not pamphlet.row["shown"]

    decide(case, moderator, outcome="no_action", policy=None)

    assert pamphlet.row["shown"]
    hidden = Decision.objects.get(outcome="auto_hide")
    assert (hidden.undone_by, hidden.undone_at is not None) == (moderator, True)


def test_undoing_a_removal_after_an_automatic_hide_brings_it_back_into_view(pamphlet, moderator, case):
    for _ in range(3):
        actions.report_target(reporter=PersonFactory(), target_kind="pamphlet", target_id=pamphlet.id, reason="scam")
    decision = decide(case, moderator)

    actions.undo_decision(decision_id=decision.pk, moderator=moderator, reason="My mistake.")

    assert (pamphlet.row["shown"], pamphlet.row["removed"]) == (True, False)


def test_refuses_a_stranger_and_changes_nothing(case, nothing_changes):
    with pytest.raises(MayNotModerate):
        decide(case, PersonFactory())
    nothing_changes()


def test_refuses_a_moderator_whom_it_concerns(case, author, nothing_changes):
    reporter = case.reports.get().reporter
    for person in (author, reporter):
        person.user_permissions.add(Permission.objects.get(codename="decide_case"))
        with pytest.raises(OwnCase):
            decide(case, type(person).objects.get(pk=person.pk))
    nothing_changes()


def test_refuses_a_case_that_somebody_else_holds(case, moderator):
    holder = ModeratorFactory()
    actions.claim_case(case_id=case.pk, moderator=holder)

    with pytest.raises(HeldBySomebodyElse):
        decide(case, moderator)
    assert not Decision.objects.exists()

    Case.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert decide(case, moderator)


def test_refuses_a_closed_case(case, pamphlet, moderator):
    decide(case, moderator, outcome="warn")
    with pytest.raises(CaseClosed):
        decide(case, moderator)
    assert not pamphlet.row["removed"]
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"outcome": "approve"}, UnknownOutcome),  # of reviews only
        ({"outcome": "burn"}, UnknownOutcome),
        ({"policy": None}, PolicyNeeded),
        ({"policy": "speechless"}, ReasonNeeded),
        ({"outcome": "lock_up"}, DaysNeeded),
        ({"outcome": "lock_up", "duration_days": 0}, DaysNeeded),
        ({"outcome": "lock_up", "duration_days": 366}, DaysNeeded),
        ({"duration_days": 7}, DaysNotWanted),
    ],
)
def test_refuses_what_is_incomplete(case, moderator, nothing_changes, facts, refusal):
    if facts.get("policy") == "speechless":
        facts = {**facts, "policy": PolicyFactory(reason_ar="")}
    with pytest.raises(refusal):
        decide(case, moderator, **facts)
    nothing_changes()


def test_refuses_what_does_not_exist(case, pamphlet, moderator):
    pamphlet.tear_up()
    with pytest.raises(NotFound):
        decide(case, moderator)
    with pytest.raises(NotFound):
        actions.decide_case(case_id=uuid7(), moderator=moderator, outcome="warn", policy=None, revision=1)
    assert not Decision.objects.exists()
