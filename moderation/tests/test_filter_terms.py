import pytest

from core.models import AuditEntry
from moderation import actions
from moderation.errors import MayNotModerate, TermKnown, TermUnusable
from moderation.models import FilterTerm, ScanPolicy
from moderation.selectors import tried, verdict
from moderation.states import ScanAction
from moderation.tests.factories import ModeratorFactory, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return ModeratorFactory(
        may=("moderation.add_filterterm", "moderation.change_filterterm", "moderation.change_scanpolicy")
    )


def standing():
    return (
        list(FilterTerm.objects.order_by("id").values_list("term", "is_active")),
        list(ScanPolicy.objects.order_by("kind").values_list("kind", "newcomer", "regular")),
        AuditEntry.objects.count(),
    )


def test_a_new_term_holds_at_once_and_is_audited(boss):
    assert tried("pay by pigeon post").marks == ()
    term = actions.add_term(moderator=boss, language="en", term="  Pigeon   Post ", kind="elsewhere")
    assert term.term == "Pigeon Post"
    assert [mark.excerpt for mark in tried("pay by PIGEON post").marks] == ["PIGEON post"]
    entry = AuditEntry.objects.get(action="moderation.term_added")
    assert (entry.target_id, entry.after["term"], entry.actor_id) == (str(term.pk), "Pigeon Post", boss.pk)


def test_a_term_that_is_switched_off_is_not_looked_for(boss):
    term = FilterTerm.objects.get(term="bank transfer")
    actions.revise_term(term_id=term.pk, moderator=boss, is_active=False)
    assert tried("bank transfer").marks == ()
    entry = AuditEntry.objects.get(action="moderation.term_revised")
    assert (entry.before, entry.after) == ({"is_active": True}, {"is_active": False})


def test_saying_the_same_again_is_no_change(boss):
    before = standing()
    actions.revise_term(term_id=FilterTerm.objects.get(term="bank transfer").pk, moderator=boss, term="bank transfer")
    policy = ScanPolicy.objects.get(kind="phone")
    actions.change_scan_policy(moderator=boss, kind="phone", newcomer=policy.newcomer, regular=policy.regular)
    assert standing() == before


@pytest.mark.parametrize(
    ("term", "refusal"),
    [
        ("BANK  transfer", TermKnown),
        ("حَوِّل * على حِسابي", TermKnown),
        ("ab", TermUnusable),
        ("* to me", TermUnusable),
        ("send *", TermUnusable),
        ("  ", TermUnusable),
    ],
)
def test_refuses_terms_that_stand_already_or_say_nothing(boss, term, refusal):
    before = standing()
    with pytest.raises(refusal):
        actions.add_term(moderator=boss, language="en", term=term, kind="elsewhere")
    assert standing() == before


def test_a_policy_holds_at_once_and_is_audited(boss):
    person = PersonFactory()
    actions.change_scan_policy(moderator=boss, kind="phone", newcomer="hold", regular="nothing")
    assert verdict(text="0501234567", author=person).action == ScanAction.NOTHING
    entry = AuditEntry.objects.get(action="moderation.scan_policy_changed")
    assert (entry.target_id, entry.before, entry.after) == ("phone", {"regular": "warn"}, {"regular": "nothing"})


def test_refuses_moderators_and_changes_nothing():
    moderator, before = ModeratorFactory(), standing()
    term = FilterTerm.objects.first()
    with pytest.raises(MayNotModerate):
        actions.add_term(moderator=moderator, language="en", term="pigeon post", kind="elsewhere")
    with pytest.raises(MayNotModerate):
        actions.revise_term(term_id=term.pk, moderator=moderator, is_active=False)
    with pytest.raises(MayNotModerate):
        actions.change_scan_policy(moderator=moderator, kind="phone", newcomer="nothing", regular="nothing")
    assert standing() == before
