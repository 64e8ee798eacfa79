"""Writing an order's timeline."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from orders.actions.telling import tell_parties
from orders.models import Order, OrderEvent
from orders.states import Side
from orders.words import check_kind


def note_event(
    order: Order,
    kind: str,
    side: Side | str,
    *,
    actor: User | None = None,
    at: datetime | None = None,
    is_internal: bool = False,
    **facts: Any,
) -> OrderEvent:
    """Add a line to the timeline of a locked order, and let both see it at once where they are connected. `kind` stands in
    `orders.words.EVENTS`; `side`: who did it.

    `facts`: plain values that its words name: amounts as decimal strings, times as ISO strings. `is_internal`: only staff read it.
    """
    [line] = note_events([(order, facts)], kind, side, actor=actor, at=at, is_internal=is_internal)
    return line


def note_events(
    told: Sequence[tuple[Order, Mapping[str, Any]]],
    kind: str,
    side: Side | str,
    *,
    actor: User | None = None,
    at: datetime | None = None,
    is_internal: bool = False,
) -> list[OrderEvent]:
    """The same line for several locked orders, each with facts of its own. One statement."""
    check_kind(kind)
    if not is_internal:
        tell_parties([order for order, _facts in told])
    at = at or timezone.now()
    return OrderEvent.objects.bulk_create(
        OrderEvent(
            order=order,
            kind=kind,
            side=side,
            actor_id=actor.pk if actor else None,
            facts=dict(facts),
            is_internal=is_internal,
            at=at,
        )
        for order, facts in told
    )
