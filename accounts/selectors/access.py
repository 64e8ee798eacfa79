"""Sessions, codes, ways in."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.gis.db.models import GeometryField
from django.db import connection
from django.db.models import Model, QuerySet
from django.utils import timezone

from accounts import proofs
from accounts.errors import (
    ChangeNotFound,
    SessionEnded,
    Suspended,
)
from accounts.identifiers import Identifier
from accounts.models import (
    Challenge,
    IdentifierChange,
    Session,
    User,
)
from accounts.states import ChallengePurpose, Channel
from core.errors import Refusal


def _plain_fields(model: type[Model]) -> list[str]:
    """Every column but the points, which a plain cursor does not read; they are fetched when somebody asks."""
    return [f.attname for f in model._meta.concrete_fields if not isinstance(f, GeometryField)]


_SESSION_FIELDS, _USER_FIELDS = _plain_fields(Session), _plain_fields(User)
_COLUMNS = ", ".join([f"s.{name}" for name in _SESSION_FIELDS] + [f"u.{name}" for name in _USER_FIELDS])
# Asked by every API request and every frame. Written out, because building the query takes longer than answering it.
_SESSION_SQL = f"SELECT {_COLUMNS} FROM accounts_session s JOIN accounts_user u ON u.id = s.user_id WHERE s.id = %s"  # noqa: S608
_LIVE_SESSION_SQL = (
    f"{_SESSION_SQL} AND s.user_id = %s AND u.is_active AND u.session_version = %s "
    "AND s.revoked_at IS NULL AND s.expires_at > %s"
)


def _session_by(statement: str, values: Sequence[Any]) -> Session | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    if row is None:
        return None
    session = Session.from_db(connection.alias, _SESSION_FIELDS, row[: len(_SESSION_FIELDS)])
    session.user = User.from_db(connection.alias, _USER_FIELDS, row[len(_SESSION_FIELDS) :])
    return session


def live_session(session_id: uuid.UUID, *, user_id: uuid.UUID, version: int) -> Session:
    """The session behind an access token, with its person, in one query.

    Raises:
        SessionEnded: revoked, run out, of another version, or of somebody who is gone.
    """
    session = _session_by(_LIVE_SESSION_SQL, [session_id, user_id, version, timezone.now()])
    if session is None:
        raise SessionEnded
    return session


def browser_session(session_id: str, *, user_id: uuid.UUID) -> Session | None:
    """The session that a browser names as its own, while it stands."""
    return Session.objects.filter(
        pk=session_id, user_id=user_id, revoked_at=None, expires_at__gt=timezone.now()
    ).first()


def session_by_id(session_id: uuid.UUID) -> Session | None:
    """A session with its person, ended or not: for whoever holds one of its tokens."""
    return Session.objects.select_related("user").filter(pk=session_id).first()


def standing_session(session_id: uuid.UUID) -> Session:
    """A session with its person as both are now, for sockets, which were let in some time ago.

    Raises:
        SessionEnded: revoked, run out, or of somebody who is gone.
        Suspended.
    """
    found = _session_by(_SESSION_SQL, [session_id])
    refusal = _why_fallen(found)
    if found is None or refusal is not None:
        raise refusal or SessionEnded
    return found


def fallen_sessions(session_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Refusal]:
    """Those of these that hold no more, or whose person is suspended, with what their sockets are refused for. One query."""
    found = Session.objects.select_related("user").in_bulk(session_ids)
    refusals = {pk: _why_fallen(found.get(pk)) for pk in session_ids}
    return {pk: refusal for pk, refusal in refusals.items() if refusal is not None}


def _why_fallen(session: Session | None) -> Refusal | None:
    if session is None or session.revoked_at or session.expires_at <= timezone.now() or not session.user.is_active:
        return SessionEnded()
    return Suspended() if session.user.suspended_at else None


def open_sessions(user: User) -> QuerySet[Session]:
    """Where a person is signed in, last seen first."""
    return user.sessions.filter(revoked_at=None, expires_at__gt=timezone.now()).order_by("-last_seen_at", "-id")


def connected_providers(user: User) -> list[str]:
    """Which accounts elsewhere (google, apple, facebook) are tied to this person."""
    return list(SocialAccount.objects.filter(user=user).order_by("provider").values_list("provider", flat=True))


@dataclass(frozen=True)
class ChallengeMessage:
    """What is to be sent for a challenge: a code or a link, to an address or number, in a language."""

    channel: str
    to: str
    purpose: str
    language: str
    user_id: uuid.UUID | None
    code: str | None
    link: str | None
    expires_at: datetime
    minutes: int


def challenge_message(challenge_id: uuid.UUID) -> ChallengeMessage | None:
    """What to send for this challenge, computed anew. None when nothing is to be sent (any more): nobody has this
    identifier, it was used, or it ran out.
    """
    found = Challenge.objects.select_related("user").filter(pk=challenge_id).first()
    if found is None or found.user is None or found.used_at or found.expires_at <= timezone.now():
        return None
    is_link = found.purpose == ChallengePurpose.RESET_PASSWORD
    return ChallengeMessage(
        channel=found.channel,
        to=found.identifier,
        purpose=found.purpose,
        language=found.user.language,
        user_id=found.user_id,
        code=None if is_link else proofs.code_of(found.pk),
        link=f"{settings.SITE_URL}/reset?token={proofs.reset_token(found.pk)}" if is_link else None,
        expires_at=found.expires_at,
        minutes=max(1, round((found.expires_at - found.created_at).total_seconds() / 60)),
    )


def proven_identifier(user: User) -> Identifier | None:
    """Where a code reaches this person for sure: their email, else their phone; unproven ones only if there is no other."""
    email = Identifier(Channel.EMAIL, user.email) if user.email else None
    phone = Identifier(Channel.SMS, str(user.phone)) if user.phone else None
    for identifier, verified_at in ((email, user.email_verified_at), (phone, user.phone_verified_at)):
        if identifier and verified_at:
            return identifier
    return email or phone


def open_identifier_change(user: User, change_id: uuid.UUID) -> IdentifierChange:
    """Raises ChangeNotFound."""
    found = user.identifier_changes.filter(pk=change_id, done_at=None, expires_at__gt=timezone.now()).first()
    if found is None:
        raise ChangeNotFound
    return found
