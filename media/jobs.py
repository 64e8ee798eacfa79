"""The long work: prepare a file that came in, delete what nobody wants.

Both may be run twice or be killed at any point: files are stored under names that their content decides, whole or not at all, and
a row says "ready" only after all of them are there.
"""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import structlog
from django.core.files.storage import Storage
from django.db import connection

from media import actions, pictures, selectors, storage, video
from media.actions import Prepared
from media.errors import FileFault, WrongSize
from media.models import MediaAsset
from media.rules import RECIPES, UPLOADS, content_folder
from media.states import AssetKind, Purpose

log = structlog.get_logger(__name__)

SWEPT_AFTER = timedelta(days=1)  # what lies in the uploads for so long without need was forgotten there
POSTER_DONE, CLIP_DONE = 10, 95  # percent of a video's preparation


def prepare(asset_id: uuid.UUID) -> None:
    """Examine a received file and make what people see of it; refuse it where it is at fault.

    A failure that is ours is raised, so that the delivery is tried again, until the attempts are used up.
    """
    asset = actions.start_preparation(asset_id=asset_id)
    if asset is None:
        return
    folder = Path(tempfile.mkdtemp(prefix="souk-media-"))
    try:
        _prepare(asset, folder)
    except FileFault as fault:
        actions.reject_file(asset_id=asset.pk, fault=fault)
        log.info("file_rejected", asset=str(asset.pk), failure_code=fault.code)
    except Exception as error:
        log.warning("preparation_failed", asset=str(asset.pk), attempt=asset.attempts, error=repr(error))
        if not actions.give_up_preparation(asset_id=asset.pk):
            raise
        return
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    storage.private().delete(asset.upload_key)


def _prepare(asset: MediaAsset, folder: Path) -> None:
    source = folder / "source"
    sha256 = storage.fetch(storage.private(), asset.upload_key, source)
    size = source.stat().st_size
    if size != asset.byte_size:
        raise WrongSize
    with source.open("rb") as file:
        content_type = pictures.check_content(file.read(64), declared=asset.content_type)
    with content_lock(sha256):
        twin = actions.note_source(asset_id=asset.pk, sha256=sha256)
        made = _copied(twin) if twin else _made(asset, source, sha256, content_type, folder)
        wanted = actions.finish_preparation(asset_id=asset.pk, made=made)
    if not wanted:
        delete_files(asset.pk)


def _copied(twin: MediaAsset) -> Prepared:
    """The same bytes were prepared for the same purpose before: their files serve both."""
    return Prepared(
        sha256=twin.sha256,
        width=twin.width or 0,
        height=twin.height or 0,
        perceptual_hash=twin.perceptual_hash,
        placeholder=twin.placeholder,
        variants=twin.variants,
        duration_ms=twin.duration_ms,
    )


def _made(asset: MediaAsset, source: Path, sha256: str, content_type: str, folder: Path) -> Prepared:
    recipe = RECIPES[Purpose(asset.purpose)]
    if asset.kind == AssetKind.FILE:
        return _as_it_came(asset, source, sha256)
    clip: video.Rendition | None = None
    if asset.kind == AssetKind.VIDEO:
        found = video.examine(source, folder=folder)
        poster = video.draw_poster(source, found, folder=folder)
        drawn = pictures.make_variants(poster, content_type="image/png", recipe=recipe, folder=folder)
        actions.note_progress(asset_id=asset.pk, percent=POSTER_DONE)
        clip = video.render(source, found, folder=folder, progress=_teller(asset.pk))
    else:
        drawn = pictures.make_variants(source, content_type=content_type, recipe=recipe, folder=folder)
    files = [*drawn.files]
    if clip is not None:
        files.append({"format": "mp4", "width": clip.width, "height": clip.height, "name": clip.name})
    store = storage.private() if recipe.private else storage.public()
    storage.remove_halves(store, content_folder(asset.purpose, sha256))
    return Prepared(
        sha256=sha256,
        width=drawn.width,
        height=drawn.height,
        perceptual_hash=drawn.perceptual_hash,
        placeholder=drawn.placeholder,
        variants=[_stored(store, content_folder(asset.purpose, sha256), folder, file) for file in files],
        duration_ms=round(clip.duration * 1000) if clip else None,
    )


def _as_it_came(asset: MediaAsset, source: Path, sha256: str) -> Prepared:
    """A document is opened by nobody here: what its first bytes say is all that we look at, and whoever gets it downloads it."""
    store, under = storage.private(), content_folder(asset.purpose, sha256)
    storage.remove_halves(store, under)
    key = f"{under}/document.pdf"
    storage.put(store, key, source)
    made = {"format": "pdf", "width": 0, "height": 0, "bytes": source.stat().st_size, "key": key}
    return Prepared(sha256=sha256, width=0, height=0, perceptual_hash="", placeholder="", variants=[made])


def _teller(asset_id: uuid.UUID) -> Any:
    told = POSTER_DONE

    def tell(share: float) -> None:
        nonlocal told
        percent = POSTER_DONE + int(share * (CLIP_DONE - POSTER_DONE))
        if percent >= told + 5:
            told = percent
            actions.note_progress(asset_id=asset_id, percent=percent)

    return tell


def _stored(store: Storage, under: str, folder: Path, file: dict[str, Any]) -> dict[str, Any]:
    path, key = folder / file["name"], f"{under}/{file['name']}"
    storage.put(store, key, path)
    return {
        "format": file["format"],
        "width": file["width"],
        "height": file["height"],
        "bytes": path.stat().st_size,
        "key": key,
    }


def delete_files(asset_id: uuid.UUID) -> None:
    """Delete what is stored of a file that nobody wants, except what another file of the same bytes still shows."""
    asset = MediaAsset.objects.filter(pk=asset_id).first()
    if asset is None:
        return
    storage.private().delete(asset.upload_key)
    if not asset.sha256:
        return
    store = storage.private() if RECIPES[Purpose(asset.purpose)].private else storage.public()
    with content_lock(asset.sha256):
        if not selectors.shares_its_files(asset):
            folders = {content_folder(asset.purpose, asset.sha256)} | {
                v["key"].rsplit("/", 1)[0] for v in asset.variants
            }
            for folder in folders:
                storage.remove_folder(store, folder)


def sweep_originals(*, now: datetime) -> int:
    """Delete originals that should be gone (their job died between two steps), and halves of uploads; return how many."""
    store, removed = storage.private(), 0
    try:
        names = iter(store.listdir(UPLOADS)[1])
    except FileNotFoundError:
        return 0
    while batch := [f"{UPLOADS}/{name}" for name in islice(names, 500)]:
        needed = selectors.originals_needed(batch)
        for key in batch:
            if key not in needed and store.get_modified_time(key) < now - SWEPT_AFTER:
                store.delete(key)
                removed += 1
    return removed


@contextmanager
def content_lock(sha256: str) -> Iterator[None]:
    """One at a time writes or deletes what is stored for these bytes. Held by the database session, not by a transaction."""
    number = int.from_bytes(bytes.fromhex(sha256[:16]), "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s::bigint)", [number])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s::bigint)", [number])
