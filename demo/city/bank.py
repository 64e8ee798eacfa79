"""The payment provider's side of the past: the simulator that stands in for it, with its clock set back."""

import json
import time
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

TRANSIT = timedelta(days=2).total_seconds()  # of a payout, so that one is still on its way when the city opens
CLOSE_ENOUGH = 1.0  # seconds


class Bank:
    """A simulator in which nothing has happened yet. It tells nobody of what happens meanwhile: the city hears it as it asks."""

    def __init__(self, address: str) -> None:
        self._address = urlsplit(address)
        self._behind = 0.0  # seconds, of everybody else
        self._terms: dict[str, Any] = {}
        self._webhooks: list[dict[str, Any]] = []

    @classmethod
    def open(cls, *, since: datetime) -> "Bank | None":
        """Set the simulator's clock back to `since`. None: no simulator answers, or it has a past already."""
        address = settings.STRIPE["api_base"]
        bank = cls(address)
        if not address or not bank._begins(time.time() - since.timestamp()):
            return None
        bank._terms = bank._ask("POST", "terms", {})
        bank._ask("POST", "terms", {"payout_standard_after": TRANSIT})
        bank._webhooks = bank._ask("GET", "webhooks")["webhooks"]
        for webhook in bank._webhooks:
            bank._ask("POST", "webhooks", webhook | {"enabled": False})
        return bank

    def wait_until(self, moment: datetime) -> None:
        """Let its time pass too."""
        ahead = moment.timestamp() - (time.time() - self._behind)
        if ahead > CLOSE_ENOUGH:
            self._behind = time.time() - self._ask("POST", "clock", {"advance": ahead})["time"]

    def admit(self, account_id: str) -> None:
        """A seller has told the provider everything on its pages."""
        self._ask("POST", f"accounts/{account_id}", {"outcome": "complete"})

    def close(self) -> None:
        """It is now there too, and it rings again when something happens."""
        self._ask("POST", "clock", {"advance": max(0.0, self._behind)})
        self._ask("POST", "terms", {"payout_standard_after": self._terms["payout_standard_after"]})
        for webhook in self._webhooks:
            self._ask("POST", "webhooks", webhook)

    def _begins(self, ago: float) -> bool:
        try:
            began = "time" in self._ask("POST", "clock", {"begin_ago": ago}, may_refuse=True)
        except (OSError, HTTPException):
            return False
        self._behind = ago
        return began

    def _ask(
        self, method: str, path: str, asked: dict[str, Any] | None = None, *, may_refuse: bool = False
    ) -> dict[str, Any]:
        line = HTTPConnection(self._address.hostname or "", self._address.port, timeout=30)
        try:
            line.request(method, f"/_sim/{path}", json.dumps(asked or {}) if method == "POST" else None)
            answer = line.getresponse()
            said: dict[str, Any] = json.loads(answer.read() or b"{}")
        finally:
            line.close()
        if answer.status != 200 and not may_refuse:
            msg = f"The simulator refused {method} {path}: {said}"
            raise RuntimeError(msg)
        return said
