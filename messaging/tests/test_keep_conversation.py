from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import BlockFactory, UserFactory
from messaging import errors
from messaging.actions import (
    archive_conversation,
    keep_conversation,
    mute_conversation,
    send_message,
    set_disappearing,
    unarchive_conversation,
)
from messaging.models import Conversation
from messaging.selectors import conversation_shape, inbox
from messaging.tests.factories import side

pytestmark = pytest.mark.django_db
FOR_GOOD = datetime(9999, 1, 1, tzinfo=UTC)


def ids(page):
    return [one["id"] for one in page.items]


def test_is_put_away_for_one_and_taken_out_again(talk, me, other):
    archive_conversation(person=me, conversation_id=talk.pk)
    assert (ids(inbox(me)), ids(inbox(me, "archived")), ids(inbox(other))) == ([], [str(talk.pk)], [str(talk.pk)])
    assert conversation_shape(me, talk.pk)["is_archived"] is True
    unarchive_conversation(person=me, conversation_id=talk.pk)
    assert (ids(inbox(me)), ids(inbox(me, "archived"))) == ([str(talk.pk)], [])


def test_putting_away_twice_keeps_the_first_moment(talk, me):
    first = archive_conversation(person=me, conversation_id=talk.pk).archived_at
    assert archive_conversation(person=me, conversation_id=talk.pk).archived_at == first


def test_is_muted_until_a_moment_or_for_good(talk, me, other):
    mute_conversation(person=me, conversation_id=talk.pk, until=FOR_GOOD)
    assert conversation_shape(me, talk.pk)["muted_until"] == FOR_GOOD
    assert conversation_shape(other, talk.pk)["muted_until"] is None
    mute_conversation(person=me, conversation_id=talk.pk, until=timezone.now() - timedelta(seconds=1))
    assert conversation_shape(me, talk.pk)["muted_until"] is None
    mute_conversation(person=me, conversation_id=talk.pk, until=None)
    assert side(talk, me).muted_until is None


def test_new_messages_disappear_and_both_are_told(talk, me, other):
    set_disappearing(person=me, conversation_id=talk.pk, seconds=604_800)
    assert conversation_shape(other, talk.pk)["disappear_after"] == 604_800
    assert conversation_shape(other, talk.pk)["last_message"]["excerpt"] == "New messages disappear after 7 days."
    message = send_message(sender=other, conversation_id=talk.pk, body="Hello")
    assert message.expires_at == message.sent_at + timedelta(days=7)
    set_disappearing(person=other, conversation_id=talk.pk, seconds=None)
    assert send_message(sender=other, conversation_id=talk.pk, body="Hello again").expires_at is None


def test_the_same_term_again_says_nothing(talk, me):
    set_disappearing(person=me, conversation_id=talk.pk, seconds=86_400)
    before = Conversation.objects.get(pk=talk.pk).last_seq
    set_disappearing(person=me, conversation_id=talk.pk, seconds=86_400)
    assert Conversation.objects.get(pk=talk.pk).last_seq == before


def test_refuses_other_terms_strangers_and_the_blocked(talk, me, other, refuses):
    refuses(errors.UnknownTerm, set_disappearing, person=me, conversation_id=talk.pk, seconds=60)
    stranger = UserFactory()
    refuses(errors.ConversationNotFound, set_disappearing, person=stranger, conversation_id=talk.pk, seconds=86_400)
    for call in (archive_conversation, unarchive_conversation):
        refuses(errors.ConversationNotFound, call, person=stranger, conversation_id=talk.pk)
    refuses(errors.ConversationNotFound, mute_conversation, person=stranger, conversation_id=talk.pk, until=FOR_GOOD)
    BlockFactory(blocker=me, blocked=other)
    refuses(errors.CannotBeReached, set_disappearing, person=other, conversation_id=talk.pk, seconds=86_400)


def test_several_at_once_are_all_or_none(talk, me, refuses):
    keep_conversation(person=me, conversation_id=talk.pk, is_archived=True, muted_until=FOR_GOOD)
    assert (side(talk, me).archived_at is not None, side(talk, me).muted_until) == (True, FOR_GOOD)
    refuses(
        errors.UnknownTerm, keep_conversation, person=me, conversation_id=talk.pk, muted_until=None, disappear_after=60
    )
    keep_conversation(person=me, conversation_id=talk.pk, is_archived=False)
    assert (side(talk, me).archived_at, side(talk, me).muted_until) == (None, FOR_GOOD)
