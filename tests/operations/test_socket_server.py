"""The launcher, docker compose and the tests start the server of sockets alike."""

import re
from pathlib import Path

import pytest

from core.tests.servers import UVICORN

ROOT = Path(__file__).resolve().parents[2]


def words(text: str) -> list[str]:
    return re.sub(r"""["',\\\[\]]""", " ", text).split()


@pytest.mark.parametrize("file", ["deploy/launcher/processes.sh", "docker-compose.yml"])
def test_it_has_the_options_that_are_tested(file):
    said = words((ROOT / file).read_text())
    at = said.index("config.asgi:application")
    given = said[at : said.index("--forwarded-allow-ips", at)]
    pairs = {
        option: given[given.index(option) + 1] for option in UVICORN if option.startswith("--") and option in given
    }
    tested = {
        option: UVICORN[n + 1] if n + 1 < len(UVICORN) else ""
        for n, option in enumerate(UVICORN)
        if option.startswith("--") and option != "--no-access-log"
    }
    assert {name: pairs.get(name) for name in tested} == tested
    assert "--no-access-log" in given  # tickets stand in addresses
    assert given[given.index("--workers") + 1] == "${REALTIME_PROCESSES:-1}"


def test_a_frame_that_is_too_big_is_refused_by_us_before_the_server_cuts_it_off(settings):
    assert settings.REALTIME["frame_bytes"] < int(UVICORN[UVICORN.index("--ws-max-size") + 1])


def test_every_thread_finds_a_connection_in_the_pool(settings):
    text = (ROOT / "config/settings/database.py").read_text()
    assert settings.REALTIME["threads"] <= int(re.search(r'"max_size": (\d+)', text)[1])
