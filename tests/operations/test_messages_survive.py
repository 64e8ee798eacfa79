"""Messages on real servers that are cut off, killed, emptied and stopped: nothing is lost, nothing comes twice, nobody waits long.

`./souk test` runs small numbers, `./souk test --full` those of docs/realtime.md.
"""

import asyncio
import contextlib
import json
import random
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

import pytest

from benchmarks.talkers import Talker
from tests.operations.clients import App
from tests.operations.town import Town
from tests.operations.town import town as make_town

WORDS = (
    "salam",
    "the chair",
    "is still here",
    "come by",
    "after sunset",
    "it fits",
    "in a small car",
    "قهوة",
    "أم شاي",
)
pytestmark = pytest.mark.django_db  # for the database that the town's is a copy of
full = pytest.mark.full


@pytest.fixture(scope="module")
def town(django_db_setup, django_db_blocker) -> Iterator[Town]:
    with django_db_blocker.unblock(), make_town() as found:
        yield found


@dataclass(frozen=True)
class Storm:
    """So many people, two in a conversation, who say so much in all; each loses the line every 0.2 to 2 seconds."""

    people: int
    messages: int
    seconds: int  # it may take, on a machine that has other things to do
    resumes: bool = True


# --- many, cut off, on servers that die ------------------------------------------------------------------------------


@pytest.mark.parametrize("storm", [Storm(12, 400, 120), pytest.param(Storm(50, 5_000, 900), marks=full)])
def test_every_message_arrives_once_and_in_order(town, storm):
    apps = asyncio.run(weather(town, storm))

    assert sum(len(app.accepted) for app in apps) == storm.messages
    assert {status for app in apps for status in app.statuses} == {200}
    for app in apps:
        written = log_of(town, app.talker)
        assert [seq for seq, _, _, _ in written] == list(range(1, len(written) + 1))
        assert [(heard.seq, heard.message["id"], heard.message["body"]) for heard in app.kept] == [
            (seq, message, body) for seq, message, _, body in written
        ]
        mine = [(client_id, message) for _, message, client_id, _ in written if client_id in app.accepted]
        assert mine == list(app.accepted.items())  # each once, in the order in which I said them
    assert sum(app.counted["sent again"] for app in apps) > 0
    assert sum(app.counted["cut off"] for app in apps) >= storm.people // 2


def test_the_same_without_resuming_loses_messages(town):
    apps = asyncio.run(weather(town, Storm(12, 200, 120, resumes=False)))
    lost = sum(len(log_of(town, app.talker)) - len({heard.seq for heard in app.kept}) for app in apps)
    assert lost > 0


async def weather(town: Town, storm: Storm) -> list[App]:
    apps = apps_of(town, storm.people // 2, resumes=storm.resumes)
    share, left = divmod(storm.messages, storm.people)
    async with asyncio.timeout(storm.seconds), living(apps):
        cutting = [asyncio.create_task(cuts(app)) for app in apps]
        trouble = asyncio.create_task(troubles(town, apps, storm))
        async with asyncio.TaskGroup() as group:
            for number, app in enumerate(apps):
                group.create_task(talks(app, share + (number < left)))
        await trouble
        for task in cutting:
            task.cancel()
        await asyncio.gather(*cutting, return_exceptions=True)
        await asyncio.gather(*(app.arrives() for app in apps))
        if storm.resumes:
            await everybody_has_everything(town, apps)
    await asyncio.to_thread(town.sockets[0].wait_until_ready)
    tell_what_happened(apps)
    return apps


async def cuts(app: App) -> None:
    while True:
        await asyncio.sleep(app.dice.uniform(0.2, 2))
        app.cut()


async def talks(app: App, messages: int) -> None:
    for number in range(messages):
        await app.say(" ".join(app.dice.choices(WORDS, k=6)), f"{app.talker.id}-{number}")
        await asyncio.sleep(app.dice.uniform(0, 0.15))  # a fast machine shall see some weather too


async def troubles(town: Town, apps: list[App], storm: Storm) -> None:
    """A third of the way Redis forgets everything, after two thirds a server dies and is started again."""
    await until(lambda: accepted(apps) >= storm.messages / 3)
    town.redis.empty()
    await until(lambda: accepted(apps) >= storm.messages * 2 / 3)
    town.sockets[0].kill()
    await until(lambda: accepted(apps) >= storm.messages * 3 / 4)
    town.sockets[0].start(wait=False)


def accepted(apps: list[App]) -> int:
    return sum(len(app.accepted) for app in apps)


# --- Redis is away ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "seconds", "p95"),
    [
        ("hangs", 2, 3),
        ("dies", 2, 3),
        pytest.param("hangs", 30, 1, marks=full),
        pytest.param("dies", 30, 1, marks=full),
    ],
)
def test_while_redis_is_away_sending_works_and_afterwards_everybody_catches_up(town, how, seconds, p95):
    apps = asyncio.run(without_redis(town, how, seconds))
    assert {status for app in apps for status in app.statuses} == {200}
    took = sorted(chain.from_iterable(app.seconds for app in apps))
    assert took[int(len(took) * 0.95)] < p95
    for app in apps:
        assert [heard.message["id"] for heard in app.kept] == [message for _, message, _, _ in log_of(town, app.talker)]


