"""Questions about receipts and invoices."""

import uuid

from django.db.models import Q, QuerySet

from accounts.models import User
from core.errors import NotFound
from orders.errors import OrderNotFound
from orders.models import Invoice, Order

READ_ALL = "orders.view_invoice"


def invoices_of(*, person: User, order_id: uuid.UUID) -> QuerySet[Invoice]:
    """The documents of one order that the person bought or sold, oldest first.

    Raises:
        OrderNotFound.
    """
    if not Order.objects.filter(Q(buyer=person) | Q(seller=person), pk=order_id).exists():
        raise OrderNotFound
    return Invoice.objects.filter(order_id=order_id).order_by("issued_at", "id")


def invoice_of_order(*, person: User, order_id: uuid.UUID, invoice_id: uuid.UUID) -> Invoice:
    """One document of an order that the person bought or sold, or any for staff who may read them all.

    Raises:
        NotFound.
    """
    invoices = Invoice.objects.filter(order_id=order_id)
    if not person.has_perm(READ_ALL):
        invoices = invoices.filter(Q(order__buyer=person) | Q(order__seller=person))
    found = invoices.filter(pk=invoice_id).first()
    if found is None:
        raise NotFound
    return found
