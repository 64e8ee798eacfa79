import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from accounts.models import Restriction
from accounts.states import RestrictionKind
from accounts.tests.factories import BlockFactory, UserFactory
from catalog.states import ProductState
from catalog.tests.factories import ProductFactory
from core.testing import counted_queries
from messaging.models import Conversation, Message, MessageImage, Reaction
from messaging.states import MessageKind, MessageState
from messaging.tests.factories import ConversationFactory, MessagePictureFactory, say, side
from moderation.models import Report

pytestmark = pytest.mark.django_db


@pytest.fixture
def me():
    return UserFactory(username="layla", full_name="Layla Haddad")


@pytest.fixture
def omar():
    return UserFactory(username="omar", full_name="Omar Khan")


@pytest.fixture
def talk(me, omar):
    return ConversationFactory(person=me, other=omar, product=ProductFactory(seller=omar, title="Walnut desk"))


@pytest.fixture
def mine(client, me):
    client.force_login(me)
    return client


def html(client, path):
    response = client.get(path)
    assert response.status_code == 200, response.content[:400]
    return response.content.decode()


def said(page):
    """The words of all bubbles in their order."""
    return re.findall(r'<p class="words" dir="auto" data-words>(.*?)</p>', page, re.DOTALL)


def numbers(page):
    return [int(n) for n in re.findall(r'<li class="msg [^>]*data-seq="(\d+)"', page)]


def test_shows_what_was_said_oldest_first(mine, me, omar, talk):
    say(talk, me, "Is it still there?")
    say(talk, omar, "Yes <b>it</b> is")
    page = html(mine, f"/messages/{talk.pk}")
    assert said(page) == ["Is it still there?", "Yes &lt;b&gt;it&lt;/b&gt; is"]
    for words in ("Omar K.", "Walnut desk", f'href="/l/{talk.product_id}#offer"', 'href="/u/omar"', "Today"):
        assert words in page


def test_is_readable_and_usable_without_javascript(mine, me, omar, talk):
    say(talk, omar, "Hello")
    page = html(mine, f"/messages/{talk.pk}")
    assert f'method="post" action="/messages/{talk.pk}/send"' in page
    for door in ("read", "archive", "mute", "disappear"):
        assert f'action="/messages/{talk.pk}/{door}"' in page
    assert f'href="/report/conversation/{talk.pk}"' in page
    assert " style=" not in page
    assert not re.search(r"\son[a-z]+=", page)


def test_looking_at_it_reads_nothing(mine, me, omar, talk):
    say(talk, omar, "Hello")
    page = html(mine, f"/messages/{talk.pk}")
    assert page.index('id="new"') < page.index("data-words>Hello<")
    assert side(talk, me).unread_count == 1


def test_others_find_no_conversation(mine, talk):
    strangers = ConversationFactory(said=1)
    for path in ("", "/lines?after=0", "/row"):
        assert mine.get(f"/messages/{strangers.pk}{path}").status_code == 404


def test_a_day_stands_above_its_first_message_only(mine, me, talk):
    now = timezone.now()
    for days in (3, 3, 1, 0):
        say(talk, me, f"{days} days ago", sent_at=now - timedelta(days=days, minutes=1))
    page = html(mine, f"/messages/{talk.pk}")
    assert len(re.findall(r'<li class="day"', page)) == 3
    assert "Yesterday" in page


def test_what_is_gone_says_only_that(mine, me, omar, talk):
    now = timezone.now()
    say(talk, me, "SECRET one", unsent_at=now)
    say(talk, omar, "SECRET two", unsent_at=now)
    say(talk, omar, "SECRET three", hidden_at=now)
    say(talk, omar, "SECRET four", expires_at=now - timedelta(seconds=1))
    page = html(mine, f"/messages/{talk.pk}")
    assert "SECRET" not in page
    for words in (
        "You took this message back.",
        "This message was taken back.",
        "A moderator hid this message.",
        "has disappeared",
    ):
        assert words in page


