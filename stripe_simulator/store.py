"""State in one SQLite file: whatever was answered is on disk, also after kill -9. Calls take turns."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stripe_simulator.protocol import Doc

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, account TEXT NOT NULL,
    created INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_in_order ON objects (account, kind, seq);
CREATE TABLE IF NOT EXISTS facets (
    account TEXT, kind TEXT, field TEXT, value TEXT, seq INTEGER,
    PRIMARY KEY (account, kind, field, value, seq)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS facets_of ON facets (seq);
CREATE TABLE IF NOT EXISTS money (
    account TEXT, currency TEXT, available_on INTEGER, net INTEGER, balance_transaction TEXT);
CREATE INDEX IF NOT EXISTS money_of ON money (account, currency, available_on, net);
CREATE TABLE IF NOT EXISTS due (at REAL, work TEXT, target TEXT);
CREATE INDEX IF NOT EXISTS due_in_order ON due (at);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS saved_answers (
    account TEXT, key TEXT, fingerprint TEXT, status INTEGER, body BLOB, request TEXT, created REAL,
    PRIMARY KEY (account, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS requests (
    id TEXT PRIMARY KEY, at REAL, method TEXT, path TEXT, account TEXT, key TEXT, params TEXT, status INTEGER,
    code TEXT, fault TEXT, violation TEXT, ignored TEXT, replayed INTEGER);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT, url TEXT, due REAL DEFAULT 0, attempts INTEGER DEFAULT 0,
    state TEXT DEFAULT 'waiting', status INTEGER, age INTEGER DEFAULT 0, sent REAL);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due);
CREATE INDEX IF NOT EXISTS deliveries_of ON deliveries (event);
"""
VERSION = 2  # of the tables of logs
TABLES = ("objects", "facets", "money", "due", "settings", "saved_answers", "requests", "deliveries")
# By which fields lists are asked.
FACETS: dict[str, tuple[str, ...]] = {
    "customer": ("email",),
    "payment_intent": ("customer", "transfer_group"),
    "charge": ("customer", "payment_intent", "transfer_group"),
    "refund": ("charge", "payment_intent", "status"),
    "transfer": ("destination", "transfer_group", "source_transaction"),
    "transfer_reversal": ("transfer",),
    "payout": ("destination", "status"),
    "balance_transaction": ("type", "source", "currency"),
    "dispute": ("charge", "payment_intent"),
    "event": ("type",),
    "bank_account": ("account",),
    "application_fee": ("charge",),
    "fee_refund": ("fee",),
    "radar.early_fraud_warning": ("charge", "payment_intent"),
}


