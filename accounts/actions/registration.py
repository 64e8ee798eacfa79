"""Joining."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import identifiers, rules
from accounts.actions.codes import issue_challenge
from accounts.errors import (
    EmailTaken,
    IdentifierRequired,
    PhoneTaken,
    TooManyRegistrations,
    UsernameTaken,
)
from accounts.events import PersonRegistered
from accounts.identifiers import Identifier
from accounts.models import User
from accounts.states import ChallengePurpose
from core.context import trace
from core.errors import Refusal
from core.events import publish
from core.ratelimits import Limit, take

REGISTRATIONS_PER_IP = Limit.parse("20/h")  # a shared address (a café, a carrier) has several newcomers, not hundreds

_TAKEN: dict[str, type[Refusal]] = {
    "accounts_username_once": UsernameTaken,
    "accounts_email_once": EmailTaken,
    "accounts_phone_once": PhoneTaken,
}


def sign_up(
    *,
    username: str,
    password: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    full_name: str = "",
    language: str = "en",
    role: str = "both",
) -> User:
    """What a stranger does: `register_person`, within the limit of their address.

    Raises:
        TooManyRegistrations, and what `register_person` raises.
    """
    if trace().ip:
        take(f"register:ip:{trace().ip}", REGISTRATIONS_PER_IP, refusal=TooManyRegistrations)
    return register_person(
        username=username,
        password=password,
        email=email,
        phone=phone,
        full_name=full_name,
        language=language,
        role=role,
    )


@transaction.atomic
def register_person(
    *,
    username: str,
    password: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    full_name: str = "",
    language: str = "en",
    role: str = "both",
    proven: Collection[str] = (),
) -> User:
    """Add a person and send a code to each identifier that is not `proven` ("email", "sms") already.

    `role` is the specification's word: with "seller" or "both" the person sells from the start. Publishes PersonRegistered, and
    CodeRequested for each code.

    Raises:
        NotAUsername, UsernameReserved, NotAnEmail, NotAPhone, PhoneNotSupported, IdentifierRequired, WeakPassword.
        UsernameTaken, EmailTaken, PhoneTaken: by the database's constraints, so that of many at once exactly one wins.
    """
    username = identifiers.check_username(username)
    given = _read(email, phone)
    now = timezone.now()
    user = User(
        username=username,
        full_name=" ".join(full_name.split()),
        language=language if language in dict(settings.LANGUAGES) else "en",
        sells_since=now if role in ("seller", "both") else None,
        buys=role != "seller",
    )
    for identifier in given:
        setattr(user, identifier.field, identifier.value)
        if identifier.channel in proven:
            setattr(user, f"{identifier.field}_verified_at", now)
    if password:
        rules.check_password_strength(password, user)
        user.set_password(password)
    else:
        user.set_unusable_password()
    with unique_identifiers():
        user.save(force_insert=True)
    for identifier in given:
        if identifier.channel not in proven:
            issue_challenge(identifier=identifier, purpose=ChallengePurpose.VERIFY, user=user)
    publish(PersonRegistered(user_id=user.pk))
    return user


def _read(email: str | None, phone: str | None) -> list[Identifier]:
    given = [identifiers.read_email(email)] if email else []
    if phone:
        number = identifiers.read_phone(phone)
        identifiers.check_sms_reaches(number)
        given.append(number)
    if not given:
        raise IdentifierRequired
    return given


@contextmanager
def unique_identifiers() -> Iterator[None]:
    """Turn a violated uniqueness into UsernameTaken, EmailTaken or PhoneTaken, leaving the caller's transaction usable."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if name not in _TAKEN:
            raise
        raise _TAKEN[name] from None