def test_tells_its_writer_that_a_message_waits_for_a_moderator(mine, client, me, omar, talk):
    say(talk, me, "Before")
    Message.objects.create(
        conversation=talk, sender=me, kind=MessageKind.TEXT, state=MessageState.HELD, body="Call 050"
    )
    assert "A moderator looks at it first" in html(mine, f"/messages/{talk.pk}")
    client.force_login(omar)
    assert "Call 050" not in html(client, f"/messages/{talk.pk}")


def test_shows_pictures_places_answers_reactions_and_changes(mine, me, omar, talk):
    first = say(talk, omar, "How wide is it?")
    say(talk, me, "120 cm", reply_to=first, edited_at=timezone.now())
    Reaction.objects.create(message=first, person=me, emoji="👍")
    place = {"latitude": 25.0763, "longitude": 55.1398, "label": "The café"}
    say(talk, me, "", kind=MessageKind.LOCATION, facts=place)
    shots = say(talk, omar, "", kind=MessageKind.IMAGE)
    picture = MessagePictureFactory(owner=omar)
    MessageImage.objects.create(message=shots, asset=picture, position=0)
    page = html(mine, f"/messages/{talk.pk}")
    assert f'class="quote" href="#m-{first.pk}"' in page
    assert 'data-react="👍" aria-pressed="true"' in page
    assert "edited" in page
    assert "The café" in page
    assert "mlat=25.0763" in page
    assert re.search(rf'href="/api/v1/media/private/{picture.pk}/[^"]+" data-enlarge', page)


def test_offers_what_its_writer_can_still_do(mine, me, omar, talk):
    now = timezone.now()
    say(talk, me, "Old", sent_at=now - timedelta(days=3))
    say(talk, me, "New")
    say(talk, omar, "Theirs")
    old, new, theirs = re.findall(r'<li class="msg [^>]*data-seq="\d+"[^>]*>', html(mine, f"/messages/{talk.pk}"))
    until = re.search(r'data-edit-until="([^"]+)"', new)[1]
    assert "data-unsend-until" in new
    assert until > f"{now:%Y-%m-%dT%H:%M:%SZ}"
    assert "until" not in theirs
    assert re.search(r'data-edit-until="([^"]+)"', old)[1] < f"{now:%Y-%m-%dT%H:%M:%SZ}"


def test_only_the_buyer_of_something_for_sale_is_asked_for_an_offer(client, me, omar, talk):
    client.force_login(omar)
    assert "#offer" not in html(client, f"/messages/{talk.pk}")
    client.force_login(me)
    type(talk.product).objects.filter(pk=talk.product_id).update(state=ProductState.SOLD, sold_at=timezone.now())
    page = html(client, f"/messages/{talk.pk}")
    assert "#offer" not in page
    assert "Sold" in page


def test_costs_the_same_queries_with_1_and_with_30_messages(mine, me, omar, talk):
    say(talk, me, "One")
    html(mine, f"/messages/{talk.pk}")
    with counted_queries() as one:
        html(mine, f"/messages/{talk.pk}")
    for number in range(29):
        say(talk, (me, omar)[number % 2], f"Number {number}")
    with counted_queries() as thirty:
        assert len(numbers(html(mine, f"/messages/{talk.pk}"))) == 30
    assert len(thirty) == len(one)
    assert len(one) <= 15


class TestOlder:
    @pytest.fixture
    def long_talk(self, me, omar, talk):
        for number in range(1, 71):
            say(talk, (me, omar)[number % 2], f"Number {number}")
        return talk

    def test_goes_back_page_by_page_without_scripts(self, mine, long_talk):
        page, seen = html(mine, f"/messages/{long_talk.pk}"), []
        while True:
            seen = numbers(page) + seen
            link = re.search(r'href="(\?before=[^"]+)"', page)
            if link is None:
                break
            page = html(mine, f"/messages/{long_talk.pk}{link[1]}")
            assert "To the newest messages" in page
        assert seen == list(range(1, 71))

    def test_scripts_get_lines_only(self, mine, long_talk):
        first = html(mine, f"/messages/{long_talk.pk}")
        cursor = re.search(r'data-older="([^"]+)"', first)[1]
        part = html(mine, f"/messages/{long_talk.pk}/lines?before={cursor}")
        assert numbers(part) == list(range(11, 41))
        assert "<html" not in part

    def test_opens_around_a_message_that_was_found(self, mine, long_talk):
        page = html(mine, f"/messages/{long_talk.pk}?at=20")
        assert 20 in numbers(page)
        assert 70 not in numbers(page)
        assert "data-past" in page

    def test_an_address_that_makes_no_sense_shows_the_newest(self, mine, long_talk):
        assert 70 in numbers(html(mine, f"/messages/{long_talk.pk}?at=elsewhere"))


