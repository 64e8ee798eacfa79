"""What accounts itself knows of a person: given out, and forgotten."""

from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import F, Model, QuerySet

from accounts.models import Challenge, User
from core.geo import LatLng

_NOT_GIVEN = {"password", "session_version", "revision"}


def export_account(user: User) -> Iterator[tuple[str, Any]]:
    """Accounts' part of the zip: everything that stands about the person here, without secrets."""
    yield "accounts/account.json", _row(user) | {"groups": list(user.groups.values_list("name", flat=True))}
    yield "accounts/addresses.json", _rows(user.addresses.order_by("id"))
    yield "accounts/devices.json", [_without(row, "push_token") for row in _rows(user.devices.order_by("id"))]
    yield "accounts/sessions.json", [_without(row, "browser_key") for row in _rows(user.sessions.order_by("id"))]
    yield "accounts/restrictions.json", [_without(row, "case_id") for row in _rows(user.restrictions.order_by("id"))]
    yield "accounts/following.json", _names(user.following_links, "followed")
    yield "accounts/followers.json", _names(user.follower_links, "follower")
    yield "accounts/blocked.json", _names(user.blocks_made, "blocked")
    yield (
        "accounts/connected.json",
        list(SocialAccount.objects.filter(user=user).values("provider", "uid", "date_joined")),
    )
    standing = getattr(user, "standing", None)
    yield "accounts/standing.json", _row(standing) if standing else {}


def erase_account(user: User) -> dict[str, int]:
    """Accounts' part of an erasure, in its transaction: rows that are only about this person. Restrictions stay, for the books."""
    followed = user.following_links.values("followed_id")
    followers = user.follower_links.values("follower_id")
    User.objects.filter(pk__in=followed).update(followers_count=F("followers_count") - 1)
    User.objects.filter(pk__in=followers).update(following_count=F("following_count") - 1)
    own: dict[str, QuerySet[Any]] = {
        "addresses": user.addresses.all(),
        "devices": user.devices.all(),
        "follows": user.following_links.all() | user.follower_links.all(),
        "blocks": user.blocks_made.all() | user.blocks_received.all(),
        "sessions": user.sessions.all(),
        "challenges": user.challenges.all() | Challenge.objects.filter(identifier__in=_identifiers(user)),
        "identifier_changes": user.identifier_changes.all(),
        "exports": user.exports.all(),
        "connected_accounts": SocialAccount.objects.filter(user=user),
        "second_factors": Authenticator.objects.filter(user=user),
    }
    return {name: rows.delete()[1].get(rows.model._meta.label, 0) for name, rows in own.items()}


def _identifiers(user: User) -> list[str]:
    return [str(value) for value in (user.email, user.phone) if value]


def _rows(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    return [_row(row) for row in rows]


def _row(row: Model) -> dict[str, Any]:
    """A row as JSON can hold it; points become latitude and longitude."""
    told: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if field.name in _NOT_GIVEN:
            continue
        value = getattr(row, field.attname)
        if field.get_internal_type() == "PointField":
            place = LatLng.of(value) if value else None
            value = {"latitude": place.latitude, "longitude": place.longitude} if place else None
        told[field.attname] = value
    return told


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _names(links: Any, person: str) -> list[dict[str, Any]]:
    rows = links.order_by("id").values_list(f"{person}__username", "created_at")
    return [{"username": username, "since": since} for username, since in rows]
