import pytest
from django.core.cache import cache

from accounts.actions import restrict_person
from accounts.errors import Restricted
from accounts.states import RestrictionKind
from accounts.tests.factories import BlockFactory, UserFactory
from core.cache import ForgivingRedisCache
from messaging.actions import begin_typing, is_typing, stop_typing
from messaging.actions.hints import TYPING_FOR
from messaging.errors import CannotBeReached, ConversationNotFound

pytestmark = pytest.mark.django_db


def typing(talk, person):
    return is_typing(person_id=person.pk, conversation_id=talk.pk)


def test_is_known_for_five_seconds_and_until_stopped(talk, me, other):
    begin_typing(person=me, conversation_id=talk.pk)
    assert typing(talk, me)
    assert not typing(talk, other)
    key = cache.make_key(f"typing:{talk.pk}:{me.pk}")
    assert 0 < cache._cache.get_client(key).ttl(key) <= TYPING_FOR == 5
    stop_typing(person=me, conversation_id=talk.pk)
    assert not typing(talk, me)


def test_nothing_fails_without_redis(talk, me, monkeypatch):
    monkeypatch.setattr(ForgivingRedisCache, "away_until", float("inf"))
    begin_typing(person=me, conversation_id=talk.pk)
    stop_typing(person=me, conversation_id=talk.pk)
    assert not typing(talk, me)


def test_refuses_strangers_the_blocked_and_the_restricted(talk, me, other, refuses):
    for call in (begin_typing, stop_typing):
        refuses(ConversationNotFound, call, person=UserFactory(), conversation_id=talk.pk)
    restrict_person(user=other, kind=RestrictionKind.MESSAGE, reason_en="", reason_ar="")
    refuses(Restricted, begin_typing, person=other, conversation_id=talk.pk)
    BlockFactory(blocker=other, blocked=me)
    refuses(CannotBeReached, begin_typing, person=me, conversation_id=talk.pk)
    assert not typing(talk, me)