class TestNews:
    def test_brings_what_came_after_a_number_each_message_once(self, mine, me, omar, talk):
        for number in range(1, 5):
            say(talk, omar, f"Number {number}")
        part = html(mine, f"/messages/{talk.pk}/lines?after=2")
        assert numbers(part) == [3, 4]
        assert 'data-last="4"' in part
        assert numbers(html(mine, f"/messages/{talk.pk}/lines?after=4")) == []

    def test_draws_one_message_anew(self, mine, omar, talk):
        message = say(talk, omar, "Hello")
        assert said(html(mine, f"/messages/{talk.pk}/lines?only={message.pk}")) == ["Hello"]

    def test_draws_nothing_of_another_conversation(self, mine, me, talk):
        elsewhere = say(ConversationFactory(person=me), me, "Elsewhere")
        assert mine.get(f"/messages/{talk.pk}/lines?only={elsewhere.pk}").status_code == 404

    @pytest.mark.parametrize("query", ["", "after=", "after=-1", "after=x", "after=٣", "only=x"])
    def test_refuses_a_question_without_sense(self, mine, talk, query):
        assert mine.get(f"/messages/{talk.pk}/lines?{query}").status_code == 400

    def test_costs_the_same_queries_with_1_and_with_20_lines(self, mine, omar, talk):
        say(talk, omar, "One")
        with counted_queries() as one:
            html(mine, f"/messages/{talk.pk}/lines?after=0")
        for number in range(19):
            say(talk, omar, f"Number {number}")
        with counted_queries() as twenty:
            html(mine, f"/messages/{talk.pk}/lines?after=0")
        assert len(twenty) == len(one)


class TestSay:
    def test_sends_words_and_reads_what_is_there(self, mine, me, omar, talk):
        say(talk, omar, "Hello")
        response = mine.post(f"/messages/{talk.pk}/send", {"body": "Two lines\r\nof words"})
        assert response["Location"] == f"/messages/{talk.pk}"
        assert Message.objects.order_by("pk").last().body == "Two lines\nof words"
        assert side(talk, me).unread_count == 0
        assert side(talk, omar).unread_count == 1

    def test_nothing_is_not_sent(self, mine, talk):
        response = mine.post(f"/messages/{talk.pk}/send", {"body": "  "})
        assert response.status_code == 422
        assert "Write something first." in response.content.decode()
        assert not Message.objects.exists()

    def test_warns_and_sends_all_the_same_when_told_to(self, mine, talk):
        words = "Write to me at layla@example.com"
        response = mine.post(f"/messages/{talk.pk}/send", {"body": words})
        page = response.content.decode()
        assert response.status_code == 422
        assert 'name="acknowledge_warning" value="true"' in page
        assert words in page
        assert not Message.objects.exists()
        mine.post(f"/messages/{talk.pk}/send", {"body": words, "acknowledge_warning": "true"})
        assert Message.objects.get().body == words

    def test_tells_why_nobody_is_reached_and_writes_nothing(self, mine, me, omar, talk):
        BlockFactory(blocker=omar, blocked=me)
        page = html(mine, f"/messages/{talk.pk}")
        assert "This person does not take messages from you now." in page
        assert 'id="composer"' not in page
        assert mine.post(f"/messages/{talk.pk}/send", {"body": "Hello"}).status_code == 422
        assert not Message.objects.exists()

    def test_tells_the_restricted_until_when(self, mine, me, talk):
        until = timezone.now() + timedelta(days=3)
        Restriction.objects.create(user=me, kind=RestrictionKind.MESSAGE, ends_at=until)
        page = html(mine, f"/messages/{talk.pk}")
        assert "You cannot write messages until" in page
        assert 'id="composer"' not in page


