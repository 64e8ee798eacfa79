from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.conf import LazySettings
from django.utils import timezone

from accounts.errors import Suspended
from core.errors import NotFound
from core.ids import uuid7
from core.models import AuditEntry, OutboxEvent
from media.errors import NotYourMedia
from media.states import Purpose
from media.tests.factories import ReadyImageFactory
from moderation import actions
from moderation.errors import (
    DescriptionTooLong,
    OwnContent,
    ReasonDoesNotFit,
    TooManyReports,
    TooMuchEvidence,
)
from moderation.models import Case, Decision, Report, Snapshot
from moderation.states import CaseKind, CaseState
from moderation.tests.factories import PersonFactory
from moderation.tests.pamphlets import write_pamphlet

pytestmark = pytest.mark.django_db


def report(pamphlet, reporter=None, reason="scam", **facts):
    return actions.report_target(
        reporter=reporter or PersonFactory(), target_kind="pamphlet", target_id=pamphlet.id, reason=reason, **facts
    )


def nothing_happened():
    counts = [model.objects.count() for model in (Case, Report, Snapshot, Decision, AuditEntry, OutboxEvent)]
    return counts == [0] * 6


def test_the_first_report_opens_a_case_and_keeps_what_was_seen(pamphlet, author):
    made = report(pamphlet, description="  asked me to pay outside the app ")

    case = Case.objects.get()
    assert made.case == case
    assert (case.kind, case.state, case.author, case.title) == (
        CaseKind.REPORT,
        CaseState.OPEN,
        author,
        "Bread for all",
    )
    assert case.number.startswith(f"C-{timezone.now().year}-")
    assert (case.report_count, case.weight, case.severity) == (1, Decimal("0.75"), 3)
    assert (case.at_risk_minor, case.at_risk_currency) == (295000, "AED")
    assert made.description == "asked me to pay outside the app"
    snapshot = case.snapshots.get()
    assert snapshot.content["body"] == "Cash only."
    assert len(snapshot.sha256) == 64
    assert set(OutboxEvent.objects.values_list("name", flat=True)) == {
        "moderation.case_opened",
        "moderation.report_made",
    }
    assert AuditEntry.objects.get().action == "moderation.case_opened"


def test_the_same_person_gets_their_first_report_back(pamphlet):
    reporter = PersonFactory()
    first = report(pamphlet, reporter)

    again = report(pamphlet, reporter, reason="spam", description="really")

    assert again == first
    assert again.reason == "scam"
    assert Case.objects.get().report_count == 1
    assert OutboxEvent.objects.filter(name="moderation.report_made").count() == 1


def test_reports_of_several_people_meet_in_one_case(pamphlet):
    report(pamphlet, reason="spam")
    report(pamphlet, reason="prohibited_item")

    case = Case.objects.get()
    assert (case.report_count, case.weight, case.severity) == (2, Decimal("1.50"), 4)
    assert case.due_at < timezone.now() + timedelta(hours=7)  # urgent: a quarter of a day


def test_refuses_to_report_ones_own(pamphlet, author):
    with pytest.raises(OwnContent):
        report(pamphlet, author)
    assert nothing_happened()


def test_refuses_a_reason_that_does_not_fit(pamphlet):
    with pytest.raises(ReasonDoesNotFit):
        report(pamphlet, reason="fake_account")
    assert nothing_happened()


def test_refuses_what_does_not_exist(pamphlet):
    pamphlet.tear_up()
    with pytest.raises(NotFound):
        report(pamphlet)
    with pytest.raises(NotFound):
        actions.report_target(reporter=PersonFactory(), target_kind="poem", target_id=uuid7(), reason="scam")
    assert nothing_happened()


def test_refuses_too_many_words_and_pictures(pamphlet):
    with pytest.raises(DescriptionTooLong):
        report(pamphlet, description="a" * 1001)
    with pytest.raises(TooMuchEvidence):
        report(pamphlet, evidence_ids=[uuid7() for _ in range(6)])
    assert nothing_happened()


def test_takes_ones_own_pictures_as_evidence_and_nobody_elses(pamphlet):
    reporter = PersonFactory()
    mine = ReadyImageFactory(owner=reporter, purpose=Purpose.EVIDENCE)
    theirs = ReadyImageFactory(owner=PersonFactory(), purpose=Purpose.EVIDENCE)

    with pytest.raises(NotYourMedia):
        report(pamphlet, reporter, evidence_ids=[theirs.pk])
    assert nothing_happened()

    made = report(pamphlet, reporter, evidence_ids=[mine.pk])
    assert list(made.evidence.all()) == [mine]


