from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import AuditEntry
from moderation import actions
from moderation.states import CaseState
from moderation.tests.factories import CaseFactory

pytestmark = pytest.mark.django_db


def test_raises_the_severity_of_what_is_overdue_once(db):
    now = timezone.now()
    late = CaseFactory(severity=2, due_at=now - timedelta(minutes=1))
    urgent = CaseFactory(severity=4, due_at=now - timedelta(minutes=1))
    CaseFactory(severity=2, due_at=now + timedelta(minutes=1))
    CaseFactory(severity=2, due_at=now - timedelta(minutes=1), state=CaseState.DECIDED)

    assert actions.escalate_overdue_cases(now=now) == 2
    assert actions.escalate_overdue_cases(now=now) == 0

    late.refresh_from_db()
    urgent.refresh_from_db()
    assert (late.severity, urgent.severity) == (3, 4)
    assert late.escalated_at == now
    assert AuditEntry.objects.filter(action="moderation.case_escalated").count() == 2
