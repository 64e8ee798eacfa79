from datetime import timedelta

import pytest
from django.utils import timezone

from core.errors import NotFound
from core.ids import uuid7
from core.models import OutboxEvent
from moderation import actions
from moderation.models import Case
from moderation.states import CaseKind, CaseState
from moderation.tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


def submit(pamphlet):
    return actions.open_review_case(target_kind="pamphlet", target_id=pamphlet.id)


def test_content_that_waits_has_a_case_with_its_snapshot_and_four_hours(pamphlet):
    case = submit(pamphlet)

    assert (case.kind, case.state, case.severity) == (CaseKind.REVIEW, CaseState.OPEN, 1)
    assert timedelta(hours=3, minutes=59) < case.due_at - timezone.now() <= timedelta(hours=4)
    assert case.snapshots.get().revision == 1
    assert OutboxEvent.objects.get().name == "moderation.case_opened"


def test_submitting_again_brings_the_same_case_up_to_date(pamphlet):
    first = submit(pamphlet)
    pamphlet.edit("New words.")

    again = submit(pamphlet)

    assert again == first
    assert [s.content["body"] for s in again.snapshots.all()] == ["New words.", "Cash only."]
    assert OutboxEvent.objects.count() == 1


def test_a_reported_thing_that_is_submitted_becomes_a_review_with_its_reports(pamphlet):
    reported = actions.report_target(
        reporter=PersonFactory(), target_kind="pamphlet", target_id=pamphlet.id, reason="scam"
    ).case

    case = submit(pamphlet)

    assert case == reported
    assert (case.kind, case.report_count) == (CaseKind.REVIEW, 1)
    assert case.due_at < timezone.now() + timedelta(hours=4, minutes=1)


def test_refuses_what_does_not_exist(db):
    with pytest.raises(NotFound):
        actions.open_review_case(target_kind="pamphlet", target_id=uuid7())
    assert not Case.objects.exists()
    assert not OutboxEvent.objects.exists()
