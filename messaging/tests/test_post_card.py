import pytest

from accounts.tests.factories import BlockFactory, UserFactory
from core.ids import uuid7
from core.models import OutboxEvent
from messaging import errors
from messaging.actions import post_card, touch_cards
from messaging.models import StreamEntry
from messaging.selectors import conversation_shape, history
from messaging.tests.factories import ConversationFactory, say, side

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer(cards):
    reference = uuid7()
    cards[reference] = {"amount": "AED 450"}
    return reference


@pytest.fixture
def refuses(refuses, talk, me, offer):
    return lambda refusal, **asked: refuses(
        refusal, post_card, **{"sender": me, "conversation_id": talk.pk, "reference": offer} | asked
    )


def test_takes_a_place_like_any_message(talk, me, other, offer):
    unread = side(talk, other).unread_count
    message = post_card(sender=me, conversation_id=talk.pk, kind="offer", reference=offer, body="  My best  ")
    assert (message.seq, message.kind, message.reference, message.body) == (3, "offer", offer, "My best")
    assert side(talk, other).unread_count == unread + 1
    event = OutboxEvent.objects.get()
    assert (event.name, event.payload["kind"]) == ("messaging.message_sent", "offer")


def test_is_drawn_by_its_app_for_each_viewer(talk, me, other, offer, cards):
    post_card(sender=me, conversation_id=talk.pk, reference=offer)
    for person in (me, other):
        assert history(person, talk.pk).items[0]["offer"] == {"amount": "AED 450", "for": str(person.pk)}


def test_many_are_drawn_at_once(talk, me, cards):
    for number in range(5):
        reference = uuid7()
        cards[reference] = {"amount": str(number)}
        say(talk, me, "", kind="offer", reference=reference)
    cards.asked = 0
    history(me, talk.pk)
    assert cards.asked == 1


def test_lists_show_its_line_and_draw_nothing(talk, me, other, offer, cards):
    post_card(sender=me, conversation_id=talk.pk, reference=offer)
    cards.asked = 0
    assert conversation_shape(other, talk.pk)["last_message"]["excerpt"] == "Offer: AED 450"
    assert cards.asked == 0


def test_a_card_that_changed_takes_a_number(talk, me, offer):
    message = post_card(sender=me, conversation_id=talk.pk, reference=offer)
    again = post_card(sender=me, conversation_id=ConversationFactory(person=me).pk, reference=offer)
    assert touch_cards(reference=offer) == 2
    entries = StreamEntry.objects.filter(kind="message:updated").values_list("message_id", "seq")
    assert set(entries) == {(message.pk, 4), (again.pk, 2)}
    assert touch_cards(reference=uuid7()) == 0


def test_refuses_strangers_and_the_blocked(refuses, me, other):
    refuses(errors.ConversationNotFound, sender=UserFactory())
    BlockFactory(blocker=other, blocked=me)
    refuses(errors.CannotBeReached)


def test_words_beside_a_card_cannot_wait(talk, me, offer, refuses):
    refuses(errors.SendItAsMessage, body="Call me on 050 123 4567")
    refuses(errors.TooLong, body="x" * 2001)
    post_card(sender=me, conversation_id=talk.pk, reference=offer, body="you son of a bitch")
    assert OutboxEvent.objects.filter(name="messaging.message_flagged").count() == 1
