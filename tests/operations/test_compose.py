"""docker compose starts what `./souk up` starts."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
LAUNCHER = "".join(path.read_text() for path in (ROOT / "deploy/launcher").glob("*.sh"))


def words(text: str) -> list[str]:
    return re.sub(r"""["',\\\[\]()]""", " ", text).split()


def options(text: str, *, of: str) -> dict[str, str]:
    """The options after the words `of`, each with what follows it, to the end of the command."""
    said = words(text)
    begin = of.split()
    at = next(n for n in range(len(said)) if said[n : n + len(begin)] == begin) + len(begin)
    end = next(n for n in range(at, len(said)) if said[n] in (";;", "}") or said[n].endswith(":"))
    command = said[at:end]
    return {
        word: command[n + 1] if n + 1 < len(command) and not command[n + 1].startswith("--") else ""
        for n, word in enumerate(command)
        if word.startswith("--")
    }


HERE = {"--uds", "--uds-permissions", "--host", "--port", "--state", "--public-url", "--webhook", "--connect-webhook"}


@pytest.mark.parametrize(
    "of", ["config.wsgi:application", "--quiet worker", "--quiet beat", "-m stripe_simulator"], ids=lambda of: of
)
def test_both_start_a_process_with_the_same_options(of):
    compose, launcher = (
        {k: v for k, v in options(text, of=of).items() if k not in HERE} for text in (COMPOSE, LAUNCHER)
    )
    assert compose == launcher
