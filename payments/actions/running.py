"""Carrying out what was ordered from the provider: asked at least once, done at most once, written down exactly once.

A worker leases the command, asks outside any transaction, and writes the answer, what it means, and the command's end in one
transaction. Whatever moment it dies in, the next one asks again with the same key and hears the same answer. The rules of keys:

- The words of a key never change; the database refuses it.
- No answer, "busy" and "too many requests": the same key again, later.
- A failure that the provider saved for the key: look whether it was done after all, then ask with another key (`…:a2`). What moves
  money waits before that, because what failed may still be under way; what moves none is asked for again at once.
- The provider forgets keys after a day. From 20 hours on: look first, and take on what is found.
- After so many tries a person must look (`parked`).
"""

import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import audit
from core.errors import NotAllowed, NotFound, WrongState
from core.states import move
from payments.actions.commands import order_customer
from payments.actions.deeds import CALLED_OFF, DEEDS, subject_id
from payments.actions.results import note_command_refused
from payments.errors import (
    ProviderError,
    ProviderRefused,
    ProviderSavedFailure,
    ProviderSaysOtherwise,
    ProviderUnclear,
)
from payments.models import Payment, ProviderCommand, ProviderCustomer
from payments.states import COMMAND_MOVES, CommandKind, CommandState

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
KEY_IS_SAFE_FOR = timedelta(hours=20)  # keys may be forgotten after 24 (docs.stripe.com/api/idempotent_requests)
PAUSE_BEFORE_NEW_KEY = timedelta(minutes=2)  # longer than any request lives: what failed may still be under way
# Done twice, one of the two is never used: nobody pays by an intent whose secret nobody was given. Round by round.
MOVES_NO_MONEY = (CommandKind.CREATE_CUSTOMER, CommandKind.CREATE_CHARGE)
PAUSES_WHERE_NONE_MOVES = tuple(timedelta(seconds=seconds) for seconds in (0, 2, 5, 15, 30, 60, 120))
LONGEST_WAIT = timedelta(hours=1)
PATIENCE = 5  # seconds, for what another worker is asking just now
TRIES, ROUNDS = 40, 5  # some 30 hours; so many saved failures of what moves money
ENDED = (CommandState.DONE, CommandState.FAILED)
GIVEN_UP = "given_up"

Passing = Callable[[str], None]


def run_command(
    *, command_id: uuid.UUID, wait_seconds: float = 0, passing: Passing = lambda point: None
) -> CommandState:
    """Carry a command out now, unless it is done, not due or in other hands; the state it is in after.

    Never within a transaction: what the provider did cannot be rolled back. While it is in other hands, their answer is waited for, as
    long as `wait_seconds`. `passing` hears the name of each point at which a worker could die (`leased`, `sending`, `answered`, …).
    """
    command = _lease(command_id)
    if command is None:
        return _seen(command_id, wait_seconds)
    state = _ask(command, passing)
    if state == CommandState.PENDING and pause_before_next_key(command) == timedelta(0):
        again = _lease(command_id)
        state = _ask(again, passing) if again is not None else _seen(command_id, wait_seconds)
    return state


def _ask(command: ProviderCommand, passing: Passing) -> CommandState:
    """Carry a leased command out, once; the state it is in after."""
    command_id = command.pk
    passing("leased")
    try:
        answer = _carry_out(command, passing)
    except ProviderUnclear as error:
        return _try_later(command_id, error)
    except ProviderSavedFailure as error:
        passing("failed")
        return _next_round(command_id, error)
    except ProviderRefused as error:
        passing("refused")
        return _refused(command_id, error)
    passing("answered")
    try:
        state = _done(command, answer, passing)
    except ProviderSaysOtherwise as error:
        return _needs_a_person(command_id, error)
    passing("recorded")
    return state


def run_due_commands(*, limit: int = 200, passing: Passing = lambda point: None) -> int:
    """Carry out what is due, oldest first, also what a dead worker left; how many were tried. Several may run beside each other."""
    due = list(
        ProviderCommand.objects.filter(state__in=(CommandState.PENDING, CommandState.SENT), due_at__lte=timezone.now())
        .order_by("due_at", "id")
        .values_list("pk", flat=True)[:limit]
    )
    for command_id in due:
        try:
            run_command(command_id=command_id, passing=passing)
        except Exception as error:
            log.exception("command_failed", command=str(command_id))
            _try_later(command_id, error)
    return len(due)


