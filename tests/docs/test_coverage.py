"""docs/coverage.md and its parts: true where they say that something is there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import EndpointEnumerator

ROOT = Path(settings.BASE_DIR)
INDEX = ROOT / "docs" / "coverage.md"
PARTS = {
    "Souk Loop": "souk-loop",
    "Marketplace API": "marketplace-api",
    "Xchange Luxury": "xchange-luxury",
    "Glowcart": "glowcart",
    "Mixee": "mixee",
}
THERE, PARTLY, NOT_YET = "✔", "◐", "–"
HEAD = ["what", "state", "where"]
ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/\S*)")
DOTTED = re.compile(r"[a-z]\w*(?:\.\w+)+")
FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)*")
OURS = {*settings.OUR_APPS, "config"}
SUFFIXES = {
    ".py",
    ".md",
    ".yml",
    ".yaml",
    ".sh",
    ".html",
    ".css",
    ".js",
    ".txt",
    ".template",
    ".example",
    ".po",
    ".toml",
}


@dataclass(frozen=True)
class Row:
    part: str
    line: int
    what: str
    state: str
    where: str

    def __str__(self) -> str:
        return f"docs/coverage/{self.part}.md:{self.line}: {self.what}"

    @property
    def marked(self) -> list[str]:
        """What stands in code marks in `where`; with "same path", the route of `what` too."""
        marked = re.findall(r"`([^`]+)`", self.where)
        return marked + (re.findall(r"`([^`]+)`", self.what) if "same path" in self.where else [])


def cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def rows_of(part: str) -> Iterator[Row]:
    lines = (ROOT / "docs" / "coverage" / f"{part}.md").read_text().splitlines()
    for number, line in enumerate(lines, start=1):
        if not line.startswith("|") or cells(line) == HEAD or set(line) <= set("|-: "):
            continue
        found = cells(line)
        assert len(found) == len(HEAD), f"docs/coverage/{part}.md:{number} has {len(found)} cells"
        yield Row(part, number, *found)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return [row for part in PARTS.values() for row in rows_of(part)]


@pytest.fixture(scope="module")
def claimed(rows: list[Row]) -> list[tuple[Row, str]]:
    """Everything in code marks that rows call there, or partly there."""
    return [(row, marked) for row in rows if row.state != NOT_YET for marked in row.marked]


def counted(rows: list[Row]) -> list[str]:
    """The summary's lines, as they should be."""
    table = []
    for name, part in [*PARTS.items(), ("all", None)]:
        states = [row.state for row in rows if part in (row.part, None)]
        numbers = [states.count(THERE), states.count(PARTLY), states.count(NOT_YET), len(states)]
        label = f"[{name}](coverage/{part}.md)" if part else f"**{name}**"
        table.append(f"| {label} | {' | '.join(map(str, numbers))} |")
    return table


def test_summary_counts_the_rows(rows):
    wanted = counted(rows)
    told = INDEX.read_text().splitlines()
    assert set(wanted) <= set(told), "docs/coverage.md should say:\n" + "\n".join(wanted)


def test_every_row_has_a_state_and_says_where(rows):
    wrong = [str(row) for row in rows if row.state not in (THERE, PARTLY, NOT_YET) or not row.what or not row.where]
    assert not wrong, "\n".join(wrong)


def test_what_is_there_names_something_of_ours(rows):
    unnamed = [str(row) for row in rows if row.state == THERE and not row.marked]
    assert not unnamed, "\n".join(unnamed)


def test_no_row_stands_twice(rows):
    seen: set[tuple[str, str]] = set()
    twice = []
    for row in rows:
        if (row.part, row.what) in seen:
            twice.append(str(row))
        seen.add((row.part, row.what))
    assert not twice, "\n".join(twice)


def test_routes_that_are_there_exist(claimed):
    endpoints = {(method, plain(path)) for path, _regex, method, _view in EndpointEnumerator().get_api_endpoints()}
    pages = set(paths(get_resolver().url_patterns))
    wrong = []
    for row, marked in claimed:
        found = ROUTE.fullmatch(marked)
        if not found:
            continue
        method, path = found[1], plain(found[2].partition("?")[0])
        if (method, path) not in endpoints if path.startswith("/api/v1/") else path not in pages:
            wrong.append(f"{row} -> {marked}")
    assert not wrong, "\n".join(wrong)


def test_names_that_are_there_import(claimed):
    wrong = [
        f"{row} -> {marked}"
        for row, marked in claimed
        if DOTTED.fullmatch(marked) and marked.partition(".")[0] in {*OURS, "settings"} and not exists(marked)
        if not (ROOT / marked).exists()
    ]
    assert not wrong, "\n".join(wrong)


def test_files_that_are_there_exist(claimed):
    wrong = [
        f"{row} -> {marked}"
        for row, marked in claimed
        if FILE.fullmatch(marked)
        and (Path(marked).suffix in SUFFIXES or "/" in marked)
        and not (ROOT / marked).exists()
    ]
    assert not wrong, "\n".join(wrong)


def plain(path: str) -> str:
    """A route without the names of its parameters: `/l/{}`."""
    return re.sub(r"<[^>]+>|\{[^}]*\}|:\w+", "{}", path)


def paths(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    for pattern in patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from paths(pattern.url_patterns, here)
        else:
            yield plain(here)


def exists(name: str) -> bool:
    """Whether a dotted name leads to a module, or to something within one."""
    first, *rest = name.split(".")
    thing: Any = settings
    if first != "settings":
        thing, rest = module_of(name)
    for part in rest:
        if not hasattr(thing, part):
            return False
        thing = getattr(thing, part)
    return True


def module_of(name: str) -> tuple[Any, list[str]]:
    """The longest part of a dotted name that is a module, and what is left of it."""
    parts = name.split(".")
    thing, rest = import_module(parts[0]), parts[1:]
    while rest:
        try:
            thing = import_module(f"{thing.__name__}.{rest[0]}")
        except ModuleNotFoundError:
            break
        rest = rest[1:]
    return thing, rest
