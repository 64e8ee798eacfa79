"""What ranking reads of listings and sellers, followed in the documents."""

# ruff: noqa: S608 - names of ours

import uuid
from typing import Any

from django.db import connection, transaction

from feeds.ranking import OF_LISTINGS

BATCH = 5_000
MOVED = 0.05  # of its points: looks come all day, and a document is not written for each


def follow_worth(*, batch: int = BATCH) -> int:
    """Let the documents of what is for sale say how much their listings are liked and their sellers trusted; return how many changed.

    In batches of their own transactions. What somebody else is writing just then is left for the next time.
    """
    changed, last = 0, None
    while True:
        ids, written = _batch(last, batch)
        changed += written
        if len(ids) < batch:
            return changed
        last = ids[-1]


@transaction.atomic
def _batch(last: uuid.UUID | None, size: int) -> tuple[list[uuid.UUID], int]:
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"last": last or uuid.UUID(int=0), "size": size}
        cursor.execute(_NEXT, values)
        ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return [], 0
        cursor.execute(_MOVED, {"ids": ids})
        moved = [row[0] for row in cursor.fetchall()]
        if moved:
            cursor.execute(_FOLLOW, {"ids": moved})
        return ids, len(moved)


_NEXT = """
    SELECT product_id FROM search_searchdocument WHERE product_id > %(last)s AND availability = 'available'
    ORDER BY product_id LIMIT %(size)s
"""
_NOW = f"""
    SELECT p.id, {OF_LISTINGS.points} AS points, {OF_LISTINGS.trust} AS trust, {OF_LISTINGS.newcomer_since} AS newcomer_since,
        {OF_LISTINGS.sales} AS sales
    FROM unnest(%(ids)s::uuid[]) AS t (id) JOIN catalog_product p ON p.id = t.id
    JOIN accounts_user u ON u.id = p.seller_id LEFT JOIN accounts_sellerstanding s ON s.user_id = u.id
"""
_MOVED = f"""
    SELECT d.product_id FROM search_searchdocument d JOIN ({_NOW}) w ON w.id = d.product_id
    WHERE abs(w.points - d.points) > {MOVED} * d.points OR abs(w.trust - d.trust) > 1e-6
        OR (w.newcomer_since, w.sales) IS DISTINCT FROM (d.newcomer_since, d.seller_sales)
    ORDER BY d.product_id FOR UPDATE OF d SKIP LOCKED
"""
_FOLLOW = f"""
    UPDATE search_searchdocument d SET points = w.points, trust = w.trust, newcomer_since = w.newcomer_since, seller_sales = w.sales
    FROM ({_NOW}) w WHERE w.id = d.product_id
"""
