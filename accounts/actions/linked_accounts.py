"""Signing in with an account elsewhere (Google, Apple, Facebook). allauth speaks with them; who they stand for is decided here."""

import re
import secrets
from contextlib import suppress

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction

from accounts import selectors
from accounts.actions.registration import register_person
from accounts.errors import (
    AccountBehindEmail,
    LastWayIn,
    LinkedElsewhere,
    LinkNotFound,
    NoEmailGiven,
    NotAUsername,
    SessionEnded,
    UsernameReserved,
    UsernameTaken,
)
from accounts.identifiers import Identifier, check_username
from accounts.models import User
from accounts.states import Channel


def sign_in_with_provider(
    *,
    provider: str,
    uid: str,
    email: Identifier | None,
    email_is_proven: bool,
    full_name: str = "",
    language: str = "en",
) -> User:
    """The person behind an account elsewhere: the one it is tied to, else one with the same address, else a new one.

    Tied to an existing person only when both sides proved the address: whoever typed another's address into one of them must not get
    into the other.

    Raises:
        SessionEnded: the person is gone.
        AccountBehindEmail: an account here has this address, but one of the two never proved it.
        NoEmailGiven: there is no way to reach the newcomer.
    """
    with transaction.atomic():
        linked = SocialAccount.objects.select_related("user").filter(provider=provider, uid=uid).first()
        if linked is not None:
            if not linked.user.is_active:
                raise SessionEnded
            return linked.user
        if email is None:
            raise NoEmailGiven(provider=provider)
        person = selectors.person_by_identifier(email)
        if person is not None and not (email_is_proven and person.email_verified_at):
            raise AccountBehindEmail(provider=provider)
        if person is None:
            person = _register(email, email_is_proven, full_name, language)
        link_account(user=person, provider=provider, uid=uid)
        return person


@transaction.atomic
def link_account(*, user: User, provider: str, uid: str) -> None:
    """Tie an account elsewhere to a person; again changes nothing. Nothing but its id is kept.

    Raises:
        LinkedElsewhere: it is tied to somebody else here.
    """
    try:
        with transaction.atomic():
            account, _new = SocialAccount.objects.get_or_create(provider=provider, uid=uid, defaults={"user": user})
    except IntegrityError:  # at the same moment by another request
        account = SocialAccount.objects.get(provider=provider, uid=uid)
    if account.user_id != user.pk:
        raise LinkedElsewhere(provider=provider)


@transaction.atomic
def unlink_account(*, user: User, provider: str) -> None:
    """Untie an account elsewhere.

    Raises:
        LinkNotFound.
        LastWayIn: the person has neither a password nor a proven address or number.
    """
    person = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    theirs = SocialAccount.objects.filter(user=person)
    if not theirs.filter(provider=provider).exists():
        raise LinkNotFound
    others = theirs.exclude(provider=provider).exists()
    if not (others or person.has_usable_password() or person.is_verified):
        raise LastWayIn
    theirs.filter(provider=provider).delete()


def _register(email: Identifier, is_proven: bool, full_name: str, language: str) -> User:
    stem = re.sub(r"[^A-Za-z0-9_.]", "", email.value.partition("@")[0]).strip("_.")[:20] or "person"
    for username in (stem, *(f"{stem}{secrets.randbelow(10_000)}" for _try in range(8)), f"p{secrets.token_hex(6)}"):
        with suppress(NotAUsername, UsernameReserved, UsernameTaken):
            check_username(username)
            return register_person(
                username=username,
                email=email.value,
                full_name=full_name[:100],
                language=language,
                proven=[Channel.EMAIL] if is_proven else [],
            )
    raise UsernameTaken
