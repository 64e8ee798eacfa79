from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.actions import restrict_person
from accounts.errors import Restricted, Suspended
from accounts.states import RestrictionKind
from accounts.tests.factories import BlockFactory, UserFactory
from core.geo import NotAPlaceOnEarth
from core.ids import uuid7
from core.models import OutboxEvent
from core.testing import counted_queries
from media.errors import MediaNotReady, NotYourMedia, WrongPurpose
from media.states import AssetState
from media.tests.factories import ReadyImageFactory
from messaging import errors
from messaging.actions import send_message, start_conversation
from messaging.models import Conversation, Message, MessageImage, Participation, StreamEntry
from messaging.selectors import history, message_shape
from messaging.tests.conftest import whole_world
from messaging.tests.factories import ConversationFactory, MessagePictureFactory, other_of, say, side

pytestmark = pytest.mark.django_db
PLACE = {"latitude": 25.0763, "longitude": 55.1398, "label": "Marina Mall"}


@pytest.fixture
def refuses(talk, me, refuses):
    return lambda refusal, **said: refuses(
        refusal, send_message, **{"sender": me, "conversation_id": talk.pk, "body": "Hello"} | said
    )


def test_says_something_in_the_next_place(talk, me):
    message = send_message(sender=me, conversation_id=talk.pk, body="  Is it still there?  ")
    stored = Message.objects.get(pk=message.pk)
    assert (stored.body, stored.folded, stored.seq, stored.state) == (
        "Is it still there?",
        "is it still there?",
        3,
        "sent",
    )
    entry = StreamEntry.objects.get(conversation=talk, seq=3)
    assert (entry.kind, entry.message_id) == ("message:new", message.pk)
    talk.refresh_from_db()
    assert talk.last_seq == 3


def test_counts_for_the_other_and_stands_last_for_both(talk, me):
    other = other_of(talk, me)
    before = side(talk, other).unread_count
    mine = side(talk, me).unread_count
    message = send_message(sender=me, conversation_id=talk.pk, body="Hello")
    assert side(talk, other).unread_count == before + 1
    assert side(talk, me).unread_count == mine
    for person in (me, other):
        assert side(talk, person).last_message_id == message.pk
        assert side(talk, person).last_message_at == message.sent_at


def test_brings_an_archived_conversation_back(talk, me):
    Participation.objects.filter(conversation=talk).update(archived_at=timezone.now())
    send_message(sender=me, conversation_id=talk.pk, body="Hello")
    assert not Participation.objects.filter(conversation=talk, archived_at__isnull=False).exists()


def test_tells_the_world_once(talk, me):
    message = send_message(sender=me, conversation_id=talk.pk, body="Hello")
    event = OutboxEvent.objects.get(name="messaging.message_sent")
    assert event.payload == {
        "message_id": str(message.pk),
        "conversation_id": str(talk.pk),
        "recipient_id": str(other_of(talk, me).pk),
        "kind": "text",
    }


def test_takes_few_statements(talk, me):
    send_message(sender=me, conversation_id=talk.pk, body="The scanner reads its words now and then")
    with counted_queries() as queries:
        send_message(sender=me, conversation_id=talk.pk, body="Hello", client_id="a-1")
    # The lock, who stands how, the message with all that follows from it, its news in the outbox (three).
    assert len([q for q in queries if "SAVEPOINT" not in q["sql"]]) <= 6, queries.captured_queries


def test_what_is_told_without_reading_is_what_reading_says(talk, me):
    answered = say(talk, other_of(talk, me), "Yes, come and see it")
    pictures = [MessagePictureFactory(owner=me) for _ in range(2)]
    sent = [
        send_message(sender=me, conversation_id=talk.pk, body="Hello", client_id="a-1", reply_to_id=answered.pk),
        send_message(sender=me, conversation_id=talk.pk, kind="image", image_ids=[p.pk for p in pictures], body="Look"),
        send_message(sender=me, conversation_id=talk.pk, kind="location", location=PLACE),
    ]
    assert [message.shown for message in sent] == message_shape(me, [message.pk for message in sent])


