import pytest

from core.models import OutboxEvent
from messaging import ports
from messaging.models import Conversation, Message, MessageRevision, Participation, Reaction, StreamEntry
from messaging.tests.factories import ConversationFactory, other_of


@pytest.fixture
def talk():
    return ConversationFactory(said=2)


@pytest.fixture
def me(talk):
    """Who began it."""
    return talk.started_by


@pytest.fixture
def other(talk, me):
    return other_of(talk, me)


def whole_world():
    tables = (Conversation, Participation, Message, MessageRevision, Reaction, StreamEntry)
    return [list(table.objects.order_by("pk").values()) for table in tables] + [OutboxEvent.objects.count()]


@pytest.fixture
def refuses():
    """A call is refused, and nothing in the database is another than before."""

    def check(refusal, call, **asked):
        before = whole_world()
        with pytest.raises(refusal) as refused:
            call(**asked)
        assert whole_world() == before
        return refused.value

    return check


class Cards(dict):
    """What the cards of a test show, by reference; `asked`: how often somebody had them drawn."""

    asked = 0

    def draw(self, viewer, references):
        self.asked += 1
        return {one: self[one] | {"for": str(viewer.pk)} for one in references if one in self}

    def line(self, reference):
        return f"Offer: {self[reference]['amount']}"


@pytest.fixture
def cards(monkeypatch):
    """Cards of the kind `offer`, drawn by the test instead of by the app above."""
    drawn = Cards()
    monkeypatch.setattr(ports, "_renderers", {"offer": drawn.draw})
    monkeypatch.setattr(ports, "_lines", {"offer": drawn.line})
    return drawn
