import pytest

from catalog.states import PRODUCT_MOVES, ProductState
from core.errors import WrongState
from core.models import Heartbeat
from core.states import move, moves


class Thing(Heartbeat):
    saved = None
    state = "a"

    class Meta:
        proxy = True
        app_label = "core"

    def save(self, **kwargs):
        self.saved = kwargs


TABLE = moves({"a": ("b",), "b": ()})


def test_a_move_of_the_table_changes_state_and_facts_together():
    thing = Thing(name="x")
    move(thing, "b", TABLE, beat_at="now")
    assert (thing.state, thing.beat_at, thing.saved) == ("b", "now", {"update_fields": ["state", "beat_at"]})


def test_any_other_move_is_refused_and_changes_nothing():
    thing = Thing(name="x")
    with pytest.raises(WrongState) as refusal:
        move(thing, "a", TABLE)
    assert refusal.value.facts == {"state": "a", "to": "a"}
    assert (thing.state, thing.saved) == ("a", None)


def test_only_a_sale_that_is_undone_leaves_sold():
    assert PRODUCT_MOVES[ProductState.SOLD] == {ProductState.ACTIVE, ProductState.PAUSED}
