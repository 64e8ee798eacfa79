import threading
from functools import partial

import pytest

from accounts.tests.factories import UserFactory
from catalog.tests.factories import ProductFactory
from messaging.actions import (
    mark_delivered,
    mark_read,
    react,
    release_message,
    send_message,
    sending,
    start_conversation,
)
from messaging.errors import ClientIdUsed, TooManyNewConversations
from messaging.models import Conversation, Message, Participation, Reaction, StreamEntry
from messaging.selectors import missed
from messaging.tests.factories import ConversationFactory, other_of, say, side
from tests.races.crowd import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def check_log(talk):
    """The log has every number once, each message stands in it once, and the counts are what counting says."""
    talk.refresh_from_db()
    entries = list(StreamEntry.objects.filter(conversation=talk).order_by("seq").values_list("seq", flat=True))
    assert entries == list(range(1, talk.last_seq + 1))
    for row in Participation.objects.filter(conversation=talk):
        waiting = Message.objects.filter(conversation=talk, seq__gt=row.read_seq).exclude(sender_id=row.person_id)
        assert row.unread_count == waiting.count()
        assert row.last_message_id == Message.objects.filter(conversation=talk).latest("seq").pk


def test_sixteen_who_begin_at_once_begin_one_conversation():
    buyer, desk = UserFactory(), ProductFactory()
    calls = [partial(start_conversation, person=buyer, other_id=desk.seller_id, product_id=desk.pk)] * 16
    found = at_once(calls)
    assert len({talk.pk for talk in found}) == 1
    assert sum(talk.is_new for talk in found) == 1
    assert (Conversation.objects.count(), Participation.objects.count()) == (1, 2)


def test_both_begin_at_once_without_a_listing():
    people = UserFactory(), UserFactory()
    calls = [partial(start_conversation, person=people[n % 2], other_id=people[1 - n % 2].pk) for n in range(16)]
    assert len({talk.pk for talk in at_once(calls)}) == 1


def test_sixteen_conversations_at_once_stop_at_the_limit():
    me = UserFactory(phone_verified_at=None)
    made = at_once([partial(start_conversation, person=me, other_id=UserFactory().pk) for _ in range(16)])
    assert sum(isinstance(one, TooManyNewConversations) for one in made) == 11
    assert (Conversation.objects.count(), Participation.objects.count()) == (5, 10)


def chatter(talk, *, voices, words):
    """So many connections, each saying so many things one after the other."""
    people = (talk.first, talk.second)

    def talk_on(voice):
        for number in range(words):
            send_message(sender=people[voice % 2], conversation_id=talk.pk, body=f"{voice}: {number}")

    return [partial(talk_on, voice) for voice in range(voices)]


def test_eight_connections_say_fifty_things_each_and_no_number_is_missing():
    talk = ConversationFactory()
    assert at_once(chatter(talk, voices=8, words=50)) == [None] * 8
    assert Message.objects.count() == 400
    check_log(talk)
    heard = [one.data["body"] for one in missed(talk.first, talk.pk, 0, 500)]
    for voice in range(8):
        own = [body for body in heard if body.startswith(f"{voice}:")]
        assert own == [f"{voice}: {number}" for number in range(50)]


def test_without_the_lock_two_would_take_the_same_number(monkeypatch):
    talk = ConversationFactory()
    together = threading.Barrier(2)

    def read_without_lock(conversation_id, *, person=None):
        found = Conversation.objects.get(pk=conversation_id)
        together.wait(timeout=30)
        return found

    monkeypatch.setattr(sending, "lock_conversation", read_without_lock)
    answers = at_once(chatter(talk, voices=2, words=1))
    assert sum(answer is not None for answer in answers) == 1  # the database itself refuses the second
    assert Message.objects.count() == 1


def test_a_resend_at_the_same_moment_is_one_message():
    talk = ConversationFactory()
    said = {"sender": talk.first, "conversation_id": talk.pk, "body": "Hello", "client_id": "a-1"}
    sent = at_once([partial(send_message, **said)] * 12)
    assert len({message.pk for message in sent}) == 1
    assert sum(message.is_new for message in sent) == 1
    assert Message.objects.count() == 1
    check_log(talk)


def test_one_client_id_in_two_conversations_at_once_is_one_message():
    me = UserFactory()
    talks = [ConversationFactory(person=me) for _ in range(8)]
    said = {"sender": me, "body": "Hello", "client_id": "a-1"}
    sent = at_once([partial(send_message, conversation_id=talk.pk, **said) for talk in talks])
    assert sum(isinstance(one, ClientIdUsed) for one in sent) == 7
    assert Message.objects.count() == StreamEntry.objects.count() == 1
    assert sum(talk.last_seq for talk in Conversation.objects.all()) == 1


def test_reading_while_others_write_counts_right():
    talk = ConversationFactory()
    reader, writer = talk.first, talk.second

    def write():
        for number in range(30):
            send_message(sender=writer, conversation_id=talk.pk, body=f"Words {number}")

    def read():
        for _ in range(30):
            mark_read(person=reader, conversation_id=talk.pk)

    def receive():
        for seq in range(0, 60, 2):
            mark_delivered(person=reader, conversation_id=talk.pk, seq=seq)

    assert at_once([write, write, read, read, receive]) == [None] * 5
    check_log(talk)
    mark_read(person=reader, conversation_id=talk.pk)
    assert (side(talk, reader).unread_count, side(talk, reader).read_seq) == (0, 60)


def test_reading_backwards_never_unreads():
    talk = ConversationFactory(said=20)
    calls = [partial(mark_read, person=talk.first, conversation_id=talk.pk, seq=seq) for seq in range(20, 0, -1)]
    assert not [one for one in at_once(calls) if isinstance(one, Exception)]
    assert (side(talk, talk.first).read_seq, side(talk, talk.first).unread_count) == (20, 0)


def test_changes_and_new_messages_share_one_row_of_numbers():
    talk = ConversationFactory(said=4)
    messages = list(Message.objects.all())
    people = (talk.first, talk.second)
    calls = [
        *chatter(talk, voices=4, words=5),
        *[partial(react, person=people[n % 2], message_id=messages[n // 2].pk, emoji="👍") for n in range(8)],
    ]
    assert not [one for one in at_once(calls) if isinstance(one, Exception)]
    assert Reaction.objects.count() == 8
    talk.refresh_from_db()
    assert talk.last_seq == 4 + 20 + 8
    check_log(talk)


def test_a_held_message_released_twice_is_delivered_once():
    talk = ConversationFactory()
    newcomer = talk.started_by
    newcomer.phone_verified_at = None
    newcomer.save()
    held = send_message(sender=newcomer, conversation_id=talk.pk, body="Call me on 050 123 4567")
    assert held.state == "held"
    at_once([partial(release_message, message_id=held.pk)] * 6 + chatter(talk, voices=2, words=3))
    assert StreamEntry.objects.filter(message=held).count() == 1
    assert side(talk, other_of(talk, newcomer)).unread_count == 4
    check_log(talk)


def test_the_log_check_notices_a_gap():
    talk = ConversationFactory(said=3)
    say(talk, talk.first, "x")
    Conversation.objects.filter(pk=talk.pk).update(last_seq=5)
    with pytest.raises(AssertionError):
        check_log(talk)