class Store:
    def __init__(self, path: Path | str) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute(
            "PRAGMA synchronous = NORMAL"
        )  # a killed process loses nothing; a dead machine may lose the last moment
        if self.db.execute("PRAGMA user_version").fetchone()[0] != VERSION:
            self.db.executescript(
                "DROP TABLE IF EXISTS requests; DROP TABLE IF EXISTS deliveries;"
            )  # logs; money stays
            self.db.execute(f"PRAGMA user_version = {VERSION}")
        self.db.executescript(SCHEMA)

    def close(self) -> None:
        with self._lock:
            self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; inside another one, a part that may fail alone."""
        with self._lock:
            self._depth += 1
            point = f"p{self._depth}"
            self.db.execute("BEGIN IMMEDIATE" if self._depth == 1 else f"SAVEPOINT {point}")
            try:
                yield
            except BaseException:
                self.db.execute("ROLLBACK" if self._depth == 1 else f"ROLLBACK TO {point}")
                if self._depth > 1:
                    self.db.execute(f"RELEASE {point}")
                raise
            else:
                self.db.execute("COMMIT" if self._depth == 1 else f"RELEASE {point}")
            finally:
                self._depth -= 1

    def rows(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self.db.execute(statement, values).fetchall()

    def write(self, statement: str, *values: Any) -> int:
        """Rows touched."""
        with self._lock:
            return self.db.execute(statement, values).rowcount

    def count(self, table: str) -> int:
        where = " WHERE kind = 'event'" if table == "events" else ""
        return int(self.rows(f"SELECT count(*) AS n FROM {table.replace('events', 'objects')}{where}")[0]["n"])  # noqa: S608

    def empty(self) -> None:
        with self.transaction():
            for table in TABLES:
                self.db.execute(f"DELETE FROM {table}")  # noqa: S608

    # --- objects --------------------------------------------------------------------------------------------------

    def add(self, doc: Doc, account: str) -> Doc:
        cursor = self.db.execute(
            "INSERT INTO objects (id, kind, account, created, doc) VALUES (?, ?, ?, ?, ?)",
            (doc["id"], doc["object"], account, doc.get("created", 0), json.dumps(doc)),
        )
        self._write_facets(doc, account, cursor.lastrowid or 0)
        return doc

    def save(self, doc: Doc) -> Doc:
        row = self.db.execute("SELECT seq, account FROM objects WHERE id = ?", (doc["id"],)).fetchone()
        self.db.execute("UPDATE objects SET doc = ? WHERE seq = ?", (json.dumps(doc), row["seq"]))
        self.db.execute("DELETE FROM facets WHERE seq = ?", (row["seq"],))
        self._write_facets(doc, row["account"], row["seq"])
        return doc

    def _write_facets(self, doc: Doc, account: str, seq: int) -> None:
        self.db.executemany(
            "INSERT INTO facets VALUES (?, ?, ?, ?, ?)",
            [
                (account, doc["object"], field, str(doc[field]), seq)
                for field in FACETS.get(doc["object"], ())
                if doc.get(field) is not None
            ],
        )

    def find(self, pk: str) -> tuple[Doc, str] | None:
        """An object of any kind, and whose it is."""
        found = self.rows("SELECT doc, account FROM objects WHERE id = ?", pk)
        return (json.loads(found[0]["doc"]), found[0]["account"]) if found else None

    def get(self, kind: str, pk: str, account: str | None = None) -> Doc | None:
        found = self.find(pk)
        if not found or found[0]["object"] != kind or (account is not None and found[1] != account):
            return None
        return found[0]

    def all(self, kind: str, account: str, **facets: str) -> list[Doc]:
        """Newest first."""
        return self.page(kind, account, facets=facets, limit=-1)[0]

    def page(
        self,
        kind: str,
        account: str,
        *,
        facets: dict[str, str] | None = None,
        created: dict[str, int] | None = None,
        after: str | None = None,
        before: str | None = None,
        limit: int = 10,
        extra: str = "",
    ) -> tuple[list[Doc], bool]:
        """One page, newest first, and whether there are more beyond it."""
        where, values = ["account = ?", "kind = ?"], [account, kind]
        for field, value in (facets or {}).items():
            where.append("seq IN (SELECT seq FROM facets WHERE account = ? AND kind = ? AND field = ? AND value = ?)")
            values += [account, kind, field, value]
        for bound, moment in (created or {}).items():
            where.append(f"created {BOUNDS[bound]} ?")
            values.append(str(moment))
        for pk, sign in ((after, "<"), (before, ">")):
            if pk:
                where.append(f"seq {sign} (SELECT seq FROM objects WHERE id = ?)")  # noqa: S608
                values.append(pk)
        order = "ASC" if before else "DESC"
        if extra:
            where.append(extra)
        statement = f"SELECT doc FROM objects WHERE {' AND '.join(where)} ORDER BY seq {order} LIMIT ?"  # noqa: S608
        docs = [json.loads(row["doc"]) for row in self.rows(statement, *values, limit + 1 if limit >= 0 else -1)]
        has_more = 0 <= limit < len(docs)
        docs = docs[:limit] if has_more else docs
        return (docs[::-1] if before else docs), has_more

    # --- settings -------------------------------------------------------------------------------------------------

    def setting(self, name: str, default: Any = None) -> Any:
        found = self.rows("SELECT value FROM settings WHERE name = ?", name)
        return json.loads(found[0]["value"]) if found else default

    def set(self, name: str, value: Any) -> None:
        self.write("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, json.dumps(value))


BOUNDS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