def test_the_same_client_id_again_is_the_same_message(talk, me, refuses):
    first = send_message(sender=me, conversation_id=talk.pk, body="Hello", client_id="a-1")
    before = whole_world()
    again = send_message(sender=me, conversation_id=talk.pk, body="Hello", client_id="a-1")
    assert (again.pk, again.is_new, first.is_new) == (first.pk, False, True)
    assert whole_world() == before


def test_a_client_id_is_its_senders_own(talk, me):
    send_message(sender=me, conversation_id=talk.pk, body="Hello", client_id="a-1")
    other = send_message(sender=other_of(talk, me), conversation_id=talk.pk, body="Hello", client_id="a-1")
    assert other.is_new


def test_refuses_another_body_under_the_same_client_id(talk, me, refuses):
    send_message(sender=me, conversation_id=talk.pk, body="Hello", client_id="a-1")
    refuses(errors.ClientIdUsed, body="Hello!", client_id="a-1")
    refuses(errors.ClientIdUsed, client_id="a-1", kind="location", body="", location=PLACE)


def test_refuses_the_same_client_id_in_another_conversation(talk, me, refuses):
    elsewhere = ConversationFactory(person=me)
    send_message(sender=me, conversation_id=elsewhere.pk, body="Hello", client_id="a-1")
    refuses(errors.ClientIdUsed, client_id="a-1")


def test_a_resend_is_known_although_it_was_edited_since(talk, me):
    first = send_message(sender=me, conversation_id=talk.pk, body="Hello", client_id="a-1")
    first.revisions.create(body="Hello")
    Message.objects.filter(pk=first.pk).update(body="Good evening")
    assert send_message(sender=me, conversation_id=talk.pk, body="Hello", client_id="a-1").pk == first.pk


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (errors.NothingSaid, {"body": "   "}),
        (errors.TooLong, {"body": "x" * 2001}),
        (errors.OffersHaveTheirOwnDoor, {"kind": "offer"}),
        (errors.UnknownKind, {"kind": "system"}),
        (errors.NoPictures, {"kind": "image"}),
        (errors.TooManyPictures, {"kind": "image", "image_ids": [uuid7() for _ in range(11)]}),
        (errors.NotOfThisKind, {"image_ids": [uuid7()]}),
        (errors.NotOfThisKind, {"location": PLACE}),
        (errors.NoPlace, {"kind": "location"}),
        (NotAPlaceOnEarth, {"kind": "location", "location": {"latitude": 91, "longitude": 0}}),
        (NotAPlaceOnEarth, {"kind": "location", "location": {"latitude": float("nan"), "longitude": 0}}),
        (errors.TooLong, {"kind": "location", "location": PLACE | {"label": "x" * 101}}),
    ],
)
def test_refuses_what_does_not_fit(refuses, refusal, said):
    refuses(refusal, **said)


def test_pictures_are_the_senders_own_ready_and_for_messages(me, refuses):
    refuses(NotYourMedia, kind="image", image_ids=[MessagePictureFactory().pk])
    refuses(WrongPurpose, kind="image", image_ids=[ReadyImageFactory(owner=me).pk])
    refuses(MediaNotReady, kind="image", image_ids=[MessagePictureFactory(owner=me, state=AssetState.PROCESSING).pk])


def test_sends_pictures_in_their_order(talk, me):
    pictures = [MessagePictureFactory(owner=me) for _ in range(3)]
    wanted = [pictures[2].pk, pictures[0].pk, pictures[1].pk]
    message = send_message(sender=me, conversation_id=talk.pk, kind="image", image_ids=wanted)
    assert list(MessageImage.objects.filter(message=message).values_list("asset_id", flat=True)) == wanted
    pictures[0].refresh_from_db()
    assert pictures[0].attached_at is not None
    shown = message_shape(other_of(talk, me), [message])[0]
    assert [one["id"] for one in shown["images"]] == [str(pk) for pk in wanted]
    assert "/api/v1/media/private/" in shown["images"][0]["url"]


def test_shares_a_place_on_purpose(talk, me):
    message = send_message(sender=me, conversation_id=talk.pk, kind="location", location=PLACE)
    assert message_shape(me, [message])[0]["location"] == PLACE
    assert message_shape(me, [send_message(sender=me, conversation_id=talk.pk, body="x")])[0]["location"] is None


