"""What the scanner holds, warns of or brings up, and what moderators' decisions do."""

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.errors import WrongState
from core.ids import uuid7
from core.models import OutboxEvent
from messaging import errors
from messaging.actions import (
    hide_messages,
    hold_message_again,
    reject_message,
    release_message,
    restore_messages,
    send_message,
)
from messaging.models import Conversation, Message, StreamEntry
from messaging.selectors import conversation_shape, history, message_of, message_shape, missed, search
from messaging.tests.factories import ConversationFactory, other_of, say, side
from moderation.models import ScanPolicy
from moderation.selectors import forget_filters

pytestmark = pytest.mark.django_db
NUMBER = "Call me on 050 123 4567"
ABUSE = "you son of a bitch"


@pytest.fixture
def newcomer():
    return UserFactory(phone_verified_at=None)


@pytest.fixture
def theirs(newcomer):
    return ConversationFactory(person=newcomer, said=2)


@pytest.fixture
def held(newcomer, theirs):
    return send_message(sender=newcomer, conversation_id=theirs.pk, body=NUMBER, client_id="h-1")


def events():
    return list(OutboxEvent.objects.order_by("id").values_list("name", flat=True))


# --- what the scanner asks for ----------------------------------------------------------------------------------------


def test_warns_a_regular_who_may_send_it_all_the_same(talk, me, refuses):
    refusal = refuses(errors.Warned, send_message, sender=me, conversation_id=talk.pk, body=NUMBER)
    assert refusal.facts == {"kinds": "phone number"}
    sent = send_message(sender=me, conversation_id=talk.pk, body=NUMBER, acknowledge_warning=True)
    assert (sent.seq, sent.marks) == (3, [{"kind": "phone", "start": 11, "end": 23}])
    assert events() == ["messaging.message_sent"]


def test_the_name_of_a_place_is_read_as_well(talk, me, refuses):
    place = {"latitude": 25.0, "longitude": 55.1, "label": "050 123 4567"}
    refuses(errors.Warned, send_message, sender=me, conversation_id=talk.pk, kind="location", location=place)


def test_delivers_abuse_and_brings_it_up(talk, me):
    assert send_message(sender=me, conversation_id=talk.pk, body=ABUSE).seq == 3
    assert events() == ["messaging.message_sent", "messaging.message_flagged"]


def test_does_nothing_where_staff_said_so(talk, me):
    ScanPolicy.objects.update(regular="nothing")
    forget_filters()
    assert send_message(sender=me, conversation_id=talk.pk, body=NUMBER).seq == 3


def test_a_held_message_is_its_senders_alone(newcomer, theirs, held):
    other = other_of(theirs, newcomer)
    assert (held.state, held.seq, held.is_new) == ("held", None, True)
    assert events() == ["messaging.message_held"]
    assert [one["state"] for one in history(newcomer, theirs.pk).items] == ["held", "sent", "sent"]
    assert [one["state"] for one in history(other, theirs.pk).items] == ["sent", "sent"]
    assert conversation_shape(newcomer, theirs.pk)["last_message"]["excerpt"] == NUMBER
    assert conversation_shape(other, theirs.pk)["last_message"]["excerpt"] == "Words 2"
    assert side(theirs, other).unread_count == 1
    assert Conversation.objects.get(pk=theirs.pk).last_seq == 2
    assert message_of(newcomer, held.pk)["status"] is None
    with pytest.raises(errors.MessageNotFound):
        message_of(other, held.pk)
    assert message_shape(other, [held.pk]) == []
    assert search(other, "050").items == search(newcomer, "050").items == []
    assert missed(other, theirs.pk, 2, 10) == []


def test_sent_again_a_held_message_is_the_same(newcomer, theirs, held, refuses):
    again = send_message(sender=newcomer, conversation_id=theirs.pk, body=NUMBER, client_id="h-1")
    assert (again.pk, again.is_new) == (held.pk, False)
    refuses(
        errors.ClientIdUsed,
        send_message,
        sender=newcomer,
        conversation_id=theirs.pk,
        body=NUMBER + "!",
        client_id="h-1",
    )


