import json

import pytest

from accounts.tests.factories import BlockFactory, UserFactory
from catalog.tests.factories import ProductFactory
from core.ids import uuid7
from messaging.models import Conversation, Message
from messaging.shapes import ConversationWithMessagesOut, InboxOut, MessageOut, MessagePageOut
from messaging.tests.factories import ConversationFactory, other_of, say, side

pytestmark = pytest.mark.django_db
CONVERSATIONS = "/api/v1/conversations"


def fits(shape, answer):
    """The answer has the fields that its serializer describes, and no other."""
    read = shape(data=json.loads(json.dumps(answer).replace("http://testserver", "https://souk.example")))
    assert read.is_valid(), read.errors
    assert set(answer) == set(shape().fields)


@pytest.fixture
def me(api):
    person = UserFactory(at_home=True)
    api.force_authenticate(person)
    return person


def test_begins_with_the_first_words(api, me):
    desk = ProductFactory(seller=UserFactory(at_home=True))
    sent = {"other_user_id": str(desk.seller_id), "product_id": str(desk.pk), "initial_message": "Still there?"}
    answer = api.post(CONVERSATIONS, sent)
    assert answer.status_code == 201
    fits(ConversationWithMessagesOut, answer.json())
    assert [one["body"] for one in answer.json()["messages"]["results"]] == ["Still there?"]
    assert answer.json()["product"]["title"] == desk.title
    assert answer.json()["other"]["id"] == str(desk.seller_id)
    again = api.post(CONVERSATIONS, {"other_user_id": str(desk.seller_id), "product_id": str(desk.pk)})
    assert (again.status_code, again.json()["id"]) == (200, answer.json()["id"])


def test_what_is_refused_begins_nothing(api, me):
    answer = api.post(CONVERSATIONS, {"other_user_id": str(UserFactory().pk), "initial_message": "x" * 2001})
    assert (answer.status_code, answer.json()["code"]) == (400, "messaging.too_long")
    assert not Conversation.objects.exists()


def test_says_something_and_again(api, me):
    talk = ConversationFactory(person=me)
    address = f"{CONVERSATIONS}/{talk.pk}/messages"
    first = api.post(address, {"content": "Hello", "client_id": "a-1"})
    again = api.post(address, {"content": "Hello", "client_id": "a-1"})
    assert (first.status_code, again.status_code) == (201, 200)
    fits(MessageOut, first.json())
    assert first.json() == again.json()
    other = api.post(address, {"content": "Hello you", "client_id": "a-1"})
    assert (other.status_code, other.json()["code"]) == (422, "messaging.client_id_used")
    assert Message.objects.count() == 1


def test_an_idempotency_key_and_a_client_id_go_together(api, me):
    address = f"{CONVERSATIONS}/{ConversationFactory(person=me).pk}/messages"
    sent = {"content": "Hello", "client_id": "a-1"}
    first = api.post(address, sent, headers={"Idempotency-Key": "k-1"})
    replayed = api.post(address, sent, headers={"Idempotency-Key": "k-1"})
    under_another_key = api.post(address, sent, headers={"Idempotency-Key": "k-2"})
    assert first.json() == replayed.json() == under_another_key.json()
    assert [a.status_code for a in (first, replayed, under_another_key)] == [201, 201, 200]
    assert Message.objects.count() == 1


def test_offers_have_a_door_of_their_own(api, me):
    address = f"{CONVERSATIONS}/{ConversationFactory(person=me).pk}/messages"
    for offer in ({"content": "400"}, {"offer_data": {"offered_price": "400.00"}}):
        refused = api.post(address, {"message_type": "offer", **offer})
        assert (refused.status_code, refused.json()["code"]) == (400, "messaging.offers_have_their_own_door")
        assert "/api/v1/offers" in refused.json()["detail"]
    assert not Message.objects.exists()


