"""Opaque cursors of the lists that page by their own keys."""

import base64
import binascii
from typing import Any

import orjson

from core.errors import InvalidCursor


def encode_cursor(position: list[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(position)).decode().rstrip("=")


def decode_cursor(cursor: str, *, length: int) -> list[Any]:
    """Read a cursor of `encode_cursor` again. Raises InvalidCursor."""
    try:
        position = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        raise InvalidCursor from None
    if not isinstance(position, list) or len(position) != length:
        raise InvalidCursor
    return position
