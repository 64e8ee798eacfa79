import pytest

from accounts.tests.factories import BlockFactory, UserFactory
from core.ids import uuid7
from messaging.models import Message
from messaging.tests.factories import ConversationFactory, other_of, say, side

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def talk():
    return ConversationFactory()


def test_what_one_says_the_other_hears(dial, talk):
    me, other = talk.started_by, other_of(talk, talk.started_by)
    mine, theirs, tablet = dial(me), dial(other), dial(me)
    said = mine.ask("message:send", {"conversation_id": str(talk.pk), "content": "Hello", "client_id": "a-1"})
    assert (said["seq"], said["is_mine"], said["client_id"], said["status"]) == (1, True, "a-1", "sent")
    heard = theirs.hear("message:new")
    assert (heard["stream"], heard["seq"]) == (f"conversation:{talk.pk}", 1)
    data = heard["data"]
    assert (data["id"], data["body"], data["is_mine"], data["client_id"]) == (said["id"], "Hello", False, None)
    assert tablet.hear("message:new")["data"]["is_mine"] is True


def test_sent_again_it_is_one(dial, talk):
    mine = dial(talk.started_by)
    asked = {"conversation_id": str(talk.pk), "content": "Hello", "client_id": "a-1"}
    assert mine.ask("message:send", asked)["id"] == mine.ask("message:send", asked)["id"]
    assert mine.refused("message:send", asked | {"content": "Bye"})["code"] == "messaging.client_id_used"
    assert Message.objects.count() == 1


def test_receipts_reach_the_other(dial, talk):
    me, other = talk.started_by, other_of(talk, talk.started_by)
    message = say(talk, me, "Hello")
    mine, theirs = dial(me), dial(other)
    asked = {"conversation_id": str(talk.pk), "seq": 1}
    assert theirs.ask("message:delivered", asked)["delivered_seq"] == 1
    heard = mine.hear("message:delivered")["data"]
    assert (heard["message_id"], heard["user_id"], heard["seq"]) == (str(message.pk), str(other.pk), 1)
    read = theirs.ask("message:read", {"conversation_id": str(talk.pk), "message_id": str(message.pk)})
    assert (read["read_seq"], read["unread_count"]) == (1, 0)
    assert mine.hear("message:read")["data"]["message_id"] == str(message.pk)


def test_joining_reads_and_tells_who_is_typing(dial, talk):
    me, other = talk.started_by, other_of(talk, talk.started_by)
    say(talk, me, "Hello")
    mine, theirs = dial(me), dial(other)
    mine.ask("typing:start", {"conversation_id": str(talk.pk)})
    assert theirs.hear("typing:active")["data"] == {"user_id": str(me.pk), "conversation_id": str(talk.pk)}
    joined = theirs.ask("conversation:join", {"conversation_id": str(talk.pk)})
    assert (joined["unread_count"], joined["other_is_typing"], joined["can_write"]) == (0, True, True)
    assert mine.hear("message:read")
    mine.ask("conversation:leave", {"conversation_id": str(talk.pk)})
    assert theirs.hear("typing:inactive")
    mine.ask("typing:stop", {"conversation_id": str(talk.pk)})
    assert theirs.hears_nothing("typing:inactive")
    assert side(talk, other).read_seq == 1


def test_whoever_was_away_hears_what_they_missed_in_order(dial, talk):
    me, other = talk.started_by, other_of(talk, talk.started_by)
    for number in range(1, 6):
        say(talk, me, f"Words {number}")
    phone = dial(other)
    phone.send("resume", {"streams": {f"conversation:{talk.pk}": 2}}, ref="r")
    heard = [phone.hear("message:new") for _ in range(3)]
    assert [(frame["seq"], frame["data"]["body"]) for frame in heard] == [
        (3, "Words 3"),
        (4, "Words 4"),
        (5, "Words 5"),
    ]
    ack = phone.hear("ack")["data"]
    assert ack["streams"] == {f"conversation:{talk.pk}": {"seq": 5, "more": False}}
    changed = phone.ask("resume", {"since": "2020-01-01T00:00:00Z"})["changed"]
    assert changed == [f"conversation:{talk.pk}"]


def test_strangers_and_the_blocked_are_refused_with_the_codes_of_the_api(dial, talk):
    me, other = talk.started_by, other_of(talk, talk.started_by)
    stranger = dial(UserFactory())
    for name in ("conversation:join", "message:send", "message:read", "typing:start", "typing:stop"):
        asked = {"conversation_id": str(talk.pk)} | ({"content": "x"} if name == "message:send" else {})
        assert stranger.refused(name, asked)["code"] == "messaging.conversation_not_found", name
    assert f"conversation:{talk.pk}" in stranger.ask("resume", {"streams": {f"conversation:{talk.pk}": 0}})["refused"]
    BlockFactory(blocker=other, blocked=me)
    mine = dial(me)
    asked = {"conversation_id": str(talk.pk), "content": "x"}
    assert mine.refused("message:send", asked)["code"] == "messaging.cannot_be_reached"
    assert mine.refused("typing:start", {"conversation_id": str(talk.pk)})["code"] == "messaging.cannot_be_reached"
    assert mine.refused("message:send", asked | {"colour": 1})["errors"][0]["attr"] == "colour"
    assert mine.refused("message:send", {"conversation_id": str(uuid7()), "content": "x"})["status"] == 404
    assert not Message.objects.exists()