def test_pages_through_what_was_said(api, me):
    talk = ConversationFactory(person=me, said=7)
    first = api.get(f"{CONVERSATIONS}/{talk.pk}/messages?per_page=3").json()
    fits(MessagePageOut, first)
    second = api.get(first["next"]).json()
    third = api.get(second["next"]).json()
    assert [[one["seq"] for one in page["results"]] for page in (first, second, third)] == [[7, 6, 5], [4, 3, 2], [1]]
    assert (first["previous"], third["next"]) == (None, None)
    assert api.get(third["previous"]).json()["results"] == second["results"]
    assert api.get(second["previous"]).json()["results"] == first["results"]
    assert api.get(api.get(second["previous"]).json()["previous"] or first["next"]).status_code == 200
    fifth = first["results"][2]["id"]
    before = api.get(f"{CONVERSATIONS}/{talk.pk}/messages?before_message_id={fifth}&per_page=3").json()
    assert before["results"] == second["results"]


def test_the_inbox_is_sorted_by_the_last_words(api, me):
    talks = [ConversationFactory(person=me, said=1, other=UserFactory(at_home=True)) for _ in range(3)]
    say(talks[0], other_of(talks[0], me), "Last")
    answer = api.get(CONVERSATIONS).json()
    fits(InboxOut, answer)
    assert [one["id"] for one in answer["results"]] == [str(talks[n].pk) for n in (0, 2, 1)]
    assert answer["results"][0]["last_message"]["excerpt"] == "Last"
    first = api.get(f"{CONVERSATIONS}?per_page=2").json()
    second = api.get(first["next"]).json()
    assert [one["id"] for one in second["results"]] == [str(talks[1].pk)]
    assert api.get(second["previous"]).json()["results"] == first["results"]


def test_the_inbox_narrows(api, me):
    read, unread = (ConversationFactory(person=me, said=2) for _ in range(2))
    api.patch(f"{CONVERSATIONS}/{read.pk}/read", {})
    assert [one["id"] for one in api.get(f"{CONVERSATIONS}?filter=unread").json()["results"]] == [str(unread.pk)]
    refused = api.get(f"{CONVERSATIONS}?filter=spam")
    assert refused.status_code == 400
    assert api.get(f"{CONVERSATIONS}?page=2").json()["code"] == "core.page_not_supported"
    assert api.get(f"{CONVERSATIONS}?cursor=x").json()["code"] == "core.invalid_cursor"


def test_reading_counts(api, me):
    talk = ConversationFactory(person=me, said=6)
    assert api.get("/api/v1/messages/unread-count").json() == {"unread_count": 3, "conversations": 1}
    answer = api.patch(f"{CONVERSATIONS}/{talk.pk}/read", {"seq": 4}).json()
    assert answer == {"conversation_id": str(talk.pk), "read_seq": 4, "unread_count": 1}
    assert api.patch(f"{CONVERSATIONS}/{talk.pk}/read", {"seq": 1}).json()["read_seq"] == 4
    assert api.patch(f"{CONVERSATIONS}/{talk.pk}/read", {}).json()["unread_count"] == 0
    assert api.get("/api/v1/messages/unread-count").json() == {"unread_count": 0, "conversations": 0}
    assert side(talk, other_of(talk, me)).unread_count == 3


def test_looking_marks_nothing_as_read(api, me):
    talk = ConversationFactory(person=me, said=2)
    fits(ConversationWithMessagesOut, api.get(f"{CONVERSATIONS}/{talk.pk}").json())
    api.get(f"{CONVERSATIONS}/{talk.pk}/messages")
    assert side(talk, me).read_seq == 0


def test_others_conversations_do_not_exist(api, me):
    talk = ConversationFactory(said=2)
    for address in (f"{CONVERSATIONS}/{talk.pk}", f"{CONVERSATIONS}/{uuid7()}"):
        assert api.get(address).status_code == 404
        assert api.get(f"{address}/messages").status_code == 404
        assert api.post(f"{address}/messages", {"content": "x"}).status_code == 404
        assert api.patch(f"{address}/read", {}).status_code == 404


def test_says_why_one_cannot_write(api, me):
    talk = ConversationFactory(person=me, said=1)
    assert api.get(f"{CONVERSATIONS}/{talk.pk}").json()["can_write"] is True
    BlockFactory(blocker=other_of(talk, me), blocked=me)
    shown = api.get(f"{CONVERSATIONS}/{talk.pk}").json()
    assert (shown["can_write"], shown["cannot_write_because"]) == (False, "messaging.cannot_be_reached")
    refused = api.post(f"{CONVERSATIONS}/{talk.pk}/messages", {"content": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "messaging.cannot_be_reached")
