"""The studio: draws pictures and films, uploads them as their sellers do, and has them prepared by the jobs that
prepare all uploads.

The same bytes are prepared once (media recognises them); every further upload of them only takes the row's way.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection, connections
from PIL import Image

from accounts.models import User
from catalog.models import Product
from core.deliveries import carry_out
from core.models import Delivery, DeliveryState
from demo.art.scenes import draw, jpeg
from demo.catalogue import SMALL_CITY, Picture, film_views, subject_of
from demo.city.plan import Plan
from demo.city.progress import Progress
from demo.film import film
from media import storage
from media.actions import complete_upload, request_upload
from media.models import MediaAsset
from media.states import AssetState, Purpose

QUICK_AVIF = 8  # in a small city, too: a third of the time for a fifth more bytes
SMALL_UPLOAD = (704, 880)  # in a small city pictures are sent smaller than drawn: half the sizes, a third of the work
Wanted = tuple[str, str]  # seller and what: "kind/view" or "kind.mp4"


class StudioError(RuntimeError):
    """Something could not be made or prepared."""


class Studio:
    """Hands out the ids of prepared files by (seller, what). Drawing begins at once, while people still move in."""

    def __init__(self, plan: Plan, progress: Progress, *, workers: int | None = None) -> None:
        self.progress = progress
        self.workers = workers if workers is not None else min(4, os.cpu_count() or 1)
        self.ready: dict[Wanted, Any] = {}
        self.people: dict[str, User] = {}
        wanted = [(seller, f"{kind}.mp4") for seller, kind in plan.films_wanted()]
        wanted += [(seller, _name(picture)) for seller, picture in plan.pictures_wanted()]
        first: dict[str, Wanted] = {}
        for pair in wanted:
            first.setdefault(pair[1], pair)
        self.once = list(first.values())
        self.again = [pair for pair in wanted if first[pair[1]] != pair]
        self.artists = ThreadPoolExecutor(max(1, self.workers))
        small = self.small = plan.size <= SMALL_CITY
        self.made = {what: self.artists.submit(_made, what, small=small) for what in first}

    def picture(self, seller: str, picture: Picture) -> Any:
        return self.ready[seller, _name(picture)]

    def film(self, seller: str, kind: str) -> Any:
        return self.ready[seller, f"{kind}.mp4"]

    def evidence_of(self, plan: Plan, products: Sequence[Product]) -> Callable[[User, Product, int], Any]:
        """Who photographs what of a listing's thing when two of them are at odds."""
        kinds = {product.pk: planned.offer.pictures for product, planned in zip(products, plan.listings, strict=True)}

        def photograph(owner: User, product: Product, number: int) -> Any:
            pictures = kinds[product.pk]
            what = _name(pictures[number % len(pictures)])
            return _send(owner, what, self.made[what].result(), purpose=Purpose.EVIDENCE).pk

        return photograph

    def close(self) -> None:
        self.artists.shutdown(cancel_futures=True)

    def open(self, people: dict[str, User]) -> None:
        """Upload everything that the plan wants: first each file once, then again for whoever else shows it."""
        self.people = people
        settings.MEDIA_LIMITS = {**settings.MEDIA_LIMITS, "unused_files": 10_000}  # in this process, for this city
        if self.small:
            settings.MEDIA_AVIF_SPEED = QUICK_AVIF
        self.progress.stage("Pictures and films", len(self.once))
        self._each(self.once)
        self.progress.stage("Uploads", len(self.again))
        self._each(self.again)

    def _each(self, pairs: Sequence[Wanted]) -> None:
        if self.workers <= 1:
            for pair in pairs:
                self._upload(pair)
                self.progress.step()
            return

        def work(share: Iterable[Wanted]) -> None:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SET synchronous_commit = off")  # a city that is lost in a crash is built again
                for pair in share:
                    self._upload(pair)
                    self.progress.step()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(self.workers) as pool:
            for done in [pool.submit(copy_context().run, work, pairs[n :: self.workers]) for n in range(self.workers)]:
                done.result()

    def _upload(self, pair: Wanted) -> None:
        seller, what = pair
        content, owner = self.made[what].result(), self.people[seller]
        known = MediaAsset.objects.filter(
            owner=owner, sha256=hashlib.sha256(content).hexdigest(), state=AssetState.READY
        ).first()
        if known is None:
            known = _send(owner, what, content)
        self.ready[pair] = known.pk


def _name(picture: Picture) -> str:
    return f"{picture.kind}/{picture.view}"


def _made(what: str, *, small: bool) -> bytes:
    if what.endswith(".mp4"):
        kind = what.removesuffix(".mp4")
        return film(subject_of(kind), film_views(kind))
    kind, view = what.split("/")
    picture = draw(subject_of(kind), view)
    return jpeg(picture.resize(SMALL_UPLOAD, Image.Resampling.LANCZOS) if small else picture)


def _send(owner: User, what: str, content: bytes, *, purpose: str = Purpose.PRODUCT) -> MediaAsset:
    """Ask for a ticket, store the bytes where it says, report them, and carry the preparation out at once."""
    is_film = what.endswith(".mp4")
    ticket = request_upload(
        owner=owner,
        filename=what.replace("/", "-") + ("" if is_film else ".jpg"),
        content_type="video/mp4" if is_film else "image/jpeg",
        byte_size=len(content),
        purpose=purpose,
    )
    asset = MediaAsset.objects.get(pk=ticket.asset_id)
    storage.private().save(asset.upload_key, ContentFile(content))
    complete_upload(owner=owner, asset_id=asset.pk)
    waiting = Delivery.objects.filter(
        state=DeliveryState.PENDING,
        handler=f"media.prepare_{asset.kind if is_film else 'picture'}",
        event__payload__asset_id=str(asset.pk),
    )
    for delivery_id in list(waiting.order_by("pk").values_list("pk", flat=True)):
        carry_out(delivery_id)
    asset.refresh_from_db()
    if asset.state != AssetState.READY:
        told = Delivery.objects.filter(event__payload__asset_id=str(asset.pk)).exclude(last_error="").first()
        msg = f"{what} was not prepared: {asset.state} {asset.failure_code} {told.last_error if told else ''}"
        raise StudioError(msg)
    return asset
