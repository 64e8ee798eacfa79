"""What time does: waiting turns end after a day, accepted ones when nobody paid, and what is long over leaves the lists.

Any number of sweeps may run at once: each takes what no other holds, in batches that nobody waits for.
"""

import uuid
from collections.abc import Iterator, Sequence

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from core.events import publish_many
from core.sweeps import each
from offers.actions.deals import expire, let_go
from offers.actions.listings import follow_listing
from offers.actions.locks import lock_products, lock_stock, lock_waiting, reference_of
from offers.events import BatchExpired, OfferExpired
from offers.models import Offer
from offers.selectors import due_for_payment, forgotten_clocks
from offers.states import Ending, OfferState
from orders.actions import cancel_unpaid_order

SWEEP_BATCH = 1_500  # some 40 ms a transaction on two cores: nobody who answers an offer waits longer
TOLD_AT_ONCE = 250  # offers of which one transaction tells
PAYMENT_BATCH = 200  # each is a transaction of its own


@transaction.atomic
def expire_due_offers(*, limit: int = SWEEP_BATCH) -> int:
    """End one batch of turns that nobody answered in time, and return how many.

    A turn on a reserved listing is left alone, whether or not its clock was stopped already. Rows that somebody is answering are left
    to the next sweep. The move is made for all at once; the filter on `state` is what `move` would check, under the same lock.

    Rows are held for the move alone: news of a hundred thousand offers takes longer to write than their end. So this publishes
    BatchExpired, and OfferExpired follows for each (`tell_of_batch`). Lists and cards are drawn from the row and right at once.
    """
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRE, {"now": timezone.now(), "limit": limit})
        ids = [row[0] for row in cursor.fetchall()]
    publish_many([BatchExpired(offer_ids=tuple(some)) for some in batched(ids, TOLD_AT_ONCE)])
    return len(ids)


@transaction.atomic
def tell_of_batch(*, offer_ids: Sequence[str]) -> None:
    """Tell of each offer that a sweep ended. Publishes OfferExpired for each."""
    publish_many([OfferExpired(offer_id=uuid.UUID(pk)) for pk in offer_ids])


def batched(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


# The states are written out, so that the partial index on `expires_at` serves; the rows are named as an array, because joined with
# `due` the planner prefers to read the whole table for every batch.
_EXPIRE = """
    WITH due AS (
        SELECT o.id FROM offers_offer o JOIN catalog_product p ON p.id = o.product_id
        WHERE o.state = 'pending' AND o.stopped_at IS NULL AND o.expires_at <= %(now)s AND p.state <> 'reserved'
        ORDER BY o.expires_at, o.id LIMIT %(limit)s FOR NO KEY UPDATE OF o SKIP LOCKED
    )
    UPDATE offers_offer SET state = 'expired', ending = 'time', responded_at = %(now)s
    WHERE id = ANY (ARRAY(SELECT id FROM due)) RETURNING id::text
"""


def stop_forgotten_clocks() -> int:
    """Stop clocks that ran out on listings that are reserved, because the news of it is late. Returns how many listings."""
    return each(forgotten_clocks(at=timezone.now()), _follow)


def _follow(product_id: uuid.UUID) -> bool:
    follow_listing(product_id=product_id)
    return True


def release_unpaid_offers(*, limit: int = PAYMENT_BATCH) -> int:
    """End accepted offers that nobody paid in time, each in its own transaction, and return how many.

    What one held, its order and the offer itself end together. Whoever waits for the listing has their clock running again. One whose
    money came at the last moment is left alone: the news of it is on its way.
    """
    return each(due_for_payment(at=timezone.now(), limit=limit), _release_unpaid)


@transaction.atomic
def _release_unpaid(offer_id: uuid.UUID) -> bool:
    glance, now = Offer.objects.get(pk=offer_id), timezone.now()
    if glance.payment_due_at is None or glance.payment_due_at > now:
        return False
    if not cancel_unpaid_order(reference=reference_of(offer_id)):  # first: an order is locked before what it is about
        return False
    products = lock_products([glance.product_id, glance.trade_product_id])
    lock_stock(products)
    offer = lock_waiting(products, also=offer_id)[offer_id]
    if offer.state != OfferState.ACCEPTED or offer.payment_due_at is None or offer.payment_due_at > now:
        return False
    let_go(offer, products=list(products.values()))
    expire(offer, at=now, because=Ending.NOT_PAID)
    return True


@transaction.atomic
def archive_old_offers(*, limit: int = SWEEP_BATCH) -> int:
    """Take one batch of offers that ended a month ago out of the lists, and return how many. The rows stay, for the books."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_ARCHIVE, {"now": now, "before": now - settings.OFFER_KEPT_IN_LISTS, "limit": limit})
        return cursor.rowcount


_ARCHIVE = """
    WITH old AS (
        SELECT id FROM offers_offer
        WHERE archived_at IS NULL AND state NOT IN ('pending', 'accepted') AND responded_at < %(before)s
        ORDER BY responded_at, id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE offers_offer SET archived_at = %(now)s WHERE id = ANY (ARRAY(SELECT id FROM old))
"""
