"""A small town of real processes for one module of tests: a database, a Redis, two servers for sockets, one for the API."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.db import connection
from psycopg import sql

from benchmarks.databases import Server
from benchmarks.processes import Redis, Sockets, Web
from benchmarks.talkers import Office, Talker


@dataclass
class Town:
    folder: Path
    environment: dict[str, str]
    libpq: dict[str, str]
    redis: Redis
    sockets: list[Sockets]
    web: Web
    office: Office
    strangers: list[tuple[Talker, Talker]] = field(default_factory=list)  # pairs that no test has used yet

    def pairs(self, number: int) -> list[tuple[Talker, Talker]]:
        """So many pairs with a conversation of their own, in which nothing was said yet."""
        if number > len(self.strangers):
            self.strangers += self.office.pairs(max(number, 130))
        taken, self.strangers = self.strangers[:number], self.strangers[number:]
        return taken

    def rows(self, statement: str, *values: object) -> list[tuple]:
        with psycopg.connect(**self.libpq) as line:
            return line.execute(statement, values).fetchall()


@contextmanager
def town() -> Iterator[Town]:
    """The database is a copy of the one that pytest made, so that nothing has to be migrated again."""
    server, template = Server(_address()), connection.settings_dict["NAME"]
    database = f"souk_town_{uuid.uuid4().hex[:8]}"
    connection.close()
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="souk-town-", dir="/tmp"))  # short enough for unix sockets
        stack.callback(shutil.rmtree, folder)
        stack.callback(server.drop, database)
        _copy(server, template, database)
        redis = Redis(folder)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
            "DATABASE_URL": server.url_of(database),
            "REDIS_URL": redis.url,
            "REDIS_FIRST_DB": "0",
            "SOUK_ENV": "development",  # under `test`, every frame would be held against its shape
            "SOUK_READ_DOTENV": "0",
            "MEDIA_ROOT": str(folder / "media"),
            "DB_POOL_IDLE_SECONDS": "0.5",
            "LOG_JSON": "true",
        }
        sockets = [Sockets(folder, environment, name=f"realtime-{n}") for n in (1, 2)]
        web, office = Web(folder, environment), Office(environment)
        stack.callback(office.close)
        for process in (redis, *sockets, web):
            stack.callback(process.kill)
        redis.start()
        office.open()
        for process in (*sockets, web):
            process.start(wait=False)
        for process in (*sockets, web):
            process.wait_until_ready()
        yield Town(folder, environment, server.libpq(database), redis, sockets, web, office)


def _address() -> str:
    to = {name: quote(str(value), safe="") for name, value in connection.settings_dict.items()}
    return f"postgis://{to['USER']}:{to['PASSWORD']}@{to['HOST']}:{to['PORT']}/{to['NAME']}"


def _copy(server: Server, template: str, database: str) -> None:
    with server.connect("postgres") as line:
        # What threads of earlier tests left open; a database that somebody uses cannot be copied.
        line.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [template])
        names = sql.Identifier(database), sql.Identifier(template)
        line.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
