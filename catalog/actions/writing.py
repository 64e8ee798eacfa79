"""What sellers write: drafts, and edits with or without a moderator in between."""

import uuid
from typing import Any, TypedDict, Unpack

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.rules import check_may_sell
from catalog import errors, rules
from catalog.actions.locks import lock_own_product, lock_seller
from catalog.events import PriceChanged, ProductEdited, ProductSubmitted
from catalog.models import Brand, Category, PriceChange, Product, ProductMedia, ProductRevision, ProductVariant
from catalog.ports import quote_fee
from catalog.selectors import (
    approvals_by_people,
    held_assets,
    image_ids_of,
    open_listings,
    pending_revision,
    questions_of,
    shelf_named,
    shelf_of,
)
from catalog.states import REVISION_MOVES, TARGET_KIND, FeedType, ProductState, RevisionState
from core.events import publish
from core.geo import FEED_RESOLUTION, WIDE_RESOLUTION, LatLng
from core.money import Money
from core.states import move
from media.actions import attach_assets, release_assets
from media.states import AssetKind, Purpose
from moderation.actions import open_review_case, withdraw_case
from moderation.selectors import moderation_settings
from places.selectors import neighborhood_at


class ProductFields(TypedDict, total=False):
    """What a seller writes about a thing. Prices in minor units; category and brand by slug; media by the ids of own uploads."""

    title: str
    description: str
    price_minor: int | None
    original_price_minor: int | None
    currency: str
    category: str | None
    brand: str | None
    condition: str
    attributes: dict[str, Any]
    tags: list[str]
    image_ids: list[uuid.UUID]
    video_id: uuid.UUID | None
    location: LatLng | None
    building_name: str


@transaction.atomic
def create_draft(*, seller: User, feed_type: str = FeedType.COMMUNITY, **fields: Unpack[ProductFields]) -> Product:
    """Begin a listing that only its seller sees. What is filled in must be right; nothing must be complete yet.

    Locks the seller's row to count open listings.

    Raises:
        accounts' refusals: the person may not sell.
        TooManyOpenListings, and what the single fields are refused for.
    """
    check_may_sell(seller)
    lock_seller(seller)
    check_room(seller)
    product = Product(seller=seller, feed_type=FeedType(feed_type))
    changes = clean_fields(product, fields, written=plain_facts(product))
    product.save()
    ProductVariant.objects.create(product=product)
    write(product, changes)
    return product


def check_room(seller: User) -> None:
    """Call it with the seller's row locked. Raises TooManyOpenListings."""
    limit = settings.OPEN_LISTINGS_PER_SELLER
    if open_listings(seller).count() >= limit:
        raise errors.TooManyOpenListings(limit=limit)


@transaction.atomic
def edit_product(
    *,
    seller: User,
    product_id: uuid.UUID,
    revision: int | None = None,
    feed_type: str | None = None,
    **fields: Unpack[ProductFields],
) -> Product:
    """Change what a seller wrote; fields that are not named stay.

    Before it was ever approved, the listing itself changes (and the open case is shown the new text). Afterwards, changes that are
    not material apply at once, and material ones wait as a pending revision where the house's switch says that this seller's
    listings are read first; the approved text stays on show until then. Publishes ProductEdited, ProductSubmitted, PriceChanged.

    Raises:
        ProductNotFound, NotYourProduct, StaleRevision, CannotEditNow, and what the single fields are refused for.
        FeedTypeIsFixed: `feed_type` is another than the listing's.
    """
    product = lock_own_product(seller=seller, product_id=product_id, revision=revision)
    rules.check_editable(product)
    if feed_type not in (None, product.feed_type):
        raise errors.FeedTypeIsFixed
    check_may_sell(product.seller)
    waiting = pending_revision(product)
    written = plain_facts(product) | (from_json(waiting.content) if waiting else {})
    changes = clean_fields(product, fields, written=written)
    if not changes:
        return product
    if product.state != ProductState.DRAFT:
        check_offer(product, written | changes)
    product.revision += 1
    if product.state in rules.ON_SHOW_ONCE_APPROVED:
        _edit_approved(product, changes, waiting)
    else:
        write(product, changes)
    if product.state == ProductState.PENDING_REVIEW:
        open_review_case(target_kind=TARGET_KIND, target_id=product.pk)
    publish(ProductEdited(product_id=product.pk, revision=product.revision))
    return product


