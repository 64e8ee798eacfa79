import pytest

from accounts import selectors
from accounts.actions import block_person, follow_person, unblock_person, unfollow_person
from accounts.errors import NotYourself, PersonNotFound, Suspended
from accounts.models import Block, Follow
from accounts.tests.factories import BlockFactory, FollowFactory, UserFactory
from core.models import OutboxEvent

pytestmark = pytest.mark.django_db


def counts(*people):
    for person in people:
        person.refresh_from_db()
    return [(person.followers_count, person.following_count) for person in people]


def test_following_counts_on_both_sides_and_tells_once():
    one, other = UserFactory(), UserFactory()
    first = follow_person(follower=one, followed=other)
    again = follow_person(follower=one, followed=other)
    assert first == again
    assert counts(one, other) == [(0, 1), (1, 0)]
    assert OutboxEvent.objects.filter(name="accounts.person_followed").count() == 1


def test_unfollowing_counts_back_and_again_does_nothing():
    one, other = UserFactory(), UserFactory()
    follow_person(follower=one, followed=other)
    unfollow_person(follower=one, followed=other)
    unfollow_person(follower=one, followed=other)
    assert counts(one, other) == [(0, 0), (0, 0)]


@pytest.mark.parametrize("blocker", ["one", "other"])
def test_nobody_follows_past_a_block(blocker):
    one, other = UserFactory(), UserFactory()
    by, of = (one, other) if blocker == "one" else (other, one)
    BlockFactory(blocker=by, blocked=of)
    with pytest.raises(PersonNotFound):
        follow_person(follower=one, followed=other)
    assert not Follow.objects.exists()
    assert counts(one, other) == [(0, 0), (0, 0)]


@pytest.mark.parametrize("gone", [{"suspended": True}, {"is_active": False}])
def test_nobody_follows_who_is_not_there(gone):
    one, other = UserFactory(), UserFactory(**gone)
    with pytest.raises(PersonNotFound):
        follow_person(follower=one, followed=other)
    assert not Follow.objects.exists()


def test_the_suspended_follow_nobody():
    one, other = UserFactory(suspended=True), UserFactory()
    with pytest.raises(Suspended):
        follow_person(follower=one, followed=other)
    assert not Follow.objects.exists()


def test_nobody_follows_or_blocks_themselves():
    one = UserFactory()
    with pytest.raises(NotYourself):
        follow_person(follower=one, followed=one)
    with pytest.raises(NotYourself):
        block_person(blocker=one, blocked=one)
    assert not Follow.objects.exists()
    assert not Block.objects.exists()


def test_a_block_ends_follows_both_ways():
    one, other = UserFactory(), UserFactory()
    follow_person(follower=one, followed=other)
    follow_person(follower=other, followed=one)
    block_person(blocker=one, blocked=other)
    block_person(blocker=one, blocked=other)
    assert counts(one, other) == [(0, 0), (0, 0)]
    assert not Follow.objects.exists()
    assert OutboxEvent.objects.filter(name="accounts.person_blocked").count() == 1


def test_a_block_taken_back_brings_no_follow_back():
    one, other = UserFactory(), UserFactory()
    follow_person(follower=one, followed=other)
    block_person(blocker=one, blocked=other)
    unblock_person(blocker=one, blocked=other)
    unblock_person(blocker=one, blocked=other)
    assert not Block.objects.exists()
    assert not Follow.objects.exists()
    follow_person(follower=one, followed=other)


def test_the_suspended_can_still_be_blocked():
    one, other = UserFactory(), UserFactory(suspended=True)
    block_person(blocker=one, blocked=other)
    assert Block.objects.get().blocked == other


def test_blocked_ids_look_both_ways_and_fit_into_queries():
    one = UserFactory()
    made, received = BlockFactory(blocker=one).blocked, BlockFactory(blocked=one).blocker
    BlockFactory()
    FollowFactory()
    assert set(selectors.blocked_ids(one)) == {made.pk, received.pk}
    people = set(selectors.visible_people(one).values_list("pk", flat=True))
    assert made.pk not in people
    assert received.pk not in people
    assert one.pk in people
    assert list(selectors.blocked_ids(None)) == []
