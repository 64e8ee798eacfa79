"""Databases of the benchmarks: made beside the one that DATABASE_URL names, migrated, and kept for the next run."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Server:
    """The PostgreSQL server that DATABASE_URL names, whatever its database."""

    url: str

    @classmethod
    def from_environment(cls) -> "Server":
        url = os.environ.get("DATABASE_URL")
        if not url:
            sys.exit("Set DATABASE_URL, or run ./souk bench feeds, which does.")
        return cls(url)

    def url_of(self, database: str) -> str:
        parts = urlsplit(self.url)
        return parts._replace(path=f"/{database}").geturl()

    def libpq(self, database: str) -> dict[str, str]:
        """What psycopg and pgbench need, as keyword arguments."""
        parts = urlsplit(self.url)
        found = {
            "host": unquote(_host(parts.netloc)),
            "port": str(parts.port or ""),
            "user": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "dbname": database,
        }
        return {name: value for name, value in found.items() if value}

    def connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(**self.libpq(database), autocommit=True)  # type: ignore[arg-type]

    def make(self, database: str) -> None:
        """Create the database where it is missing; keep it otherwise."""
        with self.connect("postgres") as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))

    def drop(self, database: str) -> None:
        with self.connect("postgres") as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def environment(self, database: str) -> dict[str, str]:
        return {**os.environ, "DATABASE_URL": self.url_of(database), "SOUK_READ_DOTENV": "0"}

    def manage(self, database: str, *words: str) -> None:
        subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *words],
            env=self.environment(database),
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )


def _host(netloc: str) -> str:
    """The host as written: urlsplit lowers it, and folders of unix sockets may have capitals."""
    return netloc.rpartition("@")[2].partition(":")[0]