def test_one_person_cannot_flood_the_queue(pamphlet, author, settings: LazySettings):
    settings.RATE_LIMITS_ENABLED = True
    reporter = PersonFactory()
    for _ in range(20):
        report(write_pamphlet(author), reporter)

    with pytest.raises(TooManyReports):
        report(pamphlet, reporter)

    assert Case.objects.count() == 20


def test_enough_weight_hides_it_until_a_moderator_looks(pamphlet, author):
    for _ in range(3):
        report(pamphlet)
    assert pamphlet.row["shown"]

    report(pamphlet)

    case = Case.objects.get()
    assert not pamphlet.row["shown"]
    assert case.auto_hidden_at is not None
    assert case.weight == Decimal("3.00")
    hidden = case.decisions.get()
    assert (hidden.outcome, hidden.actor, hidden.inverse) == ("auto_hide", None, {"shown": True})
    assert OutboxEvent.objects.filter(name="moderation.target_auto_hidden").count() == 1
    assert AuditEntry.objects.filter(action="moderation.auto_hidden").count() == 1

    report(pamphlet)
    assert case.decisions.count() == 1


def test_the_threshold_is_the_operators(pamphlet, house_settings):
    house_settings(auto_hide_listing_weight="1.5")
    report(pamphlet)
    assert pamphlet.row["shown"]
    report(pamphlet)
    assert not pamphlet.row["shown"]


def test_accounts_made_for_the_purpose_hide_nothing(pamphlet):
    for n in range(12):
        report(pamphlet, PersonFactory(created_at=timezone.now() - timedelta(days=n % 7)))

    case = Case.objects.get()
    assert (case.report_count, case.weight) == (12, Decimal(0))
    assert pamphlet.row["shown"]


def test_people_who_have_proven_no_identifier_weigh_nothing(pamphlet):
    assert report(pamphlet, PersonFactory(email_verified_at=None)).weight == 0


def test_refuses_people_who_are_suspended(pamphlet):
    with pytest.raises(Suspended):
        report(pamphlet, PersonFactory(suspended_at=timezone.now()))
    assert nothing_happened()


def test_a_reporter_who_was_often_wrong_weighs_less(pamphlet, author, moderator, policy):
    wrong, right = PersonFactory(), PersonFactory()
    for reporter, outcome in ((wrong, "no_action"), (right, "remove")):
        for _ in range(4):
            made = report(write_pamphlet(author), reporter)
            actions.decide_case(case_id=made.case_id, moderator=moderator, outcome=outcome, policy=policy, revision=1)

    assert report(pamphlet, wrong).weight == Decimal("0.38")  # 3 of 8
    assert report(pamphlet, right).weight == Decimal("0.88")  # 7 of 8


def test_a_revision_that_was_judged_fine_needs_four_times_the_weight_until_it_changes(pamphlet, moderator):
    case = report(pamphlet).case
    actions.decide_case(case_id=case.pk, moderator=moderator, outcome="no_action", policy=None, revision=1)

    assert report(pamphlet).weight == Decimal("0.19")
    pamphlet.edit("Now with weapons.")
    assert report(pamphlet).weight == Decimal("0.75")


def test_a_snapshot_is_kept_for_each_revision_that_somebody_reported(pamphlet):
    report(pamphlet)
    report(pamphlet)
    pamphlet.edit("Call 050 123 4567.")
    report(pamphlet)

    assert [s.revision for s in Case.objects.get().snapshots.all()] == [2, 1]
    assert [r.target_revision for r in Report.objects.order_by("id")] == [1, 1, 2]


def test_after_a_decision_a_new_report_opens_a_new_case(pamphlet, moderator):
    first = report(pamphlet).case
    actions.decide_case(case_id=first.pk, moderator=moderator, outcome="no_action", policy=None, revision=1)

    second = report(pamphlet).case

    assert second != first
    assert second.number > first.number


def test_the_deadline_is_a_day_for_a_report(pamphlet):
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        case = report(pamphlet).case
        assert case.due_at == timezone.now() + timedelta(hours=24)