def _edit_approved(product: Product, changes: dict[str, Any], waiting: ProductRevision | None) -> None:
    """Split an edit into what applies at once and what waits for a moderator."""
    waited = waiting.content if waiting else {}
    material = rules.material_fields(plain_facts(product), changes) if is_reviewed(product) else set()
    if "category_id" in waited and "category_id" not in changes:
        material |= {"attributes"} & set(changes)  # they answer the category that waits
    at_once = {name: value for name, value in changes.items() if name not in material}
    content = {name: value for name, value in waited.items() if name not in at_once}
    content |= as_json({name: changes[name] for name in material})
    if "category_id" not in content:
        content.pop("attributes", None)
    write(product, at_once)
    if content and content != waited:
        if waiting:
            move(waiting, RevisionState.WITHDRAWN, REVISION_MOVES, decided_at=timezone.now())
        ProductRevision.objects.create(product=product, number=product.revision, content=content)
        publish(ProductSubmitted(product_id=product.pk, revision=product.revision))
    elif waiting and not content:
        move(waiting, RevisionState.WITHDRAWN, REVISION_MOVES, decided_at=timezone.now())
        withdraw_case(target_kind=TARGET_KIND, target_id=product.pk, content_stays=True)
    if waiting and waiting.state == RevisionState.WITHDRAWN:
        release_media_of(waiting)
    if content:  # what the moderator reads shows the edit beside the listing, so either of them changed it
        open_review_case(target_kind=TARGET_KIND, target_id=product.pk)


def release_media_of(revision: ProductRevision) -> None:
    """The pictures and the video of an edit that is not wanted any more are nobody's, unless something else shows them."""
    edit = from_json(revision.content)
    named = {*edit.get("image_ids", []), *([edit["video_id"]] if edit.get("video_id") else [])}
    _release_unless_held(named)


def is_reviewed(product: Product) -> bool:
    """Whether a moderator reads this seller's listings before they show. One that is hidden is always read."""
    return product.hidden_at is not None or rules.needs_review(
        mode=moderation_settings().pre_moderation,
        approvals=approvals_by_people(product.seller),
        approvals_wanted=settings.NEW_SELLER_APPROVALS,
    )


def clean_fields(product: Product, fields: ProductFields, *, written: dict[str, Any]) -> dict[str, Any]:
    """The fields of an edit as the product stores them, checked one by one, only those that differ from what was `written` last.

    Names are the columns' (`category_id`), besides `image_ids`. Puts newly named uploads to use.
    """
    rules.check_texts(title=fields.get("title", ""), description=fields.get("description", ""))
    changes: dict[str, Any] = {
        name: fields[name].strip()  # type: ignore[literal-required]
        for name in ("title", "description", "building_name")
        if name in fields
    }
    for name in ("price_minor", "original_price_minor", "currency", "condition", "location"):
        if name in fields:
            changes[name] = fields[name]  # type: ignore[literal-required]
    if "tags" in fields:
        changes["tags"] = rules.clean_tags(fields["tags"])
    if "brand" in fields:
        changes["brand_id"] = _brand_id(fields["brand"])
    if "category" in fields or "attributes" in fields:
        changes |= _clean_shelf(fields, written)
    changes |= _clean_media(product, fields)
    _check_prices(product, changes)
    return {name: value for name, value in changes.items() if written[name] != value}


def _check_prices(product: Product, changes: dict[str, Any]) -> None:
    currency = changes.get("currency", product.currency)
    if currency != product.currency and product.published_at is not None:
        raise errors.CurrencyIsFixed
    rules.check_prices(
        price_minor=changes.get("price_minor", product.price_minor),
        original_price_minor=changes.get("original_price_minor", product.original_price_minor),
        currency=currency,
    )


def _brand_id(slug: str | None) -> int | None:
    if not slug:
        return None
    found = Brand.objects.filter(slug=slug, is_active=True).values_list("pk", flat=True).first()
    if found is None:
        raise errors.BrandUnknown(slug=slug)
    return found


def _clean_shelf(fields: ProductFields, written: dict[str, Any]) -> dict[str, Any]:
    """The category, and the answers that fit it. A new category keeps those old answers that it asks for as well."""
    moved = "category" in fields
    if moved:
        shelf = shelf_named(fields["category"]) if fields["category"] else None
    else:
        category = Category.objects.filter(pk=written["category_id"]).first()
        shelf = shelf_of(category) if category else None
    questions = questions_of(shelf) if shelf else []
    if "attributes" in fields:
        answers = fields["attributes"]
    else:
        asked = {question.key for question in questions}
        answers = {key: value for key, value in written["attributes"].items() if key in asked}
    clean: dict[str, Any] = {"attributes": rules.clean_attributes(questions, answers, today=timezone.localdate())}
    if moved:
        clean["category_id"] = shelf.category.pk if shelf else None
    return clean


def _clean_media(product: Product, fields: ProductFields) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if "image_ids" in fields:
        rules.check_images(fields["image_ids"])
        pictures = attach_assets(owner=product.seller, asset_ids=fields["image_ids"], purpose=Purpose.PRODUCT)
        if any(picture.kind != AssetKind.IMAGE for picture in pictures):
            raise errors.NotAPicture
        changes["image_ids"] = [picture.pk for picture in pictures]
    if "video_id" in fields:
        changes["video_id"] = fields["video_id"]
        if fields["video_id"] is not None:
            [video] = attach_assets(owner=product.seller, asset_ids=[fields["video_id"]], purpose=Purpose.PRODUCT)
            if video.kind != AssetKind.VIDEO:
                raise errors.NotAVideo
    return changes