class TestBegin:
    def test_strangers_sign_in_first_and_come_back(self, client, omar):
        response = client.get("/messages/new?to=omar")
        assert parse_qs(urlsplit(response["Location"]).query)["next"] == ["/messages/new?to=omar"]

    def test_shows_to_whom_and_about_what_and_writes_nothing(self, mine, omar):
        desk = ProductFactory(seller=omar, title="Walnut desk")
        page = html(mine, f"/messages/new?to=omar&product={desk.pk}")
        assert "Omar K." in page
        assert "Walnut desk" in page
        assert not Conversation.objects.exists()

    def test_the_first_words_begin_it(self, mine, me, omar):
        desk = ProductFactory(seller=omar)
        response = mine.post("/messages/new", {"to": "omar", "product": str(desk.pk), "body": "Is it still there?"})
        talk = Conversation.objects.get()
        assert response["Location"] == f"/messages/{talk.pk}"
        assert (talk.product_id, talk.started_by_id) == (desk.pk, me.pk)
        assert Message.objects.get().body == "Is it still there?"

    def test_leads_to_the_conversation_that_is_there(self, mine, talk):
        response = mine.get(f"/messages/new?to=omar&product={talk.product_id}")
        assert response["Location"] == f"/messages/{talk.pk}"

    def test_a_refusal_begins_nothing_and_keeps_the_words(self, mine, me, omar):
        BlockFactory(blocker=omar, blocked=me)
        response = mine.post("/messages/new", {"to": "omar", "body": "Hello there"})
        page = response.content.decode()
        assert response.status_code == 422
        assert "This person does not take messages from you now." in page
        assert "Hello there" in page
        assert not Conversation.objects.exists()

    def test_a_warning_begins_nothing_until_it_is_acknowledged(self, mine, omar):
        sent = {"to": "omar", "body": "Write to layla@example.com"}
        assert 'name="acknowledge_warning"' in mine.post("/messages/new", sent).content.decode()
        assert not Conversation.objects.exists()
        mine.post("/messages/new", sent | {"acknowledge_warning": "true"})
        assert Message.objects.count() == 1

    @pytest.mark.parametrize("query", ["", "?to=nobody", "?to=omar&product=01912d5e-7c3a-7b1e-9f00-2a4b6c8d0e1f"])
    def test_nobody_or_nothing_is_not_found(self, mine, omar, query):
        assert mine.get(f"/messages/new{query}").status_code == 404


class TestReport:
    def test_says_which_message_is_meant(self, mine, me, omar, talk):
        message = say(talk, omar, "Pay me elsewhere")
        response = mine.post(f"/report/conversation/{talk.pk}?message={message.pk}", {"reason": "scam"})
        report = Report.objects.get()
        assert response["Location"] == f"/me/reports/{report.pk}"
        assert (report.reporter, report.related_id) == (me, message.pk)

    @pytest.mark.parametrize("query", ["", "?message=", "?message=nonsense"])
    def test_is_about_all_of_it_where_nothing_is_named(self, mine, omar, talk, query):
        say(talk, omar, "Pay me elsewhere")
        mine.post(f"/report/conversation/{talk.pk}{query}", {"reason": "scam"})
        assert Report.objects.get().related_id is None

    def test_nothing_of_another_conversation_can_be_meant(self, mine, talk):
        elsewhere = ConversationFactory(said=1)
        sent = f"/report/conversation/{talk.pk}?message={Message.objects.get(conversation=elsewhere).pk}"
        assert mine.post(sent, {"reason": "scam"}).status_code == 422
        assert not Report.objects.exists()


class TestWaysIn:
    def test_a_listing_leads_to_its_seller(self, mine, omar):
        desk = ProductFactory(seller=omar)
        address = f"/messages/new?to=omar&amp;product={desk.pk}"
        assert address in html(mine, f"/l/{desk.pk}")

    def test_ones_own_does_not(self, client, omar):
        client.force_login(omar)
        assert "/messages/new" not in html(client, f"/l/{ProductFactory(seller=omar).pk}")

    def test_a_profile_leads_to_its_person(self, mine, omar):
        assert 'href="/messages/new?to=omar"' in html(mine, "/u/omar")
