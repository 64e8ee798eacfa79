"""What a thing of the demo city is: its words, its price range, its facts and how it is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.art.scenes import Subject


@dataclass(frozen=True)
class Thing:
    """One believable thing.

    `low` and `high` are whole dirhams, from much used to new; `facts` hold for every piece of it.
    """

    en: str
    ar: str
    low: int
    high: int
    brand: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """Things of one sort: a category, a drawing, how often they are offered (`weight`), facts that differ from piece
    to piece.

    `rare` kinds are left out of a small city, so that its pictures stay few.
    """

    key: str
    category: str
    subject: Subject
    weight: int
    things: tuple[Thing, ...]
    choices: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    rare: bool = False
