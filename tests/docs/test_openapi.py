"""The description of the API: complete, and its examples are what the API takes."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

SHOWN = {
    ("post", "/api/v1/auth/register"),
    ("post", "/api/v1/auth/login"),
    ("post", "/api/v1/products"),
    ("post", "/api/v1/media/upload-url"),
}


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    GENERATOR_STATS.reset()
    return SchemaGenerator().get_schema(request=None, public=True)


def examples(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], Any]]:
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                for example in content.get("examples", {}).values():
                    yield method, path, content["schema"], example["value"]
            for parameter in operation.get("parameters", ()):
                for example in parameter.get("examples", {}).values():
                    yield method, path, parameter["schema"], example["value"]


def test_is_written_without_a_warning(described):
    assert not GENERATOR_STATS, GENERATOR_STATS.emit_summary()


def test_shows_how_the_most_used_operations_are_called(described):
    shown = {(method, path) for method, path, _schema, _value in examples(described)}
    assert shown >= SHOWN | {("get", "/api/v1/feeds/community")}


def test_every_example_fits_what_it_is_an_example_of(described):
    for method, path, schema, value in examples(described):
        document = {"allOf": [schema], "components": described["components"]}
        wrong = [error.message for error in Draft202012Validator(document).iter_errors(value)]
        assert not wrong, (method, path)


@pytest.mark.django_db
def test_the_tables_of_the_documentation_leave_nothing_unsaid(monkeypatch, tmp_path):
    monkeypatch.setattr("config.management.commands.write_docs.DOCS", tmp_path)
    call_command("write_docs")
    said = [
        line.split("|")[3].strip() for line in (tmp_path / "errors.md").read_text().splitlines() if line[:3] == "| `"
    ]
    assert said.count("The request was refused.") == 1  # core.invalid, whose fields speak for themselves
    assert all(said)
