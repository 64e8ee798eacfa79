"""Documents follow the listings that they stand for."""

import uuid
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.utils import timezone, translation

from accounts.selectors import with_brief
from catalog.models import Category, CategoryAttribute, Product
from catalog.states import AttributeKind, Condition, ProductState
from feeds import ranking
from feeds.selectors import facts_of
from search import analysis, marks
from search.analysis import Part
from search.models import SearchDocument
from search.ports import Progress
from search.sounds import sound
from search.states import Availability

BATCH = 500


@transaction.atomic
def index_products(product_ids: Collection[uuid.UUID]) -> int:
    """Make the documents of some listings say what the listings say now; return how many were written.

    Locks the listings, so that of two at once the later reads the later state. What was never on show gets no document, and what is
    shown no more keeps one without words.
    """
    products = list(
        with_brief(Product.objects.filter(pk__in=product_ids), "seller")
        .select_related("seller__standing", "seller__neighborhood", "brand", "neighborhood")
        .defer("neighborhood__boundary", "neighborhood__centre")
        .exclude(published_at=None)
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
    )
    if not products:
        return 0
    shelves = _Shelves()
    rows = [_row(product, shelves) for product in products]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, {name: [row[name] for row in rows] for name in _COLUMNS} | {"now": timezone.now()})
        spelt = _most_careful(spelling for row in rows for spelling in row["spelt"])
        learnt: dict[str, Any] = {
            "words": list(spelt),
            "lexemes": [analysis.lexeme(word) for word in spelt],
            "sounds": [sound(word) for word in spelt],
            "spelt": list(spelt.values()),
            "care": [analysis.care(spelling) for spelling in spelt.values()],
        }
        cursor.execute(_LEARN, learnt)
        cursor.execute(_LEARN_BETTER, learnt)
    return len(rows)


def index_everything(*, progress: Progress, batch: int = BATCH) -> int:
    """Make every document anew, in batches of their own transactions: safe to break off and to run again. Return how many.

    Searches go on meanwhile.
    """
    ids = Product.objects.exclude(published_at=None).order_by("pk")
    whole, done, last = ids.count(), 0, None
    while True:
        page = ids.filter(pk__gt=last) if last else ids
        found = list(page.values_list("pk", flat=True)[:batch])
        if not found:
            return done
        done += index_products(found)
        last = found[-1]
        progress(done, whole)


def index_what_changed(*, batch: int = BATCH) -> int:
    """Make anew the documents of listings that changed, or whose sellers did, after they were made; return how many were looked at.

    Events do this at once; this finds what had none, such as a seller's new name.
    """
    done = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_STALE, {"limit": batch})
            found = [row[0] for row in cursor.fetchall()]
        if found:
            index_products(found)
            SearchDocument.objects.filter(pk__in=found).update(indexed_at=timezone.now())
        done += len(found)
        if len(found) < batch:
            return done


