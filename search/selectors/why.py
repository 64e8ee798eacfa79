"""Why somebody finds a listing where they do, and what the formula read of a page."""

# ruff: noqa: S608 - names of ours

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.errors import ProductNotFound
from catalog.models import Product
from catalog.selectors import Viewer, products_with_a_page, visible_products
from core.geo import LatLng
from feeds import words
from feeds.rules import seller_tier
from feeds.selectors import Ranked, facts_of, weights_in_force
from feeds.selectors.pages import RankedRow
from feeds.words import Reason
from search.engines.literals import literal
from search.engines.postgres import PostgresEngine
from search.ports import Question, Span
from search.selectors.pages import ELSEWHERE
from search.states import Availability, SearchSort


@dataclass(frozen=True)
class WhyFound:
    """The answer, in the shape of `feeds.selectors.Why`. Without a `version` one thing alone sorted."""

    product: Product
    summary: str
    reasons: list[Reason]
    also: list[str]
    version: int | None


def why_found(question: Question, *, viewer: Viewer, product_id: uuid.UUID) -> WhyFound:
    """Explain a listing's place among what a question finds. Raises ProductNotFound: none that `viewer` may see."""
    is_sold = question.availability == Availability.SOLD
    shown = products_with_a_page(viewer) if is_sold else visible_products(viewer)
    product = shown.select_related("seller__standing", "category", "cover").filter(pk=product_id).first()
    if product is None:
        raise ProductNotFound
    if question.sort != SearchSort.RELEVANCE:
        says = _("You sorted by “{order}”.").format(order=SearchSort(question.sort).label)
        return WhyFound(product, says, [], [], None)
    weights = weights_in_force()
    facts = facts_of(product, place=question.place, now=timezone.now())
    facts = replace(facts, text=_fits(question, [product.pk]).get(product.pk, 0.0) if question.groups else None)
    reasons = words.explain(facts, weights)
    return WhyFound(product, words.in_one_sentence(reasons), reasons, words.fair_play(), weights.version)


def as_ranked(question: Question, ids: Sequence[uuid.UUID]) -> Ranked:
    """What the formula read of listings that it put into this order: for the sample that feeds keep."""
    weights, now = weights_in_force(), timezone.now()
    fits = _fits(question, ids) if question.groups else {}
    found = Product.objects.filter(pk__in=ids).select_related("seller__standing")
    by_id = {product.pk: product for product in found}
    ahead = []
    for product in (by_id[pk] for pk in ids if pk in by_id):
        facts = facts_of(product, place=question.place, now=now)
        facts = replace(facts, text=fits.get(product.pk, 0.0) if question.groups else None)
        is_business = product.seller.business_verified_at is not None
        ahead.append(
            RankedRow(
                product.pk,
                product.seller_id,
                product.neighborhood_id,
                seller_tier(facts, is_business=is_business, weights=weights),
                LatLng.of(product.public_location) if product.public_location else None,
                facts,
            )
        )
    return Ranked(weights, now, tuple(ahead))


def _fits(question: Question, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, float]:
    """How well listings fit the words, 0 to 1: by the documents, which every engine's copy is made from."""
    source = PostgresEngine().source(question, span=Span(), limit=len(ids))
    those = ", ".join(literal(pk) for pk in ids)
    conditions = " AND ".join([f"d.product_id IN ({those})", *source.conditions])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT d.product_id, d.category_id, {source.text} FROM {source.rows} WHERE {conditions}")
        rows = cursor.fetchall()
    named = set(question.named_categories)
    return {pk: fit * (ELSEWHERE if named and category not in named else 1) for pk, category, fit in rows}
