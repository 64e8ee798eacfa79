from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.errors import Suspended
from accounts.tests.factories import BlockFactory, UserFactory
from core.ids import uuid7
from messaging import errors
from messaging.actions import unsend_message
from messaging.models import Message, MessageImage, MessageRevision, Reaction, StreamEntry
from messaging.selectors import conversation_shape, message_shape
from messaging.tests.factories import MessagePictureFactory, say, side

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(talk, me):
    return say(talk, me, "I take 400")


@pytest.fixture
def refuses(refuses, message, me):
    return lambda refusal, **asked: refuses(refusal, unsend_message, **{"sender": me, "message_id": message.pk} | asked)


def test_takes_the_words_from_both_and_keeps_them_for_cases(talk, me, other, message):
    Reaction.objects.create(message=message, person=other, emoji="👍")
    unread = side(talk, other).unread_count
    unsend_message(sender=me, message_id=message.pk)
    stored = Message.objects.get(pk=message.pk)
    assert (stored.body, stored.folded, stored.unsent_at is not None) == ("", "", True)
    assert MessageRevision.objects.get().body == "I take 400"
    for person in (me, other):
        shown = message_shape(person, [message])[0]
        assert (shown["body"], shown["unsent"], shown["reactions"]) == ("", True, [])
        assert (shown["seq"], shown["sender"]["id"]) == (message.seq, str(me.pk))
    assert conversation_shape(other, talk.pk)["last_message"]["excerpt"] == ""
    assert side(talk, other).unread_count == unread
    assert StreamEntry.objects.get(conversation=talk, seq=message.seq + 1).kind == "message:updated"


def test_pictures_and_places_go_as_well(talk, me, other):
    picture = say(talk, me, "", kind="image")
    MessageImage.objects.create(message=picture, asset=MessagePictureFactory(owner=me), position=0)
    place = say(talk, me, "", kind="location", facts={"latitude": 25.0, "longitude": 55.1, "label": ""})
    answer = say(talk, other, "Where?", reply_to=place)
    for one in (picture, place):
        unsend_message(sender=me, message_id=one.pk)
    shown = message_shape(other, [picture, place, answer])
    assert (shown[0]["images"], shown[1]["location"], shown[2]["reply_to"]["excerpt"]) == ([], None, "")


def test_may_be_done_after_a_block(me, other, message):
    BlockFactory(blocker=other, blocked=me)
    assert unsend_message(sender=me, message_id=message.pk).unsent_at is not None


def test_refuses_after_a_day(refuses):
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=5), tick=False):
        assert refuses(errors.TooLateToUnsend).facts == {"hours": 24}


def test_refuses_others_strangers_and_the_suspended(refuses, me, other):
    refuses(errors.NotYourMessage, sender=other)
    refuses(errors.MessageNotFound, sender=UserFactory())
    me.suspended_at = timezone.now()
    refuses(Suspended)


def test_refuses_twice(me, message, refuses):
    unsend_message(sender=me, message_id=message.pk)
    refuses(errors.MessageGone)


def test_refuses_offers_and_what_is_held(talk, me, refuses):
    refuses(errors.CannotBeUnsent, message_id=say(talk, me, "", kind="offer", reference=uuid7()).pk)
    held = Message.objects.create(conversation=talk, sender=me, kind="text", state="held", body="x")
    refuses(errors.NotDelivered, message_id=held.pk)
