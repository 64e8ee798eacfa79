"""Offers as staff look them up."""

import uuid
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from offers.models import Offer
from offers.selectors.lists import turns_of


def offers_for_staff() -> QuerySet[Offer]:
    """All of them, archived ones too."""
    return Offer.objects.select_related("product", "buyer", "seller")


def among_offers(queryset: QuerySet[Any], *, number: uuid.UUID | None, username: str) -> QuerySet[Any]:
    """Those with this number, of the negotiation, listing, conversation or person with it; or of the person with this name."""
    if number is not None:
        named = Q(pk=number) | Q(negotiation_id=number) | Q(product_id=number) | Q(conversation_id=number)
        return queryset.filter(named | Q(buyer_id=number) | Q(seller_id=number))
    people = list(User.objects.filter(username__iexact=username).values_list("pk", flat=True))
    return queryset.filter(Q(buyer_id__in=people) | Q(seller_id__in=people))


def negotiation_for_staff(offer: Offer) -> list[Offer]:
    """All turns of the negotiation that this one belongs to, in their order."""
    return turns_of([offer.negotiation_id])[offer.negotiation_id]
