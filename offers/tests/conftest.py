from collections.abc import Callable, Iterator

import pytest

from core.models import OutboxEvent
from messaging.models import Message, StreamEntry
from moderation.models import ModerationSettings
from moderation.selectors import forget_settings
from moderation.states import PreModeration
from offers.models import Offer


@pytest.fixture
def news() -> Callable[[], list[str]]:
    """The names of what was published, in order."""
    return lambda: list(OutboxEvent.objects.order_by("id").values_list("name", flat=True))


@pytest.fixture
def entries() -> Callable[[Offer], list[str]]:
    """What the conversation's log says about the card of an offer."""

    def of(offer: Offer) -> list[str]:
        card = Message.objects.get(reference=offer.pk)
        return list(StreamEntry.objects.filter(message=card).order_by("seq").values_list("kind", flat=True))

    return of


@pytest.fixture
def premoderation_off(db: None) -> Iterator[None]:
    ModerationSettings.objects.update_or_create(pk=1, defaults={"pre_moderation": PreModeration.OFF})
    forget_settings()
    yield
    forget_settings()
