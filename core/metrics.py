"""`/metrics` for Prometheus: request counts of all web workers, and the depth of our own queues.

Whoever can read it learns how busy the place is, so nginx answers it to the machine itself only.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from core.models import Delivery, DeliveryState, Heartbeat


class OurQueues(Collector):
    """Asked at each scrape, from the database, so that it is true whichever worker answers."""

    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        yield gauge("souk_deliveries", "Outbox deliveries that are not done", "state", self._deliveries())
        oldest = Delivery.objects.filter(state=DeliveryState.PENDING).aggregate(due=Min("due_at"))["due"]
        yield GaugeMetricFamily(
            "souk_deliveries_overdue_seconds", "How long the oldest delivery has been due", value=_age(oldest, now)
        )
        hearts = {name: _age(at, now) for name, at in Heartbeat.objects.values_list("name", "beat_at")}
        yield gauge("souk_heartbeat_age_seconds", "Time since a process proved that it works", "name", hearts)

    def _deliveries(self) -> dict[str, float]:
        open_states = (DeliveryState.PENDING, DeliveryState.PARKED)
        counted = Delivery.objects.filter(state__in=open_states).values_list("state").annotate(n=Count("id"))
        return {str(state): 0.0 for state in open_states} | {state: float(n) for state, n in counted}


_collectors: list[Collector] = [OurQueues()]


def register_collector(collector: Collector) -> None:
    """An app's own metrics, asked of the database at each scrape."""
    _collectors.append(collector)


def gauge(name: str, text: str, label: str, values: dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _age(at: datetime | None, now: datetime) -> float:
    """Seconds; 0 for what has not come yet."""
    return max((now - at).total_seconds(), 0.0) if at else 0.0


def metrics(_request: HttpRequest) -> HttpResponse:
    registry = CollectorRegistry()
    for collector in _collectors:
        registry.register(collector)
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # all processes write there; one answers for all
        _forget_the_dead(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
        MultiProcessCollector(registry)
        body = generate_latest(registry)
    else:
        body = generate_latest(registry) + generate_latest(REGISTRY)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)


def _forget_the_dead(folder: Path) -> None:
    """What a process that was killed counted as living (its open sockets) lives no more."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = int(re.sub(r"\D", "", file.stem.rpartition("_")[2]) or 0)
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            with suppress(FileNotFoundError):  # another worker was quicker
                mark_process_dead(pid, path=str(folder))
        except PermissionError:
            pass  # it lives, as somebody else
