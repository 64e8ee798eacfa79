"""Where files lie: a public store that everybody reads, a private one that nobody reaches without a signature.

Both are Django storages, on this machine's disk or in an S3-compatible service (`MEDIA_STORE`). A client sends a file by a ticket that
says where and how: straight to the service, or for the disk to a door of ours that believes only the ticket's signature.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.core.files.uploadedfile import UploadedFile

from media.errors import AlreadyUploaded, BadSignature, UploadExpired, WrongChecksum, WrongSize, WrongType

CHUNK = 256 * 1024


@dataclass(frozen=True)
class Ticket:
    """How one file is to be sent: `method` to `upload_url`, with these headers (PUT) or form fields (POST, the file last)."""

    asset_id: uuid.UUID
    upload_url: str
    method: str
    expires_at: datetime
    max_bytes: int
    headers: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Announced:
    """What the signature of a ticket binds."""

    asset_id: uuid.UUID
    key: str
    byte_size: int
    content_type: str
    expires_at: datetime
    sha256: str = ""


def public() -> Storage:
    return storages["default"]


def private() -> Storage:
    return storages["private"]


def ticket(announced: Announced) -> Ticket:
    """Let the bearer send exactly this file to exactly this key until it expires."""
    return _s3_ticket(announced) if settings.MEDIA_STORE == "s3" else _local_ticket(announced)


# --- this machine's disk ----------------------------------------------------------------------------------------------


def _local_ticket(announced: Announced) -> Ticket:
    query: dict[str, int | str] = {"expires": int(announced.expires_at.timestamp())}
    if announced.sha256:
        query["sha256"] = announced.sha256
    query["signature"] = sign_upload(announced)
    return Ticket(
        asset_id=announced.asset_id,
        upload_url=f"/api/v1/media/local-upload/{announced.asset_id}?{urlencode(query)}",
        method="PUT",
        expires_at=announced.expires_at,
        max_bytes=announced.byte_size,
        headers={"Content-Type": announced.content_type},
    )


def sign_upload(announced: Announced) -> str:
    return _sign(
        "upload",
        announced.asset_id.hex,
        announced.key,
        str(announced.byte_size),
        announced.content_type,
        str(int(announced.expires_at.timestamp())),
        announced.sha256,
    )


def check_ticket(announced: Announced, signature: str, *, now: datetime) -> None:
    """Raises BadSignature, UploadExpired."""
    if not hmac.compare_digest(sign_upload(announced).encode(), signature.encode()):
        raise BadSignature
    if now >= announced.expires_at:
        raise UploadExpired


def sign_view(*, key: str, viewer_id: uuid.UUID, expires: int) -> str:
    """Let one person look at one private file until `expires` (Unix seconds)."""
    return _sign("view", key, viewer_id.hex, str(expires))


def check_view(signature: str, *, key: str, viewer_id: uuid.UUID, expires: int, now: datetime) -> None:
    """Raises BadSignature, also for an address whose time has passed."""
    wanted = sign_view(key=key, viewer_id=viewer_id, expires=expires)
    if not hmac.compare_digest(wanted.encode(), signature.encode()) or now.timestamp() >= expires:
        raise BadSignature


def _sign(*parts: str) -> str:
    key = settings.MEDIA_SIGNING_KEY.encode()
    return hmac.new(key, "\n".join(parts).encode(), hashlib.sha256).hexdigest()


def take_in(announced: Announced, chunks: Iterable[bytes], *, content_type: str, content_length: int | None) -> None:
    """Write an upload to the private store's disk, all of it or nothing.

    The bytes go to a file of another name that becomes the real one only when it is complete; a key is never written twice.

    Raises:
        WrongType, WrongSize, WrongChecksum: it is not what the ticket announced.
        AlreadyUploaded: somebody was here before.
    """
    if content_type != announced.content_type:
        raise WrongType
    if content_length is not None and content_length != announced.byte_size:
        raise WrongSize
    target = Path(private().path(announced.key))
    if target.exists():
        raise AlreadyUploaded
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.{secrets.token_hex(8)}.part")
    try:
        _write_exactly(partial, announced, chunks)
        os.link(partial, target)  # fails where the name is taken, unlike a rename
    except FileExistsError:
        raise AlreadyUploaded from None
    finally:
        partial.unlink(missing_ok=True)


def keep(announced: Announced, file: UploadedFile) -> None:
    """Write a file that is in our hands already to where its ticket says. Raises WrongSize, AlreadyUploaded."""
    if settings.MEDIA_STORE == "s3":
        private().save(announced.key, file)
        return
    take_in(announced, file.chunks(CHUNK), content_type=announced.content_type, content_length=file.size)


def _write_exactly(path: Path, announced: Announced, chunks: Iterable[bytes]) -> None:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > announced.byte_size:
                raise WrongSize
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if size != announced.byte_size:
        raise WrongSize
    if announced.sha256 and digest.hexdigest() != announced.sha256:
        raise WrongChecksum


# --- S3 ---------------------------------------------------------------------------------------------------------------


def _s3_ticket(announced: Announced) -> Ticket:
    """A presigned POST: unlike a PUT it can bind the size (docs.aws.amazon.com, "POST Policy")."""
    store: Any = private()
    fields = {"Content-Type": announced.content_type}
    if announced.sha256:
        digest = bytes.fromhex(announced.sha256)
        fields |= {"x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-sha256": base64.b64encode(digest).decode()}
    post = store.connection.meta.client.generate_presigned_post(
        Bucket=store.bucket_name,
        Key=announced.key,
        Fields=dict(fields),
        Conditions=[
            *({name: value} for name, value in fields.items()),
            ["content-length-range", announced.byte_size, announced.byte_size],
        ],
        ExpiresIn=max(1, int(announced.expires_at.timestamp() - time.time())),
    )
    return Ticket(
        asset_id=announced.asset_id,
        upload_url=post["url"],
        method="POST",
        expires_at=announced.expires_at,
        max_bytes=announced.byte_size,
        fields=post["fields"],
    )


# --- both -------------------------------------------------------------------------------------------------------------


def size_of(store: Storage, key: str) -> int | None:
    """Bytes of a stored file, None where there is none."""
    try:
        return store.size(key)
    except FileNotFoundError:
        return None
    except Exception as error:
        response = getattr(error, "response", None)  # botocore's ClientError
        if response and response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            return None
        raise


def fetch(store: Storage, key: str, to: Path) -> str:
    """Copy a stored file to this machine's disk and return its SHA-256 in hex."""
    digest = hashlib.sha256()
    with store.open(key, "rb") as source, to.open("wb") as target:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest()


