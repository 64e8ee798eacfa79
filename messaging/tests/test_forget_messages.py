"""Words that disappear, words that are forgotten, and cases that keep them."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.tests.factories import UserFactory
from messaging.actions import blank_old_messages, edit_message, expire_disappearing, unsend_message
from messaging.actions.personal import erase_person, export_person
from messaging.models import Message, MessageImage, MessageRevision, Participation, StreamEntry
from messaging.selectors import history, message_shape
from messaging.states import CONVERSATION_TARGET, MESSAGE_TARGET
from messaging.tests.factories import ConversationFactory, MessagePictureFactory, say, side
from moderation.actions import report_target
from moderation.models import Case

pytestmark = pytest.mark.django_db


def case_about(kind, pk, *, author, state="open"):
    return Case.objects.create(
        number=f"C-{pk.hex[-12:]}",
        kind="report",
        target_kind=kind,
        target_id=pk,
        author=author,
        state=state,
        due_at=timezone.now(),
    )


def in_days(days):
    return time_machine.travel(timezone.now() + timedelta(days=days), tick=False)


@pytest.fixture
def unsent(talk, me):
    """A message of everything that there is to forget."""
    message = say(talk, me, "Secret words", kind="image", facts={"latitude": 25.0})
    MessageImage.objects.create(
        message=message, asset=MessagePictureFactory(owner=me, attached_at=timezone.now()), position=0
    )
    unsend_message(sender=me, message_id=message.pk)
    return message


# --- disappearing -----------------------------------------------------------------------------------------------------


def test_disappears_for_both_at_its_moment(talk, me, other):
    message = say(talk, me, "For a day only", expires_at=timezone.now() + timedelta(days=1))
    assert expire_disappearing() == 0
    with in_days(1.01):
        assert message_shape(other, [message])[0]["body"] == ""  # before the sweep already
        assert expire_disappearing() == 1
        assert expire_disappearing() == 0
    stored = Message.objects.get(pk=message.pk)
    assert (stored.body, stored.folded, stored.disappeared_at is not None) == ("", "", True)
    assert StreamEntry.objects.get(seq=message.seq + 1).kind == "message:updated"
    assert MessageRevision.objects.get().body == "For a day only"
    assert len(history(other, talk.pk).items) == 3


def test_many_disappear_in_one_go(talk, me):
    for number in range(30):
        say(talk, me, f"Words {number}", expires_at=timezone.now() + timedelta(seconds=number % 3))
    elsewhere = say(ConversationFactory(person=me), me, "x", expires_at=timezone.now())
    with in_days(1):
        assert expire_disappearing() == 31
    entries = StreamEntry.objects.filter(conversation=talk).order_by("seq").values_list("seq", flat=True)
    assert list(entries) == list(range(1, 63))
    assert Message.objects.get(pk=elsewhere.pk).disappeared_at is not None


# --- forgetting -------------------------------------------------------------------------------------------------------


def test_unsent_words_are_forgotten_after_thirty_days(unsent):
    with in_days(29):
        assert blank_old_messages() == 0
        assert MessageRevision.objects.filter(body="Secret words").exists()
    with in_days(31):
        assert blank_old_messages() == 1
        assert blank_old_messages() == 0
    stored = Message.objects.get(pk=unsent.pk)
    assert (stored.body, stored.facts, stored.blanked_at is not None) == ("", {}, True)
    assert not MessageRevision.objects.exists()
    assert not MessageImage.objects.exists()
    asset = MessagePictureFactory._meta.model.objects.get()
    assert asset.attached_at is None  # media's sweep takes the file


def test_what_was_said_before_an_edit_is_forgotten_and_the_message_stays(talk, me):
    message = say(talk, me, "Old words")
    edit_message(sender=me, message_id=message.pk, body="New words")
    with in_days(31):
        assert blank_old_messages() == 1
    assert not MessageRevision.objects.exists()
    assert (Message.objects.get(pk=message.pk).body, Message.objects.get(pk=message.pk).blanked_at) == (
        "New words",
        None,
    )


def test_what_disappeared_is_forgotten_thirty_days_later(talk, me):
    say(talk, me, "For a day only", expires_at=timezone.now())
    expire_disappearing()
    with in_days(31):
        assert blank_old_messages() == 1
    assert not MessageRevision.objects.exists()


@pytest.mark.parametrize("about", ["side", "message"])
def test_an_open_case_keeps_the_words(talk, me, unsent, about):
    kind, pk = (CONVERSATION_TARGET, side(talk, me).pk) if about == "side" else (MESSAGE_TARGET, unsent.pk)
    case = case_about(kind, pk, author=me)
    with in_days(31):
        assert blank_old_messages() == 0
        assert MessageRevision.objects.filter(body="Secret words").exists()
        Case.objects.filter(pk=case.pk).update(state="decided")
        assert blank_old_messages() == 1


def test_a_case_about_another_conversation_keeps_nothing(me, unsent):
    case_about(CONVERSATION_TARGET, side(ConversationFactory(person=me), me).pk, author=me)
    with in_days(31):
        assert blank_old_messages() == 1


# --- a person's own ---------------------------------------------------------------------------------------------------


def test_the_words_of_whoever_leaves_go(talk, me, other):
    kept = say(talk, other, "Bye then")
    picture = say(talk, me, "Look", kind="image")
    asset = MessagePictureFactory(owner=me, attached_at=timezone.now())
    MessageImage.objects.create(message=picture, asset=asset, position=0)
    assert erase_person(me) == {"messages": 2, "reactions": 0}
    mine = Message.objects.filter(sender=me)
    assert {(m.body, m.folded, m.blanked_at is not None, m.unsent_at is not None) for m in mine} == {
        ("", "", True, True)
    }
    assert Message.objects.get(pk=kept.pk).body == "Bye then"
    assert not MessageImage.objects.exists()


def test_an_open_case_keeps_the_words_of_whoever_leaves_until_it_is_closed(talk, me, other):
    case = case_about(CONVERSATION_TARGET, side(talk, me).pk, author=me)
    elsewhere = say(ConversationFactory(person=me), me, "Elsewhere")
    erase_person(me)
    me.erased_at = timezone.now()
    me.save()
    assert Message.objects.get(pk=elsewhere.pk).blanked_at is not None
    assert [one["body"] for one in history(other, talk.pk).items] == ["Words 2", ""]
    assert MessageRevision.objects.get().body == "Words 1"
    assert blank_old_messages() == 0
    Case.objects.filter(pk=case.pk).update(state="dismissed")
    assert blank_old_messages() == 1
    assert not MessageRevision.objects.exists()
    assert blank_old_messages() == 0


def test_exports_what_one_reads(talk, me, other):
    say(talk, me, "", kind="location", facts={"latitude": 25.0, "longitude": 55.1, "label": "Mall"})
    Message.objects.create(conversation=talk, sender=other, kind="text", state="held", body="not for me")
    ConversationFactory(person=me)
    ConversationFactory(said=1)
    files = dict(export_person(me))
    assert len(files) == Participation.objects.filter(person=me).count() == 2
    told = files[f"messaging/{talk.pk}.json"]
    assert told["with"] == other.username
    assert [(one["by_me"], one["body"]) for one in told["messages"]] == [
        (True, "Words 1"),
        (False, "Words 2"),
        (True, ""),
    ]
    assert told["messages"][2]["location"] == {"latitude": 25.0, "longitude": 55.1, "label": "Mall"}
    assert dict(export_person(UserFactory())) == {}


@pytest.mark.parametrize(("by", "kept"), [("me", True), ("stranger", False)])
def test_a_report_that_names_a_conversation_keeps_its_words_only_for_those_who_talk(talk, me, other, by, kept):
    message = say(talk, me, "Meet me at the back door", unsent_at=timezone.now() - timedelta(days=400))
    report_target(
        reporter=me if by == "me" else UserFactory(),
        target_kind="account",
        target_id=other.pk,
        reason="harassment",
        related_id=talk.pk,
    )
    blank_old_messages()
    message.refresh_from_db()
    assert (message.blanked_at is None) is kept


def test_an_export_does_not_bring_back_what_has_disappeared(talk, me):
    say(talk, me, "Burn this", expires_at=timezone.now() - timedelta(seconds=1))
    assert "Burn this" not in str(dict(export_person(me)))
