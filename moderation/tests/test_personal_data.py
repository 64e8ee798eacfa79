import json

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.events import PersonErased
from accounts.ports import erasers, erasure_blockers, exporters
from core.events import publish
from media.ports import held
from media.states import Purpose
from media.tests.factories import ReadyImageFactory
from moderation import actions
from moderation.models import Case, Report
from moderation.states import CaseState
from moderation.targets import ACCOUNT
from moderation.tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def reporter(db):
    return PersonFactory()


@pytest.fixture
def case(pamphlet, reporter):
    return actions.report_target(
        reporter=reporter, target_kind="pamphlet", target_id=pamphlet.id, reason="scam", description="He lied to me"
    ).case


def test_an_export_holds_ones_reports_and_decisions_and_no_note_or_reporter(case, author, reporter, moderator, policy):
    actions.decide_case(
        case_id=case.pk, moderator=moderator, outcome="remove", policy=policy, revision=1, private_note="SECRET-NOTE"
    )
    mine = dict(exporters()["moderation"](reporter))
    theirs = dict(exporters()["moderation"](author))

    assert mine["moderation/reports.json"][0]["description"] == "He lied to me"
    assert mine["moderation/decisions.json"] == []
    assert theirs["moderation/reports.json"] == []
    assert theirs["moderation/decisions.json"][0]["policy"] == policy.number
    told = json.dumps([mine, theirs], ensure_ascii=False)
    assert "SECRET-NOTE" not in told
    assert reporter.username not in json.dumps(theirs)
    assert moderator.username not in told


def test_erasure_blanks_ones_words_once_the_case_is_closed(case, reporter, moderator):
    assert erasers()["moderation"](reporter) == {"report_descriptions": 0}
    reporter.erased_at = timezone.now()
    reporter.save()
    assert actions.blank_words_of_erased_reporters() == 0

    actions.decide_case(case_id=case.pk, moderator=moderator, outcome="no_action", policy=None, revision=1)

    assert actions.blank_words_of_erased_reporters() == 1
    assert Report.objects.get().description == ""


def test_somebody_about_whom_a_case_waits_cannot_erase_themselves(author, reporter, moderator):
    assert erasure_blockers(author) == []
    case = actions.report_target(reporter=reporter, target_kind=ACCOUNT, target_id=author.pk, reason="fraud").case
    assert len(erasure_blockers(author)) == 1
    assert erasure_blockers(reporter) == []
    actions.decide_case(case_id=case.pk, moderator=moderator, outcome="no_action", policy=None, revision=1)
    assert erasure_blockers(author) == []


def test_a_case_about_somebody_who_is_gone_is_closed(author, reporter, deliver):
    actions.report_target(reporter=reporter, target_kind=ACCOUNT, target_id=author.pk, reason="fraud")
    with transaction.atomic():
        publish(PersonErased(user_id=author.pk))
        publish(PersonErased(user_id=reporter.pk))
    deliver()
    assert Case.objects.get().state == CaseState.DISMISSED


def test_evidence_is_kept_from_the_sweep(pamphlet, reporter):
    shown, other = (ReadyImageFactory(owner=reporter, purpose=Purpose.EVIDENCE) for _ in range(2))
    actions.report_target(
        reporter=reporter, target_kind="pamphlet", target_id=pamphlet.id, reason="scam", evidence_ids=[shown.pk]
    )
    assert held([shown.pk, other.pk]) == {shown.pk}