def put(store: Storage, key: str, path: Path) -> None:
    """Store a file under a key that its content decides. A file that is there already is the same file."""
    if size_of(store, key) == path.stat().st_size:
        return
    if hasattr(store, "path"):
        with contextlib.suppress(NotImplementedError):
            _put_on_disk(Path(store.path(key)), path)
            return
    with path.open("rb") as source:
        store.save(key, File(source))


def _put_on_disk(target: Path, path: Path) -> None:
    """Whole or not at all: readers never see half a file, also when this process is killed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.{secrets.token_hex(8)}.part")
    try:
        partial.write_bytes(path.read_bytes())
        partial.chmod(0o644)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def remove(store: Storage, keys: Iterable[str]) -> None:
    for key in keys:
        store.delete(key)


def remove_halves(store: Storage, folder: str) -> None:
    """Delete what a worker that was killed left half-written under other names. Only a disk has such."""
    if hasattr(store, "path"):
        with contextlib.suppress(FileNotFoundError, NotImplementedError):
            remove(store, [f"{folder}/{name}" for name in store.listdir(folder)[1] if name.endswith(".part")])


def remove_folder(store: Storage, folder: str) -> None:
    """Delete the files in a folder of the store, and on disk the folder too. It is well where there is none."""
    with contextlib.suppress(FileNotFoundError):
        remove(store, [f"{folder}/{name}" for name in store.listdir(folder)[1]])
        store.delete(folder)


@lru_cache(maxsize=4)
def _public_base(store: Storage) -> str:
    return store.url("x").split("?", 1)[0].removesuffix("x")


def public_base() -> str:
    """What stands before a key in the address of a public file."""
    return _public_base(public())


def public_url(key: str) -> str:
    """The address of a public file. Our keys need no quoting."""
    return public_base() + key if key else ""


def private_url(key: str, *, seconds: int) -> str:
    """A signed address of a private file in S3."""
    return private().url(key, expire=seconds)  # type: ignore[call-arg]
