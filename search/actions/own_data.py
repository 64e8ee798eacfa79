"""A person's own searches: to take along, and to be forgotten."""

from collections.abc import Iterator
from typing import Any

from accounts.models import User
from search.actions import history, saving


def export_person(user: User) -> Iterator[tuple[str, Any]]:
    yield from history.export_person(user)
    yield from saving.export_person(user)


def erase_person(user: User) -> dict[str, int]:
    return history.erase_person(user) | saving.erase_person(user)