@transaction.atomic
def retry_command(*, staff: User, command_id: uuid.UUID, reason: str = "") -> ProviderCommand:
    """A parked command gets a fresh set of tries; what an earlier try did is looked for first. In the audit log. Raises NotAllowed."""
    command = _stuck(staff, command_id)
    move(
        command,
        CommandState.PENDING,
        COMMAND_MOVES,
        attempts=0,
        round=command.round + 1,  # so that it looks before it asks
        first_sent_at=None,
        due_at=timezone.now(),
        leased_until=None,
    )
    audit.record(
        action="payments.command_retried",
        target_kind="provider_command",
        target_id=command.pk,
        actor=staff,
        reason=reason,
    )
    return command


@transaction.atomic
def give_up_command(*, staff: User, command_id: uuid.UUID, reason: str) -> ProviderCommand:
    """A parked command will never be done: what was posted for it is taken back, as if the provider had refused. In the audit log.

    Raises:
        NotAllowed, NotFound, WrongState.
    """
    command = _stuck(staff, command_id)
    note_command_refused(command=command, code=GIVEN_UP)
    move(command, CommandState.FAILED, COMMAND_MOVES, error_code=GIVEN_UP, error=reason[:500], done_at=timezone.now())
    audit.record(
        action="payments.command_given_up",
        target_kind="provider_command",
        target_id=command.pk,
        actor=staff,
        reason=reason,
    )
    return command


def _stuck(staff: User, command_id: uuid.UUID) -> ProviderCommand:
    if not staff.has_perm("payments.change_providercommand"):
        raise NotAllowed
    command = _locked(command_id)
    if command is None:
        raise NotFound
    if command.state != CommandState.PARKED:  # a colleague was faster, and it may be on its way
        raise WrongState(state=command.state, to=CommandState.PARKED.value)
    return command


def wait_before(attempts: int) -> timedelta:
    """2, 4, 8 … seconds, an hour at most."""
    return min(timedelta(seconds=2 ** min(attempts, 12)), LONGEST_WAIT)


def pause_before_next_key(command: ProviderCommand) -> timedelta | None:
    """How long a command whose key has a failure saved waits for its next key; None: it had enough of them."""
    if command.kind not in MOVES_NO_MONEY:
        return PAUSE_BEFORE_NEW_KEY if command.round < ROUNDS else None
    done = command.round - 1
    return PAUSES_WHERE_NONE_MOVES[done] if done < len(PAUSES_WHERE_NONE_MOVES) else None


def key_of(command: ProviderCommand) -> str:
    """What is sent as the key in this round."""
    return command.idempotency_key if command.round == 1 else f"{command.idempotency_key}:a{command.round}"


def must_look_first(command: ProviderCommand, at: datetime) -> bool:
    """An earlier try may have done it and its key no longer says so."""
    return command.round > 1 or (command.first_sent_at is not None and at - command.first_sent_at > KEY_IS_SAFE_FOR)


@transaction.atomic(durable=True)
def _lease(command_id: uuid.UUID) -> ProviderCommand | None:
    now = timezone.now()
    command = (
        ProviderCommand.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk=command_id, state__in=(CommandState.PENDING, CommandState.SENT), due_at__lte=now)
        .first()
    )
    if command is None:
        return None
    facts: dict[str, Any] = {
        "attempts": command.attempts + 1,
        "leased_until": now + LEASE,
        "due_at": now + LEASE,
        "first_sent_at": command.first_sent_at or now,
    }
    if command.state == CommandState.PENDING:
        move(command, CommandState.SENT, COMMAND_MOVES, **facts)
    else:
        for name, value in facts.items():
            setattr(command, name, value)
        command.save(update_fields=list(facts))
    return command


def _seen(command_id: uuid.UUID, wait_seconds: float) -> CommandState:
    until = time.monotonic() + wait_seconds
    while True:
        command = ProviderCommand.objects.get(pk=command_id)
        in_hands = command.leased_until is not None and command.state == CommandState.SENT
        # Due, and yet it could not be leased: somebody is taking it just now, and their lease is not to be seen before it is committed.
        in_hands = in_hands or (command.state == CommandState.PENDING and command.due_at <= timezone.now())
        if not in_hands or time.monotonic() > until:
            return CommandState(command.state)
        time.sleep(0.1)


