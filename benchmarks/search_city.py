"""What the listings of the search's benchmark say, in two languages, and the documents that search keeps of them.

Words are made of syllables and dealt out by Zipf's law, for each language its own; a listing speaks one of them. What documents have
besides (shelves, brands, conditions, sellers, neighbourhoods, in both languages) is the product's own.
"""

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from itertools import accumulate
from types import SimpleNamespace
from typing import Any

import psycopg

WORDS = 10_000  # of each language
SHIFT = 2  # Zipf and Mandelbrot: the commonest word is no more than that much ahead
IN_TITLE, IN_DESCRIPTION = 5, 10
ENGLISH, ARABIC = "en", "ar"
_SYLLABLES = {
    ENGLISH: (["b", "br", "c", "d", "f", "g", "k", "l", "m", "n", "p", "r", "st", "t", "v"], ["a", "e", "i", "o", "u"]),
    ARABIC: (list("بجحدرسشصطعفقكلمن"), ["", "ا", "و", "ي"]),
}


def vocabulary(language: str) -> list[str]:
    """The words of a language, the commonest first. The same in every run."""
    dice = random.Random(language)
    heads, tails = _SYLLABLES[language]
    found: dict[str, None] = {}
    while len(found) < WORDS:
        word = "".join(dice.choice(heads) + dice.choice(tails) for _ in range(dice.choice((2, 3, 3, 4))))
        word += dice.choice(heads)[0]
        if len(word) > 3:
            found.setdefault(word)
    return list(found)


def write_texts(connection: psycopg.Connection, rows: int) -> None:
    """Fill `bench_text`."""
    dice = random.Random(rows)
    words = {language: vocabulary(language) for language in (ENGLISH, ARABIC)}
    weights = list(accumulate(1 / (rank + 1 + SHIFT) for rank in range(WORDS)))
    brands = [pk for (pk,) in connection.execute("SELECT id FROM catalog_brand ORDER BY id").fetchall()]
    with connection.cursor().copy("COPY bench_text FROM STDIN") as copy:
        for i in range(1, rows + 1):
            said = dice.choices(words[ARABIC if i % 2 else ENGLISH], cum_weights=weights, k=IN_TITLE + IN_DESCRIPTION)
            brand = dice.choice(brands) if brands and dice.random() < 0.3 else None
            copy.write_row((i, " ".join(said[:IN_TITLE]).capitalize(), " ".join(said[IN_TITLE:]), brand))


_LISTED = """
    SELECT p.id, p.state, p.hidden_at, p.title, p.description, p.tags, p.attributes, p.category_id, p.brand_id, p.condition,
        p.feed_type, p.price_minor, p.currency, p.neighborhood_id, p.seller_id, p.published_at, p.public_location::text,
        p.feed_cell, p.wide_cell, u.username, u.full_name, {points} AS points, {trust} AS trust, {newcomer_since} AS newcomer_since,
        {sales} AS sales
    FROM catalog_product p JOIN accounts_user u ON u.id = p.seller_id LEFT JOIN accounts_sellerstanding s ON s.user_id = u.id
    WHERE p.published_at IS NOT NULL ORDER BY p.id
"""


def make_documents(connection: psycopg.Connection) -> None:
    """Fill the tables of search where they are not full already: what `reindex_search` would write, by COPY."""
    from search import analysis  # noqa: PLC0415 - needs Django, which needs the database's name
    from search.actions import count_words  # noqa: PLC0415
    from search.sounds import sound  # noqa: PLC0415

    done = connection.execute("SELECT count(*) FROM search_searchdocument").fetchone()
    asked = connection.execute("SELECT count(*) FROM catalog_product WHERE published_at IS NOT NULL").fetchone()
    if done == asked:
        return
    started = time.monotonic()
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET maintenance_work_mem = '512MB'")
    connection.execute("TRUNCATE search_searchdocument, search_word")
    indexes = _drop_indexes(connection, "search_searchdocument")
    spelt: set[str] = set()
    with connection.cursor().copy(_COPY) as copy:
        for row in _documents(connection, spelt):
            copy.write_row(row)
    with connection.cursor().copy("COPY search_word (word, lexeme, sound, documents) FROM STDIN") as copy:
        for word in sorted(spelt):
            copy.write_row((word, analysis.lexeme(word), sound(word), 1))
    for definition in indexes:
        connection.execute(definition)
    connection.execute("VACUUM ANALYZE search_searchdocument")
    count_words()
    connection.execute("VACUUM ANALYZE search_word")
    print(f"  documents made in {time.monotonic() - started:.0f} s", file=sys.stderr)


_COLUMNS = (
    "product_id", "availability", "words", "published_at", "price_minor", "currency", "category_id", "brand_id", "condition",
    "feed_type", "neighborhood_id", "seller_id", "public_location", "feed_cell", "wide_cell", "points", "trust", "newcomer_since",
    "seller_sales", "indexed_at", "version", "copied_version",
)  # fmt: skip
_COPY = f"COPY search_searchdocument ({', '.join(_COLUMNS)}) FROM STDIN"


def _documents(writing: psycopg.Connection, spelt: set[str]) -> Iterator[tuple[Any, ...]]:
    """Rows for COPY; the words of titles, brands and shelves are added to `spelt`."""
    from accounts.models import User  # noqa: PLC0415
    from catalog.models import Brand  # noqa: PLC0415
    from feeds.ranking import OF_LISTINGS  # noqa: PLC0415
    from places.models import Neighborhood  # noqa: PLC0415
    from search import analysis  # noqa: PLC0415
    from search.actions import indexing  # noqa: PLC0415
    from search.states import Availability  # noqa: PLC0415

    listed = _LISTED.format(**asdict(OF_LISTINGS))
    shelves = indexing._Shelves()
    brands = {brand.pk: brand for brand in Brand.objects.all()}
    hoods = {hood.pk: hood for hood in Neighborhood.objects.only("name_en", "name_ar")}
    with (
        psycopg.connect(writing.info.dsn, password=writing.info.password or None) as reading,
        reading.cursor(name="listed") as cursor,
    ):
        cursor.itersize = 5000
        for row in cursor.execute(listed):
            names = [column.name for column in cursor.description or ()]
            product: Any = SimpleNamespace(**dict(zip(names, row, strict=True)))
            product.brand, product.neighborhood = brands.get(product.brand_id), hoods.get(product.neighborhood_id)
            shown = User(full_name=product.full_name, username=product.username).display_name
            product.seller = SimpleNamespace(username=product.username, display_name=shown)
            availability = indexing._availability(product)
            parts = [] if availability == Availability.NONE else list(indexing._parts(product, shelves))
            if availability == Availability.AVAILABLE:
                spelt.update(word for part in parts if part.weight in "AB" for word in analysis.surface(part.text))
            words = analysis.vector(parts, indexing._marks(product) if parts else ())
            yield (
                product.id, str(availability), words, product.published_at, product.price_minor, product.currency,
                product.category_id, product.brand_id, product.condition, product.feed_type, product.neighborhood_id,
                product.seller_id, product.public_location, product.feed_cell, product.wide_cell, product.points, product.trust,
                product.newcomer_since, product.sales, product.published_at, 1, 0,
            )  # fmt: skip


def _drop_indexes(connection: psycopg.Connection, table: str) -> list[str]:
    found = connection.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
        "LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid WHERE i.indrelid = %s::regclass AND c.oid IS NULL",
        [table],
    ).fetchall()
    for name, _definition in found:
        connection.execute(f"DROP INDEX {name}")
    return [definition for _name, definition in found]
