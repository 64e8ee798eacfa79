import re
from datetime import timedelta

import pytest
from django.utils import timezone, translation

from accounts.tests.factories import UserFactory
from catalog.tests.factories import ProductFactory
from core.testing import counted_queries
from messaging.models import Participation
from messaging.tests.factories import ConversationFactory, other_of, say, side

pytestmark = pytest.mark.django_db


@pytest.fixture
def me():
    return UserFactory(username="layla")


def talk_with(me, **facts):
    return ConversationFactory(person=me, other=UserFactory(full_name="Omar Khan"), **facts)


def shown(client, me, path="/messages"):
    client.force_login(me)
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def rows(html):
    return re.findall(r'<li class="talk-row[^"]*" id="c-([0-9a-f-]+)"', html)


def test_strangers_sign_in_first_and_come_back(client):
    assert client.get("/messages")["Location"] == "/login?next=%2Fmessages"


def test_a_newcomer_is_told_where_to_begin(client, me):
    html = shown(client, me)
    assert "No messages yet" in html
    assert 'href="/"' in html


def test_shows_with_whom_about_what_and_what_was_said_last(client, me):
    talk = talk_with(me, product=ProductFactory(title="Walnut desk"))
    say(talk, me, "Is it still there?")
    say(talk, other_of(talk, me), "Yes, come by")
    html = shown(client, me)
    assert rows(html) == [str(talk.pk)]
    for words in ("Omar K.", "Walnut desk", "Yes, come by", "1 unread message"):
        assert words in html


def test_says_pictures_in_words_and_what_is_gone_too(client, me):
    talk = talk_with(me, said=1)
    message = say(talk, me, "never mind")
    message.unsent_at = timezone.now()
    message.save()
    assert "no longer there" in shown(client, me)


def test_only_conversations_of_ones_own(client, me):
    ConversationFactory(said=2)
    assert rows(shown(client, me)) == []


def test_tabs_hold_what_they_say(client, me):
    read, unread, archived = (talk_with(me, said=1) for _ in range(3))
    say(unread, other_of(unread, me), "Hello?")
    Participation.objects.filter(conversation=archived, person=me).update(archived_at=timezone.now())
    assert set(rows(shown(client, me))) == {str(read.pk), str(unread.pk)}
    assert rows(shown(client, me, "/messages?show=unread")) == [str(unread.pk)]
    assert rows(shown(client, me, "/messages?show=archived")) == [str(archived.pk)]


def test_search_finds_people_titles_and_words(client, me):
    talk = talk_with(me, product=ProductFactory(title="Walnut desk"))
    say(talk, me, "مرحبا بك")
    talk_with(me, said=0, product=ProductFactory(title="Lamp"))
    for words in ("omar", "walnut", "مرحبا"):
        assert rows(shown(client, me, f"/messages?q={words}")) == [str(talk.pk)]
    assert "Nothing found" in shown(client, me, "/messages?q=submarine")


def test_search_leads_to_the_message_itself(client, me):
    talk = talk_with(me)
    message = say(talk, me, "The walnut desk by the window")
    say(talk, me, "Something else")
    html = shown(client, me, "/messages?q=window")
    assert f'href="/messages/{talk.pk}?at={message.seq}#m-{message.pk}"' in html
    assert html.count("The walnut desk by the window") == 1


def test_continues_by_cursor_with_rows_only(client, me):
    for number in range(21):
        say(talk_with(me), me, f"Number {number}")
    html = shown(client, me)
    following = re.search(r'hx-get="([^"]+)"', html)[1].replace("&amp;", "&")
    rest = client.get(following, headers={"HX-Request": "true"}).content.decode()
    assert len(rows(html)) == 20
    assert len(rows(rest)) == 1
    assert "<html" not in rest


def test_costs_the_same_queries_with_1_and_with_20_rows(client, me):
    say(talk_with(me, product=ProductFactory()), me, "One")
    shown(client, me)
    with counted_queries() as one:
        client.get("/messages")
    for number in range(19):
        say(talk_with(me, product=ProductFactory()), me, f"Number {number}")
    with counted_queries() as twenty:
        assert len(rows(client.get("/messages").content.decode())) == 20
    assert len(twenty) == len(one)
    assert len(one) <= 10