def _most_careful(spellings: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Folded words, sorted, with the most careful spelling of each."""
    best: dict[str, str] = {}
    for word, spelt in spellings:
        if word not in best or analysis.care(spelt) > analysis.care(best[word]):
            best[word] = spelt
    return dict(sorted(best.items()))


class _Shelves:
    """The categories, with what stands above each, and their questions: some hundred rows, read once a batch."""

    def __init__(self) -> None:
        self.by_id = {c.pk: c for c in Category.objects.all()}
        self.questions: dict[int, list[CategoryAttribute]] = {}
        for question in CategoryAttribute.objects.all():
            self.questions.setdefault(question.category_id, []).append(question)

    def path(self, category_id: int | None) -> Iterator[Category]:
        """The category itself first."""
        while category_id is not None:
            category = self.by_id[category_id]
            yield category
            category_id = category.parent_id

    def questions_of(self, category_id: int | None) -> dict[str, CategoryAttribute]:
        asked: dict[str, CategoryAttribute] = {}
        for category in self.path(category_id):
            for question in self.questions.get(category.pk, ()):
                asked.setdefault(question.key, question)
        return asked


def _row(product: Product, shelves: _Shelves) -> dict[str, Any]:
    availability = _availability(product)
    is_shown = availability != Availability.NONE
    parts = list(_parts(product, shelves)) if is_shown else []
    spelt: list[tuple[str, str]] = []
    if availability == Availability.AVAILABLE:
        spelt = [found for part in parts if part.weight in "AB" for found in analysis.surface(part.text).items()]
    return {
        "product_id": product.pk,
        "availability": str(availability),
        "words": analysis.vector(parts, _marks(product) if is_shown else ()),
        **_worth(product),
        "published_at": product.published_at,
        "price_minor": product.price_minor or 0,
        "currency": product.currency,
        "category_id": product.category_id,
        "brand_id": product.brand_id,
        "condition": product.condition,
        "feed_type": product.feed_type,
        "neighborhood_id": product.neighborhood_id,
        "seller_id": product.seller_id,
        "public_location": product.public_location.ewkt if product.public_location else None,
        "feed_cell": product.feed_cell,
        "wide_cell": product.wide_cell,
        "spelt": spelt,
    }


def _marks(product: Product) -> list[str]:
    if product.published_at is None:
        return []
    return marks.of_document(product.published_at, product.feed_cell, product.wide_cell)


def _worth(product: Product) -> dict[str, Any]:
    facts = facts_of(product, place=None, now=timezone.now())
    return {
        "points": facts.points,
        "trust": ranking.trust(facts),
        "newcomer_since": product.seller.sells_since if facts.is_proven else None,
        "seller_sales": facts.sales_count,
    }


def _availability(product: Product) -> Availability:
    if product.hidden_at is not None or product.category_id is None:
        return Availability.NONE
    return {ProductState.ACTIVE: Availability.AVAILABLE, ProductState.SOLD: Availability.SOLD}.get(
        ProductState(product.state), Availability.NONE
    )


def _parts(product: Product, shelves: _Shelves) -> Iterator[Part]:
    """What a listing may be found by. Only what strangers read of it, and its seller by the name that they read."""
    yield Part("A", product.title)
    if product.brand:
        yield Part("B", product.brand.name_en)
        yield Part("B", product.brand.name_ar)
    yield from (Part("B", tag) for tag in product.tags)
    weight = "B"
    for category in shelves.path(product.category_id):
        yield Part(weight, category.name_en)
        yield Part(weight, category.name_ar)
        weight = "C"
    yield from _answers(product, shelves)
    yield from (Part("C", name) for name in _condition_names(product.condition))
    yield Part("C", product.seller.username)
    yield Part("C", product.seller.display_name)
    yield Part("D", product.description)
    if product.neighborhood:
        yield Part("D", product.neighborhood.name_en)
        yield Part("D", product.neighborhood.name_ar)


def _answers(product: Product, shelves: _Shelves) -> Iterator[Part]:
    for key, question in shelves.questions_of(product.category_id).items():
        answer = product.attributes.get(key)
        if question.kind == AttributeKind.CHOICE:
            for choice in question.choices:
                if choice["value"] == answer:
                    yield Part("C", choice["name_en"])
                    yield Part("C", choice["name_ar"])
        elif question.kind == AttributeKind.TEXT and isinstance(answer, str):
            yield Part("B", answer)
        elif question.kind == AttributeKind.YEAR and answer is not None:
            yield Part("C", str(answer))
        elif question.kind == AttributeKind.FLAG and answer is True:
            yield Part("D", question.name_en)
            yield Part("D", question.name_ar)


@lru_cache(maxsize=32)
def _condition_names(condition: str) -> tuple[str, ...]:
    if not condition:
        return ()
    names = []
    for language in ("en", "ar"):
        with translation.override(language):
            names.append(str(Condition(condition).label))
    return tuple(names)


_COLUMNS = {
    "product_id": "uuid",
    "availability": "text",
    "words": "text",
    "published_at": "timestamptz",
    "price_minor": "bigint",
    "currency": "text",
    "category_id": "bigint",
    "brand_id": "bigint",
    "condition": "text",
    "feed_type": "text",
    "neighborhood_id": "uuid",
    "seller_id": "uuid",
    "public_location": "text",
    "feed_cell": "bigint",
    "wide_cell": "bigint",
    "points": "int",
    "trust": "float8",
    "newcomer_since": "timestamptz",
    "seller_sales": "int",
}
_CASTS = {"words": "words::tsvector", "public_location": "public_location::geography"}
_TABLE = SearchDocument._meta.db_table
# Unchanged documents are left alone: a rebuild of everything writes what differs.
_WRITE = f"""
    INSERT INTO {_TABLE} AS d ({", ".join(_COLUMNS)}, indexed_at, version, copied_version)
    SELECT {", ".join(_CASTS.get(name, name) for name in _COLUMNS)}, %(now)s, 1, 0
    FROM unnest({", ".join(f"%({name})s::{kind}[]" for name, kind in _COLUMNS.items())}) AS t ({", ".join(_COLUMNS)})
    ON CONFLICT (product_id) DO UPDATE SET
        {", ".join(f"{name} = EXCLUDED.{name}" for name in _COLUMNS if name != "product_id")},
        indexed_at = EXCLUDED.indexed_at, version = d.version + 1
    WHERE ({", ".join(f"d.{name}" for name in _COLUMNS if name != "product_id")})
        IS DISTINCT FROM ({", ".join(f"EXCLUDED.{name}" for name in _COLUMNS if name != "product_id")})
"""  # noqa: S608 - names of ours
_LEARNT = (
    "unnest(%(words)s::text[], %(lexemes)s::text[], %(sounds)s::text[], %(spelt)s::text[], %(care)s::smallint[])"
    " AS t (word, lexeme, sound, spelt, care)"
)
_LEARN = f"""
    INSERT INTO search_word (word, lexeme, sound, spelt, care, documents) SELECT *, 1 FROM {_LEARNT} ORDER BY word
    ON CONFLICT (word) DO NOTHING
"""  # noqa: S608 - texts of ours
# Only words that become better are locked, by their order: listings with the same words are indexed side by side.
_LEARN_BETTER = f"""
    WITH better AS (
        SELECT t.* FROM search_word w JOIN {_LEARNT} USING (word)
        WHERE w.spelt = '' OR t.care > w.care OR (w.lexeme, w.sound) IS DISTINCT FROM (t.lexeme, t.sound)
        ORDER BY w.word FOR UPDATE OF w
    )
    UPDATE search_word w SET lexeme = b.lexeme, sound = b.sound, care = greatest(w.care, b.care),
        spelt = CASE WHEN w.spelt = '' OR b.care > w.care THEN b.spelt ELSE w.spelt END
    FROM better b WHERE w.word = b.word
"""  # noqa: S608 - texts of ours
_STALE = f"""
    SELECT p.id FROM catalog_product p JOIN accounts_user u ON u.id = p.seller_id LEFT JOIN {_TABLE} d ON d.product_id = p.id
    WHERE p.published_at IS NOT NULL AND (d.product_id IS NULL OR d.indexed_at < greatest(p.updated_at, u.updated_at))
    ORDER BY p.id LIMIT %(limit)s
"""  # noqa: S608 - names of ours
