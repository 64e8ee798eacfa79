"""A seller's side of listings, and what people and moderators did about them."""

import uuid
from collections.abc import Collection, Iterable, Sequence

from django.db.models import Count, QuerySet

from accounts.models import User
from catalog.models import (
    PriceChange,
    Product,
    ProductMedia,
    ProductRevision,
)
from catalog.states import OPEN_STATES, TARGET_KIND, ProductState, RevisionState
from media.models import MediaAsset
from media.states import AssetState
from moderation.models import Decision


def open_listings(seller: User) -> QuerySet[Product]:
    """What counts towards the limit of open listings."""
    return Product.objects.filter(seller=seller, state__in=OPEN_STATES)


def approvals_by_people(seller: User) -> int:
    """How many of a seller's listings a person has approved: below the limit of the house, a seller is new."""
    return Product.objects.filter(seller=seller, approved_by_person_at__isnull=False).count()


def products_of_seller(seller: User, *, states: Iterable[str] = ()) -> QuerySet[Product]:
    """A seller's own listings, newest first; without `states`, all but the removed ones."""
    own = Product.objects.filter(seller=seller)
    return own.filter(state__in=list(states)) if states else own.exclude(state=ProductState.REMOVED)


def counts_by_state(seller: User) -> dict[str, int]:
    """How many listings a seller has in each state, drafts left out."""
    rows = (
        Product.objects.filter(seller=seller)
        .exclude(state=ProductState.DRAFT)
        .order_by()
        .values_list("state")
        .annotate(n=Count("id"))
    )
    return dict(sorted(rows))


def tallies_of_seller(seller: User) -> dict[str, int]:
    """The same for the seller's own list, drafts included."""
    rows = products_of_seller(seller).order_by().values_list("state").annotate(n=Count("id"))
    return dict(sorted(rows))


def products_with_covers(product_ids: Sequence[uuid.UUID]) -> list[Product]:
    """Listings with what a row of them shows, in the order asked for."""
    found = Product.objects.select_related("cover", "category").in_bulk(list(product_ids))
    return [found[pk] for pk in product_ids if pk in found]


def last_decisions(product_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Decision]:
    """What a moderator decided last about each, unless it was undone: the reason is shown to the owner."""
    rows = Decision.objects.filter(
        case__target_kind=TARGET_KIND, case__target_id__in=list(product_ids), undone_at=None
    ).order_by("id")
    return {row.case.target_id: row for row in rows.select_related("case")}


def with_waiting_edits(product_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the listings that have a material edit before a moderator."""
    waiting = ProductRevision.objects.filter(product_id__in=list(product_ids), state=RevisionState.PENDING)
    return set(waiting.values_list("product_id", flat=True))


def pending_revision(product: Product) -> ProductRevision | None:
    """The material edit that waits for a moderator."""
    return ProductRevision.objects.filter(product=product, state=RevisionState.PENDING).first()


def pictures_of(product: Product) -> list[ProductMedia]:
    return list(product.pictures.select_related("asset").order_by("position"))


def image_ids_of(product: Product) -> list[uuid.UUID]:
    return list(product.pictures.order_by("position").values_list("asset_id", flat=True))


def price_history(product: Product) -> QuerySet[PriceChange]:
    return PriceChange.objects.filter(product=product).order_by("-at", "-id")


def people_who_saved(product_id: uuid.UUID) -> QuerySet[User]:
    """Who saved a listing: they are told when it sells or its price falls."""
    return User.objects.filter(favourites__product_id=product_id, is_active=True)


def decision_in_force(product: Product) -> Decision | None:
    """The moderator's decision because of which a listing is not on show: its owner is told the reason. One that was undone is not."""
    if product.hidden_at is None and product.state not in (ProductState.REJECTED, ProductState.REMOVED):
        return None
    return (
        Decision.objects.filter(case__target_kind=TARGET_KIND, case__target_id=product.pk, undone_at=None)
        .order_by("-id")
        .first()
    )


def held_assets(asset_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these uploads a listing, or an edit that waits, still shows."""
    wanted = set(asset_ids)
    held = set(ProductMedia.objects.filter(asset_id__in=wanted).values_list("asset_id", flat=True))
    held |= set(Product.objects.filter(video_id__in=wanted).values_list("video_id", flat=True))
    for content in ProductRevision.objects.filter(
        state=RevisionState.PENDING, product__seller__media__in=wanted
    ).values_list("content", flat=True):
        named = [*content.get("image_ids", []), content.get("video_id")]
        held |= {uuid.UUID(pk) for pk in named if pk} & wanted
    return held


def ready_assets(asset_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these uploads are still there to be shown."""
    return set(MediaAsset.objects.filter(pk__in=asset_ids, state=AssetState.READY).values_list("pk", flat=True))


def assets_in_order(asset_ids: Sequence[str | uuid.UUID]) -> list[MediaAsset]:
    """Uploads by their ids, in this order, without those that are gone."""
    found = {str(asset.pk): asset for asset in MediaAsset.objects.filter(pk__in=asset_ids)}
    return [found[str(pk)] for pk in asset_ids if str(pk) in found]
