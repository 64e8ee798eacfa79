"""Pictures: what bytes say they are, and what is made of them in a confined process."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from media.confined import Limits, run
from media.errors import FAILURES, ContentMismatch, FileFault, Unreadable
from media.rules import Recipe

MAKER = Path(__file__).with_name("picture_maker.py")
# 40 megapixels in RGBA are 160 MB, turned 320 MB; shared libraries and thread stacks count too.
LIMITS = Limits(memory=2 * 1024**3, cpu_seconds=40, wall_seconds=90, file_bytes=64 * 1024**2)

_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


@dataclass(frozen=True)
class MadePicture:
    """`files` are `{"format", "width", "height", "name"}` in the folder that was given."""

    width: int
    height: int
    placeholder: str
    perceptual_hash: str
    files: list[dict[str, Any]]


_BEGINS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"%PDF-": "application/pdf"}


def content_type_of(head: bytes) -> str:
    """What the first bytes of a file say that it is, "" for anything that we do not take."""
    for first, kind in _BEGINS.items():
        if head.startswith(first):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12], head)
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free"):  # QuickTime without a brand
        return "video/quicktime"
    return ""


def _of_brand(brand: bytes, head: bytes) -> str:
    if brand in (b"avif", b"avis"):
        return "image/avif"
    if brand in _HEIC_BRANDS:
        length = int.from_bytes(head[:4], "big")
        return "image/avif" if b"avif" in head[16 : min(length, len(head))] else "image/heic"
    return "video/quicktime" if brand == b"qt  " else "video/mp4"


def check_content(head: bytes, *, declared: str) -> str:
    """Return what the bytes are where that is what was declared.

    Raises:
        ContentMismatch: they are something else.
    """
    found = content_type_of(head)
    same = {"image/heif": "image/heic", "video/quicktime": "video/mp4"}
    if not found or same.get(found, found) != same.get(declared, declared):
        raise ContentMismatch
    return found


_PILLOW = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
    "image/heic": "HEIF",
}


def make_variants(source: Path, *, content_type: str, recipe: Recipe, folder: Path) -> MadePicture:
    """Draw a picture's sizes into `folder`.

    Raises:
        FileFault: it cannot be read, or is too large or too small.
        confined.TookTooLong, RuntimeError: our own fault.
    """
    order = {
        "source": str(source),
        "format": _PILLOW[content_type],
        "widths": recipe.widths,
        "formats": recipe.formats,
        "square": recipe.square,
        "avif_speed": settings.MEDIA_AVIF_SPEED,
        "max_pixels": settings.MEDIA_LIMITS["pixels"],
    }
    ended = run([sys.executable, "-I", str(MAKER)], limits=LIMITS, folder=folder, given=json.dumps(order).encode())
    if ended.spent:
        raise Unreadable
    if ended.status != 0:
        msg = f"picture maker ended with {ended.status}: {ended.errors[-500:]}"
        raise RuntimeError(msg)
    answer = json.loads(ended.output)
    if "fault" in answer:
        fault = FAILURES[answer["fault"]]()
        assert isinstance(fault, FileFault)  # noqa: S101 - the maker tells faults of files only
        raise fault
    return MadePicture(**answer)
