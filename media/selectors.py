"""Questions about files."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import User
from media import storage
from media.errors import FAILURES, NotYourMedia
from media.models import MediaAsset
from media.rules import RECIPES
from media.states import AssetKind, AssetState, Purpose

PRIVATE_FOR = timedelta(minutes=5)
# Pictures in a conversation stand on a page for a while and come again with every look at it, so their addresses hold longer and
# stay the same for half of that time. They are signed for one person, who must be signed in to open them.
IN_CONVERSATION_FOR = timedelta(hours=1)
FALLBACK_WIDTH = 640  # the picture for whoever cannot choose: mails, link previews, old browsers


def own_asset(owner: User, asset_id: uuid.UUID, *, lock: bool = False) -> MediaAsset:
    """Raises NotYourMedia."""
    rows = MediaAsset.objects.select_for_update(of=("self",)) if lock else MediaAsset.objects.all()
    asset = rows.filter(pk=asset_id, owner=owner).first()
    if asset is None:
        raise NotYourMedia
    return asset


def own_assets(owner: User, asset_ids: Sequence[uuid.UUID]) -> list[MediaAsset]:
    """A person's own files among these, in the order asked for."""
    found = MediaAsset.objects.filter(owner=owner).in_bulk(list(asset_ids))
    return [found[pk] for pk in asset_ids if pk in found]


def unused_assets(owner: User, *, purpose: str) -> list[MediaAsset]:
    """What a person sent and nothing uses yet: ready, on its way, or refused a moment ago. Oldest first."""
    now = timezone.now()
    on_its_way = Q(state__in=(AssetState.UPLOADED, AssetState.PROCESSING, AssetState.READY))
    refused = Q(state__in=(AssetState.REJECTED, AssetState.FAILED), created_at__gt=now - timedelta(minutes=10))
    own = MediaAsset.objects.filter(on_its_way | refused, owner=owner, purpose=purpose, attached_at=None)
    return list(own.filter(created_at__gt=now - timedelta(days=1)).order_by("pk")[:40])


def kind_of_asset(asset_id: uuid.UUID) -> str | None:
    return MediaAsset.objects.filter(pk=asset_id).values_list("kind", flat=True).first()


def shares_its_files(asset: MediaAsset) -> bool:
    """Does another file of the same bytes and purpose show (or is it about to show) what is stored for them?"""
    holding = (AssetState.PROCESSING, AssetState.READY)
    same = MediaAsset.objects.filter(sha256=asset.sha256, purpose=asset.purpose, state__in=holding)
    return same.exclude(pk=asset.pk).exists()


def originals_needed(keys: Iterable[str]) -> set[str]:
    """Those of the keys whose originals still wait to be prepared."""
    waiting = (AssetState.AWAITING, AssetState.UPLOADED, AssetState.PROCESSING, AssetState.FAILED)
    found = MediaAsset.objects.filter(upload_key__in=list(keys), state__in=waiting)
    return set(found.values_list("upload_key", flat=True))


def public_url(key: str) -> str:
    """The address of a public file, "" for no key."""
    return storage.public_url(key)


def picture(asset: MediaAsset | None) -> dict[str, Any] | None:
    """What a page or an app needs to show a ready picture, or a video with its poster. None where there is none to show.

    `url` is a JPEG of middling size that everything can show; `variants` are all sizes, `video` the playable rendition.
    """
    if asset is None or asset.state != AssetState.READY or RECIPES[Purpose(asset.purpose)].private:
        return None
    return {
        "id": str(asset.pk),
        "kind": asset.kind,
        "width": asset.width,
        "height": asset.height,
        "placeholder": asset.placeholder,
        **shown(asset.variants, asset.duration_ms),
    }


def private_picture(asset: MediaAsset, *, viewer: User) -> dict[str, Any] | None:
    """A ready private picture (evidence, or of a message) in the shape of `picture`, with addresses signed for one person, for five
    minutes or (of a message) up to an hour.

    The caller has checked that the viewer may see it. Opening an address is audited, making it is not.
    """
    if asset.state != AssetState.READY or asset.kind == AssetKind.FILE or not RECIPES[Purpose(asset.purpose)].private:
        return None
    expires = _expires(asset.purpose)
    variants = [
        {
            "format": v["format"],
            "width": v["width"],
            "height": v["height"],
            "url": _signed_url(asset, v["key"], viewer, expires),
        }
        for v in asset.variants
    ]
    jpegs = sorted((v for v in variants if v["format"] == "jpeg"), key=lambda v: v["width"])
    return {
        "id": str(asset.pk),
        "kind": asset.kind,
        "width": asset.width,
        "height": asset.height,
        "placeholder": asset.placeholder,
        "url": jpegs[-1]["url"] if jpegs else "",
        "variants": variants,
        "video": None,
    }


