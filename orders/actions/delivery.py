"""What a seller asks for a parcel."""

from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.rules import check_may_sell
from core import audit
from core.money import Money
from orders import rules
from orders.models import DeliveryTerms
from orders.selectors.delivery import delivery_shape


@transaction.atomic
def change_delivery_terms(*, seller: User, ships: bool, parcel: Money, free_from: Money | None) -> DeliveryTerms:
    """Say whether a seller sends parcels, what one costs, and from which sum of things on it is free (None: never).

    For what is bought from now on. The currency is the parcel's. In the audit log where something changed.

    Raises:
        accounts' refusals (may not sell), NotDeliveryTerms.
    """
    check_may_sell(seller)
    rules.check_delivery_terms(parcel, free_from)
    DeliveryTerms.objects.bulk_create([DeliveryTerms(seller=seller)], ignore_conflicts=True)
    terms = DeliveryTerms.objects.select_for_update(of=("self",), no_key=True).get(pk=seller.pk)
    before: dict[str, Any] = delivery_shape(terms)
    terms.ships, terms.currency, terms.parcel_minor = ships, parcel.currency, parcel.minor
    terms.free_from_minor = None if free_from is None else free_from.minor
    terms.save()
    if delivery_shape(terms) != before:
        audit.record(
            action="orders.delivery_terms_changed",
            target_kind="delivery_terms",
            target_id=seller.pk,
            actor=seller,
            before=before,
            after=delivery_shape(terms),
        )
    return terms
