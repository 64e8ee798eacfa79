import pytest

from core.ids import uuid7
from core.models import AuditEntry
from moderation import actions
from moderation.models import Case
from moderation.states import CaseKind, CaseState
from moderation.tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


def test_a_case_that_only_waited_for_approval_is_dismissed(pamphlet):
    case = actions.open_review_case(target_kind="pamphlet", target_id=pamphlet.id)

    actions.withdraw_case(target_kind="pamphlet", target_id=pamphlet.id)

    case.refresh_from_db()
    assert case.state == CaseState.DISMISSED
    assert case.closed_at is not None
    assert AuditEntry.objects.filter(action="moderation.case_withdrawn").count() == 1


def test_one_with_reports_stays_for_the_moderator(pamphlet):
    actions.open_review_case(target_kind="pamphlet", target_id=pamphlet.id)
    actions.report_target(reporter=PersonFactory(), target_kind="pamphlet", target_id=pamphlet.id, reason="scam")

    actions.withdraw_case(target_kind="pamphlet", target_id=pamphlet.id)

    case = Case.objects.get()
    assert (case.state, case.kind) == (CaseState.OPEN, CaseKind.REPORT)
    assert case.withdrawn_at is not None


def test_without_a_case_nothing_happens(pamphlet):
    actions.withdraw_case(target_kind="pamphlet", target_id=pamphlet.id)
    assert not Case.objects.exists()


def test_a_second_withdrawal_changes_nothing(pamphlet):
    actions.open_review_case(target_kind="pamphlet", target_id=pamphlet.id)
    actions.withdraw_case(target_kind="pamphlet", target_id=pamphlet.id)
    actions.withdraw_case(target_kind="pamphlet", target_id=pamphlet.id)
    assert AuditEntry.objects.filter(action="moderation.case_withdrawn").count() == 1


def test_what_is_gone_is_withdrawn_too(pamphlet):
    actions.open_review_case(target_kind="pamphlet", target_id=pamphlet.id)
    pamphlet.tear_up()

    actions.withdraw_case(target_kind="pamphlet", target_id=pamphlet.id)
    actions.withdraw_case(target_kind="pamphlet", target_id=uuid7())

    assert Case.objects.get().state == CaseState.DISMISSED
