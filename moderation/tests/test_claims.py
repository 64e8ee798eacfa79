from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import User
from core.errors import NotFound
from core.ids import uuid7
from core.models import AuditEntry
from moderation import actions
from moderation.errors import CaseClosed, HeldBySomebodyElse, MayNotModerate, NoteNeeded, NotYourClaim, OwnCase
from moderation.models import Case
from moderation.states import CaseState
from moderation.tests.factories import ModeratorFactory, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(pamphlet):
    return actions.report_target(
        reporter=PersonFactory(), target_kind="pamphlet", target_id=pamphlet.id, reason="scam"
    ).case


def claim(case, moderator):
    return actions.claim_case(case_id=case.pk, moderator=moderator)


def holder(case):
    return Case.objects.get(pk=case.pk).claimed_by


def actions_logged():
    return list(
        AuditEntry.objects.filter(target_kind="case")
        .exclude(action="moderation.case_opened")
        .order_by("id")
        .values_list("action", flat=True)
    )


def test_a_claim_holds_for_ten_minutes(case, moderator):
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        claimed = claim(case, moderator)
        assert claimed.claimed_until == timezone.now() + timedelta(minutes=10)
    assert (claimed.state, claimed.claimed_by) == (CaseState.CLAIMED, moderator)
    assert actions_logged() == ["moderation.case_claimed"]


def test_claiming_again_extends_and_is_no_news(case, moderator):
    first = claim(case, moderator).claimed_until
    assert claim(case, moderator).claimed_until > first
    assert actions_logged() == ["moderation.case_claimed"]


def test_refuses_what_somebody_else_holds(case, moderator):
    claim(case, moderator)
    with pytest.raises(HeldBySomebodyElse):
        claim(case, ModeratorFactory())
    assert holder(case) == moderator


def test_an_expired_lease_is_free_for_anybody(case, moderator):
    claim(case, moderator)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        other = ModeratorFactory()
        claim(case, other)
        assert holder(case) == other


def test_refuses_strangers_those_concerned_and_closed_cases(case, author, moderator):
    with pytest.raises(MayNotModerate):
        claim(case, PersonFactory())
    author.user_permissions.add(Permission.objects.get(codename="decide_case"))
    with pytest.raises(OwnCase):
        claim(case, User.objects.get(pk=author.pk))
    Case.objects.update(state=CaseState.DECIDED)
    with pytest.raises(CaseClosed):
        claim(case, moderator)
    with pytest.raises(NotFound):
        actions.claim_case(case_id=uuid7(), moderator=moderator)
    assert holder(case) is None


def test_taking_over_needs_a_note_that_is_kept(case, moderator):
    claim(case, moderator)
    other = ModeratorFactory(username="omar.mod")
    with pytest.raises(NoteNeeded):
        actions.take_over_case(case_id=case.pk, moderator=other, note="  ")
    assert holder(case) == moderator

    actions.take_over_case(case_id=case.pk, moderator=other, note="Mariam went home.")

    assert holder(case) == other
    entry = AuditEntry.objects.get(action="moderation.case_taken_over")
    assert (entry.reason, entry.before, entry.after) == (
        "Mariam went home.",
        {"claimed_by": "@mariam"},
        {"claimed_by": "@omar.mod"},
    )


def test_handing_over_gives_the_case_to_a_colleague(case, moderator):
    colleague = ModeratorFactory()
    with pytest.raises(NotYourClaim):
        actions.hand_over_case(case_id=case.pk, moderator=moderator, to=colleague)
    claim(case, moderator)
    with pytest.raises(MayNotModerate):
        actions.hand_over_case(case_id=case.pk, moderator=moderator, to=PersonFactory())
    assert holder(case) == moderator

    actions.hand_over_case(case_id=case.pk, moderator=moderator, to=colleague, note="You know him.")

    assert holder(case) == colleague
    entry = AuditEntry.objects.get(action="moderation.case_handed_over")
    assert (entry.actor_id, entry.reason) == (moderator.pk, "You know him.")


def test_releasing_puts_it_back(case, moderator):
    claim(case, moderator)
    with pytest.raises(NotYourClaim):
        actions.release_case(case_id=case.pk, moderator=ModeratorFactory())
    assert holder(case) == moderator

    released = actions.release_case(case_id=case.pk, moderator=moderator)

    assert (released.state, released.claimed_by, released.claimed_until) == (CaseState.OPEN, None, None)


def test_forgotten_claims_go_back_by_themselves(case, moderator):
    claim(case, moderator)
    assert actions.release_expired_claims(now=timezone.now()) == 0
    assert holder(case) == moderator

    assert actions.release_expired_claims(now=timezone.now() + timedelta(minutes=11)) == 1

    assert (Case.objects.get().state, holder(case)) == (CaseState.OPEN, None)
    assert actions_logged()[-1] == "moderation.claim_expired"
