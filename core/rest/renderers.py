"""JSON by orjson: the feeds hand over plain rows and it writes them as they are."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer


def _default(value: Any) -> Any:
    if isinstance(value, Promise):
        return str(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)


class JSONRenderer(BaseRenderer):
    """`application/json`, or `application/problem+json` where the response says so."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        if data is None:
            return b""
        return data if isinstance(data, bytes) else dumps(data)


def dumps(data: Any) -> bytes:
    """Bytes of JSON; UUIDs, datetimes (UTC, `Z`) and lazy texts included."""
    return orjson.dumps(data, default=_default, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)
