"""What the page of one listing shows, put together from the answers of the selectors."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import selectors as people
from catalog import selectors
from catalog.models import CategoryAttribute, Product
from catalog.states import WITH_A_PAGE, AttributeKind, ProductState
from core.geo import LatLng
from media import selectors as media
from places.rules import distance_label, rounded_km
from places.selectors import Standpoint

BLUR_M = 250  # the public cell with some air around it
SUMMARY_LENGTH = 160  # what link previews show


@dataclass(frozen=True)
class Notice:
    """What the owner, or whoever comes too late, is told above the listing."""

    kind: str
    icon: str
    title: str
    text: str = ""
    url: str = ""
    label: str = ""


def listing_page(request: HttpRequest, product: Product, place: Standpoint | None) -> dict[str, Any]:
    viewer = request.user
    address = f"{settings.SITE_URL}/l/{product.pk}"
    pictures = [p for p in (media.picture(row.asset) for row in selectors.pictures_of(product)) if p]
    video = media.picture(product.video)
    shelf = selectors.shelf_of(product.category) if product.category else None
    seller = people.person_brief(product.seller)
    preview = pictures[0]["url"] if pictures else video["url"] if video else ""
    context = {
        "product": product,
        "section": "",
        "address": address,
        "summary": Truncator(f"{product.title}. {product.description}".strip()).chars(SUMMARY_LENGTH),
        "is_public": product.state in WITH_A_PAGE and product.hidden_at is None,
        "is_mine": product.seller_id == viewer.pk,
        "can_save": product.state != ProductState.SOLD,
        "is_saved": viewer.is_authenticated and selectors.favourites(viewer).filter(pk=product.pk).exists(),
        "pictures": [*([video] if video else []), *pictures],
        "preview_url": absolute(preview),
        "crumbs": [(category.name, f"/c/{category.slug}") for category in (shelf.path if shelf else ())],
        "facts": facts(product, selectors.questions_of(shelf)) if shelf else [],
        "variants": variants(product),
        "seller": seller,
        "seller_url": f"/u/{product.seller.username}",
        "seller_words": seller_words(seller),
        "seller_bio": product.seller.bio if people.sees_profile(viewer, product.seller) else "",
        "parcel": selectors.parcel_of(product),
        "place": place_of(product, place),
        "map": map_of(product, place),
        "notice": notice(product, is_mine=product.seller_id == viewer.pk),
    }
    context["linked_data"] = linked_data(product, address, [absolute(p["url"]) for p in pictures], seller)
    return context


def absolute(url: str) -> str:
    return url if not url or url.startswith("http") else f"{settings.SITE_URL}{url}"


def facts(product: Product, questions: list[CategoryAttribute]) -> list[tuple[str, str]]:
    """The answers to what the category asks, in words."""
    return [
        (question.name, in_words(question, product.attributes[question.key]))
        for question in questions
        if question.key in product.attributes
    ]


def in_words(question: CategoryAttribute, answer: Any) -> str:
    if question.kind == AttributeKind.FLAG:
        return _("yes") if answer else _("no")
    if question.kind == AttributeKind.CHOICE:
        chosen = next((choice for choice in question.choices if choice["value"] == answer), None)
        return selectors.choice_name(chosen) if chosen else str(answer)
    return f"{answer} {question.unit}".strip()


def variants(product: Product) -> list[dict[str, Any]]:
    """Sizes and colours on offer; nothing for a listing without options."""
    return [
        {"words": " · ".join(str(value) for value in variant.options.values()), "available": variant.available}
        for variant in selectors.variants_with_stock(product)
        if variant.options
    ]


def seller_words(seller: dict[str, Any]) -> str:
    words = []
    if seller["rating"]:
        reviews = ngettext("{n} review", "{n} reviews", seller["review_count"]).format(n=seller["review_count"])
        words.append(f"★ {float(seller['rating']):.1f} ({reviews})")
    if seller["neighborhood"]:
        words.append(seller["neighborhood"])
    return " · ".join(words)


def place_of(product: Product, place: Standpoint | None) -> dict[str, Any]:
    """Words for where it is: never more exact than its public cell."""
    known: dict[str, Any] = {"neighborhood": product.neighborhood, "distance_km": None, "distance_label": ""}
    if product.public_location is not None and place is not None:
        metres = place.at.metres_to(LatLng.of(product.public_location))
        known |= {"distance_km": rounded_km(metres), "distance_label": distance_label(metres)}
    return known


def map_of(product: Product, place: Standpoint | None) -> dict[str, Any] | None:
    """What `static/js/map.js` draws: a circle around the public point."""
    if product.public_location is None:
        return None
    city = product.neighborhood.city if product.neighborhood else place.city if place else ""
    return {
        "centre": [product.public_location.y, product.public_location.x],
        "blur_m": BLUR_M,
        "here": product.neighborhood.slug if product.neighborhood else "",
        "districts_url": f"/api/v1/neighborhoods.geojson?city={city}" if city else "",
        "tile_url": settings.MAP_TILE_URL,
    }


def notice(product: Product, *, is_mine: bool) -> Notice | None:
    if product.hidden_at is not None and is_mine:
        return Notice(
            "bad",
            "eye-off",
            _("Hidden while we look at it"),
            _("Only you see this listing until a moderator has decided. You will be told."),
        )
    if product.state == ProductState.SOLD:
        shelf = product.category
        return Notice(
            "",
            "handshake",
            _("This is sold"),
            "",
            f"/c/{shelf.slug}" if shelf else "/",
            _("More like it in {category}").format(category=shelf.name) if shelf else _("See what is near you"),
        )
    if not is_mine:
        return None
    return {
        ProductState.DRAFT: Notice(
            "", "pencil", _("A draft that only you see"), "", f"/sell/{product.pk}", _("Go on with it")
        ),
        ProductState.PENDING_REVIEW: Notice(
            "wait",
            "hourglass",
            _("A moderator looks at it first"),
            _("It usually takes a few hours. It appears in the feeds as soon as it is approved, and we tell you."),
        ),
        ProductState.REJECTED: Notice(
            "bad",
            "circle-x",
            _("Not approved"),
            _("We told you why. Change it and send it again."),
            f"/sell/{product.pk}",
            _("Change it"),
        ),
        ProductState.PAUSED: Notice(
            "wait", "pause", _("Paused: nobody else sees it"), "", "/me/listings", _("My listings")
        ),
        ProductState.EXPIRED: Notice(
            "wait", "clock", _("It ran out: nobody else sees it"), "", "/me/listings", _("Renew it")
        ),
        ProductState.REMOVED: Notice("bad", "trash-2", _("Removed")),
    }.get(ProductState(product.state))


_SCHEMA_CONDITION = {"new": "NewCondition"}
_SCHEMA_AVAILABILITY = {
    ProductState.ACTIVE: "InStock",
    ProductState.RESERVED: "LimitedAvailability",
    ProductState.SOLD: "SoldOut",
}


def linked_data(product: Product, address: str, pictures: list[str], seller: dict[str, Any]) -> dict[str, Any]:
    """schema.org's Product with its Offer, for search engines."""
    known: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.title,
        "description": product.description,
        "url": address,
        "image": pictures,
        "itemCondition": f"https://schema.org/{_SCHEMA_CONDITION.get(product.condition, 'UsedCondition')}",
    }
    if product.brand:
        known["brand"] = {"@type": "Brand", "name": product.brand.name_en}
    if product.price and product.state in _SCHEMA_AVAILABILITY:
        known["offers"] = {
            "@type": "Offer",
            "url": address,
            "price": str(product.price),
            "priceCurrency": product.currency,
            "availability": f"https://schema.org/{_SCHEMA_AVAILABILITY[ProductState(product.state)]}",
            "seller": {"@type": "Person", "name": seller["display_name"]},
        }
    return known
