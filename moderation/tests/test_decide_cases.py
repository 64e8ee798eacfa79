import pytest

from core.errors import NotFound, StaleRevision
from core.ids import uuid7
from moderation import actions
from moderation.errors import MayNotModerate, TooManyCases
from moderation.models import Case, Decision
from moderation.tests.factories import PersonFactory
from moderation.tests.pamphlets import write_pamphlet

pytestmark = pytest.mark.django_db


@pytest.fixture
def spam(author):
    pamphlets = [write_pamphlet(author, title=f"Spam {n}") for n in range(3)]
    return [
        (p, actions.report_target(reporter=PersonFactory(), target_kind="pamphlet", target_id=p.id, reason="spam").case)
        for p in pamphlets
    ]


def read(spam):
    return [actions.CaseRead(case.pk, 1) for _pamphlet, case in spam]


def test_decides_all_alike(spam, moderator, policy):
    results = actions.decide_cases(cases=read(spam), moderator=moderator, outcome="remove", policy=policy)

    assert [r.refusal for r in results] == [None] * 3
    assert all(p.row["removed"] for p, _case in spam)
    assert Decision.objects.filter(policy=policy, actor=moderator).count() == 3


def test_a_refused_row_leaves_the_others_decided(spam, moderator, policy):
    spam[1][0].edit("I changed my mind.")
    cases = [*read(spam), actions.CaseRead(uuid7(), 1)]

    results = actions.decide_cases(cases=cases, moderator=moderator, outcome="remove", policy=policy)

    assert [type(r.refusal) for r in results] == [type(None), StaleRevision, type(None), NotFound]
    assert [p.row["removed"] for p, _case in spam] == [True, False, True]


def test_refuses_more_than_can_be_read(spam, moderator, policy):
    with pytest.raises(TooManyCases):
        actions.decide_cases(cases=read(spam) * 34, moderator=moderator, outcome="remove", policy=policy)
    assert not Decision.objects.exists()


def test_refuses_a_stranger(spam, policy):
    with pytest.raises(MayNotModerate):
        actions.decide_cases(cases=read(spam), moderator=PersonFactory(), outcome="remove", policy=policy)
    assert set(Case.objects.values_list("state", flat=True)) == {"open"}
