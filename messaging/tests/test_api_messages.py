from urllib.parse import quote

import pytest

from accounts.tests.factories import UserFactory
from core.ids import uuid7
from messaging.models import Message
from messaging.shapes import ConversationOut, MessageOut, MessagePageOut
from messaging.tests.factories import ConversationFactory, MessagePictureFactory, say, side
from messaging.tests.test_api_conversations import CONVERSATIONS, fits

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(api, me):
    api.force_authenticate(me)
    return api


def test_reads_edits_and_unsends(signed_in, talk, me):
    address = f"/api/v1/messages/{say(talk, me, 'Helo').pk}"
    fits(MessageOut, signed_in.get(address).json())
    edited = signed_in.patch(address, {"content": "Hello"}).json()
    assert (edited["body"], edited["edited_at"] is not None) == ("Hello", True)
    gone = signed_in.delete(address)
    assert (gone.status_code, gone.json()["unsent"], gone.json()["body"]) == (200, True, "")
    refused = signed_in.patch(address, {"content": "Hello again"})
    assert (refused.status_code, refused.json()["code"]) == (409, "messaging.message_gone")


def test_reacts_and_takes_it_back(signed_in, talk, other):
    address = f"/api/v1/messages/{say(talk, other, 'Ok').pk}/reaction"
    assert signed_in.put(address, {"emoji": "👍"}).json()["reactions"] == [{"emoji": "👍", "count": 1, "mine": True}]
    refused = signed_in.put(address, {"emoji": "💣"})
    assert (refused.status_code, refused.json()["code"]) == (400, "messaging.unknown_reaction")
    assert signed_in.delete(address).json()["reactions"] == []


def test_the_others_message_is_the_others(signed_in, talk, other):
    address = f"/api/v1/messages/{say(talk, other, 'Ok').pk}"
    assert signed_in.get(address).status_code == 200
    for refused in (signed_in.patch(address, {"content": "x"}), signed_in.delete(address)):
        assert (refused.status_code, refused.json()["code"]) == (403, "messaging.not_your_message")


def test_strangers_find_nothing(api, talk, me):
    api.force_authenticate(UserFactory())
    for pk in (say(talk, me, "x").pk, uuid7()):
        address = f"/api/v1/messages/{pk}"
        answers = [
            api.get(address),
            api.patch(address, {"content": "y"}),
            api.delete(address),
            api.put(f"{address}/reaction", {"emoji": "👍"}),
            api.delete(f"{address}/reaction"),
        ]
        assert {answer.status_code for answer in answers} == {404}
    assert Message.objects.filter(body="x").exists()


def test_warns_and_says_of_what(signed_in, talk):
    address = f"{CONVERSATIONS}/{talk.pk}/messages"
    refused = signed_in.post(address, {"content": "Call me on 050 123 4567"})
    assert (refused.status_code, refused.json()["code"]) == (409, "messaging.warned")
    assert "phone number" in refused.json()["detail"]
    sent = signed_in.post(address, {"content": "Call me on 050 123 4567", "acknowledge_warning": True})
    assert sent.status_code == 201


def test_sends_pictures_by_id_and_no_addresses(signed_in, talk, me):
    address = f"{CONVERSATIONS}/{talk.pk}/messages"
    asset = MessagePictureFactory(owner=me)
    sent = signed_in.post(address, {"message_type": "image", "image_ids": [str(asset.pk)]})
    fits(MessageOut, sent.json())
    assert sent.json()["images"][0]["id"] == str(asset.pk)
    refused = signed_in.post(address, {"message_type": "image", "image_ids": ["https://example.com/a.jpg"]})
    assert (refused.status_code, refused.json()["code"]) == (400, "media.foreign_url")


