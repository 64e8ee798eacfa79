"""Saved searches, made by the action that people make them by."""

from typing import Any

from accounts.models import User
from accounts.tests.factories import UserFactory
from search.actions import save_search
from search.models import SavedSearch
from search.selectors import Asked
from search.states import AlertFrequency


def saved(
    *, user: User | None = None, alerts: str = AlertFrequency.AT_ONCE, name: str = "", **asked: Any
) -> SavedSearch:
    """`asked` as `Asked` has it."""
    return save_search(user=user or UserFactory(), asked=Asked(**asked), name=name, alerts=alerts)
