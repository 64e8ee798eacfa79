import pytest

from core.models import AuditEntry
from moderation import actions
from moderation.errors import CaseClosed, HeldBySomebodyElse, MayNotModerate, NoteNeeded, ReviewNeedsDecision
from moderation.models import Case
from moderation.states import CaseState
from moderation.tests.factories import ModeratorFactory, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(pamphlet):
    for _ in range(4):
        made = actions.report_target(
            reporter=PersonFactory(), target_kind="pamphlet", target_id=pamphlet.id, reason="scam"
        )
    return made.case


def dismiss(case, moderator, note="The shop is closed."):
    return actions.dismiss_case(case_id=case.pk, moderator=moderator, note=note)


def test_closes_without_a_decision_and_shows_again_what_was_hidden(case, pamphlet, moderator):
    assert dismiss(case, moderator).state == CaseState.DISMISSED
    assert pamphlet.row["shown"]
    assert AuditEntry.objects.get(action="moderation.case_dismissed").reason == "The shop is closed."


def test_works_where_the_subject_is_gone(case, pamphlet, moderator):
    pamphlet.tear_up()
    # The hide cannot be undone on what is gone.
    assert dismiss(case, moderator).state == CaseState.DISMISSED


def test_refusals_change_nothing(case, pamphlet, moderator):
    with pytest.raises(MayNotModerate):
        dismiss(case, PersonFactory())
    with pytest.raises(NoteNeeded):
        dismiss(case, moderator, note="")
    actions.claim_case(case_id=case.pk, moderator=ModeratorFactory())
    with pytest.raises(HeldBySomebodyElse):
        dismiss(case, moderator)
    assert Case.objects.get().state == CaseState.CLAIMED
    assert not pamphlet.row["shown"]


def test_refuses_a_closed_case(case, moderator):
    dismiss(case, moderator)
    with pytest.raises(CaseClosed):
        dismiss(case, moderator)
    assert AuditEntry.objects.filter(action="moderation.case_dismissed").count() == 1


def test_a_review_is_decided_and_not_dismissed_while_its_subject_waits(pamphlet, moderator):
    waiting = actions.open_review_case(target_kind="pamphlet", target_id=pamphlet.id)
    with pytest.raises(ReviewNeedsDecision):
        dismiss(waiting, moderator)
    assert Case.objects.get().state == CaseState.OPEN
    pamphlet.tear_up()
    assert dismiss(waiting, moderator).state == CaseState.DISMISSED
