"""Values written into statements, so that the planner sees them: how rare a word is decides which way to walk."""

from typing import Any

from psycopg import sql


def literal(value: Any) -> str:
    """A value as SQL. Text is quoted by psycopg; nothing else of a reader's stands in a statement."""
    return sql.Literal(value).as_string()
