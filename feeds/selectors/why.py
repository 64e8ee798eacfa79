"""Why somebody sees a listing in a feed."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.selectors import follows
from catalog.errors import ProductNotFound
from catalog.models import Product
from catalog.selectors import visible_products
from core.amounts import money_words
from core.geo import LatLng
from feeds import words
from feeds.errors import NearestNeedsAPlace, NotInThisFeed
from feeds.ranking import Facts, Weights
from feeds.selectors.pages import Viewer
from feeds.selectors.weights import weights_in_force
from feeds.states import CommunitySort, DiscoverSort, Feed
from feeds.words import Reason


@dataclass(frozen=True)
class Why:
    """The answer: one sentence, each term with its share, what else holds, and the version of the weights where there is one."""

    product: Product
    feed: Feed
    sort: str
    summary: str
    reasons: list[Reason]
    also: list[str]
    version: int | None


def why_shown(
    *, viewer: Viewer, product_id: uuid.UUID, feed: Feed | None = None, sort: str = "", place: LatLng | None = None
) -> Why:
    """Explain a listing's place in a feed, by default the one that it is in, sorted as suggested.

    Raises:
        ProductNotFound: there is none, or none that `viewer` may see.
        NotInThisFeed: it cannot stand in that feed for this viewer.
        NearestNeedsAPlace.
    """
    product = (
        visible_products(viewer).select_related("seller__standing", "category", "cover").filter(pk=product_id).first()
    )
    if product is None:
        raise ProductNotFound
    feed = feed or Feed(product.feed_type)
    if feed is Feed.FOLLOWING:
        if viewer is None or not viewer.pk or not follows(viewer, product.seller):  # type: ignore[arg-type]
            raise NotInThisFeed
        return _plainly(product, feed, "recent", words.only("following", _followed(product)))
    if product.feed_type != feed:
        raise NotInThisFeed
    facts = facts_of(product, place=place, now=timezone.now())
    chosen = sort or str(CommunitySort.SUGGESTED)
    if chosen == CommunitySort.SUGGESTED:
        return _by_the_formula(product, feed, facts, weights_in_force())
    return _plainly(product, feed, chosen, _by_one_thing(product, chosen, facts))


def facts_of(product: Product, *, place: LatLng | None, now: datetime) -> Facts:
    """What the formula reads of a listing that is loaded with its seller and the seller's standing."""
    seller = product.seller
    standing = getattr(seller, "standing", None)
    since, published = seller.sells_since, product.published_at or now
    return Facts(
        age_hours=(now - published).total_seconds() / 3600,
        metres=place.metres_to(LatLng.of(product.public_location)) if place and product.public_location else None,
        is_proven=seller.is_verified,
        is_checked=seller.is_trusted,
        rating=float(standing.rating) if standing and standing.rating is not None else None,
        review_count=standing.review_count if standing else 0,
        sales_count=standing.sales_count if standing else 0,
        seller_days=(now - since).total_seconds() / 86400 if since else None,
        views=product.view_count,
        favourites=product.favourite_count,
    )


def _by_the_formula(product: Product, feed: Feed, facts: Facts, weights: Weights) -> Why:
    reasons = words.explain(facts, weights)
    summary = words.in_one_sentence(reasons)
    return Why(product, feed, "suggested", summary, reasons, words.fair_play(), weights.version)


def _plainly(product: Product, feed: Feed, sort: str, reason: Reason) -> Why:
    return Why(product, feed, sort, reason.says, [reason], [], None)


def _by_one_thing(product: Product, sort: str, facts: Facts) -> Reason:
    """Raises NearestNeedsAPlace."""
    if sort == CommunitySort.NEAREST:
        if facts.metres is None:
            raise NearestNeedsAPlace
        far = words.how_far(facts.metres)
        return words.only(
            "distance", _("You sorted by distance: it is about {far} from where you look.").format(far=far)
        )
    if sort in (CommunitySort.PRICE_LOW, CommunitySort.PRICE_HIGH):
        said = money_words(product.price) if product.price else ""
        return words.only("price", _("You sorted by price: it costs {price}.").format(price=said))
    ago = words.how_long_ago(facts.age_hours)
    if sort == DiscoverSort.POPULAR:
        says = _(
            "You sorted by how much things are watched: {n} views, and newer ones count for more. It was put up {ago}."
        )
        return words.only("engagement", says.format(n=facts.views, ago=ago))
    return words.only("freshness", _("You sorted by time: it was put up {ago}.").format(ago=ago))


def _followed(product: Product) -> str:
    return _("You follow {name}. This feed shows everything that they sell, newest first.").format(
        name=product.seller.display_name
    )
