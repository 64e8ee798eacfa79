"""A private note is for the console and for nothing else."""

import pytest
from django.contrib.admin.utils import quote
from django.core import mail

from core.models import AuditEntry, OutboxEvent
from moderation import actions
from moderation.tests.factories import ModeratorFactory, PersonFactory
from notifications.models import Notification

pytestmark = pytest.mark.django_db
NOTE = "SECRET-NOTE-1337"


def test_it_reaches_no_notification_no_mail_no_event_no_log_and_no_api(
    api, client, pamphlet, author, moderator, policy, deliver, settings
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    reporter = PersonFactory()
    report = actions.report_target(reporter=reporter, target_kind="pamphlet", target_id=pamphlet.id, reason="scam")
    decision = actions.decide_case(
        case_id=report.case_id, moderator=moderator, outcome="remove", policy=policy, revision=1, private_note=NOTE
    )
    deliver()
    actions.undo_decision(decision_id=decision.pk, moderator=ModeratorFactory(), reason="Mistaken.")
    deliver()

    assert Notification.objects.filter(user=author).exists()
    assert Notification.objects.filter(user=reporter).exists()
    kept = [
        *Notification.objects.values_list("facts", flat=True),
        *OutboxEvent.objects.values_list("payload", flat=True),
        *AuditEntry.objects.values_list("before", "after", "reason"),
        *((m.subject, m.body, getattr(m, "alternatives", "")) for m in mail.outbox),
    ]
    assert NOTE not in str(kept)

    doors = {
        author: ("/api/v1/notifications",),
        reporter: ("/api/v1/notifications", "/api/v1/reports/mine"),
        moderator: (
            "/api/v1/moderation/cases",
            f"/api/v1/moderation/cases/{report.case_id}",
            "/api/v1/moderation/reports",
            f"/api/v1/moderation/reports/{report.pk}",
        ),
    }
    for person, paths in doors.items():
        api.force_authenticate(person)
        for path in paths:
            answer = api.get(path)
            assert answer.status_code == 200, path
            assert NOTE not in answer.content.decode(), path

    client.force_login(moderator, backend="accounts.backends.IdentifierBackend")
    page = client.get(f"/admin/moderation/case/{quote(report.case_id)}/change/").content.decode()
    assert NOTE in page
