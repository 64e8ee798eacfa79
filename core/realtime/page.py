"""`/api/docs/sockets`: what `docs/asyncapi.yaml` says, for people."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from core.realtime import registry
from core.realtime.asyncapi import ADDRESS, Schema, Shapes
from core.realtime.sockets import Close

CLOSES = {
    Close.SERVER_RESTARTS: _("The server restarts. Come back after a random moment and resume."),
    Close.TRY_AGAIN_LATER: _("The database is away. Come back with growing pauses."),
    Close.NOT_JSON: _("Three frames in a row were no frames."),
    Close.NOT_SIGNED_IN: _("Not, or no longer, signed in. Come back with a new ticket or token."),
    Close.NOT_ALLOWED: _("A page of another site, or a suspended account."),
    Close.NO_SUCH_SOCKET: _("There is no socket at this address."),
    Close.TOO_SLOW: _("Silent for 70 seconds, or too slow in reading. Come back and resume."),
    Close.TOO_MANY_SOCKETS: _("A sixth socket was opened. The oldest ends."),
    Close.FRAME_TOO_BIG: _("A frame of more than 64 KiB."),
    Close.TOO_MANY_FRAMES: _("More than 300 frames in a minute. Come back slower."),
}
_ANSWERS = ("error", "pong")


@dataclass(frozen=True)
class Field:
    name: str
    type: str
    shape: str  # the name of the shape that it refers to, ""
    required: bool
    says: str


@require_safe
def sockets(request: HttpRequest) -> HttpResponse:
    """Commands, frames, shapes and close codes, from the registry."""
    shapes = Shapes()
    commands = [
        {
            "name": one.name,
            "summary": one.summary,
            "limit": one.limit,
            "takes": _fields(shapes.of(one.takes, "request"), shapes),
            "answers": "pong" if one.name == "ping" else "ack",
            "gives": _fields(shapes.of(one.answers, "response"), shapes),
        }
        for one in registry.commands()
    ]
    frames = [
        {
            "name": one.name,
            "summary": one.summary,
            "stream": one.stream,
            "numbered": one.numbered,
            "fields": _fields(shapes.of(one.shape, "response"), shapes),
        }
        for one in registry.announcements()
        if one.name not in _ANSWERS
    ]
    components = shapes.components()
    named = [{"name": name, "fields": _fields(schema, shapes)} for name, schema in sorted(components.items())]
    return render(
        request,
        "sockets.html",
        {"address": ADDRESS, "commands": commands, "frames": frames, "shapes": named, "closes": CLOSES.items()},
    )


def _fields(schema: Schema, shapes: Shapes) -> list[Field]:
    """The fields of an object; those of a reference are its shape's."""
    name = _reference(schema)
    if name:
        schema = shapes.components().get(name, {})
    required = set(schema.get("required", ()))
    return [
        Field(key, _type(part), _reference(part), key in required, part.get("description", ""))
        for key, part in schema.get("properties", {}).items()
    ]


def _reference(schema: Any) -> str:
    """The name of the shape that a schema refers to, directly, in a list or as one of several."""
    if not isinstance(schema, dict):
        return ""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    inside = [schema.get("items"), schema.get("additionalProperties")]
    for word in ("allOf", "oneOf", "anyOf"):
        inside += schema.get(word, [])
    return next((name for part in inside if (name := _reference(part))), "")


def _type(schema: Schema) -> str:
    """In the words of JSON: `string (date-time)`, `string or null`, `list of string`, `one of a, b`."""
    if "enum" in schema:
        return " | ".join("null" if word is None else str(word) for word in schema["enum"])
    if "$ref" in schema:
        return "object"
    for word in ("allOf", "oneOf", "anyOf"):
        if word in schema:
            return " or ".join(dict.fromkeys(_type(part) for part in schema[word]))
    kinds = schema.get("type", "any")
    if kinds == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if isinstance(values := schema.get("additionalProperties"), dict) and values:
        return f"map of {_type(values)}"
    words = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"{words} ({schema['format']})" if "format" in schema else words
