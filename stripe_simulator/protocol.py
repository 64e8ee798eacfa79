"""The wire: form fields in, JSON out, Stripe's shapes of errors and lists."""

import json
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Doc = dict[str, Any]
ALPHABET = string.ascii_letters + string.digits
PLATFORM = "acct_1SoukPlatform0000"


class StripeError(Exception):
    """An answer that is no success. `keeps`: what the call wrote before it stays written (a declined card leaves a charge)."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        keeps: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.code = code
        self.keeps = keeps
        self.body: Doc = {"message": message, "type": kind}
        for name, value in ({"code": code, "param": param} | more).items():
            if value is not None:
                self.body[name] = value


class MisshapenError(StripeError):
    """The request never began to execute: its parameters are not of the call's shape."""


def missing(kind: str, pk: str, param: str = "id") -> StripeError:
    words = {"payment_intent": "payment_intent", "account": "account"}.get(kind, kind.replace("_", " "))
    return StripeError(f"No such {words}: '{pk}'", status=404, code="resource_missing", param=param)


def new_id(prefix: str, length: int = 24) -> str:
    return f"{prefix}_" + "".join(secrets.choice(ALPHABET) for _ in range(length))


@dataclass
class Request:
    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def fields(self) -> Doc:
        text = self.body.decode("utf-8", "replace") if self.method == "POST" else ""
        return decode_form("&".join(part for part in (self.query, text) if part))

    @property
    def json(self) -> Doc:
        try:
            found = json.loads(self.body or b"{}")
        except ValueError as error:
            message = f"Not JSON: {error}"
            raise StripeError(message) from error
        if not isinstance(found, dict):
            message = "The body must be a JSON object."
            raise StripeError(message)
        return found


@dataclass
class Response:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


def as_json(doc: Any, status: int = 200, **headers: str) -> Response:
    body = json.dumps(doc, indent=2, ensure_ascii=False).encode()
    return Response(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


def decode_form(text: str) -> Doc:
    """`a[b][0]=x` as {"a": {"b": {"0": "x"}}}; `a[]=x` counts by itself."""
    tree: Doc = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        parts = split_name(name)
        node = tree
        for part in parts[:-1]:
            below = node.setdefault(part or str(len(node)), {})
            if not isinstance(below, dict):
                message = f"Invalid {parts[0]}: it is given as a value and as a hash."
                raise MisshapenError(message, param=parts[0])
            node = below
        node[parts[-1] or str(len(node))] = value
    return tree


def split_name(name: str) -> list[str]:
    head, *rest = name.replace("]", "").split("[")
    return [head, *rest]


def list_of(docs: list[Doc], url: str, *, has_more: bool = False) -> Doc:
    return {"object": "list", "data": docs, "has_more": has_more, "url": url}