def test_shares_a_place(signed_in, talk):
    address = f"{CONVERSATIONS}/{talk.pk}/messages"
    place = {"latitude": 25.0763, "longitude": 55.1398, "label": "Marina Mall"}
    sent = signed_in.post(address, {"message_type": "location", "location": place})
    assert sent.json()["location"] == place
    refused = signed_in.post(address, {"message_type": "location", "location": place | {"latitude": 95}})
    assert refused.status_code == 400
    refused = signed_in.post(address, {"content": "x", "location": place})
    assert refused.json()["code"] == "messaging.not_of_this_kind"


def test_announces_a_picture_for_a_message(signed_in):
    wanted = {"filename": "desk.jpg", "content_type": "image/jpeg", "byte_size": 1000, "purpose": "message"}
    assert signed_in.post("/api/v1/media/upload-url", wanted).status_code == 201
    refused = signed_in.post("/api/v1/media/upload-url", wanted | {"content_type": "video/mp4", "filename": "a.mp4"})
    assert refused.json()["code"] == "media.unsupported_type"


def test_searches(signed_in, talk, me, other):
    for number in range(3):
        say(talk, (me, other)[number % 2], f"طاولة خشب {number}")
    first = signed_in.get(f"/api/v1/messages/search?q={quote('طاوله')}&per_page=2").json()
    fits(MessagePageOut, first)
    second = signed_in.get(first["next"]).json()
    assert [len(page["results"]) for page in (first, second)] == [2, 1]
    assert second["next"] is None
    here = signed_in.get(f"/api/v1/messages/search?q=خشب&conversation_id={talk.pk}").json()
    assert len(here["results"]) == 3
    assert signed_in.get("/api/v1/messages/search?q=x").json()["code"] == "messaging.search_too_short"
    assert signed_in.get("/api/v1/messages/search").status_code == 400
    assert signed_in.get("/api/v1/messages/search?q=desk&sender=me").json()["code"] == "core.unknown_parameter"
    elsewhere = ConversationFactory().pk
    assert signed_in.get(f"/api/v1/messages/search?q=desk&conversation_id={elsewhere}").status_code == 404


def test_keeps_a_conversation_as_one_likes(signed_in, talk, me):
    address = f"{CONVERSATIONS}/{talk.pk}"
    kept = signed_in.patch(address, {"muted_until": "2099-01-01T00:00:00Z", "disappear_after": 86400}).json()
    fits(ConversationOut, kept)
    assert (kept["muted_until"], kept["disappear_after"], kept["is_archived"]) == ("2099-01-01T00:00:00Z", 86400, False)
    assert signed_in.patch(address, {"disappear_after": 60}).status_code == 400
    assert signed_in.patch(address, {"colour": "red"}).status_code == 400
    assert signed_in.delete(address).status_code == 204
    assert side(talk, me).archived_at is not None
    assert signed_in.get(f"{CONVERSATIONS}?filter=archived").json()["results"][0]["id"] == str(talk.pk)
    assert signed_in.post(f"{address}/unarchive").json()["is_archived"] is False
    # The notice that messages stay again would bring it back, so it is put away after that.
    assert signed_in.patch(address, {"is_archived": True, "disappear_after": None}).json()["is_archived"] is True


def test_searches_the_inbox(signed_in, talk, other):
    say(talk, other, "The oak desk")
    assert len(signed_in.get(f"{CONVERSATIONS}?search=OAK").json()["results"]) == 1
    assert signed_in.get(f"{CONVERSATIONS}?search=pine").json()["results"] == []


def test_too_many_messages_say_when_to_come_back(signed_in, talk, settings):
    settings.RATE_LIMITS_ENABLED = True
    settings.MESSAGING = settings.MESSAGING | {"a_minute": 1}
    address = f"{CONVERSATIONS}/{talk.pk}/messages"
    assert signed_in.post(address, {"content": "x"}).status_code == 201
    refused = signed_in.post(address, {"content": "y"})
    assert (refused.status_code, refused.json()["code"]) == (429, "messaging.too_many_messages")
    assert int(refused["Retry-After"]) > 0
