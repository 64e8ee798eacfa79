"""Signing in with a password, the same at every door: the API, the pages, the console."""

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from axes.utils import reset
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import selectors
from accounts.errors import LockedOut, NotAnIdentifier, WrongCredentials
from accounts.identifiers import digest, read_identifier
from accounts.models import User
from core.middleware import caller_ip
from core.ratelimits import Limit, take

PER_IP = Limit.parse("200/h")
PER_ACCOUNT = Limit.parse("60/h")  # many addresses against one account; codes still let its owner in


def find_person(text: str) -> User | None:
    """The active person with this email, phone number or username."""
    try:
        return selectors.person_by_identifier(read_identifier(text))
    except NotAnIdentifier:
        return selectors.person_named(text)


def person_by_password(request: HttpRequest, *, identifier: str, password: str) -> User:
    """Who signs in with this name and password. Takes the same steps for an unknown name as for a wrong password.

    Raises:
        WrongCredentials, LockedOut.
    """
    name = lockout_name(request, {"username": identifier})
    take(f"login:ip:{caller_ip(request)}", PER_IP, refusal=LockedOut)
    take(f"login:{name}", PER_ACCOUNT, refusal=LockedOut)
    person = authenticate(request, username=identifier, password=password)
    if isinstance(person, User):
        reset(username=name, ip=caller_ip(request))
        return person
    if getattr(request, "axes_locked_out", False):
        raise LockedOut(retry_after=_seconds_left(name, caller_ip(request)))
    raise WrongCredentials


def forgive(user: User) -> None:
    """Forget failed sign-ins, for a person who just proved themselves otherwise."""
    reset(username=_name_of(user))


def lockout_name(request: HttpRequest | None, credentials: dict | None) -> str:
    """Under which name failures are counted: one for all identifiers of a person, and never the identifier itself.

    The setting AXES_USERNAME_CALLABLE: axes asks several times in a request, so the answer is kept on it.
    """
    text = str((credentials or {}).get("username") or "")
    known = getattr(request, "_lockout_names", None)
    if known is None:
        known = {}
        if request is not None:
            request._lockout_names = known  # type: ignore[attr-defined]
    if text not in known:
        person = find_person(text)
        known[text] = _name_of(person) if person else f"unknown:{digest(text.strip().lower())}"
    return known[text]


def _name_of(user: User) -> str:
    return f"user:{user.pk}"


def _seconds_left(name: str, ip: str | None) -> int:
    last = AccessAttempt.objects.filter(username=name, ip_address=ip).order_by("-attempt_time").first()
    whole = get_cool_off()
    if last is None or whole is None:
        return 60
    return max(1, int((last.attempt_time + whole - timezone.now()).total_seconds()))


def keep_our_answer(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict | None = None
) -> HttpResponse | None:
    """The setting AXES_LOCKOUT_CALLABLE: the doors answered LockedOut in their own way already."""
    return response
