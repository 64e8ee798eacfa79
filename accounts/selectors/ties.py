"""Follows, blocks, restrictions."""

import uuid
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.errors import (
    ProfileNotShared,
)
from accounts.models import (
    Block,
    Follow,
    Restriction,
    User,
)
from accounts.selectors.people import sees_profile, visible_people, with_brief


def follows(follower: User, followed: User) -> bool:
    return Follow.objects.filter(follower=follower, followed=followed).exists()


def followed_ids(user: User) -> QuerySet[Follow, uuid.UUID]:
    """Ids of those whom `user` follows; for the following feed."""
    return Follow.objects.filter(follower=user).values_list("followed_id", flat=True)


def follower_ids(user: User) -> QuerySet[Follow, uuid.UUID]:
    return Follow.objects.filter(followed=user).values_list("follower_id", flat=True)


def followers(viewer: Any, person: User, *, search: str = "") -> QuerySet[Follow]:
    """Who follows `person`, newest first, each with `mutual`: whether the viewer follows them.

    Raises:
        ProfileNotShared: the person shows this to others.
    """
    return _links(viewer, person, of="follower", search=search)


def following(viewer: Any, person: User, *, search: str = "") -> QuerySet[Follow]:
    """Whom `person` follows, newest first, each with `mutual`: whether they follow the person back.

    Raises:
        ProfileNotShared: the person shows this to others.
    """
    return _links(viewer, person, of="followed", search=search)


def _links(viewer: Any, person: User, *, of: str, search: str) -> QuerySet[Follow]:
    known = viewer is not None and viewer.is_authenticated
    if not sees_profile(viewer, person):
        raise ProfileNotShared
    if of == "followed" and not person.show_following and not (known and viewer.pk == person.pk):
        raise ProfileNotShared
    here = "followed" if of == "follower" else "follower"
    links = Follow.objects.filter(**{here: person, f"{of}__in": visible_people(viewer)})
    if search:
        links = links.filter(**{f"{of}__username__icontains": search.strip()})
    if of == "followed":
        back = Follow.objects.filter(follower=OuterRef("followed_id"), followed=person)
    else:
        back = Follow.objects.filter(follower_id=viewer.pk if known else None, followed=OuterRef("follower_id"))
    return with_brief(links.annotate(mutual=Exists(back)), of).order_by("-id")


def blocked_people(user: User) -> QuerySet[Block]:
    """Whom `user` blocked, newest first."""
    return with_brief(Block.objects.filter(blocker=user), "blocked").order_by("-id")


class Ties(NamedTuple):
    """How two people stand to each other, seen from the first."""

    following: bool
    followed_by: bool
    blocked: bool
    blocked_by: bool


def ties(viewer: User, person_id: uuid.UUID) -> Ties:
    """Follows and blocks between the two, in one query."""
    found = User.objects.filter(pk=viewer.pk).values_list(
        Exists(Follow.objects.filter(follower=viewer, followed_id=person_id)),
        Exists(Follow.objects.filter(follower_id=person_id, followed=viewer)),
        Exists(Block.objects.filter(blocker=viewer, blocked_id=person_id)),
        Exists(Block.objects.filter(blocker_id=person_id, blocked=viewer)),
    )
    return Ties(*found.get())


def restrictions_in_force(user: User, at: datetime | None = None) -> QuerySet[Restriction]:
    now = at or timezone.now()
    return Restriction.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=now), user=user, lifted_at=None, starts_at__lte=now
    ).order_by("starts_at")


def open_restriction_kinds(user: User) -> set[str]:
    """For `rules.check_unrestricted` and `rules.may_message`."""
    return set(restrictions_in_force(user).values_list("kind", flat=True))


def restrictions_run_out(at: datetime) -> QuerySet[Restriction]:
    """Those whose end has come and that nobody lifted yet."""
    return Restriction.objects.filter(lifted_at=None, ends_at__lte=at).order_by("ends_at")
