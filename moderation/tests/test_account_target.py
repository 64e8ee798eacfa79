from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.actions import open_session, restrict_person
from accounts.models import Restriction, User
from accounts.states import RestrictionKind
from core.errors import StaleRevision
from core.models import AuditEntry
from core.testing import counted_queries
from moderation import actions
from moderation.errors import MayNotModerate, NotSuspended, StaffMember
from moderation.models import Case, Decision
from moderation.selectors import accounts_on_same_devices
from moderation.states import CaseState
from moderation.targets import ACCOUNT
from moderation.tests.factories import ModeratorFactory, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(author):
    return actions.report_target(
        reporter=PersonFactory(), target_kind=ACCOUNT, target_id=author.pk, reason="harassment", description="Rude"
    ).case


def decide(case, moderator, policy, outcome, **facts):
    return actions.decide_case(
        case_id=case.pk, moderator=moderator, outcome=outcome, policy=policy, revision=case.author.revision, **facts
    )


def test_a_report_keeps_the_profile_as_it_was(case, author):
    assert (case.title, case.author) == ("@khalid", author)
    assert case.snapshots.get().content["full_name"] == "Khalid Mansour"


def test_suspends_for_some_days_and_hides_the_listings(case, author, moderator, policy):
    decision = decide(case, moderator, policy, "suspend", duration_days=7)

    author.refresh_from_db()
    restriction = Restriction.objects.get()
    assert (restriction.kind, restriction.user, restriction.case_id) == (RestrictionKind.ACCOUNT, author, case.pk)
    assert timedelta(days=6, hours=23) < restriction.ends_at - timezone.now() <= timedelta(days=7)
    assert restriction.reason_ar == policy.reason_ar
    assert author.suspended_at is not None
    assert author.listings_hidden_at is not None
    assert decision.inverse == {"restriction_id": str(restriction.pk)}


def test_suspends_until_lifted(case, author, moderator, policy):
    decide(case, moderator, policy, "suspend_until_lifted")
    assert Restriction.objects.get().ends_at is None


def test_undoing_brings_the_person_and_their_listings_back(case, author, moderator, policy):
    decision = decide(case, moderator, policy, "suspend_until_lifted")

    actions.undo_decision(decision_id=decision.pk, moderator=moderator, reason="Mistaken identity.")

    author.refresh_from_db()
    assert (author.suspended_at, author.listings_hidden_at) == (None, None)
    assert Restriction.objects.get().lifted_at is not None


def test_stops_selling_only(case, author, moderator, policy):
    decide(case, moderator, policy, "restrict_selling", duration_days=30)
    author.refresh_from_db()
    assert author.suspended_at is None
    assert author.listings_hidden_at is not None


@pytest.mark.parametrize("outcome", ["warn", "no_action"])
def test_words_alone_restrict_nothing(case, author, moderator, policy, outcome):
    decide(case, moderator, policy, outcome)
    assert not Restriction.objects.exists()


def test_enough_reports_rest_the_listings_but_never_suspend(author):
    for _ in range(7):
        actions.report_target(reporter=PersonFactory(), target_kind=ACCOUNT, target_id=author.pk, reason="fraud")

    author.refresh_from_db()
    assert author.suspended_at is None
    assert author.listings_hidden_at is not None
    assert Case.objects.get().auto_hidden_at is not None


def test_no_action_lifts_what_the_reports_did(author, moderator):
    for _ in range(7):
        case = actions.report_target(
            reporter=PersonFactory(), target_kind=ACCOUNT, target_id=author.pk, reason="fraud"
        ).case
    decide(case, moderator, None, "no_action")

    author.refresh_from_db()
    assert author.listings_hidden_at is None


def test_a_changed_profile_must_be_read_again(case, author, moderator, policy):
    User.objects.filter(pk=author.pk).update(revision=2, bio="I am sorry")
    with pytest.raises(StaleRevision):
        decide(case, moderator, policy, "suspend_until_lifted")
    assert not Restriction.objects.exists()