async def without_redis(town: Town, how: str, seconds: int) -> list[App]:
    """People send over the API and over sockets, some a second, before, during and after; one comes back in the middle of it."""
    apps = apps_of(town, 10)
    async with asyncio.timeout(seconds + 120), living(apps):
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for number, app in enumerate(apps):
                group.create_task(chats(app, over, door=("rest", "socket")[number % 2]))
            await until(lambda: accepted(apps) >= len(apps))
            town.redis.hang() if how == "hangs" else town.redis.kill()
            try:
                began = time.monotonic()
                apps[0].cut()
                await until(lambda: apps[0].close_codes)
                await apps[0].arrives()
                await asyncio.sleep(began + seconds - time.monotonic())
            finally:
                town.redis.go_on() if how == "hangs" else town.redis.start()
            told = accepted(apps)
            await until(lambda: accepted(apps) >= told + len(apps))
            over.set()
        await everybody_has_everything(town, apps, ping=False)
    tell_what_happened(apps)
    return apps


async def chats(app: App, over: asyncio.Event, *, door: str) -> None:
    number = 0
    while not over.is_set():
        await app.say(" ".join(app.dice.choices(WORDS, k=6)), f"{app.talker.id}-{number}", over=door, doubts=0)
        await asyncio.sleep(app.dice.uniform(0.6, 1.4))
        number += 1


# --- limits ----------------------------------------------------------------------------------------------------------


def test_two_hundred_sockets_share_few_connections_to_the_database_and_give_them_back(town):
    most, least = asyncio.run(crowd(town, 200))
    assert most <= 10 * len(town.sockets) + OTHERS
    assert least <= 2 * len(town.sockets) + OTHERS


OTHERS = 3  # connections to the database: the API's two threads and the office


