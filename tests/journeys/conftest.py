"""Real people at real browsers: headless Chromium against a live server with its sockets, files on a disk, the outbox carried out in
between.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from playwright.sync_api import Browser, sync_playwright
from pytest_django.live_server_helper import LiveServer

from config.asgi import application
from tests.journeys.front import Front
from tests.journeys.people import Visitor

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic", "--no-first-run"]


@pytest.fixture
def city(transactional_db: None, disk: Path) -> None:
    """The shipped map, the staff's groups, and a disk of this test's own."""
    call_command("load_neighborhoods", "--builtin", verbosity=0)
    call_command("sync_groups", verbosity=0)


@pytest.fixture
def chromium(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine: apt-get install chromium")
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs a loop in this thread; the ORM is not in it
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, env={**os.environ})
        yield browser
        browser.close()
        connections.close_all()  # within the loop Django keeps connections of their own


@pytest.fixture
def front(live_server: LiveServer, transactional_db: None) -> Iterator[Front]:
    """Pages and sockets at one address. The threads of the sockets keep no connection to the database."""
    kept, connections.settings["default"]["CONN_MAX_AGE"] = connections.settings["default"]["CONN_MAX_AGE"], 0
    standing = Front(application, pages=(live_server.thread.host, live_server.thread.port))
    yield standing
    standing.close()
    connections.settings["default"]["CONN_MAX_AGE"] = kept


@pytest.fixture
def visitor(chromium: Browser, front: Front, city: None) -> Iterator[Callable[..., Visitor]]:
    """Open a browser of somebody's own (`visitor(locale="ar-AE", at=place)`). None of them may have had trouble in the end."""
    everybody: list[Visitor] = []

    def come(**how: object) -> Visitor:
        everybody.append(Visitor(chromium, front.url, **how))
        return everybody[-1]

    yield come
    trouble = [line for one in everybody for line in one.trouble]
    assert not trouble, "\n".join(trouble)
