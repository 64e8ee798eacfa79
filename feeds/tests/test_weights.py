import pytest
from django.core.cache import cache
from django.db import DatabaseError, transaction

from core.errors import NotAllowed, NotFound, WrongState
from core.ids import uuid7
from core.models import AuditEntry
from feeds import actions
from feeds.errors import NothingWeighs, UnknownWeight, WeightOutOfRange
from feeds.models import RankingWeights
from feeds.ranking import Weights
from feeds.rules import WEIGHT_LIMITS, check_weights
from feeds.selectors import weights_in_force
from feeds.states import WeightsState
from feeds.tests.factories import staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return staff("admin")


def propose(person, **values):
    return actions.propose_weights(staff=person, values=values, note="To see.")


def test_a_proposal_is_numbered_and_ranks_nothing(admin):
    row = propose(admin, trust=3)
    assert (row.version, row.state, row.author, row.active_from) == (2, "proposed", admin, None)
    assert row.values == Weights().values | {"trust": 3.0}
    assert weights_in_force().version == 1
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.actor_id, entry.reason) == ("feeds.weights_proposed", admin.pk, "To see.")
    assert entry.after["trust"] == 3.0
    assert propose(admin).version == 3


def test_putting_one_in_force_retires_the_one_before(admin, django_capture_on_commit_callbacks):
    weights_in_force()
    row = propose(admin, distance=1)
    with django_capture_on_commit_callbacks(execute=True):
        actions.put_weights_in_force(staff=admin, weights_id=row.pk, reason="It looked right.")
    first = RankingWeights.objects.get(version=1)
    row.refresh_from_db()
    assert (first.state, first.active_until) == ("retired", row.active_from)
    assert row.state == "active"
    assert weights_in_force() == Weights(version=2, distance=1)
    entry = AuditEntry.objects.latest("id")
    assert (entry.before["version"], entry.after["version"], entry.reason) == (1, 2, "It looked right.")
    for again in (first, row):
        with pytest.raises(WrongState):
            actions.put_weights_in_force(staff=admin, weights_id=again.pk, reason="Again.")


def test_the_first_one_needs_none_before_it(admin):
    row = propose(admin)
    RankingWeights.objects.filter(version=1).update(state="retired", active_until=row.created_at)
    actions.put_weights_in_force(staff=admin, weights_id=row.pk, reason="So.")
    cache.clear()
    assert weights_in_force().version == 2


def test_a_discarded_one_never_ranks(admin):
    row = propose(admin)
    actions.discard_weights(staff=admin, weights_id=row.pk, reason="No.")
    with pytest.raises(WrongState):
        actions.put_weights_in_force(staff=admin, weights_id=row.pk, reason="Yes.")
    with pytest.raises(WrongState):
        actions.discard_weights(staff=admin, weights_id=RankingWeights.objects.get(version=1).pk, reason="No.")
    assert RankingWeights.objects.get(state=WeightsState.ACTIVE).version == 1


@pytest.mark.parametrize("group", ["moderator", "finance", "support", "verifier"])
def test_refuses_everybody_but_the_admin_group_and_changes_nothing(admin, group):
    row, person = propose(admin), staff(group)
    said = AuditEntry.objects.count()
    with pytest.raises(NotAllowed):
        propose(person)
    for action in (actions.put_weights_in_force, actions.discard_weights):
        with pytest.raises(NotAllowed):
            action(staff=person, weights_id=row.pk, reason="Mine.")
    assert list(RankingWeights.objects.values_list("version", "state")) == [(2, "proposed"), (1, "active")]
    assert AuditEntry.objects.count() == said


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"charm": 1}, UnknownWeight),
        ({"trust": -0.1}, WeightOutOfRange),
        ({"trust": 10.1}, WeightOutOfRange),
        ({"newcomer": 3}, WeightOutOfRange),
        ({"diversity": 1}, WeightOutOfRange),
        ({"distance_half_km": 0}, WeightOutOfRange),
        ({"trust": float("nan")}, WeightOutOfRange),
        ({"trust": float("inf")}, WeightOutOfRange),
        ({"trust": 0, "freshness": 0, "engagement": 0}, NothingWeighs),
    ],
    ids=str,
)
def test_refuses_numbers_that_make_no_order_and_changes_nothing(admin, values, refusal):
    with pytest.raises(refusal):
        propose(admin, **values)
    assert RankingWeights.objects.count() == 1


def test_every_number_has_limits_and_the_program_s_own_lie_within():
    assert set(WEIGHT_LIMITS) == set(Weights().values)
    assert check_weights(Weights().values) == Weights().values


def test_there_is_no_such_version(admin):
    with pytest.raises(NotFound):
        actions.put_weights_in_force(staff=admin, weights_id=uuid7(), reason="So.")


@pytest.mark.parametrize(
    "change",
    [
        lambda row: RankingWeights.objects.filter(pk=row.pk).update(values={"trust": 9}),
        lambda row: RankingWeights.objects.filter(pk=row.pk).update(note="Other words."),
        lambda row: RankingWeights.objects.filter(pk=row.pk).update(version=9),
        lambda row: RankingWeights.objects.filter(pk=row.pk).delete(),
    ],
)
def test_what_a_version_says_cannot_be_changed_by_anybody(admin, change):
    row = propose(admin)
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        change(row)
    row.refresh_from_db()
    assert (row.values, row.note, row.version) == (Weights().values, "To see.", 2)


def test_two_are_never_in_force(admin):
    row = propose(admin)
    with pytest.raises(Exception, match="feeds_one_version_in_force"), transaction.atomic():
        RankingWeights.objects.filter(pk=row.pk).update(state="active", active_from=row.created_at)
