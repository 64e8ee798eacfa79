"""What people may do. Pure decisions over loaded people.

A suspended person may still sign in, read `me`, their notices and exports, and later appeal: being shut out of the explanation
would be a second punishment. Everything that trades, speaks or connects calls `check_not_suspended` (or one of the checks that
include it) and is refused.
"""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.errors import NotASeller, NotVerified, PersonNotFound, Restricted, Suspended, WeakPassword
from accounts.models import User
from accounts.states import MessagesFrom, RestrictionKind

POWER_RATING, POWER_SALES = Decimal("4.5"), 20  # ours: what the specification calls "high rating and many sales"
MAX_ADDRESSES = 20
MAX_DEVICES = 20


def may_act_for(*, actor: Any, seller: User, scope: str) -> bool:
    """Whether `actor` may do things of this kind ("catalog", "orders", "payouts"…) in the seller's name.

    A seller is one person today, so the scope does not matter yet; teams will make it matter.
    """
    return bool(scope) and actor is not None and actor.is_authenticated and actor.pk == seller.pk


def check_not_suspended(user: User) -> None:
    """Raises Suspended. Erased people count as suspended for good."""
    if user.suspended_at is not None or not user.is_active:
        raise Suspended


def check_verified(user: User) -> None:
    """Raises Suspended, NotVerified."""
    check_not_suspended(user)
    if not user.is_verified:
        raise NotVerified


def check_may_sell(user: User) -> None:
    """Raises Suspended, Restricted, NotVerified, NotASeller."""
    check_not_suspended(user)
    if user.listings_hidden_at is not None:
        raise Restricted(kind=str(RestrictionKind.SELL))
    check_verified(user)
    if user.sells_since is None:
        raise NotASeller


def check_unrestricted(user: User, *, kind: str, open_kinds: Collection[str]) -> None:
    """For the kinds that have no column of their own; `open_kinds` comes from `selectors.open_restriction_kinds`.

    Raises:
        Suspended, Restricted.
    """
    check_not_suspended(user)
    if RestrictionKind.ACCOUNT in open_kinds:
        raise Suspended
    if kind in open_kinds:
        raise Restricted(kind=str(kind))


def is_newcomer(user: User, *, now: datetime) -> bool:
    """Somebody who joined a moment ago (`settings.NEWCOMER_FOR`) and has not proven a phone number."""
    return user.phone_verified_at is None and now - user.created_at < settings.NEWCOMER_FOR


def check_present(user: User | None) -> User:
    """Somebody whom others can follow, block or look at. Raises PersonNotFound."""
    if user is None or not user.is_active or user.suspended_at is not None:
        raise PersonNotFound
    return user


def may_message(
    *, sender: User, person: User, person_follows_sender: bool, blocked: bool, open_kinds: Collection[str]
) -> bool:
    """Whether `sender` may begin to write to `person`."""
    if sender.pk == person.pk or blocked or sender.suspended_at or person.suspended_at or not person.is_active:
        return False
    if RestrictionKind.MESSAGE in open_kinds:
        return False
    if person.messages_from == MessagesFrom.NOBODY:
        return False
    return person.messages_from == MessagesFrom.EVERYONE or person_follows_sender


def check_password_strength(password: str, user: User) -> None:
    """Raises WeakPassword with every problem that Django's validators found."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(problems=" ".join(error.messages)) from None
    if len(password) > 128:  # argon2 would take it, at the attacker's leisure (ASVS 6.2.9 asks for at least 64)
        raise WeakPassword(problems=str(_("This password is longer than 128 characters.")))


def is_known_device(*, device_id: str, user_agent: str, seen: Collection[tuple[str, str]]) -> bool:
    """Whether a sign-in comes from where this person was before. `seen` are (device id, user agent) of earlier sessions."""
    if device_id:
        return any(known == device_id for known, _agent in seen)
    return any(agent == user_agent for _known, agent in seen)
