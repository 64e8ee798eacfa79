"""The listings of hits: which of them this viewer may see and which still match, and their cards, in one statement."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.translation import get_language

from catalog.selectors import CARD_JOINS_SQL, CARD_KEYS, CARD_SELECT_SQL, Viewer
from catalog.shapes import product_card
from search.engines.literals import Bound
from search.ports import Question
from search.selectors.highlights import excerpt, marked, wanted
from search.selectors.statements import WITH_SELLERS, metres, seen_rows


@dataclass
class Listings:
    """What was asked about hits, each once. Without `with_cards` only whether they are there."""

    question: Question
    viewer: Viewer
    with_cards: bool = True
    asked: set[uuid.UUID] = field(default_factory=set)
    _rows: dict[uuid.UUID, Sequence[Any]] = field(default_factory=dict)

    def lacks(self, pk: uuid.UUID) -> bool:
        """Whether it is known that this one is not for the viewer, or does not match any more."""
        return pk in self.asked and pk not in self._rows

    def ask_about(self, ids: Iterable[uuid.UUID]) -> None:
        new = [pk for pk in ids if pk not in self.asked]
        self.asked.update(new)
        viewer_id = self.viewer.pk if self.viewer is not None else None
        say = Bound()
        columns, joins = "p.id", WITH_SELLERS
        if self.with_cards:
            columns = f"p.id, p.description, {metres(self.question.place, 'p', say)}, {CARD_SELECT_SQL}"
            joins = CARD_JOINS_SQL
        statement = seen_rows(self.question, new, viewer_id=viewer_id, columns=columns, joins=joins, say=say)
        with connection.cursor() as cursor:
            cursor.execute(statement, {**say.values, "viewer": viewer_id})
            self._rows.update((row[0], row[1:]) for row in cursor.fetchall())

    def cards(self, ids: Iterable[uuid.UUID]) -> list[dict[str, Any]]:
        """As a reader gets them, with what was looked for marked in their texts."""
        language, lexemes = get_language(), wanted(self.question.groups)
        found = []
        for description, far, *values in (self._rows[pk] for pk in ids):
            row = dict(zip(CARD_KEYS, values, strict=True))
            card = product_card(row, origin=self.question.place, metres=far, language=language)
            card["highlights"] = {
                "title": marked(row["title"], lexemes),
                "description": excerpt(description, lexemes) if lexemes else [],
            }
            found.append(card)
        return found
