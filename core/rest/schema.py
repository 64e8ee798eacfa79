"""OpenAPI: the headers and problems that every operation shares."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


class SoukSchema(AutoSchema):
    """Adds `Idempotency-Key` to writes; names tags after the first word of the path."""

    def get_tags(self) -> list[str]:
        words = [w for w in self.path.split("/") if w and not w.startswith("{")]
        return [words[2]] if len(words) > 2 else ["service"]

    def get_override_parameters(self) -> list[Any]:
        parameters = super().get_override_parameters()
        unkeyed = getattr(self.view, "unkeyed", None)
        name = getattr(self.view, "action", None) or self.method.lower()
        if self.method in ("POST", "PATCH") and unkeyed is not None and name not in unkeyed:
            parameters = [
                *parameters,
                OpenApiParameter(
                    "Idempotency-Key",
                    str,
                    OpenApiParameter.HEADER,
                    required=name in getattr(self.view, "keyed", ()),
                    description="The same key and body give the same answer for seven days.",
                ),
            ]
        return parameters


def add_problem_responses(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Give every operation its problem answers and the schema of a problem."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _problem_schema()
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"].setdefault(
                    "default", {"description": "A problem (RFC 9457).", "content": PROBLEM}
                )
    return result


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    error = {"attr": {"type": ["string", "null"]}, "code": text, "detail": text}
    return {
        "type": "object",
        "description": "RFC 9457 problem details. `code` is stable; docs/errors.md lists all.",
        "required": ["type", "title", "status", "detail", "code", "request_id", "errors"],
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "code": text,
            "request_id": text,
            "errors": {"type": "array", "items": {"type": "object", "properties": error, "required": list(error)}},
            "facts": {"type": "object", "additionalProperties": True},
        },
    }
