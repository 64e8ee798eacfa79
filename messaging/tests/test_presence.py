import pytest

from accounts.models import User
from accounts.tests.factories import BlockFactory, FollowFactory, UserFactory
from core.realtime import presence
from messaging.selectors import conversation_shape, people_who_see, presence_of
from messaging.tests.factories import ConversationFactory, other_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def everybody_is_here(monkeypatch):
    monkeypatch.setattr(presence, "online", set)


def seen(viewer, person):
    """Whether `viewer` sees that `person` is here, by all the ways there are: they must agree."""
    viewer, person = User.objects.get(pk=viewer.pk), User.objects.get(pk=person.pk)
    asked = [one["user_id"] for one in presence_of(viewer, [person.pk])]
    here = [one["user_id"] for one in presence_of(viewer)]
    told = viewer.pk in people_who_see(person)
    shown = [
        conversation_shape(viewer, talk.pk)["other"]["is_online"]
        for talk in ConversationFactory._meta.model.objects.filter(participations__person=viewer)
        if other_of(talk, viewer).pk == person.pk
    ]
    answers = {str(person.pk) in asked, str(person.pk) in here, told and viewer.show_last_seen, *shown}
    assert len(answers) == 1, answers
    return answers.pop()


def test_contacts_see_each_other(everybody_is_here, talk, me, other):
    assert seen(me, other)
    assert seen(other, me)
    assert people_who_see(me) == [other.pk]
    assert presence_of(me)[0]["is_online"] is True


def test_strangers_and_those_to_whom_nothing_was_said_see_nothing(everybody_is_here, me):
    stranger = UserFactory()
    assert presence_of(me, [stranger.pk]) == []
    silent = ConversationFactory(person=me)
    assert presence_of(me, [other_of(silent, me).pk]) == []
    assert other_of(silent, me).pk not in people_who_see(me)


@pytest.mark.parametrize("hides", ["me", "other"])
def test_whoever_hides_it_sees_nobodys(everybody_is_here, talk, me, other, hides):
    User.objects.filter(pk={"me": me, "other": other}[hides].pk).update(show_last_seen=False)
    assert not seen(me, other)
    assert not seen(other, me)


@pytest.mark.parametrize("blocker_is_me", [True, False])
def test_a_block_hides_both(everybody_is_here, talk, me, other, blocker_is_me):
    BlockFactory(blocker=me if blocker_is_me else other, blocked=other if blocker_is_me else me)
    assert not seen(me, other)
    assert not seen(other, me)


def test_whoever_takes_no_messages_from_somebody_is_not_seen_by_them(everybody_is_here, talk, me, other):
    User.objects.filter(pk=other.pk).update(messages_from="nobody")
    assert not seen(me, other)
    assert seen(other, me)
    User.objects.filter(pk=other.pk).update(messages_from="following")
    assert not seen(me, other)
    FollowFactory(follower=other, followed=me)
    assert seen(me, other)


def test_the_suspended_are_not_seen(everybody_is_here, talk, me, other):
    User.objects.filter(pk=other.pk).update(suspended_at=other.created_at)
    assert not seen(me, other)


def test_who_is_away_was_last_seen(talk, me, other):
    User.objects.filter(pk=other.pk).update(last_seen_at=other.created_at)
    assert presence_of(me) == []
    assert presence_of(me, [other.pk]) == [
        {"user_id": str(other.pk), "is_online": False, "last_seen_at": other.created_at}
    ]


def test_the_api_answers_for_contacts(api, talk, me, other):
    api.force_authenticate(me)
    asked = api.get(f"/api/v1/presence?user_id={other.pk}&user_id={UserFactory().pk}")
    assert [one["user_id"] for one in asked.json()["results"]] == [str(other.pk)]
    assert api.get("/api/v1/presence?user_id=x").status_code == 400
    assert api.get("/api/v1/presence").json() == {"results": []}
