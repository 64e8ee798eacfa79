"""Revisions on the wire: ETag on reads, If-Match on writes."""

import hashlib
import json
import uuid
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import StaleRevision

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag that was read: a change of anything else is refused.",
)


def etag(thing_id: uuid.UUID, revision: int) -> str:
    return f'"{thing_id.hex}-{revision}"'


def revision_wanted(request: Request, thing_id: uuid.UUID) -> int | None:
    """The revision named by If-Match, None without the header (or `*`).

    Raises:
        StaleRevision: the header names something that is no revision of this thing.
    """
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    value = header.strip().removeprefix("W/").strip('"')
    prefix, _, number = value.rpartition("-")
    if prefix != thing_id.hex or not number.isdigit():
        raise StaleRevision
    return int(number)


def with_etag(request: Request, response: Response, tag: str) -> Response:
    """Set the ETag; answer 304 where the caller has this very revision."""
    if request.method in ("GET", "HEAD") and tag in [
        t.strip().removeprefix("W/") for t in request.headers.get("If-None-Match", "").split(",")
    ]:
        response = Response(status=304)
    response["ETag"] = tag
    return response


def content_tag(content: Any) -> str:
    """The tag of something without a revision of its own: what it says, as it goes over the wire."""
    said = json.dumps(content, sort_keys=True, default=str, separators=(",", ":"))
    return f'"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'
