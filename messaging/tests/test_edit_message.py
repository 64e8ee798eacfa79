from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.tests.factories import BlockFactory, UserFactory
from core.ids import uuid7
from core.models import OutboxEvent
from messaging import errors
from messaging.actions import edit_message
from messaging.models import Message, MessageRevision, StreamEntry
from messaging.selectors import message_shape
from messaging.tests.factories import ConversationFactory, say, side

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(talk, me):
    return say(talk, me, "Is it stil there?")


@pytest.fixture
def refuses(refuses, message, me):
    return lambda refusal, **asked: refuses(
        refusal, edit_message, **{"sender": me, "message_id": message.pk, "body": "Is it still there?"} | asked
    )


def test_writes_the_words_anew_and_keeps_the_old_ones(talk, me, other, message):
    unread = side(talk, other).unread_count
    edit_message(sender=me, message_id=message.pk, body=" Is it STILL there? ")
    stored = Message.objects.get(pk=message.pk)
    assert (stored.body, stored.folded) == ("Is it STILL there?", "is it still there?")
    assert stored.edited_at is not None
    assert stored.seq == message.seq
    assert list(MessageRevision.objects.values_list("message_id", "body")) == [(message.pk, "Is it stil there?")]
    assert side(talk, other).unread_count == unread


def test_takes_a_number_of_its_own(talk, me, message):
    edit_message(sender=me, message_id=message.pk, body="Is it still there?")
    entry = StreamEntry.objects.get(conversation=talk, seq=message.seq + 1)
    assert (entry.kind, entry.message_id) == ("message:updated", message.pk)
    talk.refresh_from_db()
    assert talk.last_seq == message.seq + 1


def test_the_same_words_change_nothing(talk, me, message):
    edit_message(sender=me, message_id=message.pk, body=message.body)
    assert Message.objects.get(pk=message.pk).edited_at is None
    assert not MessageRevision.objects.exists()


def test_the_words_under_pictures_may_be_taken_away(talk, me):
    picture = say(talk, me, "Look", kind="image")
    assert edit_message(sender=me, message_id=picture.pk, body="").body == ""


def test_both_read_the_new_words(me, other, message):
    edit_message(sender=me, message_id=message.pk, body="Still there?")
    for person in (me, other):
        shown = message_shape(person, [message])[0]
        assert (shown["body"], shown["edited_at"] is not None) == ("Still there?", True)


def test_refuses_after_a_quarter_of_an_hour(refuses):
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=5), tick=False):
        assert refuses(errors.TooLateToEdit).facts == {"minutes": 15}


def test_refuses_others_and_strangers(refuses, other):
    refuses(errors.NotYourMessage, sender=other)
    refuses(errors.MessageNotFound, sender=UserFactory())
    refuses(errors.MessageNotFound, message_id=uuid7())


def test_refuses_what_is_gone_or_not_there_yet(talk, me, refuses):
    now = timezone.now()
    for facts in ({"unsent_at": now}, {"hidden_at": now}, {"expires_at": now - timedelta(seconds=1)}):
        refuses(errors.MessageGone, message_id=say(talk, me, "x", **facts).pk)
    held = Message.objects.create(conversation=talk, sender=me, kind="text", state="held", body="x")
    refuses(errors.NotDelivered, message_id=held.pk)


def test_refuses_what_is_no_words(talk, me, refuses):
    refuses(errors.CannotBeEdited, message_id=say(talk, me, "", kind="location", facts={"latitude": 1}).pk)
    refuses(errors.CannotBeEdited, message_id=say(talk, me, "", kind="offer", reference=uuid7()).pk)


def test_refuses_nothing_and_too_much(refuses):
    refuses(errors.NothingSaid, body="  ")
    refuses(errors.TooLong, body="x" * 2001)


def test_refuses_after_a_block(me, other, refuses):
    BlockFactory(blocker=other, blocked=me)
    refuses(errors.CannotBeReached)


def test_warns_of_new_words_as_of_new_messages(me, message, refuses):
    refuses(errors.Warned, body="Call me on 050 123 4567")
    edited = edit_message(sender=me, message_id=message.pk, body="Call me on 050 123 4567", acknowledge_warning=True)
    assert [mark["kind"] for mark in edited.marks] == ["phone"]


def test_words_that_would_be_held_are_no_edit(talk, me, refuses):
    newcomer = UserFactory(phone_verified_at=None)
    theirs = say(ConversationFactory(person=newcomer), newcomer, "Hello")
    refuses(
        errors.SendItAsMessage,
        sender=newcomer,
        message_id=theirs.pk,
        body="Call me on 050 123 4567",
        acknowledge_warning=True,
    )


def test_abuse_is_brought_before_a_moderator(me, message):
    edit_message(sender=me, message_id=message.pk, body="you son of a bitch")
    assert OutboxEvent.objects.get().name == "messaging.message_flagged"
