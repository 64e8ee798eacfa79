"""How a seller haggles over one listing."""

import uuid
from typing import TypedDict, Unpack

from django.db import transaction

from accounts.models import User
from catalog.actions.locks import lock_own_product
from offers.models import OfferTerms
from offers.rules import check_terms
from offers.selectors import terms_of


class TermsFields(TypedDict, total=False):
    """What a seller says; percentages are of the asking price, None switches one off."""

    takes_offers: bool
    takes_trades: bool
    floor_percent: int | None
    auto_accept_percent: int | None
    shows_offers: bool


@transaction.atomic
def set_terms(*, seller: User, product_id: uuid.UUID, **fields: Unpack[TermsFields]) -> OfferTerms:
    """Change how offers for a listing are met from now on; what is not named stays, and so does every offer that waits.

    Raises:
        ProductNotFound, NotYourProduct.
        NotAPercentage, FloorAboveAcceptance.
    """
    product = lock_own_product(seller=seller, product_id=product_id)
    terms = terms_of(product.pk)
    for name, value in fields.items():
        setattr(terms, name, value)
    check_terms(floor_percent=terms.floor_percent, auto_accept_percent=terms.auto_accept_percent)
    terms.save()
    return terms
