"""For the tests of sockets: an exchange that costs no emptied database, and an app that says and understands a few things."""

import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import OperationalError
from django.utils.translation import get_language
from rest_framework import serializers

from accounts.models import User
from accounts.tests.factories import UserFactory
from conftest import running_exchange
from core.errors import NotFound, TooMany
from core.realtime import asyncapi, checking, registry
from core.realtime.testing import Exchange
from core.rest.serializers import StrictSerializer


@pytest.fixture
def exchange(committed: None) -> Iterator[Exchange]:
    yield from running_exchange()


@pytest.fixture
def person(committed: None) -> User:
    return UserFactory(username=f"person{time.time_ns()}", phone=None)


class EchoIn(StrictSerializer):
    words = serializers.CharField(max_length=10)


class NewsOut(serializers.Serializer):
    words = serializers.CharField()
    likes = serializers.IntegerField(required=False)


class RoomIn(StrictSerializer):
    room = serializers.CharField()


class TestApp:
    """What the app registered last, and what it holds for those who resume."""

    __test__ = False

    def __init__(self) -> None:
        self.stream_id = uuid.uuid4()
        self.owner: User | None = None
        self.said: list[str] = []
        self.changed_at = datetime(2026, 1, 1, tzinfo=UTC)
        self.callers: list[registry.Caller] = []
        self.may_go_on = threading.Event()

    def register(self) -> None:
        registry.announce("test:news", shape=NewsOut, stream="me", summary="News.")
        registry.announce("test:said", shape=NewsOut, stream="test:{id}", summary="Said.", numbered=True)
        registry.command("test:echo", takes=EchoIn, answers=EchoIn, summary="Say it again.", limit="3/m")(self.echo)
        registry.command("test:refuse", takes=None, summary="Refuse.")(self.refuse)
        registry.command("test:break", takes=None, summary="Fail.")(self.fail)
        registry.command("test:no-database", takes=None, summary="Lose the database.")(self.lose_database)
        registry.command("test:join", takes=RoomIn, summary="Enter a room.", limit="500/m")(self.join)
        registry.command("test:leave", takes=RoomIn, summary="Leave a room.")(self.leave)
        registry.command("test:wrong", takes=None, answers=EchoIn, summary="Answer what was not announced.")(
            self.echo_all
        )
        registry.command("test:language", takes=None, answers=EchoIn, summary="Which language is spoken?")(
            self.language
        )
        registry.command("test:wait", takes=None, summary="Wait.")(self.wait)
        registry.resumes("test")(self.missed)
        registry.changes("test")(self.changes)
        registry.newest("test")(self.newest)

    def echo(self, caller: registry.Caller, given: dict[str, Any]) -> dict[str, Any]:
        self.callers.append(caller)
        return given

    def echo_all(self, caller: registry.Caller, given: dict[str, Any]) -> dict[str, Any]:
        return {"words": "ok", "secret": "not announced"}

    def language(self, caller: registry.Caller, given: dict[str, Any]) -> dict[str, Any]:
        return {"words": get_language()}

    def refuse(self, caller: registry.Caller, given: dict[str, Any]) -> None:
        raise TooMany(retry_after=7, limit=3)

    def fail(self, caller: registry.Caller, given: dict[str, Any]) -> None:
        raise KeyError("a bug")  # noqa: EM101

    def lose_database(self, caller: registry.Caller, given: dict[str, Any]) -> None:
        raise OperationalError

    def join(self, caller: registry.Caller, given: dict[str, Any]) -> None:
        caller.join(given["room"])

    def leave(self, caller: registry.Caller, given: dict[str, Any]) -> None:
        caller.leave(given["room"])

    def wait(self, caller: registry.Caller, given: dict[str, Any]) -> None:
        self.may_go_on.wait(10)

    def missed(self, person: User, stream_id: uuid.UUID, after: int, limit: int) -> list[registry.Missed]:
        if stream_id != self.stream_id or self.owner is None or person.pk != self.owner.pk:
            raise NotFound
        rest = list(enumerate(self.said, 1))[after : after + limit]
        return [registry.Missed("test:said", seq, {"words": words}) for seq, words in rest]

    def changes(self, person: User, since: datetime) -> list[uuid.UUID]:
        return [self.stream_id] if self.changed_at > since else []

    def newest(self, person_id: uuid.UUID) -> datetime | None:
        return self.changed_at if self.owner and self.owner.pk == person_id else None


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestApp]:
    for name in ("_commands", "_announcements", "_resumers", "_changes", "_newest"):
        monkeypatch.setattr(registry, name, dict(getattr(registry, name)))
    _forget_shapes()
    made = TestApp()
    made.register()
    yield made
    made.may_go_on.set()
    _forget_shapes()


def _forget_shapes() -> None:
    asyncapi.frame_schemas.cache_clear()
    checking._validator.cache_clear()
