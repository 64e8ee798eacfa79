"""Passwords: changed, forgotten, set anew."""

import uuid

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.utils import timezone

from accounts import proofs, rules
from accounts.actions.codes import check_way_in, mark_proven, send_code, use_challenge
from accounts.actions.sessions import end_all_sessions, end_other_sessions
from accounts.errors import LockedOut, WrongCode, WrongPassword, WrongResetLink
from accounts.events import PasswordChanged
from accounts.identifiers import Identifier
from accounts.models import Challenge, User
from accounts.states import ChallengePurpose
from core.events import publish
from core.ratelimits import Limit, take

CHANGES_PER_PERSON = Limit.parse("10/h")


def change_password(*, user: User, old_password: str, new_password: str, session_id: uuid.UUID | None) -> None:
    """Set another password; every session but the one in hand ends. Publishes PasswordChanged.

    A person without a password (signed in by code or with Google) sets the first one with an empty `old_password`.

    Raises:
        WrongPassword, WeakPassword, LockedOut.
    """
    take(f"password:{user.pk}", CHANGES_PER_PERSON, refusal=LockedOut)
    with transaction.atomic():
        person = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
        if person.has_usable_password() and not check_password(old_password, person.password):
            raise WrongPassword(attr="old_password")
        rules.check_password_strength(new_password, person)
        _set(person, new_password)
        end_other_sessions(user=person, keep=session_id, because="password_changed")
    user.password = person.password  # the caller's copy keeps the browser's session alive


def request_password_reset(*, identifier: Identifier) -> None:
    """Send a link that sets a new password within the hour; for an unknown identifier do the same work and send nothing.

    Raises:
        TooManyCodes, PhoneNotSupported.
    """
    send_code(identifier=identifier, purpose=ChallengePurpose.RESET_PASSWORD)


@transaction.atomic
def reset_password(*, token: str, new_password: str) -> User:
    """Set the password by a link, once. It proves the identifier it was sent to, and signs the person out everywhere.

    A weak password leaves the link usable. Publishes PasswordChanged.

    Raises:
        WrongResetLink, WeakPassword.
    """
    challenge = Challenge.objects.filter(
        pk=proofs.read_reset_token(token), purpose=ChallengePurpose.RESET_PASSWORD
    ).first()
    if challenge is None or challenge.user_id is None:
        raise WrongResetLink
    try:
        person = use_challenge(challenge)
        identifier = Identifier(challenge.channel, challenge.identifier)
        check_way_in(person, identifier, ChallengePurpose.RESET_PASSWORD)
        rules.check_password_strength(new_password, person)
        mark_proven(person, identifier)
    except WrongCode:
        raise WrongResetLink from None
    _set(person, new_password)
    end_all_sessions(user=person, because="password_reset")
    person.refresh_from_db(fields=["session_version"])
    return person


def check_reset_link(*, token: str) -> None:
    """Raises WrongResetLink when the link would not work, so that nobody types a password in vain."""
    found = Challenge.objects.filter(
        pk=proofs.read_reset_token(token), purpose=ChallengePurpose.RESET_PASSWORD, used_at=None
    )
    if not found.filter(expires_at__gt=timezone.now(), user__is_active=True).exists():
        raise WrongResetLink


def _set(person: User, password: str) -> None:
    person.set_password(password)
    person.save(update_fields=["password", "updated_at"])
    publish(PasswordChanged(user_id=person.pk))
