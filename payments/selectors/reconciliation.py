"""What the provider's books and ours do not agree on, and what follows from it."""

from collections import defaultdict

from django.conf import settings

from core.money import Money
from payments.models import ReconciliationBreak
from payments.states import BreakState


def unexplained() -> dict[str, int]:
    """How much nobody has explained yet, in minor units by currency: what is missing and what is too much do not cancel out."""
    sums: dict[str, int] = defaultdict(int)
    for currency, expected, found in ReconciliationBreak.objects.filter(state=BreakState.OPEN).values_list(
        "currency", "expected_minor", "found_minor"
    ):
        sums[currency] += abs((found or 0) - (expected or 0))
    return {currency: amount for currency, amount in sums.items() if amount}


def payouts_are_stopped() -> bool:
    """More is unexplained than the operator tolerates: nobody is paid out until somebody has looked."""
    limit = settings.PAYMENTS["unexplained_limit"]
    return any(amount > Money.parse(limit, currency).minor for currency, amount in unexplained().items())


def open_breaks() -> list[ReconciliationBreak]:
    """What nobody has explained yet, oldest first."""
    return list(ReconciliationBreak.objects.filter(state=BreakState.OPEN).order_by("found_at", "pk"))
