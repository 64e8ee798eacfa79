"""Following and blocking. Both lock the two people in the order of their ids, so that the counters are exact and a follow never
slips past a block."""

from django.db import transaction
from django.db.models import F

from accounts import rules
from accounts.errors import NotYourself, PersonNotFound
from accounts.events import PersonBlocked, PersonFollowed
from accounts.models import Block, Follow, User
from core.events import publish


@transaction.atomic
def follow_person(*, follower: User, followed: User) -> Follow:
    """Follow somebody; again changes nothing. Publishes PersonFollowed the first time.

    Raises:
        NotYourself, Suspended.
        PersonNotFound: they are suspended or gone, or there is a block either way.
    """
    first, second = _lock_two(follower, followed)
    rules.check_not_suspended(first)
    rules.check_present(second)
    if _blocks(first, second) or _blocks(second, first):
        raise PersonNotFound
    link, new = Follow.objects.get_or_create(follower=first, followed=second)
    if new:
        _count(first, second, by=1)
        publish(PersonFollowed(follower_id=first.pk, followed_id=second.pk))
    return link


@transaction.atomic
def unfollow_person(*, follower: User, followed: User) -> None:
    """Stop following; again changes nothing. Raises NotYourself."""
    first, second = _lock_two(follower, followed)
    _unlink(first, second)


@transaction.atomic
def block_person(*, blocker: User, blocked: User) -> Block:
    """Neither sees nor reaches the other from now on, and neither follows the other. Again changes nothing.

    Publishes PersonBlocked the first time.

    Raises:
        NotYourself, PersonNotFound: they are gone. A suspended person can be blocked, and a suspended person can block.
    """
    first, second = _lock_two(blocker, blocked)
    if not second.is_active:
        raise PersonNotFound
    block, new = Block.objects.get_or_create(blocker=first, blocked=second)
    if new:
        _unlink(first, second)
        _unlink(second, first)
        publish(PersonBlocked(blocker_id=first.pk, blocked_id=second.pk))
    return block


@transaction.atomic
def unblock_person(*, blocker: User, blocked: User) -> None:
    """Take a block back; follows do not come back by themselves. Again changes nothing. Raises NotYourself."""
    first, second = _lock_two(blocker, blocked)
    Block.objects.filter(blocker=first, blocked=second).delete()


def _lock_two(one: User, other: User) -> tuple[User, User]:
    if one.pk == other.pk:
        raise NotYourself
    locked = User.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=[one.pk, other.pk]).order_by("pk")
    by_id = {user.pk: user for user in locked}
    if len(by_id) < 2:
        raise PersonNotFound
    return by_id[one.pk], by_id[other.pk]


def _blocks(blocker: User, blocked: User) -> bool:
    return Block.objects.filter(blocker=blocker, blocked=blocked).exists()


def _unlink(follower: User, followed: User) -> None:
    deleted, _by_model = Follow.objects.filter(follower=follower, followed=followed).delete()
    if deleted:
        _count(follower, followed, by=-1)


def _count(follower: User, followed: User, *, by: int) -> None:
    User.objects.filter(pk=follower.pk).update(following_count=F("following_count") + by)
    User.objects.filter(pk=followed.pk).update(followers_count=F("followers_count") + by)
