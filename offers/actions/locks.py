"""The rows that haggling locks, in the one order of the house: product, stock, offer, (conversation), by primary key inside a kind.

Whoever makes a turn, or accepts one, holds the listing. So nobody joins a listing that is being reserved, and two who accept go one
after the other. Declining, withdrawing and the sweeps hold the offer alone: what they end cannot be accepted any more, because
accepting reads it under its lock.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import User
from catalog.models import Product, ProductVariant, StockHold
from offers import rules
from offers.errors import OfferNotFound
from offers.models import Offer
from offers.states import OfferState, Side


def reference_of(offer_id: uuid.UUID) -> str:
    """The name under which an offer holds stock."""
    return f"offer:{offer_id}"


def id_of(reference: str) -> uuid.UUID | None:
    """The offer in such a name; None where it names something else."""
    kind, _, key = reference.partition(":")
    return uuid.UUID(key) if kind == "offer" else None


def lock_products(product_ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, Product]:
    """Lock listings by primary key; those that do not exist are missing from the answer."""
    rows = (
        Product.objects.select_for_update(of=("self",), no_key=True)
        .select_related("seller", "category")
        .filter(pk__in={pk for pk in product_ids if pk})
        .order_by("pk")
    )
    return {product.pk: product for product in rows}


def variants_of(product_ids: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    """By which orders are asked to lock listings together with their own."""
    return list(ProductVariant.objects.filter(product_id__in=list(product_ids)).values_list("pk", flat=True))


def lock_stock(product_ids: Iterable[uuid.UUID]) -> None:
    """Lock the variants of listings that are locked, by primary key."""
    rows = ProductVariant.objects.select_for_update(of=("self",), no_key=True).filter(product_id__in=list(product_ids))
    list(rows.order_by("pk").values_list("pk"))


def lock_offers(where: Q) -> dict[uuid.UUID, Offer]:
    """Lock turns by primary key, with their people."""
    rows = Offer.objects.select_for_update(of=("self",), no_key=True).select_related("buyer", "seller", "variant")
    return {offer.pk: offer for offer in rows.filter(where).order_by("pk")}


def lock_waiting(product_ids: Iterable[uuid.UUID], *, also: uuid.UUID | None = None) -> dict[uuid.UUID, Offer]:
    """Lock every turn that waits on these listings, and one more."""
    return lock_offers(Q(pk=also) | Q(product_id__in=list(product_ids), state=OfferState.PENDING))


@dataclass
class Table:
    """A turn, locked together with whatever its answer needs, as one of its parties sees it."""

    offer: Offer
    side: Side
    product: Product
    trade_product: Product | None

    @property
    def other(self) -> User:
        return self.offer.seller if self.side == Side.BUYER else self.offer.buyer


def lock_offer(*, person: User, offer_id: uuid.UUID) -> tuple[Offer, Side]:
    """Lock one turn of a party's and nothing else. Raises OfferNotFound."""
    offer = lock_offers(Q(pk=offer_id)).get(offer_id)
    if offer is None:
        raise OfferNotFound
    return offer, rules.side_of(offer, person)


def lock_table(*, person: User, offer_id: uuid.UUID, also: uuid.UUID | None = None) -> Table:
    """Lock the listings of a turn (and `also` another), their stock, and every turn that waits on them. Raises OfferNotFound."""
    glance = Offer.objects.filter(Q(buyer=person) | Q(seller=person), pk=offer_id).first()
    if glance is None:
        raise OfferNotFound
    products = lock_products([glance.product_id, glance.trade_product_id, also])
    lock_stock(products)
    offer = lock_waiting(products, also=offer_id)[offer_id]
    return Table(
        offer=offer,
        side=rules.side_of(offer, person),
        product=products[offer.product_id],
        trade_product=products.get(offer.trade_product_id) if offer.trade_product_id else None,
    )


def open_holds_of(offer: Offer) -> list[StockHold]:
    """What an accepted offer holds, by variant."""
    products = [pk for pk in (offer.product_id, offer.trade_product_id) if pk]
    return list(
        StockHold.objects.filter(
            variant__product_id__in=products,
            reference=reference_of(offer.pk),
            released_at=None,
            committed_at=None,
        ).order_by("variant_id")
    )
