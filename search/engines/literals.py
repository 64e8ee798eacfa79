"""Two ways to write a value into a statement."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from psycopg import sql

Say = Callable[[Any, str], str]  # a value and its type, as SQL


def literal(value: Any) -> str:
    """A value as SQL, for the planner to see. Text is quoted by psycopg; nothing else of a reader's stands in a statement."""
    return sql.Literal(value).as_string()


def said(value: Any, kind: str) -> str:
    """A literal with its type."""
    return f"{literal(value)}::{kind}"


@dataclass
class Bound:
    """Values that are sent beside a statement, whose text therefore stays the same: PostgreSQL plans it once a connection."""

    values: dict[str, Any] = field(default_factory=dict)

    def __call__(self, value: Any, kind: str) -> str:
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"%({name})s::{kind}"