class TestRow:
    def test_is_drawn_alone_for_its_list(self, client, me):
        talk = talk_with(me, said=1)
        html = shown(client, me, f"/messages/{talk.pk}/row?show=all")
        assert rows(html) == [str(talk.pk)]
        assert "<html" not in html

    @pytest.mark.parametrize("list_name", ["unread", "archived"])
    def test_is_nothing_where_it_is_not_of_that_list(self, client, me, list_name):
        talk = talk_with(me, said=1)
        client.force_login(me)
        assert client.get(f"/messages/{talk.pk}/row?show={list_name}").status_code == 204

    def test_of_others_is_not_found(self, client, me):
        client.force_login(me)
        assert client.get(f"/messages/{ConversationFactory(said=1).pk}/row").status_code == 404


class TestSettings:
    def test_reads_archives_and_brings_back_without_scripts(self, client, me):
        talk = talk_with(me)
        say(talk, other_of(talk, me), "Hello")
        client.force_login(me)
        client.post(f"/messages/{talk.pk}/read")
        assert side(talk, me).unread_count == 0
        assert client.post(f"/messages/{talk.pk}/archive")["Location"] == "/messages"
        assert side(talk, me).archived_at is not None
        assert client.post(f"/messages/{talk.pk}/unarchive")["Location"] == f"/messages/{talk.pk}"
        assert side(talk, me).archived_at is None

    def test_mutes_for_a_while_and_ends_it(self, client, me):
        talk = talk_with(me, said=1)
        client.force_login(me)
        client.post(f"/messages/{talk.pk}/mute", {"for": "8h"})
        muted = side(talk, me).muted_until
        assert timedelta(hours=7) < muted - timezone.now() <= timedelta(hours=8)
        client.post(f"/messages/{talk.pk}/mute", {"for": "off"})
        assert side(talk, me).muted_until is None

    def test_messages_disappear_after_what_was_chosen(self, client, me):
        talk = talk_with(me, said=1)
        client.force_login(me)
        client.post(f"/messages/{talk.pk}/disappear", {"seconds": "604800"})
        talk.refresh_from_db()
        assert talk.disappear_after == 604_800
        client.post(f"/messages/{talk.pk}/disappear", {"seconds": ""})
        talk.refresh_from_db()
        assert talk.disappear_after is None

    @pytest.mark.parametrize(("door", "sent"), [("mute", {"for": "1s"}), ("disappear", {"seconds": "5"})])
    def test_refuses_what_is_no_choice_and_changes_nothing(self, client, me, door, sent):
        talk = talk_with(me, said=1)
        client.force_login(me)
        assert client.post(f"/messages/{talk.pk}/{door}", sent).status_code == 400
        talk.refresh_from_db()
        assert talk.disappear_after is None
        assert side(talk, me).muted_until is None

    @pytest.mark.parametrize("door", ["read", "archive", "unarchive", "mute", "disappear", "send"])
    def test_strangers_find_nothing_and_change_nothing(self, client, me, door):
        talk = ConversationFactory(said=1)
        client.force_login(me)
        before = list(Participation.objects.order_by("pk").values())
        sent = {"for": "8h", "body": "Hello", "seconds": "604800"}
        assert client.post(f"/messages/{talk.pk}/{door}", sent).status_code == 404
        assert list(Participation.objects.order_by("pk").values()) == before

    @pytest.mark.parametrize("door", ["read", "archive", "unarchive", "mute", "disappear", "send"])
    def test_an_address_alone_changes_nothing(self, client, me, door):
        client.force_login(me)
        assert client.get(f"/messages/{talk_with(me, said=1).pk}/{door}").status_code == 405


class TestNumber:
    def test_every_page_counts_conversations_with_something_unread(self, client, me):
        for _ in range(2):
            talk = talk_with(me)
            say(talk, other_of(talk, me), "One")
            say(talk, other_of(talk, me), "Two")
        html = shown(client, me, "/saved")
        assert '<b class="count" data-count="messages">2</b>' in html

    def test_is_hidden_where_all_is_read(self, client, me):
        assert '<b class="count" data-count="messages" hidden>' in shown(client, me, "/saved")

    def test_nobody_counts_for_strangers(self, client):
        html = client.get("/").content.decode()
        assert "data-count" not in html
        assert "counts.js" not in html
        assert "data-person" not in html


def test_speaks_arabic_from_right_to_left(client, me):
    talk_with(me, said=1)
    client.cookies["django_language"] = "ar"
    with translation.override("ar"):
        assert 'dir="rtl"' in shown(client, me)


@pytest.mark.parametrize("q", ["Omar%00", "%00"])
def test_what_no_text_can_hold_is_left_out_of_a_search(client, me, q):
    talk = talk_with(me, said=1)
    assert rows(shown(client, me, f"/messages?q={q}")) == [str(talk.pk)]
