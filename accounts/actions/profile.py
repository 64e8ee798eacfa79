"""Who one is to others, where one lives, what one lets be seen."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import identifiers, rules
from accounts.actions.registration import unique_identifiers
from accounts.events import SellingStarted, SellingStopped
from accounts.models import User
from core.errors import StaleRevision
from core.events import publish
from core.geo import LatLng
from places.selectors import neighborhood_at


@transaction.atomic
def edit_profile(
    *,
    user: User,
    revision: int | None = None,
    username: str | None = None,
    full_name: str | None = None,
    bio: str | None = None,
    language: str | None = None,
) -> User:
    """Change what is given of a person's name, words and language.

    Raises:
        StaleRevision, NotAUsername, UsernameReserved, UsernameTaken.
    """
    person = lock_person(user, revision)
    changes: dict[str, Any] = {"full_name": full_name, "bio": bio, "language": language}
    if username is not None and username != person.username:
        changes["username"] = identifiers.check_username(username)
    if full_name is not None:
        changes["full_name"] = " ".join(full_name.split())
    return _change(person, **{k: v for k, v in changes.items() if v is not None})


@transaction.atomic
def edit_privacy(*, user: User, revision: int | None = None, **choices: Any) -> User:
    """Change what others may see and who may write: `profile_visibility`, `messages_from`, `show_neighborhood`,
    `show_last_seen`, `show_following`.

    Raises:
        StaleRevision.
    """
    return _change(lock_person(user, revision), **choices)


@transaction.atomic
def set_location(*, user: User, place: LatLng, building_name: str = "") -> User:
    """Keep where a person lives, for themselves only; others get the neighbourhood that holds it."""
    person = lock_person(user)
    return _change(
        person, location=place.point, neighborhood=neighborhood_at(place), building_name=building_name.strip()
    )


@transaction.atomic
def clear_location(*, user: User) -> User:
    return _change(lock_person(user), location=None, neighborhood=None, building_name="")


@transaction.atomic
def set_avatar(*, user: User, key: str) -> User:
    """Show this picture (a key of media's public storage), or none for an empty key."""
    person = lock_person(user)
    user.avatar_key = key
    return _change(person, avatar_key=key)


@transaction.atomic
def start_selling(*, user: User) -> User:
    """Switch selling on; again changes nothing. Publishes SellingStarted. Raises Suspended, NotVerified."""
    person = lock_person(user)
    if person.sells_since is not None:
        return person
    rules.check_verified(person)
    publish(SellingStarted(user_id=person.pk))
    return _change(person, sells_since=timezone.now())


@transaction.atomic
def stop_selling(*, user: User) -> User:
    """Switch selling off; again changes nothing. Publishes SellingStopped."""
    person = lock_person(user)
    if person.sells_since is None:
        return person
    publish(SellingStopped(user_id=person.pk))
    return _change(person, sells_since=None, buys=True)


def lock_person(user: User, revision: int | None = None) -> User:
    """The person as they stand now, locked. Raises StaleRevision when the caller read another revision."""
    person = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    if revision is not None and revision != person.revision:
        raise StaleRevision
    return person


def _change(person: User, **changes: Any) -> User:
    for name, value in changes.items():
        setattr(person, name, value)
    person.revision += 1
    with unique_identifiers():
        person.save(update_fields=[*changes, "revision", "updated_at"])
    return person
