"""What a listing says of parcels."""

from catalog.models import Product
from catalog.ports import ParcelOffer, parcel_offer
from catalog.states import ProductState


def parcel_of(product: Product) -> ParcelOffer | None:
    """What sending one piece alone costs, while there is something to buy. One query."""
    if not product.price or product.state not in (ProductState.ACTIVE, ProductState.RESERVED):
        return None
    return parcel_offer(seller_id=product.seller_id, currency=product.currency).for_things(product.price)