def _carry_out(command: ProviderCommand, passing: Passing) -> Any:
    if command.kind == CommandKind.CREATE_CHARGE:
        _make_payer_known(command, passing)
    deed = DEEDS[command.kind]
    if must_look_first(command, timezone.now()):
        found = deed.find(command, command.created_at)
        passing("looked")
        if found is not None:
            return found
    passing("sending")
    return deed.send(command, key_of(command))


def _make_payer_known(command: ProviderCommand, passing: Passing) -> None:
    payer_id = Payment.objects.values_list("payer_id", flat=True).get(pk=subject_id(command))
    if not ProviderCustomer.objects.filter(user_id=payer_id).exists():
        with transaction.atomic(durable=True):
            first = order_customer(user_id=payer_id)
        # Two first payments at once: the second waits for what the first one asked.
        run_command(command_id=first.pk, wait_seconds=PATIENCE, passing=passing)


@transaction.atomic(durable=True)
def _done(command: ProviderCommand, answer: Any, passing: Passing) -> CommandState:
    now_in = _locked(command.pk)
    if now_in is None or now_in.state in ENDED:
        # Its lease ran out meanwhile and somebody else heard the same answer.
        return CommandState(now_in.state if now_in else CommandState.DONE)
    DEEDS[command.kind].note(now_in, answer)
    passing("noted")
    if now_in.state == CommandState.PENDING:
        move(now_in, CommandState.SENT, COMMAND_MOVES)
    move(
        now_in,
        CommandState.DONE,
        COMMAND_MOVES,
        result_id=answer if isinstance(answer, str) else getattr(answer, "id", ""),
        error_code="" if answer is not None else CALLED_OFF,
        error="",
        leased_until=None,
        done_at=timezone.now(),
    )
    return CommandState.DONE


@transaction.atomic(durable=True)
def _try_later(command_id: uuid.UUID, error: Exception) -> CommandState:
    command = _locked(command_id)
    if command is None or command.state in (*ENDED, CommandState.PARKED):
        return CommandState(command.state if command else CommandState.DONE)
    if command.attempts >= TRIES:
        return _park(command, error)
    _say(command, error, due_at=timezone.now() + wait_before(command.attempts))
    return CommandState(command.state)


@transaction.atomic(durable=True)
def _needs_a_person(command_id: uuid.UUID, error: ProviderSaysOtherwise) -> CommandState:
    command = _locked(command_id)
    if command is None or command.state in (*ENDED, CommandState.PARKED):
        return CommandState(command.state if command else CommandState.DONE)
    return _park(command, error)


@transaction.atomic(durable=True)
def _next_round(command_id: uuid.UUID, error: ProviderSavedFailure) -> CommandState:
    command = _locked(command_id)
    if command is None or command.state != CommandState.SENT:
        return CommandState(command.state if command else CommandState.DONE)
    pause = pause_before_next_key(command)
    if pause is None:
        return _park(command, error)
    move(command, CommandState.PENDING, COMMAND_MOVES, round=command.round + 1, first_sent_at=None)
    _say(command, error, due_at=timezone.now() + pause)
    return CommandState.PENDING


@transaction.atomic(durable=True)
def _refused(command_id: uuid.UUID, error: ProviderRefused) -> CommandState:
    command = _locked(command_id)
    if command is None or command.state in ENDED:
        return CommandState(command.state if command else CommandState.FAILED)
    if error.code == "idempotency_error":  # the same key with other words: that can only be our own mistake
        return _park(command, error)
    note_command_refused(command=command, code=error.decline_code or error.code)
    move(
        command,
        CommandState.FAILED,
        COMMAND_MOVES,
        error_code=error.code[:80],
        error=str(error)[:500],
        leased_until=None,
        done_at=timezone.now(),
    )
    return CommandState.FAILED


def _park(command: ProviderCommand, error: Exception) -> CommandState:
    move(command, CommandState.PARKED, COMMAND_MOVES, leased_until=None)
    _say(command, error, due_at=command.due_at)
    log.error("command_parked", command=str(command.pk), kind=command.kind, error=command.error)
    return CommandState.PARKED


def _say(command: ProviderCommand, error: Exception, *, due_at: datetime) -> None:
    command.error_code = error.code[:80] if isinstance(error, ProviderError) else type(error).__name__
    command.error = str(error)[:500]
    command.due_at, command.leased_until = due_at, None
    command.save(update_fields=["error_code", "error", "due_at", "leased_until"])


def _locked(command_id: uuid.UUID) -> ProviderCommand | None:
    return ProviderCommand.objects.select_for_update(of=("self",)).filter(pk=command_id).first()
