"""AsyncAPI 3 from the registry: what `docs/asyncapi.yaml` says, what the page lists and what tests hold frames to is one and the same.

The shapes are read by drf-spectacular, as for the API, so a serializer looks alike in both documents.
"""

import copy
from functools import cache
from typing import Any, Literal

from django.utils import translation
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, force_instance, is_list_serializer
from drf_spectacular.renderers import OpenApiYamlRenderer
from rest_framework.views import APIView

from core.realtime import registry
from core.realtime.registry import Announcement, Command

ADDRESS = "/ws/v1/me/"
Schema = dict[str, Any]
_NO_FIELDS: Schema = {"type": "object", "maxProperties": 0}
_DOOR = {"ack", "error", "pong"}  # answers: documented with the commands that they answer


class Shapes:
    """Serializers as JSON schemas; those with a name are collected as components."""

    def __init__(self) -> None:
        self._auto = AutoSchema()
        self._auto.registry = ComponentRegistry()
        self._auto.view = APIView(request=None, action=None)
        self._auto.method = "GET"
        self._auto.path = ADDRESS

    def of(self, shape: Any, direction: Literal["request", "response"]) -> Schema:
        """`direction` is "request" for what clients send, "response" for what they get. None is an object without fields."""
        if shape is None:
            return dict(_NO_FIELDS)
        if isinstance(shape, dict):
            return copy.deepcopy(shape)
        shape = force_instance(shape)
        if is_list_serializer(shape):
            return {"type": "array", "items": self.of(shape.child, direction)}
        component = self._auto.resolve_serializer(shape, direction)
        return component.ref if component else dict(_NO_FIELDS)

    def components(self) -> Schema:
        found: Schema = self._auto.registry.build({}).get("schemas", {})
        _name_types_once(found)
        return found


def document() -> Schema:
    """The whole of AsyncAPI 3, as plain data."""
    shapes = Shapes()
    messages: Schema = {}
    operations: Schema = {}
    for announced in registry.announcements():
        if announced.name not in _DOOR:
            messages[_key(announced.name)] = _told(announced, shapes)
            operations[f"tell.{_key(announced.name)}"] = _operation("send", [announced.name], announced.summary)
    messages["error"] = _told(_error(), shapes)
    for command in registry.commands():
        key, answer = _key(command.name), _answer_name(command)
        messages[f"{key}.command"] = _asked(command, shapes)
        messages[answer] = _answer(command, shapes)
        operation = _operation("receive", [f"{command.name}.command"], command.summary)
        operation["reply"] = {
            "channel": {"$ref": "#/channels/me"},
            "messages": [{"$ref": f"#/channels/me/messages/{name}"} for name in (answer, "error")],
        }
        operations[f"do.{key}"] = operation
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Souk Loop sockets",
            "version": "1",
            "description": "What is said on the socket of a person. docs/realtime.md: how to connect, to resume, and how it ends.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "production": {
                "host": "soukloop.example",
                "protocol": "wss",
                "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in ("ticket", "bearer")],
            }
        },
        "channels": {
            "me": {
                "address": ADDRESS,
                "title": "The socket of a person",
                "messages": {key: {"$ref": f"#/components/messages/{key}"} for key in messages},
                "bindings": {"ws": {"method": "GET", "query": _query(), "bindingVersion": "0.1.0"}},
            }
        },
        "operations": operations,
        "components": {
            "messages": messages,
            "schemas": shapes.components(),
            "securitySchemes": {
                "ticket": {
                    "type": "httpApiKey",
                    "in": "query",
                    "name": "ticket",
                    "description": "From POST /api/v1/realtime/tickets: one socket, once, within thirty seconds, from our pages.",
                },
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
        },
    }


def as_yaml() -> str:
    """The document in English. Raises ValueError where a shape could not be read for certain."""
    reset_generator_stats()
    with translation.override("en"):
        made = OpenApiYamlRenderer().render(document()).decode()
    if GENERATOR_STATS:
        msg = "drf-spectacular had doubts about the shapes of sockets; its words stand above"
        raise ValueError(msg)
    return made


