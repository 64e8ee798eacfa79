import pytest
from django.utils import translation

from core.ids import uuid7
from messaging.actions import post_notice
from messaging.errors import ConversationNotFound
from messaging.models import Message
from messaging.selectors import conversation_shape, message_shape
from messaging.tests.factories import side

pytestmark = pytest.mark.django_db
PRICES = {"price": "AED 450.00", "old_price": "AED 500.00"}


def test_the_house_says_it_to_both(talk, me, other):
    before = [side(talk, person).unread_count for person in (me, other)]
    message = post_notice(conversation_id=talk.pk, notice="price_changed", facts=PRICES)
    assert (message.sender_id, message.kind, message.seq) == (None, "system", 3)
    assert [side(talk, person).unread_count for person in (me, other)] == [count + 1 for count in before]
    shown = message_shape(me, [message])[0]
    assert (shown["sender"], shown["is_mine"], shown["body"]) == (None, False, "")
    assert shown["notice"]["key"] == "price_changed"
    assert "now AED 450. It was AED 500." in shown["notice"]["text"]
    assert conversation_shape(other, talk.pk)["last_message"]["excerpt"] == shown["notice"]["text"]


def test_is_said_in_the_readers_language(talk, me):
    message = post_notice(conversation_id=talk.pk, notice="disappearing_off", facts={})
    english = message_shape(me, [message])[0]["notice"]["text"]
    with translation.override("ar"):
        shown = message_shape(me, [message])[0]["notice"]
    assert shown["key"] == "disappearing_off"
    assert english == "New messages stay."


def test_refuses_what_nobody_would_understand(talk):
    with pytest.raises(ValueError, match="no notice"):
        post_notice(conversation_id=talk.pk, notice="hello", facts={})
    with pytest.raises(ConversationNotFound):
        post_notice(conversation_id=uuid7(), notice="price_changed", facts=PRICES)
    assert not Message.objects.filter(kind="system").exists()
