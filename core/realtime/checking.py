"""Holds frames to what was announced, where SOUK_ENV is test: one that no client could have expected fails the test that told it."""

import re
import threading
from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson
from jsonschema import Draft202012Validator

from core.realtime import registry
from core.realtime.asyncapi import frame_schemas

_reading = threading.Lock()


def _schemas() -> Mapping[str, Any]:
    """The announced shapes. Read by one thread at a time: drf-spectacular loads its extensions as it goes, and not for two."""
    with _reading:
        return frame_schemas()


class NotAnnounced(AssertionError):  # noqa: N818 - as refusals are named
    """A frame that was told is not in the registry, or not of its shape."""


def inspect_frame(name: str, stream: str, seq: int | None, payload: bytes) -> None:
    """Raises NotAnnounced."""
    if name not in _schemas():
        msg = f"{name} was told, and no app announced it"
        raise NotAnnounced(msg)
    announced = registry.announcement_named(name)
    if announced is not None:
        if not re.fullmatch(re.sub(r"\\{\w+\\}", r"[^:]+", re.escape(announced.stream)), stream):
            msg = f"{name} was told on {stream} and announced on {announced.stream}"
            raise NotAnnounced(msg)
        if announced.numbered != (seq is not None):
            msg = f"{name} was told {'without' if announced.numbered else 'with'} a number"
            raise NotAnnounced(msg)
    found = _validator(name).iter_errors(orjson.loads(payload)["data"])
    faults = [f"{'.'.join(map(str, fault.absolute_path)) or 'data'}: {fault.message}" for fault in found]
    if faults:
        msg = f"{name} is not what was announced: {'; '.join(faults[:5])}"
        raise NotAnnounced(msg)


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(_schemas()[name])