def test_refuses_an_answer_to_what_was_said_elsewhere(refuses):
    refuses(errors.NotInThisConversation, reply_to_id=say(ConversationFactory(), None, "x").pk)
    refuses(errors.NotInThisConversation, reply_to_id=uuid7())


def test_refuses_an_answer_to_what_is_gone(talk, me, refuses):
    refuses(errors.MessageGone, reply_to_id=say(talk, me, "x", unsent_at=timezone.now()).pk)


def test_refuses_strangers_to_the_conversation(refuses):
    refuses(errors.ConversationNotFound, sender=UserFactory())
    refuses(errors.ConversationNotFound, conversation_id=uuid7())


@pytest.mark.parametrize("blocker_is_me", [True, False])
def test_refuses_the_blocked_and_whoever_blocked(talk, me, refuses, blocker_is_me):
    pair = (me, other_of(talk, me))
    BlockFactory(blocker=pair[not blocker_is_me], blocked=pair[blocker_is_me])
    refuses(errors.CannotBeReached)


def test_refuses_the_suspended_and_the_restricted_also_by_an_old_copy(me, refuses):
    restrict_person(
        user=UserFactory._meta.model.objects.get(pk=me.pk), kind=RestrictionKind.MESSAGE, reason_en="", reason_ar=""
    )
    refuses(Restricted)
    restrict_person(
        user=UserFactory._meta.model.objects.get(pk=me.pk), kind=RestrictionKind.ACCOUNT, reason_en="", reason_ar=""
    )
    refuses(Suspended)


def test_refuses_to_write_to_the_suspended_and_the_gone(talk, me, refuses):
    other = other_of(talk, me)
    other.suspended_at = timezone.now()
    other.save()
    refuses(errors.CannotBeReached)
    other.suspended_at, other.is_active = None, False
    other.save()
    refuses(errors.CannotBeReached)


def test_whom_one_takes_messages_from_matters_for_beginning_only(talk, me):
    other = other_of(talk, me)
    other.messages_from = "nobody"
    other.save()
    assert send_message(sender=me, conversation_id=talk.pk, body="Hello").seq == 3


def test_refuses_more_than_so_many_a_minute(settings, me, refuses, talk):
    settings.RATE_LIMITS_ENABLED = True
    settings.MESSAGING = settings.MESSAGING | {"a_minute": 2}
    for number in range(2):
        send_message(sender=me, conversation_id=talk.pk, body=f"Hello {number}")
    assert refuses(errors.TooManyMessages).retry_after > 0


def test_refuses_the_same_words_to_one_more_person(me, talk, refuses):
    for _ in range(5):
        send_message(sender=me, conversation_id=ConversationFactory(person=me).pk, body="Buy my WATCHES")
    assert refuses(errors.SameWordsAgain, body="buy  my watches").retry_after == 600
    send_message(sender=me, conversation_id=talk.pk, body="Is it still there?")


def test_the_same_words_may_be_said_to_whoever_asked_oneself(me):
    for _ in range(7):
        asked = ConversationFactory(other=me)
        assert send_message(sender=me, conversation_id=asked.pk, body="It is sold, sorry").is_new


def test_the_same_words_may_be_said_again_later(me, talk):
    with time_machine.travel(timezone.now() - timedelta(minutes=11), tick=False):
        for _ in range(5):
            send_message(sender=me, conversation_id=ConversationFactory(person=me).pk, body="Hello there")
    assert send_message(sender=me, conversation_id=talk.pk, body="Hello there").is_new


def test_messages_disappear_after_the_conversations_term(talk, me):
    Conversation.objects.filter(pk=talk.pk).update(disappear_after=86_400)
    message = send_message(sender=me, conversation_id=talk.pk, body="Hello")
    assert Message.objects.get(pk=message.pk).expires_at == message.sent_at + timedelta(days=1)


def test_one_began_from_nothing_is_in_nobodys_inbox_until_something_is_said(me):
    other = UserFactory()
    talk = start_conversation(person=me, other_id=other.pk)
    assert side(talk, other).last_message_at is None
    send_message(sender=me, conversation_id=talk.pk, body="Hello")
    assert [one["body"] for one in history(other, talk.pk).items] == ["Hello"]
