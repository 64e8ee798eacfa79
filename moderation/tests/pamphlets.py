"""A kind of content that moderation has never heard of: a table of its own and one class. Nothing in `moderation` knows it."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.models import User
from core.errors import NotFound
from core.geo import LatLng
from core.ids import uuid7
from core.money import Money
from moderation.models import Decision
from moderation.states import ReportReason
from moderation.targets import Look, Outcome

TABLE = """
CREATE TABLE IF NOT EXISTS test_pamphlet (
    id uuid PRIMARY KEY, author_id uuid NOT NULL, title text NOT NULL, body text NOT NULL, price bigint NOT NULL,
    revision integer NOT NULL DEFAULT 1, shown boolean NOT NULL DEFAULT true, removed boolean NOT NULL DEFAULT false
)
"""

APPROVE = Outcome("approve", "Approve", key="a", tone="good", needs_reason=False)
NO_ACTION = Outcome("no_action", "No action", key="a", tone="good", needs_reason=False, report_action="no_action")
WARN = Outcome("warn", "Warn", key="w", report_action="warn_user")
REMOVE = Outcome("remove", "Remove", key="r", tone="strong", report_action="remove_content")
LOCK_UP = Outcome("lock_up", "Lock up", key="l", tone="strongest", takes_days=True)


def ask(statement: str, *parameters: Any) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


@dataclass(frozen=True)
class Pamphlet:
    id: uuid.UUID
    author: User

    @property
    def row(self) -> dict[str, Any]:
        names = ("title", "body", "price", "revision", "shown", "removed")
        values = ask("SELECT title, body, price, revision, shown, removed FROM test_pamphlet WHERE id = %s", self.id)[0]
        return dict(zip(names, values, strict=True))

    def edit(self, body: str) -> None:
        ask("UPDATE test_pamphlet SET body = %s, revision = revision + 1 WHERE id = %s", body, self.id)

    def tear_up(self) -> None:
        ask("DELETE FROM test_pamphlet WHERE id = %s", self.id)


def write_pamphlet(
    author: User, *, title: str = "Bread for all", body: str = "Cash only.", price: int = 295000
) -> Pamphlet:
    pk = uuid7()
    ask(
        "INSERT INTO test_pamphlet (id, author_id, title, body, price) VALUES (%s, %s, %s, %s, %s)",
        pk, author.pk, title, body, price,
    )  # fmt: skip
    return Pamphlet(pk, author)


class PamphletTarget:
    kind = "pamphlet"
    label = "pamphlet"
    template = ""
    reasons = (ReportReason.SCAM, ReportReason.SPAM, ReportReason.PROHIBITED_ITEM, ReportReason.OTHER)

    def outcomes(self, *, case_kind: str) -> tuple[Outcome, ...]:
        return (APPROVE if case_kind == "review" else NO_ACTION, WARN, REMOVE, LOCK_UP)

    def lock(self, pk: uuid.UUID) -> int:
        rows = ask("SELECT revision FROM test_pamphlet WHERE id = %s FOR UPDATE", pk)
        if not rows:
            raise NotFound
        return rows[0][0]

    def look(self, pk: uuid.UUID) -> Look:
        rows = ask("SELECT author_id, title, body, price, revision FROM test_pamphlet WHERE id = %s", pk)
        if not rows:
            raise NotFound
        author_id, title, body, price, revision = rows[0]
        return Look(
            title=title,
            author=User.objects.get(pk=author_id),
            revision=revision,
            at_risk=Money(price, "AED"),
            content={"title": title, "body": body, "price": price},
            labels={"body": "Words"},
            place=LatLng(25.08, 55.14).snapped(),
            place_name="Dubai Marina",
        )

    def hide(self, pk: uuid.UUID) -> dict[str, Any]:
        shown = ask("SELECT shown FROM test_pamphlet WHERE id = %s", pk)[0][0]
        ask("UPDATE test_pamphlet SET shown = false WHERE id = %s", pk)
        return {"shown": shown}

    def apply(self, pk: uuid.UUID, decision: Decision) -> dict[str, Any]:
        if decision.outcome not in ("remove", "lock_up"):
            return {}
        ask("UPDATE test_pamphlet SET removed = true WHERE id = %s", pk)
        return {"removed": False}

    def undo(self, pk: uuid.UUID, inverse: dict[str, Any]) -> None:
        shown, removed = inverse.get("shown"), inverse.get("removed")
        ask(
            "UPDATE test_pamphlet SET shown = coalesce(%s, shown), removed = coalesce(%s, removed) WHERE id = %s",
            shown, removed, pk,
        )  # fmt: skip

    def preview(self, pk: uuid.UUID, outcome: str) -> str:
        return f"Undoing {outcome} brings the pamphlet back."
