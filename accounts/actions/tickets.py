"""Tickets for sockets: one socket, once, within seconds."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import rules, selectors
from accounts.errors import InvalidTicket
from accounts.models import Session, SocketTicket

LIVES = timedelta(seconds=30)  # from the answer to the handshake that follows it


@dataclass(frozen=True)
class IssuedTicket:
    """The only moment at which the ticket itself is known."""

    ticket: str
    expires_at: datetime


def issue_socket_ticket(*, session: Session) -> IssuedTicket:
    """Let the person of this session open one socket within thirty seconds.

    Raises:
        Suspended.
    """
    rules.check_not_suspended(session.user)
    ticket = secrets.token_urlsafe(32)
    row = SocketTicket.objects.create(hash=_hash(ticket), session=session, expires_at=timezone.now() + LIVES)
    return IssuedTicket(ticket, row.expires_at)


@transaction.atomic
def redeem_socket_ticket(*, ticket: str) -> Session:
    """Use a ticket up and return the session that it stands for, with its person.

    Raises:
        InvalidTicket: unknown, used, or too old.
        SessionEnded: the session ended meanwhile.
        Suspended.
    """
    now = timezone.now()
    # One conditional update: of two sockets with the same ticket one gets in. A hash is looked up, so time tells nothing.
    won = SocketTicket.objects.filter(hash=_hash(ticket), used_at=None, expires_at__gt=now).update(used_at=now)
    if not won:
        raise InvalidTicket
    return selectors.standing_session(SocketTicket.objects.get(hash=_hash(ticket)).session_id)


def _hash(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