def test_a_colleague_is_out_of_a_moderators_reach(moderator, policy):
    colleague = ModeratorFactory()
    case = actions.report_target(
        reporter=PersonFactory(), target_kind=ACCOUNT, target_id=colleague.pk, reason="other"
    ).case
    with pytest.raises(StaffMember):
        decide(case, moderator, policy, "suspend_until_lifted")
    assert not Restriction.objects.exists()
    assert not Decision.objects.exists()

    admin = PersonFactory(is_staff=True, is_superuser=True)
    decide(case, admin, policy, "suspend_until_lifted")
    assert Restriction.objects.exists()


# --- without a report ------------------------------------------------------------------------------------------------


def test_suspending_directly_opens_and_decides_a_case(author, moderator, policy):
    decision = actions.suspend_person(
        user_id=author.pk, moderator=moderator, policy=policy, reason_en="Fraud.", reason_ar="احتيال.", duration_days=3
    )
    assert (decision.outcome, decision.duration_days, decision.reason_en) == ("suspend", 3, "Fraud.")
    assert decision.case.author == author
    assert Case.objects.get().state == CaseState.DECIDED


def test_unsuspending_undoes_every_suspension(author, moderator, policy):
    actions.suspend_person(user_id=author.pk, moderator=moderator, policy=policy)
    actions.suspend_person(user_id=author.pk, moderator=moderator, policy=policy, duration_days=3)

    undone = actions.unsuspend_person(user_id=author.pk, moderator=moderator, reason="Appeal upheld.")

    author.refresh_from_db()
    assert len(undone) == 2
    assert (author.suspended_at, author.listings_hidden_at) == (None, None)


def test_unsuspending_refuses_those_who_are_not(author, moderator):
    with pytest.raises(NotSuspended):
        actions.unsuspend_person(user_id=author.pk, moderator=moderator, reason="?")


def test_unsuspending_leaves_alone_what_ran_out(author, moderator, policy):
    with time_machine.travel(timezone.now() - timedelta(days=9)):
        old = actions.suspend_person(user_id=author.pk, moderator=moderator, policy=policy, duration_days=3)
    fresh = actions.suspend_person(user_id=author.pk, moderator=moderator, policy=policy)

    assert actions.unsuspend_person(user_id=author.pk, moderator=moderator, reason="Appeal upheld.") == [fresh]
    old.refresh_from_db()
    assert old.undone_at is None


def test_a_suspension_without_a_decision_is_lifted_and_audited(author, moderator):
    restrict_person(user=author, kind=RestrictionKind.ACCOUNT, reason_en="x", reason_ar="x")
    assert actions.unsuspend_person(user_id=author.pk, moderator=moderator, reason="By mistake.") == []
    author.refresh_from_db()
    assert author.suspended_at is None
    assert AuditEntry.objects.get(action="moderation.suspension_lifted").reason == "By mistake."


def test_suspending_refuses_a_moderator_without_the_permission(author, policy):
    moderator = ModeratorFactory(may=("moderation.decide_case", "moderation.undo_decision"))
    with pytest.raises(MayNotModerate):
        actions.suspend_person(user_id=author.pk, moderator=moderator, policy=policy)
    with pytest.raises(MayNotModerate):
        actions.unsuspend_person(user_id=author.pk, moderator=moderator, reason="?")
    assert not Case.objects.exists()
    assert not Restriction.objects.exists()


def test_other_accounts_of_a_phone_are_found_by_an_index(author):
    other = PersonFactory()
    for person in (author, other):
        open_session(user=person, kind="api", device_id="phone-1")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with counted_queries() as queries:
        assert accounts_on_same_devices(author) == {other.pk}
    with connection.cursor() as cursor:
        for query in queries.captured_queries[-2:]:
            cursor.execute("EXPLAIN " + query["sql"])
            assert "Index Cond: ((device_id)" in "\n".join(row[0] for row in cursor.fetchall())
