"""What messaging asks of the apps above it: how to draw a card that stands in a conversation."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accounts.models import User

# (viewer, references) -> {reference: what the card shows to this viewer, as JSON}; one query however many there are
CardRenderer = Callable[["User", Sequence[uuid.UUID]], Mapping[uuid.UUID, dict[str, Any]]]
# (reference, language) -> a line for lists and push messages: "Offer: AED 450"
CardLine = Callable[[uuid.UUID], str]

_renderers: dict[str, CardRenderer] = {}
_lines: dict[str, CardLine] = {}


def register_card(kind: str, *, renderer: CardRenderer, line: CardLine) -> None:
    """Called from an app's `apps.py`: messages of this kind are cards that the app draws."""
    _renderers[kind] = renderer
    _lines[kind] = line


def cards(kind: str, viewer: "User", references: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, dict[str, Any]]:
    """What the cards of one kind show; nothing for kinds that nobody draws."""
    renderer = _renderers.get(kind)
    return renderer(viewer, references) if renderer and references else {}


def card_line(kind: str, reference: uuid.UUID) -> str:
    line = _lines.get(kind)
    return line(reference) if line else ""
