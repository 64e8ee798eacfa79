"""What operators watch of money: parts of `/readyz`, and metrics."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone
from prometheus_client import Metric
from prometheus_client.registry import Collector

from core.metrics import gauge
from core.models import Heartbeat
from payments.selectors.audit import cover
from payments.selectors.payouts import is_payout_late, payout_standing, refunds_waiting
from payments.selectors.reconciliation import payouts_are_stopped

PROVEN = "ledger audit"  # the heartbeat of a night in which the ledger held
PROVEN_EVERY = timedelta(hours=26)


def payouts_health() -> str:
    if payouts_are_stopped():
        return "stopped"
    return "late" if is_payout_late(at=timezone.now()) else "ok"


def ledger_health() -> str:
    """Whether the ledger held when it was last looked at, which is every night."""
    long_ago = timezone.now() - PROVEN_EVERY
    return "not proven" if Heartbeat.objects.filter(name=PROVEN, beat_at__lt=long_ago).exists() else "ok"


class OurMoney(Collector):
    """Amounts in minor units. The cover is what lies at the provider beyond what is owed; below zero it is our own loss."""

    def collect(self) -> Iterator[Metric]:
        standing = payout_standing(at=timezone.now())
        counts = {state: float(count) for state, count in standing.counts.items()}
        yield gauge("souk_payouts", "Payouts that are not over", "state", counts)
        yield gauge("souk_payouts_late", "Payouts that should have gone", "kind", {"all": float(len(standing.late))})
        yield gauge(
            "souk_refunds_waiting", "Refunds without their second person", "kind", {"all": float(refunds_waiting())}
        )
        covered = {currency: float(minor) for currency, minor in cover().items()}
        yield gauge("souk_ledger_cover_minor", "Money at the provider beyond what is owed", "currency", covered)
