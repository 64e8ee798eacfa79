"""States and their tables of moves. A field `state` changes here and nowhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils import timezone

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


@dataclass(frozen=True)
class Step:
    """A move on one axis, for `move_all`."""

    to: str
    by: Moves
    axis: str = "state"


def move_all(things: Sequence[models.Model], *steps: Step, **facts: Any) -> None:
    """Like `move`, for several locked rows of one kind that go the same way, on one axis or on several: one statement for all of them.

    Raises:
        WrongState: of one of them the table has no such move. None has moved.
    """
    if not things:
        return
    targets = {step.axis: str(getattr(step.to, "value", step.to)) for step in steps}
    for thing in things:
        for step in steps:
            now_in = str(getattr(thing, step.axis))
            if targets[step.axis] not in step.by.get(now_in, frozenset()):
                raise WrongState(state=now_in, to=targets[step.axis])
    kind = type(things[0])
    if any(field.name == "updated_at" for field in kind._meta.fields):
        facts["updated_at"] = timezone.now()
    written = {**targets, **facts}
    for thing in things:
        for name, value in written.items():
            setattr(thing, name, value)
    kind._base_manager.filter(pk__in=[thing.pk for thing in things]).update(**written)


def known_state(states: type[models.TextChoices], name: str, *, axis: str = "state") -> models.CheckConstraint:
    """A check constraint that keeps unknown words out of `state` (or another axis), also for raw SQL."""
    return models.CheckConstraint(condition=models.Q(**{f"{axis}__in": list(states.values)}), name=name)
