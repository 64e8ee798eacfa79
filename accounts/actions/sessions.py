"""Being signed in: sessions, their families of refresh tokens, their end."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts import rules
from accounts.errors import InvalidToken, RefreshTokenUsedTwice, SessionEnded, SessionNotFound
from accounts.events import RefreshTokenReused, SessionRevoked, SignedInOnNewDevice
from accounts.models import Device, RefreshToken, Session, User
from accounts.states import SessionKind
from core import audit
from core.context import trace
from core.events import publish
from core.ids import uuid7
from core.realtime.telling import recheck_person

GRACE = timedelta(seconds=10)  # a client that lost our answer on the way asks again and gets the same child
SEEN_AGAIN_AFTER = timedelta(minutes=5)


@dataclass(frozen=True)
class SignIn:
    """A new session; in an app with the first token of its family."""

    session: Session
    refresh_token: RefreshToken | None


@transaction.atomic
def open_session(*, user: User, kind: str, device_id: str = "", user_agent: str = "", browser_key: str = "") -> SignIn:
    """Sign a person in. A suspended one too: they must be able to read why (see `rules`).

    Publishes SignedInOnNewDevice when the person was here before, but never from this device.

    Raises:
        SessionEnded: the person is gone.
    """
    if not user.is_active:
        raise SessionEnded
    now = timezone.now()
    seen = set(user.sessions.order_by("-last_seen_at").values_list("device_id", "user_agent")[:50])
    session = Session.objects.create(
        user=user,
        kind=kind,
        browser_key=browser_key,
        device_id=device_id[:100],
        user_agent=user_agent.replace("\0", "")[:300],
        ip=trace().ip,
        created_at=now,
        last_seen_at=now,
        expires_at=now + _refresh_life(),
    )
    token = _next_token(session, now) if kind == SessionKind.API else None
    User.objects.filter(pk=user.pk).update(last_login=now, last_seen_at=now)
    if seen and not rules.is_known_device(device_id=session.device_id, user_agent=session.user_agent, seen=seen):
        publish(SignedInOnNewDevice(user_id=user.pk, session_id=session.pk))
    return SignIn(session, token)


def rotate_refresh_token(*, jti: uuid.UUID) -> RefreshToken:
    """Use a refresh token and return its child, with `session.user` loaded.

    Of many requests with the same token one makes the child and all get it, within ten seconds; later it counts as stolen: the session
    ends and RefreshTokenReused is published.

    Raises:
        InvalidToken, SessionEnded, RefreshTokenUsedTwice.
    """
    child, refusal = _rotate(jti)
    if child is None:
        raise refusal  # outside the transaction: the end of the family must commit
    return child


@transaction.atomic
def _rotate(jti: uuid.UUID) -> tuple[RefreshToken | None, Any]:
    now = timezone.now()
    child_id = uuid7()
    won = RefreshToken.objects.filter(jti=jti, used_at=None, expires_at__gt=now).update(
        used_at=now, replaced_by=child_id
    )
    token = RefreshToken.objects.select_related("session__user").filter(jti=jti).first()
    if token is None:
        return None, InvalidToken()
    session = token.session
    if session.revoked_at is not None or session.expires_at <= now or not session.user.is_active:
        return None, SessionEnded()
    if won:
        session.last_seen_at, session.expires_at, session.ip = now, now + _refresh_life(), trace().ip or session.ip
        session.save(update_fields=["last_seen_at", "expires_at", "ip"])
        User.objects.filter(pk=session.user_id).update(last_seen_at=now)
        return _next_token(session, now, child_id), None
    if token.used_at is None:
        return None, SessionEnded()  # run out unused
    if now - token.used_at <= GRACE and token.replaced_by:
        return RefreshToken.objects.select_related("session__user").get(jti=token.replaced_by), None
    end_sessions(Session.objects.filter(pk=session.pk), because="refresh_token_reused")
    publish(RefreshTokenReused(user_id=session.user_id, session_id=session.pk))
    return None, RefreshTokenUsedTwice()


def _next_token(session: Session, now: datetime, jti: uuid.UUID | None = None) -> RefreshToken:
    return RefreshToken.objects.create(
        jti=jti or uuid7(), session=session, issued_at=now, expires_at=now + _refresh_life()
    )


def _refresh_life() -> timedelta:
    return settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"]


@transaction.atomic
def revoke_session(*, user: User, session_id: uuid.UUID, because: str = "revoked") -> None:
    """End one of a person's sessions; again does nothing. Publishes SessionRevoked.

    Raises:
        SessionNotFound: it is not theirs.
    """
    if not user.sessions.filter(pk=session_id).exists():
        raise SessionNotFound
    end_sessions(user.sessions.filter(pk=session_id), because=because)


@transaction.atomic
def end_all_sessions(*, user: User, because: str, staff: User | None = None, reason: str = "") -> int:
    """Sign a person out everywhere: every session ends, every access token is void at once, and no phone is pushed to until somebody
    signs in there again. Returns how many ended.

    When staff does it, it stands in the audit log with its reason.
    """
    User.objects.filter(pk=user.pk).update(session_version=F("session_version") + 1)
    ended = end_sessions(user.sessions.all(), because=because)
    user.devices.update(push_token="")
    if staff is not None:
        audit.record(
            action="accounts.end_all_sessions",
            target_kind="user",
            target_id=user.pk,
            actor=staff,
            reason=reason,
            after={"ended": ended},
        )
    return ended


@transaction.atomic
def end_other_sessions(*, user: User, keep: uuid.UUID | None, because: str) -> int:
    """End all but the one in hand."""
    return end_sessions(user.sessions.exclude(pk=keep) if keep else user.sessions.all(), because=because)


def end_sessions(sessions: QuerySet[Session], *, because: str) -> int:
    """End those that still stand, in the caller's transaction, and publish each. Their sockets look again at once, and the phones that
    they were on are pushed to no more.
    """
    ended = list(sessions.filter(revoked_at=None).select_for_update(of=("self",), no_key=True))
    Session.objects.filter(pk__in=[session.pk for session in ended]).update(
        revoked_at=timezone.now(), revoked_because=because
    )
    for session in ended:
        publish(SessionRevoked(user_id=session.user_id, session_id=session.pk))
    for user_id in {session.user_id for session in ended}:
        recheck_person(user_id)  # not by the event: it may stand in line behind thousands of others
        phones = {session.device_id for session in ended if session.user_id == user_id} - {""}
        Device.objects.filter(user=user_id, device_id__in=phones).update(push_token="")
    return len(ended)


def note_seen(*, session: Session, browser_key: str = "") -> None:
    """Date a browser session's last use, at most every five minutes, and keep it from running out."""
    now = timezone.now()
    if now - session.last_seen_at < SEEN_AGAIN_AFTER:
        return
    Session.objects.filter(pk=session.pk).update(
        last_seen_at=now,
        expires_at=now + _refresh_life(),
        ip=trace().ip or session.ip,
        browser_key=browser_key or session.browser_key,
    )
    User.objects.filter(pk=session.user_id).update(last_seen_at=now)


def note_left(*, user_id: uuid.UUID) -> None:
    """Date when a person was last here: their last socket has closed."""
    User.objects.filter(pk=user_id).update(last_seen_at=timezone.now())
