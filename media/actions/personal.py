"""A person's own files: given out, and forgotten."""

from collections.abc import Iterator
from typing import Any

from accounts.models import User
from core.events import publish
from core.states import move
from media import ports, storage
from media.events import AssetDiscarded
from media.models import MediaAsset
from media.rules import RECIPES
from media.states import ASSET_MOVES, OPEN_STATES, AssetState, Purpose


def export_person(user: User) -> Iterator[tuple[str, Any]]:
    """Every file of a person in its best size, and a list of what each is."""
    listed = []
    for asset in MediaAsset.objects.filter(owner=user).order_by("pk").iterator(chunk_size=200):
        best = _best(asset)
        name = f"media/files/{asset.pk}.{best['key'].rsplit('.', 1)[-1]}" if best else ""
        listed.append(
            {
                "id": str(asset.pk),
                "file": name,
                "kind": asset.kind,
                "purpose": asset.purpose,
                "state": asset.state,
                "filename": asset.filename,
                "content_type": asset.content_type,
                "byte_size": asset.byte_size,
                "created_at": asset.created_at,
            }
        )
        content = _content(asset, best) if best else None
        if content is not None:
            yield name, content
    yield "media/files.json", listed


def _best(asset: MediaAsset) -> dict[str, Any] | None:
    """The clip of a video, the widest JPEG of a picture, a document as it came."""
    if asset.state != AssetState.READY:
        return None
    by_format = {form: [v for v in asset.variants if v["format"] == form] for form in ("mp4", "pdf", "jpeg")}
    best = next(filter(None, by_format.values()), [])
    return max(best, key=lambda v: v["width"], default=None)


def _content(asset: MediaAsset, variant: dict[str, Any]) -> bytes | None:
    store = storage.private() if RECIPES[Purpose(asset.purpose)].private else storage.public()
    try:
        with store.open(variant["key"], "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def erase_person(user: User) -> dict[str, int]:
    """Forget a person's files, in the erasure's transaction. Evidence that a report still rests on is kept, and so are pictures of
    messages that messaging keeps for a case.

    Publishes AssetDiscarded for each, whose job deletes what is stored.
    """
    assets = list(MediaAsset.objects.select_for_update(of=("self",)).filter(owner=user).order_by("pk"))
    kept = ports.held([a.pk for a in assets if a.purpose in (Purpose.EVIDENCE, Purpose.MESSAGE, Purpose.LABEL)])
    erased = 0
    for asset in assets:
        if asset.pk in kept:
            continue
        if asset.state in OPEN_STATES:
            move(asset, AssetState.EXPIRED, ASSET_MOVES, attached_at=None)
            publish(AssetDiscarded(asset_id=asset.pk))
            erased += 1
    MediaAsset.objects.filter(owner=user).exclude(pk__in=kept).update(filename="")
    return {"files": erased, "kept_as_evidence": len(kept)}
