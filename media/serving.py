"""Handing files out. nginx does it wherever it stands in front; Django does it in development and tests without one."""

import mimetypes
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.conf import settings
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)

from core.errors import NotFound
from media import storage

PRIVATE_SECONDS = 60  # an S3 address of a private file lives so long
KEPT_BY_BROWSERS = {
    "messages": 1800
}  # seconds, by folder: a conversation is opened again and again; all else is never kept
OUR_KEY = re.compile(r"[a-z]+/\d+/[0-9a-f]{2}/[0-9a-f]{64}/[a-z0-9]+\.(avif|webp|jpg|mp4)")
TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg", "mp4": "video/mp4", "pdf": "application/pdf"}
DOWNLOADED = ("pdf",)  # never shown within a page of ours
RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def private_response(key: str) -> HttpResponseBase:
    """Hand out a private file that the caller may see."""
    if settings.MEDIA_STORE == "s3":
        return HttpResponseRedirect(storage.private_url(key, seconds=PRIVATE_SECONDS))
    response: HttpResponseBase
    if settings.MEDIA_X_ACCEL:
        response = HttpResponse(headers={"X-Accel-Redirect": f"/protected-media/{key}"})
    else:
        response = FileResponse(_open(storage.private(), key))
    ending = key.rsplit(".", 1)[-1]
    response["Content-Type"] = TYPES.get(ending, "application/octet-stream")
    if ending in DOWNLOADED:
        response["Content-Disposition"] = f'attachment; filename="{key.rsplit("/", 1)[-1]}"'
    seconds = KEPT_BY_BROWSERS.get(key.split("/", 1)[0])
    response["Cache-Control"] = f"private, max-age={seconds}" if seconds else "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def public_response(request: HttpRequest, key: str) -> HttpResponseBase:
    """Hand out a public file as nginx would: for ever, in parts where asked (videos on Safari need that).

    Raises:
        NotFound: there is no such file, or its key is none of ours.
    """
    if not OUR_KEY.fullmatch(key):
        raise NotFound
    file = _open(storage.public(), key)
    size = storage.size_of(storage.public(), key) or 0
    asked = RANGE.fullmatch(request.headers.get("Range", ""))
    first, last = _part(asked, size) if asked else (0, size - 1)
    if first > last:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    file.seek(first)
    headers = {
        "Content-Length": str(last - first + 1),
        "Accept-Ranges": "bytes",
        "Cache-Control": "public, max-age=2592000, immutable",
        "X-Content-Type-Options": "nosniff",
    }
    if asked:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    kind = TYPES.get(key.rsplit(".", 1)[-1]) or mimetypes.guess_type(key)[0] or "application/octet-stream"
    body = _read(file, last - first + 1)
    return StreamingHttpResponse(body, status=206 if asked else 200, content_type=kind, headers=headers)


def _part(asked: "re.Match[str]", size: int) -> tuple[int, int]:
    """First and last byte of a range; first > last where there is nothing to give."""
    start, end = asked.groups()
    if not start:
        return (max(0, size - int(end)), size - 1) if end and int(end) else (1, 0)
    return int(start), min(int(end), size - 1) if end else size - 1


def _open(store: Any, key: str) -> BinaryIO:
    try:
        return store.open(key, "rb")
    except FileNotFoundError:
        raise NotFound from None


def _read(file: BinaryIO, left: int) -> Iterator[bytes]:
    with file:
        while left > 0 and (chunk := file.read(min(storage.CHUNK, left))):
            left -= len(chunk)
            yield chunk
