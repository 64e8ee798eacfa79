"""States and their tables of moves. A field `state` changes here and nowhere else."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from core.errors import WrongState

Moves = Mapping[str, frozenset[str]]


def moves(table: Mapping[Any, Any]) -> Moves:
    """Freeze a readable table `{state: (states it may become, ...)}`."""
    return {str(getattr(k, "value", k)): frozenset(str(getattr(v, "value", v)) for v in to) for k, to in table.items()}


def move(thing: models.Model, to: str, by: Moves, *, axis: str = "state", **facts: Any) -> None:
    """Move a locked row to another state and save it together with the facts that change at the same moment.

    The caller holds the row's lock: a state checked before the lock proves nothing. `axis` names the field, where a thing has
    several states beside each other.

    Raises:
        WrongState: the table has no such move.
    """
    now_in = str(getattr(thing, axis))
    target = str(getattr(to, "value", to))
    if target not in by.get(now_in, frozenset()):
        raise WrongState(state=now_in, to=target)
    setattr(thing, axis, target)
    for name, value in facts.items():
        setattr(thing, name, value)
    touched = ["updated_at"] if any(f.name == "updated_at" for f in thing._meta.fields) else []
    thing.save(update_fields=[axis, *facts, *touched])


def known_state(states: type[models.TextChoices], name: str, *, axis: str = "state") -> models.CheckConstraint:
    """A check constraint that keeps unknown words out of `state` (or another axis), also for raw SQL."""
    return models.CheckConstraint(condition=models.Q(**{f"{axis}__in": list(states.values)}), name=name)
