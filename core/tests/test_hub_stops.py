"""What is told to stop stops, whatever it waits for."""

import asyncio
import threading

import pytest

from conftest import running_exchange
from core.realtime.hub import wait_within
from core.realtime.presence import Presence
from core.tests.callers import bearer_of


@pytest.mark.parametrize("turns", range(4))
def test_news_in_the_instant_of_a_cancellation_do_not_undo_it(turns):
    async def cancelled_beside_the_news() -> bool:
        news = asyncio.Event()
        waiting = asyncio.get_running_loop().create_task(wait_within(news, 5.0))
        await asyncio.sleep(0.01)
        news.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        was_accepted = waiting.cancel()
        await asyncio.wait([waiting])
        return waiting.cancelled() == was_accepted

    assert asyncio.run(cancelled_beside_the_news())


@pytest.mark.usefixtures("committed")
def test_a_hub_stops_although_a_library_kept_a_cancellation_to_itself(person, monkeypatch):
    begun, kept = threading.Event(), threading.Event()

    async def departed(_self: Presence) -> list[object]:
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            if kept.is_set():
                raise
            kept.set()
        return []

    monkeypatch.setattr(Presence, "departed", departed)
    exchanges = running_exchange()
    exchange = next(exchanges)
    exchange.open(headers=bearer_of(person)).hear("ready")
    assert begun.wait(5)
    next(exchanges, None)
    assert kept.is_set()
    assert exchange.loop.is_closed()
