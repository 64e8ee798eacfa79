import pytest

from accounts.tests.factories import UserFactory
from core.ids import uuid7
from messaging.actions import edit_message, mark_delivered, mark_read
from messaging.errors import ConversationNotFound
from messaging.models import Message
from messaging.selectors import conversation_shape, message_shape, unread_count
from messaging.tests.factories import ConversationFactory, say, side

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch):
    """What `mark_read` and `mark_delivered` told to whom."""
    from messaging.actions import reading  # noqa: PLC0415

    frames = []
    monkeypatch.setattr(
        reading, "tell_person", lambda person_id, name, data, **_: frames.append((person_id, name, data))
    )
    return frames


def test_reads_everything(talk, me, other, told):
    last = say(talk, other, "And the chair?")
    row = mark_read(person=me, conversation_id=talk.pk)
    assert (row.read_seq, row.delivered_seq, row.unread_count) == (3, 3, 0)
    ((person_id, name, data),) = told
    assert (person_id, name, data["message_id"], data["seq"]) == (other.pk, "message:read", str(last.pk), 3)


def test_reads_up_to_a_number(talk, me, other):
    for number in range(3, 8):
        say(talk, other if number % 2 else me, f"Words {number}")  # 3, 5, 7 are the other's
    assert mark_read(person=me, conversation_id=talk.pk, seq=5).unread_count == 1
    assert mark_read(person=me, conversation_id=talk.pk, seq=6).unread_count == 1
    assert mark_read(person=me, conversation_id=talk.pk, seq=99).unread_count == 0
    assert side(talk, me).read_seq == 7


def test_only_ever_rises(talk, me, told):
    mark_read(person=me, conversation_id=talk.pk)
    told.clear()
    for seq in (None, 2, 1, 0):
        row = mark_read(person=me, conversation_id=talk.pk, seq=seq)
        assert (row.read_seq, row.unread_count) == (2, 0)
    assert mark_delivered(person=me, conversation_id=talk.pk, seq=1).delivered_seq == 2
    assert told == []


def test_what_is_read_was_delivered(talk, me):
    mark_delivered(person=me, conversation_id=talk.pk, seq=1)
    assert (side(talk, me).delivered_seq, side(talk, me).read_seq) == (1, 0)
    mark_read(person=me, conversation_id=talk.pk, seq=2)
    assert (side(talk, me).delivered_seq, side(talk, me).read_seq) == (2, 2)


def test_the_writer_sees_how_far_it_got(talk, me, other):
    message = say(talk, me, "Hello?")
    statuses = [message_shape(me, [message])[0]["status"]]
    mark_delivered(person=other, conversation_id=talk.pk, seq=message.seq)
    statuses.append(message_shape(me, [message])[0]["status"])
    mark_read(person=other, conversation_id=talk.pk)
    statuses.append(message_shape(me, [message])[0]["status"])
    assert statuses == ["sent", "delivered", "read"]
    assert conversation_shape(me, talk.pk)["last_message"]["status"] == "read"
    assert message_shape(other, [message])[0]["status"] is None


def test_reading_what_is_ones_own_is_no_news(talk, me, other, told):
    mark_read(person=other, conversation_id=talk.pk)
    told.clear()
    say(talk, other, "Hello")
    mark_read(person=other, conversation_id=talk.pk)
    assert told == []


def test_changes_have_numbers_and_are_never_unread(talk, me, other):
    message = say(talk, other, "Helo")
    mark_read(person=me, conversation_id=talk.pk)
    edit_message(sender=other, message_id=message.pk, body="Hello")
    assert side(talk, me).unread_count == 0
    assert mark_read(person=me, conversation_id=talk.pk).read_seq == message.seq + 1


def test_counts_are_what_counting_says(talk, me, other):
    for number in range(12):
        say(
            talk,
            (me, other, None)[number % 3],
            "x" if number % 3 < 2 else "",
            **({} if number % 3 < 2 else {"facts": {}}),
        )
        if number % 4 == 3:
            mark_read(person=me, conversation_id=talk.pk, seq=number)
        row = side(talk, me)
        counted = Message.objects.filter(conversation=talk, seq__gt=row.read_seq).exclude(sender=me)
        others = Message.objects.filter(conversation=talk, seq__gt=row.read_seq, sender=None)
        assert row.unread_count == len({*counted.values_list("pk"), *others.values_list("pk")})


def test_the_sum_leaves_archived_ones_aside(talk, me):
    second = ConversationFactory(person=me, said=4)
    assert unread_count(me) == {"unread_count": 3, "conversations": 2}
    second.participations.filter(person=me).update(archived_at=second.created_at)
    assert unread_count(me) == {"unread_count": 1, "conversations": 1}


@pytest.mark.parametrize("call", [mark_read, mark_delivered])
def test_refuses_strangers(talk, refuses, call):
    for person, pk in ((UserFactory(), talk.pk), (talk.started_by, uuid7())):
        refuses(ConversationNotFound, call, person=person, conversation_id=pk, seq=1)
