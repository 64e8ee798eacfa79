"""Moderators and reporters who come at the same moment, on real connections."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import connection

from core.errors import StaleRevision
from core.models import AuditEntry, OutboxEvent
from moderation import actions, targets
from moderation.errors import CaseClosed, HeldBySomebodyElse
from moderation.models import Case, Decision, Report, Snapshot
from moderation.states import CaseState
from moderation.tests import pamphlets
from moderation.tests.factories import ModeratorFactory, PersonFactory, PolicyFactory
from tests.races.crowd import done_or_refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture(autouse=True)
def _pamphlets(transactional_db: None) -> Iterator[None]:
    targets.register(pamphlets.PamphletTarget())
    with connection.cursor() as cursor:
        cursor.execute(pamphlets.TABLE)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM test_pamphlet")
    targets._targets.pop("pamphlet", None)


@pytest.fixture
def pamphlet() -> pamphlets.Pamphlet:
    return pamphlets.write_pamphlet(PersonFactory())


def reported(pamphlet):
    return actions.report_target(
        reporter=PersonFactory(), target_kind="pamphlet", target_id=pamphlet.id, reason="scam"
    ).case


@pytest.mark.parametrize("kind", ["pamphlet", "account"])
def test_fifty_reports_at_once_make_one_case_exact_sums_and_one_hide(kind, pamphlet):
    target_id = pamphlet.id if kind == "pamphlet" else pamphlet.author.pk
    reason = "scam" if kind == "pamphlet" else "fraud"
    people = [PersonFactory() for _ in range(50)]

    answers = done_or_refused(
        *[
            lambda person=person: actions.report_target(
                reporter=person, target_kind=kind, target_id=target_id, reason=reason
            )
            for person in people
        ]
    )

    assert Counter(type(a) for a in answers) == {Report: 50}
    case = Case.objects.get()
    assert (case.report_count, case.weight) == (50, Decimal("37.50"))
    assert Decision.objects.filter(outcome="auto_hide").count() == 1
    assert Snapshot.objects.count() == 1
    names = Counter(OutboxEvent.objects.values_list("name", flat=True))
    assert (
        names["moderation.case_opened"],
        names["moderation.report_made"],
        names["moderation.target_auto_hidden"],
    ) == (1, 50, 1)
    pamphlet.author.refresh_from_db()
    assert pamphlet.row["shown"] == (kind == "account")
    assert (pamphlet.author.listings_hidden_at is not None) == (kind == "account")


def test_one_person_reporting_twenty_times_at_once_is_one_report(pamphlet):
    person = PersonFactory()
    answers = done_or_refused(
        *[lambda: actions.report_target(reporter=person, target_kind="pamphlet", target_id=pamphlet.id, reason="scam")]
        * 20
    )
    assert len({a.pk for a in answers}) == 1
    assert sum(a.is_new for a in answers) == 1
    assert Case.objects.get().report_count == 1


def test_of_twenty_moderators_who_decide_at_once_one_does(pamphlet):
    case, policy = reported(pamphlet), PolicyFactory()
    outcomes = ["remove", "no_action", "warn", "remove"] * 5
    moderators = [ModeratorFactory() for _ in outcomes]

    answers = done_or_refused(
        *[
            lambda moderator=moderator, outcome=outcome: actions.decide_case(
                case_id=case.pk, moderator=moderator, outcome=outcome, policy=policy, revision=1
            )
            for moderator, outcome in zip(moderators, outcomes, strict=True)
        ]
    )

    assert Counter(type(a) for a in answers) == {Decision: 1, CaseClosed: 19}
    decision = Decision.objects.get()
    assert pamphlet.row["removed"] == (decision.outcome == "remove")
    assert AuditEntry.objects.filter(action="moderation.case_decided").count() == 1
    assert OutboxEvent.objects.filter(name="moderation.decision_made").count() == 1


def test_of_twenty_moderators_who_claim_at_once_one_holds_the_case(pamphlet):
    case = reported(pamphlet)
    moderators = [ModeratorFactory() for _ in range(20)]
    answers = done_or_refused(
        *[lambda moderator=m: actions.claim_case(case_id=case.pk, moderator=moderator) for m in moderators]
    )
    assert Counter(type(a) for a in answers) == {Case: 1, HeldBySomebodyElse: 19}
    winner = next(m for m, a in zip(moderators, answers, strict=True) if isinstance(a, Case))
    assert Case.objects.get().claimed_by == winner


def test_an_edit_and_a_decision_at_once_never_decide_what_nobody_read(pamphlet):
    moderator, policy = ModeratorFactory(), PolicyFactory()
    for _ in range(10):
        case, revision = reported(pamphlet), pamphlet.row["revision"]

        def decide(case=case, revision=revision):
            return actions.decide_case(
                case_id=case.pk, moderator=moderator, outcome="warn", policy=policy, revision=revision
            )

        answers = done_or_refused(decide, lambda: pamphlet.edit("Something else."))

        case.refresh_from_db()
        if isinstance(answers[0], Decision):
            assert (case.state, answers[0].target_revision) == (CaseState.DECIDED, revision)
        else:
            assert isinstance(answers[0], StaleRevision)
            assert (case.state, case.decisions.count()) == (CaseState.OPEN, 0)
            actions.decide_case(
                case_id=case.pk, moderator=moderator, outcome="warn", policy=policy, revision=revision + 1
            )


def test_reports_decisions_and_undos_at_once_leave_no_half_written_row(pamphlet):
    moderator, policy = ModeratorFactory(), PolicyFactory()
    first = reported(pamphlet)
    decision = actions.decide_case(case_id=first.pk, moderator=moderator, outcome="remove", policy=policy, revision=1)
    people = [PersonFactory() for _ in range(3)]  # too few to hide it, which would stand in the way of the undo

    done_or_refused(
        lambda: actions.undo_decision(decision_id=decision.pk, moderator=moderator, reason="Mistake."),
        *[
            lambda person=person: actions.report_target(
                reporter=person, target_kind="pamphlet", target_id=pamphlet.id, reason="spam"
            )
            for person in people
        ],
    )

    waiting = Case.objects.filter(state__in=["open", "claimed", "reopened"])
    assert waiting.count() == 1
    assert not pamphlet.row["removed"]
    for case in Case.objects.all():
        assert case.report_count == case.reports.count()
        assert case.weight == sum(report.weight for report in case.reports.all())
    assert Report.objects.count() == 4
