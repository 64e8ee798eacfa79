import pytest

from core.errors import NotFound
from core.ids import uuid7
from core.models import AuditEntry, OutboxEvent
from moderation import actions
from moderation.errors import AlreadyUndone, LaterDecisionStands, MayNotModerate, NoteNeeded
from moderation.models import Case, Decision
from moderation.states import CaseState
from moderation.tests.factories import ModeratorFactory, PersonFactory

pytestmark = pytest.mark.django_db


def report(pamphlet):
    return actions.report_target(
        reporter=PersonFactory(), target_kind="pamphlet", target_id=pamphlet.id, reason="scam"
    ).case


@pytest.fixture
def decision(pamphlet, moderator, policy):
    return actions.decide_case(
        case_id=report(pamphlet).pk, moderator=moderator, outcome="remove", policy=policy, revision=1
    )


def undo(decision, moderator, reason="It was fine."):
    return actions.undo_decision(decision_id=decision.pk, moderator=moderator, reason=reason)


def test_restores_what_the_decision_changed_and_puts_the_case_back(decision, pamphlet, moderator):
    undone = undo(decision, moderator)

    assert not pamphlet.row["removed"]
    assert (undone.undone_by, undone.undone_reason) == (moderator, "It was fine.")
    assert Case.objects.get().state == CaseState.REOPENED
    assert Case.objects.get().closed_at is None
    assert OutboxEvent.objects.filter(name="moderation.decision_undone").count() == 1
    entry = AuditEntry.objects.get(action="moderation.decision_undone")
    assert (entry.before["outcome"], entry.after["restored"], entry.reason) == (
        "remove",
        {"removed": False},
        "It was fine.",
    )


def test_a_reopened_case_can_be_decided_again(decision, moderator, policy, pamphlet):
    undo(decision, moderator)
    actions.decide_case(case_id=decision.case_id, moderator=moderator, outcome="warn", policy=policy, revision=1)
    assert Case.objects.get().state == CaseState.DECIDED


def test_the_case_stays_closed_where_another_about_the_same_waits(decision, moderator, pamphlet):
    waiting = report(pamphlet)
    undo(decision, moderator)
    decision.case.refresh_from_db()
    assert decision.case.state == CaseState.DECIDED
    assert Case.objects.get(state=CaseState.OPEN) == waiting


def test_an_automatic_hide_is_undone_while_its_case_goes_on(pamphlet, moderator):
    for _ in range(4):
        case = report(pamphlet)
    undo(case.decisions.get(), moderator)

    case.refresh_from_db()
    assert pamphlet.row["shown"]
    assert case.state == CaseState.OPEN
    report(pamphlet)
    assert pamphlet.row["shown"]  # once in a case is enough


def refused(decision, pamphlet):
    decision.refresh_from_db()
    return decision.undone_at is None and pamphlet.row["removed"] and Case.objects.first().state == CaseState.DECIDED


def test_refuses_a_moderator_without_the_permission(decision, pamphlet):
    with pytest.raises(MayNotModerate):
        undo(decision, ModeratorFactory(may=("moderation.decide_case",)))
    assert refused(decision, pamphlet)


def test_refuses_without_a_reason(decision, pamphlet, moderator):
    with pytest.raises(NoteNeeded):
        undo(decision, moderator, reason=" ")
    assert refused(decision, pamphlet)


def test_refuses_twice(decision, pamphlet, moderator):
    undo(decision, moderator)
    with pytest.raises(AlreadyUndone):
        undo(decision, moderator)
    assert AuditEntry.objects.filter(action="moderation.decision_undone").count() == 1


def test_refuses_while_a_later_decision_about_the_same_stands(decision, pamphlet, moderator, policy):
    later = actions.decide_case(
        case_id=report(pamphlet).pk, moderator=moderator, outcome="warn", policy=policy, revision=1
    )
    with pytest.raises(LaterDecisionStands):
        undo(decision, moderator)
    assert pamphlet.row["removed"]

    undo(later, moderator)
    undo(decision, moderator)
    assert not pamphlet.row["removed"]


def test_refuses_what_does_not_exist(moderator):
    with pytest.raises(NotFound):
        actions.undo_decision(decision_id=uuid7(), moderator=moderator, reason="Why not")
    assert not Decision.objects.exists()
