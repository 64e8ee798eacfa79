"""Who may open a socket, and who has left: accounts' answers to `core.realtime`."""

import uuid
from collections.abc import Mapping, Sequence

from accounts import actions, rules, selectors, tokens
from accounts.models import Session, User
from core.errors import Refusal
from core.realtime import ports


class Gatekeeper:
    def by_ticket(self, ticket: str) -> ports.Admission:
        """Raises InvalidTicket, SessionEnded, Suspended."""
        return _admit(actions.redeem_socket_ticket(ticket=ticket))

    def by_bearer(self, token: str) -> ports.Admission:
        """The socket ends with its token: the app comes back with a fresh one. Raises InvalidToken, SessionEnded, Suspended."""
        claims = tokens.read_access(token)
        session = selectors.live_session(claims.session_id, user_id=claims.user_id, version=claims.version)
        rules.check_not_suspended(session.user)
        return _admit(session, claims.expires_at)

    def again(self, session_id: uuid.UUID) -> User:
        """Raises SessionEnded, Suspended."""
        session = selectors.standing_session(session_id)
        session.user.session_in_hand = session  # type: ignore[attr-defined]
        return session.user

    def fallen(self, session_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Refusal]:
        return selectors.fallen_sessions(session_ids)


class LastSeen:
    def came(self, person_id: uuid.UUID) -> None:
        pass

    def left(self, person_id: uuid.UUID) -> None:
        actions.note_left(user_id=person_id)


def _admit(session: Session, expires_at: float | None = None) -> ports.Admission:
    return ports.Admission(session.user, session.pk, expires_at)


ports.register_gatekeeper(Gatekeeper())
ports.register_presence_listener(LastSeen())
