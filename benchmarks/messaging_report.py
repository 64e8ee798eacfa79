"""What the messages' benchmark found, in words and tables."""

import argparse
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from benchmarks.report import machine

P95_TIMES = 3.0  # F8 of the targets


@dataclass(frozen=True)
class Cell:
    """One measurement. Latencies in milliseconds from sending to receipt at the other's socket."""

    p50: float
    p95: float
    rate: float  # accepted a second
    received: int
    errors: int  # refused, or not received within ten seconds
    cpu: float  # milliseconds of processor for a message: servers, Redis and database, not the clients

    def __str__(self) -> str:
        return f"{self.rate:7.1f}/s  {self.p50:.1f}/{self.p95:.1f} ms  {self.cpu:.2f} ms CPU  {self.errors} errors"


@dataclass(frozen=True)
class Facts:
    cells: dict[str, list[Cell]]
    frame_bytes: int
    ack_bytes: int


_HOW = """Repeat: `./souk bench messaging`. {pairs} pairs, all {people} connected to one realtime process over its unix socket
(without nginx); clients, servers, Redis and PostgreSQL share the machine. *Socket*: `message:send` over the sender's socket. *API*:
`POST …/messages` to granian, 2 workers. *Echo*: a bare asyncio server on the same websocket library, client and Redis, which
publishes a frame of the same size ({frame} bytes; acknowledgement {ack}) to the other's socket and keeps nothing. Steady: {rate:g}
messages a second from everybody in turn, whatever comes back. Saturated: one of each pair sends the next as soon as the last was
accepted, so the latency there is mostly the queue. Each measured {rounds} times for {seconds:g} s, in turns; the median stands.
Latency: from sending to receipt at the other's socket, milliseconds, p50/p95. CPU: of servers, Redis and database for one message;
unlike rates it holds, more or less, on a machine that others use too. Rate limits are off.
"""


def write(facts: Facts, asked: argparse.Namespace) -> None:
    text = _text(facts, asked)
    print(text)
    if not asked.quick:
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        asked.out.write_text(text + "\n")
        print(f"written to {asked.out}", file=sys.stderr)


def _text(facts: Facts, asked: argparse.Namespace) -> str:
    found = {name: _middle(cells) for name, cells in facts.cells.items()}
    how = _HOW.format(
        pairs=asked.pairs,
        people=2 * asked.pairs,
        frame=facts.frame_bytes,
        ack=facts.ack_bytes,
        rate=asked.rate,
        rounds=asked.rounds,
        seconds=asked.seconds,
    )
    lines = [
        "# Messages, measured\n",
        f"{datetime.now(tz=UTC):%d %B %Y}, {machine()}. {asked.note}".strip() + "\n",
        how,
        "| | accepted a second | p50/p95 | p95 times the echo's | CPU ms a message | errors |",
        "|---|---|---|---|---|---|",
    ]
    for name, cell in found.items():
        floor = found[f"echo, {name.partition(', ')[2]}"]
        times = "" if cell is floor else f"{cell.p95 / floor.p95:.1f}"
        lines.append(
            f"| {name} | {cell.rate:,.0f} | {cell.p50:.1f}/{cell.p95:.1f} | {times} | {cell.cpu:.2f} | {cell.errors} |"
        )
    return "\n".join([*lines, "\n## Against the target\n", _verdict(found)])


def _middle(cells: list[Cell]) -> Cell:
    return Cell(
        p50=median(c.p50 for c in cells),
        p95=median(c.p95 for c in cells),
        rate=median(c.rate for c in cells),
        received=sum(c.received for c in cells),
        errors=sum(c.errors for c in cells),
        cpu=median(c.cpu for c in cells),
    )


def _verdict(found: dict[str, Cell]) -> str:
    floor = found["echo, steady"].p95
    over = {name: found[name].p95 / floor for name in ("socket, steady", "api, steady")}
    met = all(times <= P95_TIMES for times in over.values())
    said = "; ".join(f"{name} {found[name].p95:.1f} ms, {times:.1f} times" for name, times in over.items())
    return (
        f"- **{'met' if met else 'missed'}** · F8: from sending to receipt, p95 is at most {P95_TIMES:g} times a raw echo's over "
        f"the same Redis ({floor:.1f} ms): {said}."
    )
