"""Many people at once: real threads with real connections against one PostgreSQL."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections

from core.errors import Refusal


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Start all calls at the same moment, each in a thread with a connection of its own; their answers or exceptions, in order."""
    start = threading.Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def run(number: int, call: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=30)
            answers[number] = call()
        except Exception as error:  # noqa: BLE001 - the test looks at what came of each
            answers[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n, call)) for n, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def done_or_refused(*calls: Callable[[], Any]) -> list[Any]:
    """The same where nothing but a refusal may come in the place of an answer: anything else is raised."""
    answers = at_once(calls)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, Refusal):
            raise answer
    return answers
