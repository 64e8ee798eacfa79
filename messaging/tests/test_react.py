import pytest
from django.utils import timezone

from accounts.tests.factories import BlockFactory, UserFactory
from messaging import errors
from messaging.actions import react
from messaging.models import Message, Reaction, StreamEntry
from messaging.selectors import message_shape
from messaging.tests.factories import say, side

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(talk, me):
    return say(talk, me, "It fits into a small car")


@pytest.fixture
def refuses(refuses, message, other):
    return lambda refusal, **asked: refuses(
        refusal, react, **{"person": other, "message_id": message.pk, "emoji": "👍"} | asked
    )


def test_one_each_and_another_replaces_it(talk, me, other, message):
    react(person=other, message_id=message.pk, emoji="👍")
    react(person=me, message_id=message.pk, emoji="👍")
    assert message_shape(other, [message])[0]["reactions"] == [{"emoji": "👍", "count": 2, "mine": True}]
    react(person=other, message_id=message.pk, emoji="🙏")
    assert message_shape(me, [message])[0]["reactions"] == [
        {"emoji": "👍", "count": 1, "mine": True},
        {"emoji": "🙏", "count": 1, "mine": False},
    ]
    assert StreamEntry.objects.filter(message=message, kind="message:updated").count() == 3


def test_is_taken_back(other, message):
    react(person=other, message_id=message.pk, emoji="👍")
    react(person=other, message_id=message.pk, emoji=None)
    assert not Reaction.objects.exists()


def test_the_same_again_changes_nothing(talk, other, message):
    react(person=other, message_id=message.pk, emoji="👍")
    entries = StreamEntry.objects.count()
    react(person=other, message_id=message.pk, emoji="👍")
    assert StreamEntry.objects.count() == entries


def test_nothing_becomes_unread(talk, me, other, message):
    before = side(talk, me).unread_count
    react(person=other, message_id=message.pk, emoji="❤️")
    assert side(talk, me).unread_count == before


def test_refuses_what_is_no_reaction(refuses):
    refuses(errors.UnknownReaction, emoji="💣")
    refuses(errors.UnknownReaction, emoji="")


def test_refuses_strangers_and_the_blocked(refuses, me, other):
    refuses(errors.MessageNotFound, person=UserFactory())
    BlockFactory(blocker=me, blocked=other)
    refuses(errors.CannotBeReached)


def test_refuses_what_is_gone_or_not_there_yet(talk, me, refuses):
    refuses(errors.MessageGone, message_id=say(talk, me, "", unsent_at=timezone.now()).pk)
    held = Message.objects.create(conversation=talk, sender=me, kind="text", state="held", body="x")
    refuses(errors.MessageNotFound, message_id=held.pk)
    refuses(errors.NotDelivered, message_id=held.pk, person=me)
