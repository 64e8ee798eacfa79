import pytest

from accounts.actions import block_person
from accounts.models import User
from core.testing import deliver_everything
from messaging.actions import hide_messages, release_message, set_disappearing
from messaging.models import Conversation, StreamEntry
from messaging.tests.factories import ConversationFactory, say

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def talk():
    return ConversationFactory(said=1)


def test_edited_reacted_to_and_unsent_while_the_other_looks_on(dial, talk, me, other):
    message = say(talk, me, "Helo")
    mine, theirs = dial(me), dial(other)
    pk = str(message.pk)
    assert mine.ask("message:edit", {"message_id": pk, "content": "Hello"})["body"] == "Hello"
    assert theirs.ask("message:react", {"message_id": pk, "emoji": "👍"})["reactions"][0]["mine"] is True
    assert mine.ask("message:unsend", {"message_id": pk})["unsent"] is True
    heard = [theirs.hear("message:updated") for _ in range(3)]
    assert [frame["seq"] for frame in heard] == [3, 4, 5]
    assert [(frame["data"]["body"], frame["data"]["unsent"]) for frame in heard] == [
        ("Hello", False),
        ("Hello", False),
        ("", True),
    ]
    assert mine.hear("message:updated")["data"]["is_mine"] is True
    assert mine.refused("message:edit", {"message_id": pk, "content": "x"})["code"] == "messaging.message_gone"
    assert theirs.refused("message:unsend", {"message_id": pk})["code"] == "messaging.not_your_message"
    refused = theirs.refused("message:react", {"message_id": pk, "emoji": "💣"})
    assert (refused["code"], refused["errors"][0]["attr"]) == ("messaging.unknown_reaction", "emoji")


def test_whoever_was_away_gets_the_message_as_it_is_now(dial, talk, me, other):
    message = say(talk, me, "Helo")
    dial(me).ask("message:edit", {"message_id": str(message.pk), "content": "Hello"})
    phone = dial(other)
    phone.send("resume", {"streams": {f"conversation:{talk.pk}": 1}})
    frames = [phone.hear() for _ in range(3)]
    assert [frame["type"] for frame in frames] == ["message:new", "message:updated", "ack"]
    assert [frame["data"]["body"] for frame in frames[:2]] == ["Hello", "Hello"]


def test_resuming_in_pieces(dial, talk, me, other):
    message = say(talk, me, "x")
    StreamEntry.objects.bulk_create(
        [StreamEntry(conversation=talk, seq=seq, kind="message:updated", message=message) for seq in range(3, 603)]
    )
    Conversation.objects.filter(pk=talk.pk).update(last_seq=602)
    phone = dial(other)
    stream, after, seen = f"conversation:{talk.pk}", 0, []
    while True:
        phone.send("resume", {"streams": {stream: after}}, ref="r")
        while (frame := phone.hear())["type"] != "ack":
            seen.append(frame["seq"])
        after = frame["data"]["streams"][stream]["seq"]
        if not frame["data"]["streams"][stream]["more"]:
            break
    assert seen == list(range(1, 603))


def test_a_held_message_is_told_to_its_sender_alone(dial, talk, me, other):
    User.objects.filter(pk=me.pk).update(phone_verified_at=None)
    mine, theirs = dial(me), dial(other)
    held = mine.ask("message:send", {"conversation_id": str(talk.pk), "content": "Call 050 123 4567"})
    assert (held["state"], held["seq"]) == ("held", None)
    assert mine.hear("message:held")["stream"] == "me"
    assert theirs.hears_nothing("message:new")
    release_message(message_id=held["id"])
    assert theirs.hear("message:new")["data"]["body"] == "Call 050 123 4567"
    assert mine.hear("message:new")["data"]["state"] == "sent"


def test_a_hidden_message_goes_from_both_screens(dial, talk, me, other):
    message = say(talk, me, "x")
    mine, theirs = dial(me), dial(other)
    hide_messages(conversation_id=talk.pk, message_ids=[message.pk])
    for phone in (mine, theirs):
        assert phone.hear("message:updated")["data"]["hidden"] is True


def test_both_hear_that_messages_disappear_each_in_their_language(dial, talk, me, other):
    User.objects.filter(pk=other.pk).update(language="ar")
    mine, theirs = dial(me), dial(other)
    set_disappearing(person=me, conversation_id=talk.pk, seconds=86_400)
    assert mine.hear("message:new")["data"]["notice"]["text"] == "New messages disappear after a day."
    assert theirs.hear("message:new")["data"]["notice"]["key"] == "disappearing_on_day"
    assert theirs.hear("conversation:updated")["data"]["disappear_after"] == 86_400


def test_those_who_talk_see_each_other_come(dial, talk, me, other):
    mine = dial(me)
    dial(other)
    assert mine.hear("user:online")["data"] == {"user_id": str(other.pk), "is_online": True, "last_seen_at": None}


def test_whoever_hides_it_comes_unseen(dial, talk, me, other):
    User.objects.filter(pk=other.pk).update(show_last_seen=False)
    mine = dial(me)
    dial(other)
    assert mine.hears_nothing("user:online")


def test_a_block_parts_them_at_once(dial, talk, me, other):
    mine, theirs = dial(me), dial(other)
    block_person(blocker=me, blocked=other)
    deliver_everything()
    assert theirs.hear("user:offline")["data"] == {"user_id": str(me.pk), "is_online": False, "last_seen_at": None}
    assert mine.hear("conversation:updated")["data"]["can_write"] is False


def test_typing_is_over_after_a_block(dial, talk, me, other):
    mine, theirs = dial(me), dial(other)
    block_person(blocker=other, blocked=me)
    assert mine.refused("typing:start", {"conversation_id": str(talk.pk)})["code"] == "messaging.cannot_be_reached"
    assert theirs.hears_nothing("typing:active")


def test_a_number_that_no_log_can_have_is_wrong_input(dial, talk, me):
    refused = dial(me).refused("resume", {"streams": {f"conversation:{talk.pk}": 2**63}})
    assert (refused["status"], refused["code"]) == (400, "core.invalid")


def test_a_frame_as_deep_as_a_well_is_none(dial, me):
    phone = dial(me)
    deep: list = []
    for _level in range(200):
        deep = [deep]
    phone.send("typing:start", {"conversation_id": deep})
    assert phone.hear("error")["data"]["code"] == "realtime.not_a_frame"