def plain_facts(product: Product) -> dict[str, Any]:
    """What stands in a listing now, under the names of `clean_fields`."""
    return {
        "title": product.title,
        "description": product.description,
        "price_minor": product.price_minor,
        "original_price_minor": product.original_price_minor,
        "currency": product.currency,
        "category_id": product.category_id,
        "brand_id": product.brand_id,
        "condition": product.condition,
        "attributes": product.attributes,
        "tags": product.tags,
        "image_ids": image_ids_of(product) if product.pk else [],
        "video_id": product.video_id,
        "location": LatLng.of(product.location) if product.location else None,
        "building_name": product.building_name,
    }


def as_json(changes: dict[str, Any]) -> dict[str, Any]:
    """Material changes as a pending revision keeps them."""
    plain: dict[str, Any] = dict(changes)
    if "image_ids" in plain:
        plain["image_ids"] = [str(pk) for pk in plain["image_ids"]]
    if plain.get("video_id"):
        plain["video_id"] = str(plain["video_id"])
    return plain


def from_json(content: dict[str, Any]) -> dict[str, Any]:
    changes = dict(content)
    if "image_ids" in changes:
        changes["image_ids"] = [uuid.UUID(pk) for pk in changes["image_ids"]]
    if changes.get("video_id"):
        changes["video_id"] = uuid.UUID(changes["video_id"])
    return changes


def write(product: Product, changes: dict[str, Any]) -> None:
    """Write clean changes into a locked product and save it. A new price on show is remembered. Publishes PriceChanged."""
    old_price, old_video = product.price_minor, product.video_id
    for name, value in changes.items():
        if name == "image_ids":
            _write_pictures(product, value)
        elif name == "location":
            _write_place(product, value)
        else:
            setattr(product, name, value)
    if product.original_price_minor and (product.price_minor or 0) > product.original_price_minor:
        product.original_price_minor = None  # an approved rise went past what was crossed out
    first = image_ids_of(product)[:1]
    product.cover_id = first[0] if first else product.video_id
    product.save()
    if old_video and old_video != product.video_id:
        _release_unless_held({old_video})
    new_price = product.price_minor
    if old_price and new_price and new_price != old_price and product.state in rules.ON_SHOW_ONCE_APPROVED:
        PriceChange.objects.create(product=product, old_minor=old_price, new_minor=new_price, currency=product.currency)
        publish(PriceChanged(product_id=product.pk, old_minor=old_price, new_minor=new_price))


def _write_pictures(product: Product, image_ids: list[uuid.UUID]) -> None:
    before = set(image_ids_of(product))
    product.pictures.all().delete()
    ProductMedia.objects.bulk_create(
        [ProductMedia(product=product, asset_id=pk, position=n) for n, pk in enumerate(image_ids)]
    )
    _release_unless_held(before - set(image_ids))


def _release_unless_held(asset_ids: set[uuid.UUID]) -> None:
    """Uploads that left a listing are nobody's, unless another listing or an edit that waits shows them."""
    unused = asset_ids - held_assets(asset_ids) if asset_ids else set()
    if unused:
        release_assets(asset_ids=unused)


def _write_place(product: Product, place: LatLng | None) -> None:
    """Keep the exact place private and derive from it all that others may know."""
    if place is None:
        product.location = product.public_location = None
        product.feed_cell = product.wide_cell = None
        product.neighborhood = None
        return
    public = place.snapped()
    product.location, product.public_location = place.point, public.point
    product.feed_cell, product.wide_cell = public.cell(FEED_RESOLUTION), public.cell(WIDE_RESOLUTION)
    product.neighborhood = neighborhood_at(place)


def check_offer(product: Product, facts: dict[str, Any] | None = None) -> None:
    """A listing with these facts (those that stand in it) tells all that it must, and is worth selling.

    Raises:
        NotComplete, CategoryUnknown, VideoRequired, PriceNotAboveFee, OnlyOneOfUsedThings.
    """
    facts = facts or plain_facts(product)
    category = Category.objects.filter(pk=facts["category_id"]).first()
    questions = questions_of(shelf_of(category)) if category else []
    rules.check_complete(facts, feed_type=product.feed_type, category=category, questions=questions)
    prices, stock = {facts["price_minor"]}, 0
    for variant in product.variants.filter(is_active=True):
        stock += variant.stock
        prices |= {variant.price_minor} if variant.price_minor else set()
    for minor in sorted(prices):
        price = Money(minor, facts["currency"])
        quote = quote_fee(price=price, channel=product.feed_type, category=category, seller=product.seller)
        rules.check_price_above_fee(price=price, fee=quote.fee)
    if stock > 1 and not rules.may_have_variants(seller=product.seller, condition=facts["condition"]):
        raise errors.OnlyOneOfUsedThings
