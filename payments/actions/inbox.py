"""The provider's bell. An event says only that something happened: what it says of people is not kept, and what is done follows from
looking at the thing itself, so neither order nor repetition of events matters.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from core.errors import NotAllowed, Refusal
from core.events import publish
from core.states import move
from payments.actions.looking import LOOKS, Note, look_for
from payments.errors import BadEvent, ProviderError, ProviderRefused
from payments.events import ProviderEventReceived
from payments.models import ProviderEvent, SellerAccount
from payments.provider import provider
from payments.states import INBOX_MOVES, InboxState, PayoutState

log = structlog.get_logger(__name__)

MISSED_FOR = timedelta(days=3)  # so long the provider tries by itself; beyond, reconciliation finds what is missing
TYPES_AT_ONCE = 20  # that a list of events may be asked for
TRIES = 12
WAITING = (InboxState.RECEIVED, InboxState.FAILED)
# Which ids of the thing are kept: by them it is found again.
KEPT = ("id", "object", "charge", "payment_intent", "account", "transfer", "destination", "status")


def receive_event(*, payload: bytes, signature: str, endpoint: str) -> str:
    """Put an event into the inbox, once however often it comes, and answer with its id. Publishes ProviderEventReceived.

    Raises:
        BadEvent: the provider did not sign it for this endpoint within the last minutes.
        ProviderError: no key is set.
    """
    try:
        event = provider().read_event(payload, signature=signature, endpoint=endpoint)
    except ProviderRefused as refused:
        raise BadEvent from refused
    put_into_inbox(event, endpoint=endpoint)
    return str(event["id"])


@transaction.atomic
def put_into_inbox(event: Mapping[str, Any], *, endpoint: str) -> bool:
    """False: it lies there already."""
    thing = (event.get("data") or {}).get("object") or {}
    kept = {name: thing[name] for name in KEPT if isinstance(thing.get(name), str)}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO payments_providerevent
                (id, endpoint, account, type, object_id, livemode, payload, happened_at, received_at, state, attempts, due_at, error)
            VALUES (%(id)s, %(endpoint)s, %(account)s, %(type)s, %(object)s, %(live)s, %(payload)s, %(at)s, %(now)s, 'received', 0,
                %(now)s, '')
            ON CONFLICT (id) DO NOTHING
            """,
            {
                "id": event["id"],
                "endpoint": endpoint,
                "account": event.get("account") or "",
                "type": event["type"],
                "object": kept.get("id", ""),
                "live": bool(event.get("livemode")),
                "payload": json.dumps(kept),
                "at": datetime.fromtimestamp(event["created"], tz=UTC),
                "now": timezone.now(),
            },
        )
        is_new = cursor.rowcount == 1
    if is_new:
        publish(ProviderEventReceived(event_id=event["id"]))
    return is_new


def process_event(*, event_id: str) -> InboxState:
    """Look at what an event is about and write down how it is now. Never within a transaction; safe to repeat."""
    event = ProviderEvent.objects.get(pk=event_id)
    if event.state not in WAITING:
        return InboxState(event.state)
    try:
        why_not = _is_not_ours(event)
        note = None if why_not else look_for(event)
        if note is None:
            return _end(event_id, InboxState.IGNORED, why_not or "nothing of ours")
        return _end(event_id, InboxState.PROCESSED, "", note)
    except ProviderRefused as refused:
        return _end(event_id, InboxState.IGNORED, f"{refused.code}: {refused}")  # it is gone, or not ours to see
    except (ProviderError, Refusal) as error:
        return _failed(event_id, error)


def process_due_events(*, limit: int = 500) -> int:
    """Process what lies in the inbox and is due, oldest first; how many were tried."""
    due = list(
        ProviderEvent.objects.filter(state__in=WAITING, due_at__lte=timezone.now(), attempts__lt=TRIES)
        .order_by("due_at")
        .values_list("pk", flat=True)[:limit]
    )
    for event_id in due:
        try:
            process_event(event_id=event_id)
        except Exception as error:
            log.exception("provider_event_failed", event_id=event_id)
            _failed(event_id, error)
    return len(due)


@transaction.atomic
def process_event_again(*, staff: User, event_id: str) -> ProviderEvent:
    """An event that failed is looked at again, with a fresh set of tries. Publishes ProviderEventReceived. Raises NotAllowed."""
    if not staff.has_perm("payments.change_providercommand"):
        raise NotAllowed
    event = _locked(event_id)
    if event.state in WAITING:
        event.attempts, event.due_at = 0, timezone.now()
        event.save(update_fields=["attempts", "due_at"])
        publish(ProviderEventReceived(event_id=event.pk))
    return event


def sweep_missed_events() -> int:
    """Ask for events that never reached us, the platform's and those of sellers who wait for money; how many were new."""
    since = timezone.now() - MISSED_FOR
    waiting = (
        SellerAccount.objects.filter(user__payouts__state__in=(PayoutState.PENDING, PayoutState.PROCESSING))
        .exclude(provider_id="")
        .distinct()
        .values_list("provider_id", flat=True)
    )
    return sum(_missed_of(account, since) for account in ("", *waiting))


def _missed_of(account: str, since: datetime) -> int:
    types = sorted(LOOKS)
    return sum(
        put_into_inbox(
            {**event, "account": event.get("account") or account}, endpoint="connect" if account else "platform"
        )
        for first in range(0, len(types), TYPES_AT_ONCE)
        for event in provider().missed_events(
            types=tuple(types[first : first + TYPES_AT_ONCE]), since=since, account=account
        )
    )


def _is_not_ours(event: ProviderEvent) -> str:
    """Why not, or nothing."""
    if event.livemode != provider().is_live:
        return "live event with a test key, or the other way round"
    if (event.endpoint == "connect") != bool(event.account):
        return "came to the other endpoint"
    return ""


def _locked(event_id: str) -> ProviderEvent:
    return ProviderEvent.objects.select_for_update(of=("self",)).get(pk=event_id)


@transaction.atomic(durable=True)
def _end(event_id: str, state: InboxState, why: str, note: Note = lambda: None) -> InboxState:
    event = _locked(event_id)
    if event.state in WAITING:
        note()
        move(event, state, INBOX_MOVES, error=why[:500], processed_at=timezone.now())
    return InboxState(event.state)


@transaction.atomic(durable=True)
def _failed(event_id: str, error: Exception) -> InboxState:
    event = _locked(event_id)
    if event.state == InboxState.RECEIVED:
        move(event, InboxState.FAILED, INBOX_MOVES)
    event.attempts += 1
    event.due_at = timezone.now() + min(timedelta(seconds=2**event.attempts), timedelta(hours=1))
    event.error = f"{type(error).__name__}: {error}"[:500]
    event.save(update_fields=["attempts", "due_at", "error"])
    return InboxState(event.state)
