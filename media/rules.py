"""What may be uploaded for what, and how large. Numbers are settings (`MEDIA_LIMITS`)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from media.errors import TooLarge, UnsupportedType
from media.states import AssetKind, Purpose

IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "image/avif")
VIDEO_TYPES = ("video/mp4", "video/quicktime")
DOCUMENT_TYPES = ("application/pdf",)
_ALIASES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg"}
_ENDINGS = {
    "heic": "image/heic",
    "heif": "image/heif",
    "avif": "image/avif",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "pdf": "application/pdf",
}
_TYPES = {
    Purpose.PRODUCT: IMAGE_TYPES + VIDEO_TYPES,
    Purpose.AVATAR: IMAGE_TYPES,
    Purpose.EVIDENCE: IMAGE_TYPES,
    Purpose.MESSAGE: IMAGE_TYPES,
    Purpose.LABEL: IMAGE_TYPES + DOCUMENT_TYPES,
}


@dataclass(frozen=True)
class Recipe:
    """What is made of a picture: widths in pixels, formats from the most to the least efficient."""

    widths: tuple[int, ...]
    formats: tuple[str, ...]
    square: bool = False  # cropped around its middle
    private: bool = False  # kept in the private store and shown by signed addresses only


RECIPES = {
    Purpose.PRODUCT: Recipe(widths=(320, 640, 960, 1440), formats=("avif", "webp", "jpeg")),
    Purpose.AVATAR: Recipe(widths=(96, 256, 512), formats=("avif", "webp", "jpeg"), square=True),
    Purpose.EVIDENCE: Recipe(widths=(640, 1440), formats=("webp", "jpeg"), private=True),
    Purpose.MESSAGE: Recipe(widths=(640, 1440), formats=("webp", "jpeg"), private=True),
    Purpose.LABEL: Recipe(widths=(1440,), formats=("jpeg",), private=True),  # to be printed: everything can
}
AVATAR_WIDTH = 256
RECIPE_VERSION = 1  # part of every key: raise it when the same bytes are to become other files
UPLOADS = "uploads"  # the private store's folder of originals
_FOLDERS = {
    Purpose.PRODUCT: "pictures",
    Purpose.AVATAR: "avatars",
    Purpose.EVIDENCE: "evidence",
    Purpose.MESSAGE: "messages",
    Purpose.LABEL: "labels",
}


def content_folder(purpose: str, sha256: str) -> str:
    """Where what is made of these bytes lies. The same bytes for the same purpose lie there once, whoever sent them."""
    return f"{_FOLDERS[Purpose(purpose)]}/{RECIPE_VERSION}/{sha256[:2]}/{sha256}"


def plain_type(content_type: str) -> str:
    """The media type without parameters, in the one spelling that we use."""
    bare = content_type.split(";", 1)[0].strip().lower()
    return _ALIASES.get(bare, bare)


def type_of_name(name: str, *, told: str) -> str:
    """What a browser said, or what the file's name says where it said nothing (HEIC, on most)."""
    ending = name.rsplit(".", 1)[-1].lower()
    vague = told in ("", "application/octet-stream")
    return _ENDINGS.get(ending, told) if vague else told


def looks_foreign(text: str) -> bool:
    """Whether something that should be the id of an upload is the address or path of a file."""
    return any(mark in text for mark in ("/", "\\", ".", "data:", "urn:"))


def kind_of(content_type: str) -> AssetKind:
    if content_type in DOCUMENT_TYPES:
        return AssetKind.FILE
    return AssetKind.VIDEO if content_type in VIDEO_TYPES else AssetKind.IMAGE


_LIMITS = {AssetKind.IMAGE: "image_bytes", AssetKind.VIDEO: "video_bytes", AssetKind.FILE: "document_bytes"}


def max_bytes(kind: AssetKind) -> int:
    return settings.MEDIA_LIMITS[_LIMITS[kind]]


def check_announced(*, content_type: str, byte_size: int, purpose: Purpose) -> AssetKind:
    """Raises UnsupportedType, TooLarge. Returns what kind of file it is to be."""
    if content_type not in _TYPES[purpose]:
        allowed = sorted({t.split("/")[1].upper().replace("QUICKTIME", "MOV") for t in _TYPES[purpose]})
        raise UnsupportedType(allowed=", ".join(allowed))
    kind = kind_of(content_type)
    if byte_size > max_bytes(kind):
        raise TooLarge(max_megabytes=max_bytes(kind) // 1024**2, max_bytes=max_bytes(kind))
    return kind


def upload_deadline(at: datetime) -> datetime:
    return at + timedelta(minutes=settings.MEDIA_LIMITS["upload_minutes"])
