"""Who is there, and how they are shown. Who may be seen is decided here, once: `visible_people`."""

import re
import uuid
from typing import Any, TypeVar

from django.core.files.storage import default_storage
from django.db.models import Case, F, Model, Q, QuerySet, UUIDField, When
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from accounts.errors import (
    PersonNotFound,
)
from accounts.identifiers import USERNAME_PATTERN, Identifier
from accounts.models import (
    Block,
    Follow,
    User,
)
from accounts.states import ProfileVisibility
from core.text import localized

M = TypeVar("M", bound=Model)
USERNAME = re.compile(USERNAME_PATTERN)


def blocked_ids(user: Any) -> QuerySet[Block, uuid.UUID]:
    """Ids of everybody with whom `user` has a block, whoever of the two made it; for `exclude(seller_id__in=…)`.

    Empty for strangers.
    """
    if user is None or not user.is_authenticated:
        return Block.objects.none().values_list("blocked_id", flat=True)
    other = Case(When(blocker_id=user.pk, then=F("blocked_id")), default=F("blocker_id"), output_field=UUIDField())
    blocks = Block.objects.filter(Q(blocker_id=user.pk) | Q(blocked_id=user.pk))
    return blocks.annotate(other_id=other).values_list("other_id", flat=True)


def visible_people(viewer: Any) -> QuerySet[User]:
    """Everybody whom `viewer` (a person or a stranger) may find: not suspended, not erased, no block either way."""
    people = User.objects.filter(is_active=True, suspended_at=None)
    if viewer is None or not viewer.is_authenticated:
        return people
    return people.exclude(pk__in=blocked_ids(viewer))


def visible_person(viewer: Any, user_id: uuid.UUID) -> User:
    """One person as `viewer` may find them, with their standing and neighbourhood. One always finds oneself.

    Raises:
        PersonNotFound: nobody, or nobody for this viewer.
    """
    return _visible(viewer, Q(pk=user_id))


def visible_person_by_username(viewer: Any, username: str) -> User:
    """Raises PersonNotFound."""
    if not USERNAME.fullmatch(username):
        raise PersonNotFound
    return _visible(viewer, _named(username))


def person_named(username: str) -> User | None:
    """The active person with this username, in whatever case it is written."""
    name = username.strip()
    if not USERNAME.fullmatch(name):  # PostgreSQL takes no NUL, and no other name can be there
        return None
    return User.objects.filter(_named(name), is_active=True).first()


def _named(username: str) -> Q:
    """In whatever case, through the index that keeps names unique: `iexact` would read everybody."""
    return Q(Exact(Lower("username"), username.lower()))


def _visible(viewer: Any, which: Q) -> User:
    if viewer is not None and viewer.is_authenticated:
        oneself = with_brief(User.objects.filter(which, pk=viewer.pk, is_active=True)).first()
        if oneself is not None:
            return oneself
    found = with_brief(visible_people(viewer).filter(which)).first()
    if found is None:
        raise PersonNotFound
    return found


def person_by_username(username: str) -> User:
    """An active person, whoever asks, in whatever case the name is written. Raises PersonNotFound."""
    found = person_named(username)
    if found is None:
        raise PersonNotFound
    return found


def person_by_identifier(identifier: Identifier) -> User | None:
    """The active person who has this address or number, proven or not."""
    by_email = Q(Exact(Lower("email"), identifier.value))  # as its index is
    theirs = by_email if identifier.field == "email" else Q(phone=identifier.value)
    return User.objects.filter(theirs, is_active=True).first()


def own_account(user_id: uuid.UUID) -> User:
    """A person as they see themselves, with place and neighbourhood, without its outline."""
    return User.objects.select_related("neighborhood").defer("neighborhood__boundary").get(pk=user_id)


def person_with_erased(user_id: uuid.UUID) -> User:
    """Anybody by id, erased and suspended included: for staff. Raises PersonNotFound."""
    found = User.objects.filter(pk=user_id).first()
    if found is None:
        raise PersonNotFound
    return found


def with_brief(queryset: QuerySet[M], path: str = "") -> QuerySet[M]:
    """Join what `person_brief` reads. `path` leads to the person: "" for people, "seller" for products.

    The neighbourhood's outline stays in the database: it is some kilobytes for each row.
    """
    prefix = f"{path}__" if path else ""
    joins = [f"{prefix}standing", f"{prefix}neighborhood"]
    deferred = [f"{prefix}neighborhood__boundary", f"{prefix}neighborhood__centre", f"{prefix}location"]
    return queryset.select_related(*([path] if path else []), *joins).defer(*deferred)


def avatar_url(user: User) -> str | None:
    """Where the picture is, or None without one."""
    return default_storage.url(user.avatar_key) if user.avatar_key else None


def person_brief(user: User) -> dict[str, Any]:
    """How a person stands beside a listing, a message, a name in a list. No query after `with_brief`.

    The rating is a decimal string from "1.00" to "5.00", or None before the first review.
    """
    standing = getattr(user, "standing", None)
    shown = user.neighborhood if user.show_neighborhood and user.neighborhood_id else None
    return {
        "id": str(user.pk),
        "username": user.username,
        "display_name": user.display_name,
        "avatar_url": avatar_url(user),
        "is_verified": user.is_verified,
        "is_trusted": user.is_trusted,
        "rating": str(standing.rating) if standing and standing.rating is not None else None,
        "review_count": standing.review_count if standing else 0,
        "neighborhood": localized(shown, "name") if shown else None,
    }


def person_profile(viewer: Any, person: User) -> dict[str, Any]:
    """What a visitor sees of a person. `limited` when the person shows the rest to others only."""
    shared = sees_profile(viewer, person)
    standing = getattr(person, "standing", None)
    brief = person_brief(person)
    if not shared:
        brief["neighborhood"] = None
    return {
        **brief,
        "limited": not shared,
        "bio": person.bio if shared else "",
        "role": person.role,
        "is_seller": person.sells_since is not None,
        "badges": list(standing.badges) if standing else [],
        "sales_count": standing.sales_count if standing else 0,
        "followers_count": person.followers_count if shared else None,
        "following_count": person.following_count if shared and person.show_following else None,
        "member_since": person.created_at.date(),
        "last_seen_at": person.last_seen_at if shared and person.show_last_seen else None,
    }


def sees_profile(viewer: Any, person: User) -> bool:
    """Whether the whole of a profile is for this viewer."""
    known = viewer is not None and viewer.is_authenticated
    if (known and viewer.pk == person.pk) or person.profile_visibility == ProfileVisibility.EVERYONE:
        return True
    if not known:
        return False
    return (
        person.profile_visibility == ProfileVisibility.MEMBERS
        or Follow.objects.filter(follower=viewer, followed=person).exists()
    )