@cache
def frame_schemas() -> Schema:
    """For checking: JSON schemas of the data of each frame and of each ack, by name, which allow no field that is not announced."""
    shapes = Shapes()
    data = {a.name: shapes.of(a.shape, "response") for a in registry.announcements()}
    data |= {f"ack of {c.name}": shapes.of(c.answers, "response") for c in registry.commands()}
    components = shapes.components()
    for schema in components.values():
        _close(schema)
    for schema in data.values():
        _close(schema)
    return {name: {**schema, "components": {"schemas": components}} for name, schema in data.items()}


def _name_types_once(schema: Any) -> None:
    """drf-spectacular says "null" twice of a nullable field whose described type is nullable by itself."""
    if isinstance(schema, list):
        for part in schema:
            _name_types_once(part)
    elif isinstance(schema, dict):
        if isinstance(schema.get("type"), list):
            schema["type"] = list(dict.fromkeys(schema["type"]))
        for part in schema.values():
            _name_types_once(part)


def _close(schema: Any) -> None:
    """Let objects have the fields that they name and no other."""
    if isinstance(schema, list):
        for part in schema:
            _close(part)
    elif isinstance(schema, dict):
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
        for part in schema.values():
            _close(part)


def _key(name: str) -> str:
    """Keys of AsyncAPI's maps have no colon."""
    return name.replace(":", ".")


def _error() -> Announcement:
    found = registry.announcement_named("error")
    if found is None:
        msg = "core.realtime.protocol has not registered its frames"
        raise RuntimeError(msg)
    return found


def _answer_name(command: Command) -> str:
    return "pong" if command.name == "ping" else f"{_key(command.name)}.ack"


def _operation(action: str, names: list[str], summary: str) -> Schema:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/me"},
        "summary": str(summary),
        "messages": [{"$ref": f"#/channels/me/messages/{_key(name)}"} for name in names],
    }


def _told(announced: Announcement, shapes: Shapes) -> Schema:
    seq: Schema = {"type": "integer", "minimum": 1} if announced.numbered else {"type": "null"}
    properties = {
        "type": {"const": announced.name},
        "stream": {"type": "string", "description": f"`{announced.stream}`"},
        "seq": seq,
        "ts": {"type": "string", "format": "date-time"},
        "data": shapes.of(announced.shape, "response"),
    }
    if announced.name == "error":
        properties["ref"] = {**_REF, "description": "That of the refused frame; null where it had none."}
    return _message(announced.name, announced.summary, properties)


def _answer(command: Command, shapes: Shapes) -> Schema:
    pong = command.name == "ping"
    properties = {
        "type": {"const": "pong" if pong else "ack"},
        "stream": {"const": "me"},
        "seq": {"type": "null"},
        "ts": {"type": "string", "format": "date-time"},
        "data": shapes.of(command.answers, "response"),
    }
    if not pong:
        properties["ref"] = {**_REF, "description": "That of the command."}
    return _message("pong" if pong else "ack", f"`{command.name}` was carried out.", properties)


def _asked(command: Command, shapes: Shapes) -> Schema:
    properties = {
        "type": {"const": command.name},
        "ref": {**_REF, "description": "Yours; comes back in the answer."},
        "data": shapes.of(command.takes, "request"),
    }
    message = _message(command.name, command.summary, properties, required=["type"])
    if command.limit is not None:
        message["x-limit"] = f"{command.limit.burst} in {command.limit.period:g} s, per person"
    return message


_REF: Schema = {"type": ["string", "integer", "null"], "maxLength": 64}


def _message(name: str, summary: str, properties: Schema, required: list[str] | None = None) -> Schema:
    return {
        "name": name,
        "summary": str(summary),
        "payload": {"type": "object", "required": required or list(properties), "properties": properties},
    }


def _query() -> Schema:
    return {
        "type": "object",
        "properties": {
            "ticket": {"type": "string", "description": "Instead of an Authorization header."},
            "lang": {"type": "string", "enum": ["en", "ar"], "description": "The language of refusals."},
        },
    }
