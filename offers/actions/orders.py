"""What becomes of an accepted offer when something becomes of its order. News may come late and twice."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from offers.actions.deals import expire, let_go
from offers.actions.locks import id_of, lock_offers, lock_products, lock_stock, lock_waiting
from offers.models import Offer
from offers.states import Ending, OfferState


@transaction.atomic
def note_paid(*, reference: str) -> bool:
    """The order of an accepted offer is confirmed: it is a deal, and no clock ends it. False where there is nothing to note.

    Whoever else waits for the listing is told when it is sold. Locks the offer.
    """
    offer_id = id_of(reference)
    offer = lock_offers(Q(pk=offer_id)).get(offer_id) if offer_id else None
    if offer is None or offer.state != OfferState.ACCEPTED or offer.paid_at is not None:
        return False
    offer.paid_at, offer.payment_due_at = timezone.now(), None
    offer.save(update_fields=["paid_at", "payment_due_at"])
    return True


@transaction.atomic
def end_with_its_order(*, reference: str, because: str) -> bool:
    """The order of an accepted offer is cancelled: the offer is over too, what it still held is free, and whoever waits has their clock
    running again. False where it is over already. Locks listings, stock, every turn that waits on them. Publishes OfferExpired.
    """
    offer_id = id_of(reference)
    glance = Offer.objects.filter(pk=offer_id).first() if offer_id else None
    if glance is None:
        return False
    products = lock_products([glance.product_id, glance.trade_product_id])
    lock_stock(products)
    offer = lock_waiting(products, also=glance.pk)[glance.pk]
    if offer.state != OfferState.ACCEPTED:
        return False
    let_go(offer, products=list(products.values()))
    not_paid = because == "not_paid"
    expire(offer, at=timezone.now(), because=Ending.NOT_PAID if not_paid else Ending.CALLED_OFF)
    return True