def test_held_ones_stand_where_they_were_written(newcomer, theirs):
    for number in range(3, 9):
        say(theirs, newcomer, f"Words {number}")
        if number in (4, 7):
            send_message(sender=newcomer, conversation_id=theirs.pk, body=f"{NUMBER} {number}")
    pages, cursor = [], None
    while True:
        page = history(newcomer, theirs.pk, cursor=cursor, limit=3)
        pages.append([one["seq"] or "held" for one in page.items])
        cursor = page.older
        if cursor is None:
            break
    assert pages == [[8, "held", 7, 6], [5, "held", 4, 3], [2, 1]]
    back = history(newcomer, theirs.pk, cursor=history(newcomer, theirs.pk, cursor=page.newer, limit=3).newer, limit=3)
    assert [one["seq"] or "held" for one in back.items] == pages[0]


def test_a_conversation_of_nothing_but_a_held_message(newcomer):
    theirs = ConversationFactory(person=newcomer)
    send_message(sender=newcomer, conversation_id=theirs.pk, body=NUMBER)
    assert [one["state"] for one in history(newcomer, theirs.pk).items] == ["held"]
    assert history(other_of(theirs, newcomer), theirs.pk).items == []


# --- what moderators decide -------------------------------------------------------------------------------------------


def test_released_it_takes_the_next_place(newcomer, theirs, held):
    other = other_of(theirs, newcomer)
    say(theirs, other, "Words 3")
    released = release_message(message_id=held.pk)
    assert (released.state, released.seq) == ("sent", 4)
    assert events() == ["messaging.message_held", "messaging.message_sent"]
    assert side(theirs, other).unread_count == 2
    assert [one["body"] for one in history(other, theirs.pk).items][:2] == [NUMBER, "Words 3"]
    assert [one.seq for one in missed(other, theirs.pk, 3, 10)] == [4]
    assert release_message(message_id=held.pk).seq == 4
    assert Conversation.objects.get(pk=theirs.pk).last_seq == 4


def test_rejected_its_sender_still_sees_it(newcomer, theirs, held):
    reject_message(message_id=held.pk)
    assert history(newcomer, theirs.pk).items[0]["state"] == "rejected"
    assert events() == ["messaging.message_held", "messaging.message_rejected"]
    reject_message(message_id=held.pk)
    assert len(events()) == 2
    assert len(history(other_of(theirs, newcomer), theirs.pk).items) == 2


def test_a_rejection_can_be_undone(held):
    reject_message(message_id=held.pk)
    assert hold_message_again(message_id=held.pk).state == "held"
    reject_message(message_id=held.pk)
    assert release_message(message_id=held.pk).state == "sent"


def test_what_was_delivered_is_not_rejected(talk, me, refuses):
    message = say(talk, me, "x")
    refuses(WrongState, reject_message, message_id=message.pk)
    refuses(WrongState, hold_message_again, message_id=message.pk)
    refuses(errors.MessageNotFound, release_message, message_id=uuid7())


def test_a_released_message_disappears_after_the_term_of_the_conversation(theirs, held):
    Conversation.objects.filter(pk=theirs.pk).update(disappear_after=86_400)
    released = release_message(message_id=held.pk)
    assert released.expires_at > timezone.now()
    assert Message.objects.get(pk=held.pk).expires_at == released.expires_at


def test_hides_and_restores(talk, me, other):
    first, second = say(talk, me, "x"), say(talk, me, "y", hidden_at=timezone.now())
    elsewhere = say(ConversationFactory(), None, "z")
    hidden = hide_messages(conversation_id=talk.pk, message_ids=[first.pk, second.pk, elsewhere.pk])
    assert hidden == [first.pk]
    for person in (me, other):
        shown = message_shape(person, [first])[0]
        assert (shown["body"], shown["hidden"], shown["seq"]) == ("", True, first.seq)
    assert hide_messages(conversation_id=talk.pk, message_ids=[first.pk]) == []
    assert restore_messages(conversation_id=talk.pk, message_ids=hidden) == [first.pk]
    assert message_shape(other, [first])[0]["body"] == "x"
    assert message_shape(other, [second])[0]["hidden"] is True
    assert StreamEntry.objects.filter(message=first, kind="message:updated").count() == 2
