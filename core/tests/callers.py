"""How somebody proves at a socket's door who they are."""

from accounts.actions import issue_socket_ticket, open_session
from accounts.models import Session
from accounts.states import SessionKind
from accounts.tokens import token_pair

OURS = {"Origin": "http://testserver"}


def signed_in(person) -> Session:
    return open_session(user=person, kind=SessionKind.API).session


def ticket_of(person, **given) -> str:
    return issue_socket_ticket(session=given.get("session") or signed_in(person)).ticket


def bearer_of(person) -> dict[str, str]:
    opened = open_session(user=person, kind=SessionKind.API)
    return {"Authorization": f"Bearer {token_pair(person, opened.refresh_token)['access_token']}"}