async def crowd(town: Town, sockets: int) -> tuple[int, int]:
    """The most connections while everybody says something, and the fewest soon after."""
    apps = apps_of(town, sockets // 2)
    seen: list[int] = []
    async with asyncio.timeout(180), living(apps):
        done = asyncio.Event()

        async def watch() -> None:
            while not done.is_set():
                seen.append(backends(town))
                await asyncio.sleep(0.05)

        watching = asyncio.create_task(watch())
        await asyncio.gather(*(app.say("Is it still there?", app.talker.id, over="socket") for app in apps))
        done.set()
        await watching
        few = 2 * len(town.sockets) + OTHERS
        with contextlib.suppress(AssertionError):
            await until(lambda: backends(town) <= few, seconds=20)
    return max(seen), backends(town)


def test_a_reader_who_stalls_changes_nothing_for_the_others(town):
    others, took, closed = asyncio.run(stalled(town))
    assert closed
    assert max(took) < 2
    assert all(app.counted["resumed"] == 1 and app.counted["cut off"] == 0 for app in others)  # once, when they came
    assert all([heard.seq for heard in app.kept] == [1, 2, 3, 4] for app in others)


async def stalled(town: Town) -> tuple[list[App], list[float], bool]:
    """Somebody's phone sleeps with the line open, and far more goes to it than lines hold; others write through the same server."""
    server = town.sockets[1].socket
    (lazy, _), *pairs_of_others = conversations_of(town, 6, sockets=[server])
    others = list(chain.from_iterable(pairs_of_others))
    took: list[float] = []
    async with asyncio.timeout(120), living(others):
        with asleep(server, lazy.talker) as line, town.redis.client() as redis:
            frame = json.dumps(
                {"type": "typing:active", "stream": "me", "seq": None, "ts": "", "data": {"words": "ق" * 2000}}
            )
            for number in range(4):
                for _ in range(100):
                    redis.publish(f"souk:0:me:{lazy.talker.id}", frame)
                for one, another in pairs_of_others:
                    speaker, listener = (one, another) if number % 2 else (another, one)
                    began = time.monotonic()
                    await speaker.say("Is it still there?", f"{number}", over="socket", doubts=0)
                    await until(lambda listener=listener, number=number: listener.last > number, seconds=30)
                    took.append(time.monotonic() - began)
            closed = await asyncio.to_thread(ends, line)
    return others, took, closed


def asleep(server: Path, talker: Talker) -> socket.socket:
    """A websocket that is opened and never read."""
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(30)
    line.connect(str(server))
    words = [
        "GET /ws/v1/me/ HTTP/1.1",
        "Host: localhost",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
    ]
    words += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", f"Authorization: Bearer {talker.token}", "", ""]
    line.sendall("\r\n".join(words).encode())
    assert b"101" in line.recv(40)
    return line


def ends(line: socket.socket) -> bool:
    """Whether the other side has hung up, once everything is read that is still in the line."""
    with contextlib.suppress(ConnectionResetError):
        while line.recv(1 << 20):
            pass
    return True


# --- people who may not ----------------------------------------------------------------------------------------------


def test_sockets_of_an_ended_session_and_of_somebody_suspended_close_within_two_seconds(town):
    signed_out, suspended, others = asyncio.run(shown_out(town))
    for code, (apps, committed) in ((4401, signed_out), (4403, suspended)):
        assert [app.close_codes for app in apps] == [[code]] * 3
        assert max(app.closed_at for app in apps) - committed < 2
    assert others == []


ShownOut = tuple[list[App], float]


async def shown_out(town: Town) -> tuple[ShownOut, ShownOut, list[int | None]]:
    """Three sockets of each, on both servers, and those of the people they talk with, which stay open. No worker runs."""
    (one, other), (two, third) = conversations_of(town, 2)
    doors = [server.socket for server in town.sockets]

    def three(app: App) -> list[App]:
        return [app, *(App(app.talker, sockets=[d], web=town.web.socket, dice=random.Random(1)) for d in doors)]

    leaving, stays = [three(one), three(two)], [other, third]
    async with asyncio.timeout(120), living([*chain.from_iterable(leaving), *stays]):
        found: list[ShownOut] = []
        for verb, apps in zip((town.office.sign_out, town.office.suspend), leaving, strict=True):
            for app in apps:
                app.stays_out()
            committed = await asyncio.to_thread(verb, apps[0].talker)
            await until(lambda apps=apps: all(app.close_codes for app in apps), seconds=30)
            found.append((apps, committed))
        return found[0], found[1], [code for app in stays for code in app.close_codes]


# --- what all of it uses -----------------------------------------------------------------------------------------------


def apps_of(town: Town, conversations: int, *, resumes: bool = True) -> list[App]:
    return list(chain.from_iterable(conversations_of(town, conversations, resumes=resumes)))


def conversations_of(
    town: Town, number: int, *, resumes: bool = True, sockets: list[Path] | None = None
) -> list[tuple[App, App]]:
    doors = sockets or [server.socket for server in town.sockets]
    dice = (random.Random(seed) for seed in count())

    def app(talker: Talker) -> App:
        return App(talker, sockets=doors, web=town.web.socket, dice=next(dice), resumes=resumes)

    return [(app(one), app(another)) for one, another in town.pairs(number)]


@asynccontextmanager
async def living(apps: list[App]) -> AsyncIterator[None]:
    """Everybody is connected at the beginning, and nobody any more at the end."""
    lives = [asyncio.create_task(app.live()) for app in apps]
    try:
        await asyncio.gather(*(app.arrives() for app in apps))
        yield
    finally:
        await asyncio.gather(*(app.leave() for app in apps), return_exceptions=True)
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)


async def everybody_has_everything(town: Town, apps: list[App], *, ping: bool = True) -> None:
    """Wait until each has read its conversation to the end. Their heartbeat tells them where that is."""
    ends = {app: len(log_of(town, app.talker)) for app in apps}
    if ping:
        await asyncio.gather(*(app.ping() for app in apps))
    await until(lambda: all(app.last >= ends[app] for app in apps), seconds=30)


async def until(holds: Callable[[], object], *, seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited too long"
        await asyncio.sleep(0.02)


def tell_what_happened(apps: list[App]) -> None:
    """For whoever reads what a failed test printed, or runs it with `-s`."""
    took = sorted(chain.from_iterable(app.seconds for app in apps))
    print(
        f"accepted {accepted(apps)}, p50 {took[len(took) // 2]:.3f} s, p95 {took[int(len(took) * 0.95)]:.3f} s",
        end="; ",
    )
    print(*(f"{name}: {number}" for name, number in sum((app.counted for app in apps), Counter()).items()), sep=", ")


def log_of(town: Town, talker: Talker) -> list[tuple[int, str, str, str]]:
    """Number, message, client's name and words of each entry of a conversation, as the database has them."""
    return town.rows(
        "SELECT e.seq, m.id::text, m.client_id, m.body FROM messaging_streamentry e JOIN messaging_message m ON m.id = e.message_id "
        "WHERE e.conversation_id = %s ORDER BY e.seq",
        talker.conversation,
    )


def backends(town: Town) -> int:
    """Connections to the town's database, but the one that counts them."""
    ((number,),) = town.rows(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    return number