def private_file(asset: MediaAsset, *, viewer: User) -> dict[str, Any] | None:
    """A ready private file to be downloaded as it is (a label: the document, or its picture at its largest), its address signed for one
    person for five minutes. The caller has checked that they may have it.
    """
    if asset.state != AssetState.READY or not asset.variants or not RECIPES[Purpose(asset.purpose)].private:
        return None
    largest = max(asset.variants, key=lambda v: v["width"])
    return {
        "id": str(asset.pk),
        "format": largest["format"],
        "bytes": largest["bytes"],
        "url": _signed_url(asset, largest["key"], viewer, _expires(asset.purpose)),
    }


def _expires(purpose: str) -> int:
    now = int(timezone.now().timestamp())
    if purpose != Purpose.MESSAGE:
        return now + int(PRIVATE_FOR.total_seconds())
    half = int(IN_CONVERSATION_FOR.total_seconds()) // 2
    return (now // half + 2) * half


def _signed_url(asset: MediaAsset, key: str, viewer: User, expires: int) -> str:
    signature = storage.sign_view(key=key, viewer_id=viewer.pk, expires=expires)
    name = key.rsplit("/", 1)[-1]
    return f"/api/v1/media/private/{asset.pk}/{name}?expires={expires}&signature={signature}"


def asset_shape(asset: MediaAsset, *, viewer: User) -> dict[str, Any]:
    """A file as its owner sees it (`media.shapes.AssetOut`)."""
    return {
        "id": asset.pk,
        "kind": asset.kind,
        "purpose": asset.purpose,
        "state": asset.state,
        "progress": asset.progress,
        "filename": asset.filename,
        "content_type": asset.content_type,
        "byte_size": asset.byte_size,
        "failure": failure(asset),
        "picture": picture(asset) or private_picture(asset, viewer=viewer),
        "created_at": asset.created_at,
        "upload_expires_at": asset.upload_expires_at,
    }


def shown(variants: list[dict[str, Any]], duration_ms: int | None = None) -> dict[str, Any]:
    """`url`, `variants` and `video` of an asset's stored variants: for hot reads that select columns, not models."""
    base = storage.public_base()
    pictures = [
        {"format": v["format"], "width": v["width"], "height": v["height"], "url": base + v["key"]}
        for v in variants
        if v["format"] != "mp4"
    ]
    jpegs = sorted((p for p in pictures if p["format"] == "jpeg"), key=lambda p: abs(p["width"] - FALLBACK_WIDTH))
    video = next((v for v in variants if v["format"] == "mp4"), None)
    return {
        "url": jpegs[0]["url"] if jpegs else "",
        "variants": pictures,
        "video": video
        and {
            "url": public_url(video["key"]),
            "content_type": "video/mp4",
            "width": video["width"],
            "height": video["height"],
            "duration_ms": duration_ms,
        },
    }


def picture_at(asset: MediaAsset, *, width: int, kind: str = "jpeg") -> str:
    """The key of the smallest variant of a format that is at least so wide (else of the widest), "" for none."""
    fitting = sorted((v for v in asset.variants if v["format"] == kind), key=lambda v: v["width"])
    return next((v["key"] for v in fitting if v["width"] >= width), fitting[-1]["key"] if fitting else "")


def failure(asset: MediaAsset) -> dict[str, str] | None:
    """Why a file was rejected or failed: the code, and its words in the reader's language."""
    if not asset.failure_code:
        return None
    refusal = FAILURES.get(asset.failure_code)
    return {"code": asset.failure_code, "message": refusal().message if refusal else ""}


def counts_by_state() -> dict[str, int]:
    """How many files wait or failed, for the console. Ready ones are not counted: there are too many."""
    looked_at = (AssetState.UPLOADED, AssetState.PROCESSING, AssetState.FAILED)
    rows = MediaAsset.objects.filter(state__in=looked_at).values_list("state").annotate(Count("pk"))
    return dict(rows)
