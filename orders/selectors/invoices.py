"""Questions about receipts and invoices."""

import uuid

from django.db.models import Q, QuerySet

from accounts.models import User
from core.errors import NotFound
from orders.models import Invoice


def invoices_of(*, person: User, order_id: uuid.UUID) -> QuerySet[Invoice]:
    """The documents of one order that the person bought or sold, oldest first."""
    mine = Q(order__buyer=person) | Q(order__seller=person)
    return Invoice.objects.filter(mine, order_id=order_id).order_by("issued_at", "id")


def invoice_for(*, person: User, invoice_id: uuid.UUID) -> Invoice:
    """One document of an order that the person bought or sold, or any for whoever may read them all.

    Raises:
        NotFound.
    """
    invoices = Invoice.objects.select_related("corrects")
    if not person.has_perm("orders.view_invoice"):
        invoices = invoices.filter(Q(order__buyer=person) | Q(order__seller=person))
    found = invoices.filter(pk=invoice_id).first()
    if found is None:
        raise NotFound
    return found
