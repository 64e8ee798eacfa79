"""A listing that is news, held against what people are looking for."""

# ruff: noqa: S608 - names of ours

import uuid

from django.db import connection, transaction
from django.utils import timezone

from catalog.models import Product
from core.events import publish
from search.actions.indexing import index_products
from search.events import SavedSearchesMatched
from search.models import Find
from search.selectors import FITS, candidate, documents_behind
from search.states import FindReason


@transaction.atomic
def tell_searches_of_listing(product_id: uuid.UUID) -> int:
    """A listing went on sale: note for whose saved searches it is new, and return for how many.

    Publishes SavedSearchesMatched where somebody wants to hear at once. What a search found before is not found again.
    """
    return _find(product_id, FindReason.NEW, f"NOT {_FOUND_BEFORE}")


@transaction.atomic
def tell_searches_of_edit(product_id: uuid.UUID) -> int:
    """A listing on sale was changed: the same, for searches that are older than the listing. Whoever saved theirs while it was on
    sale has seen what there was.
    """
    return _find(product_id, FindReason.NEW, f"NOT {_FOUND_BEFORE} AND w.saved_at < %(published_at)s")


@transaction.atomic
def tell_searches_of_lower_price(product_id: uuid.UUID) -> int:
    """A listing on sale costs less: note for whose searches that is news, which is a price below all at which they found it."""
    return _find(product_id, FindReason.CHEAPER, f"NOT {_FOUND_AS_CHEAP}")


_FOUND_BEFORE = """EXISTS (
    SELECT 1 FROM search_find f WHERE f.saved_search_id = w.saved_search_id AND f.product_id = %(id)s
)"""
_FOUND_AS_CHEAP = f"{_FOUND_BEFORE[:-1]} AND f.price_minor <= %(price_minor)s)"
# Quiet: one's own things, what one has a heart on (which tells of prices by itself), and people who are apart.
_FIND = f"""
    WITH fits AS MATERIALIZED (
        SELECT w.saved_search_id, w.user_id, w.at_once FROM search_watch w
        WHERE {FITS} AND w.user_id <> %(seller_id)s AND <news>
            AND NOT EXISTS (SELECT 1 FROM catalog_favourite h WHERE h.user_id = w.user_id AND h.product_id = %(id)s)
            AND NOT EXISTS (SELECT 1 FROM accounts_block b WHERE b.blocker_id = w.user_id AND b.blocked_id = %(seller_id)s)
            AND NOT EXISTS (SELECT 1 FROM accounts_block b WHERE b.blocked_id = w.user_id AND b.blocker_id = %(seller_id)s)
    ), noted AS (
        INSERT INTO {Find._meta.db_table} (saved_search_id, user_id, product_id, reason, price_minor, found_at)
        SELECT saved_search_id, user_id, %(id)s, %(reason)s, %(price_minor)s, %(now)s FROM fits
        ORDER BY user_id, saved_search_id
        ON CONFLICT (saved_search_id, product_id, price_minor) DO NOTHING
        RETURNING saved_search_id
    )
    SELECT count(*), coalesce(bool_or(at_once), false) FROM noted JOIN fits USING (saved_search_id)
"""


def _find(product_id: uuid.UUID, reason: FindReason, news: str) -> int:
    """Locks the listing, so that of two pieces of news about it the second knows what the first one told."""
    if not Product.objects.select_for_update(of=("self",), no_key=True).filter(pk=product_id).values("pk").first():
        return 0
    if documents_behind([product_id]):  # news come in any order, also before search has heard of them
        index_products([product_id])
    found = candidate(product_id)
    if found is None:
        return 0
    statement = _FIND.replace("<news>", news)
    with connection.cursor() as cursor:
        cursor.execute(statement, found.facts | {"keys": found.keys, "reason": str(reason), "now": timezone.now()})
        many, at_once = cursor.fetchone()
    if at_once:
        publish(SavedSearchesMatched(product_id=product_id))
    return int(many)
