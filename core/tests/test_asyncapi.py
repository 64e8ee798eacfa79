"""The description of the sockets: what AsyncAPI asks for, what the registry holds, and what people are shown."""

import gzip
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from jsonschema import Draft7Validator

from core.realtime import registry
from core.realtime.asyncapi import document
from core.realtime.page import CLOSES
from core.realtime.sockets import Close

OFFICIAL = Path(__file__).parent / "data" / "asyncapi-3.0.0.json.gz"


@pytest.fixture(scope="module")
def official() -> Draft7Validator:
    return Draft7Validator(json.loads(gzip.decompress(OFFICIAL.read_bytes())))


def faults(validator: Draft7Validator, made: dict) -> list[str]:
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(made)]


def test_it_is_asyncapi_3(official):
    assert faults(official, document()) == []


def test_with_every_kind_of_shape_too(official, app):
    made = document()
    assert faults(official, made) == []
    assert made["operations"]["do.test.echo"]["reply"]["messages"][0] == {
        "$ref": "#/channels/me/messages/test.echo.ack"
    }
    said = made["components"]["messages"]["test.said"]["payload"]["properties"]
    assert said["seq"] == {"type": "integer", "minimum": 1}
    assert said["stream"]["description"] == "`test:{id}`"


@pytest.mark.parametrize(
    "damage",
    [
        lambda made: made.pop("info"),
        lambda made: made["operations"]["do.ping"].update(action="hear"),
        lambda made: made["operations"]["do.ping"].pop("channel"),
        lambda made: made["components"]["messages"]["ready"].update(payload=3),
    ],
)
def test_the_check_sees_what_is_wrong(official, damage):
    made = document()
    damage(made)
    assert faults(official, made)


def test_every_reference_leads_somewhere(app):
    made = document()

    def references(part):
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"]
            for inner in part.values():
                yield from references(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from references(inner)

    for reference in set(references(made)):
        found = made
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]


def test_the_page_lists_every_command_and_frame_in_both_directions(client, db, app):
    for language, direction in (("en", "ltr"), ("ar", "rtl")):
        page = client.get(f"/api/docs/sockets?lang={language}").content.decode()
        assert f'dir="{direction}"' in page
        for name in {one.name for one in [*registry.commands(), *registry.announcements()]} - {"error", "pong"}:
            assert f"<code>{name}</code>" in page
        assert not re.search(r"<(?:script|style)(?![^>]*(?:src|nonce))", page)
        assert " style=" not in page


def test_every_close_code_is_explained_to_people():
    told = (Path(settings.BASE_DIR) / "docs/realtime.md").read_text()
    assert set(CLOSES) == set(Close)
    assert [code for code in Close if f"| {code:d} |" not in told] == []
