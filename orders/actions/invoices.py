"""Receipts and tax invoices: what was paid and to whom, written down once, and notes that take them back.

A seller with a tax number issues tax invoices, in which the tax is contained; anybody else receipts. Numbers have no gaps within a
series, which is an issuer's, a kind's and a year's.
"""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Sum
from django.utils import timezone

from core.money import Money
from orders.actions.locks import lock_order
from orders.models import Invoice, Order
from orders.states import InvoiceKind, PayBy, PaymentAxis
from payments.models import Refund, SellerAccount

PAID = "paid"  # the reason of an order's first document
_PREFIX = {InvoiceKind.RECEIPT: "R", InvoiceKind.TAX_INVOICE: "T", InvoiceKind.CREDIT_NOTE: "C"}


@transaction.atomic
def issue_invoice(*, order_id: uuid.UUID, at: datetime | None = None) -> Invoice | None:
    """Write the receipt or tax invoice of an order whose money came; once, however often it is asked for.

    None where no money was paid: a trade, or cash that is still to come.
    """
    order = Order.objects.select_related("seller", "buyer").get(pk=order_id)
    if order.payment_state in (PaymentAxis.UNPAID, PaymentAxis.CASH_DUE, PaymentAxis.NOTHING_DUE, PaymentAxis.VOID):
        return None
    issuer = SellerAccount.objects.filter(user=order.seller).first()
    tax_number = issuer.tax_number if issuer else ""
    kind = InvoiceKind.TAX_INVOICE if tax_number else InvoiceKind.RECEIPT
    before = Invoice.objects.filter(order=order, ref=PAID).first()
    if before is not None:
        return before
    percent = Decimal(settings.ORDERS["vat_percent"]) if tax_number else Decimal(0)
    vat = order.total.contained(percent)
    content = {
        **_parties(order, legal_name=issuer.legal_name if issuer else "", tax_number=tax_number),
        "lines": _lines(order),
        "items": str(Money(order.items_minor, order.currency)),
        "delivery": str(Money(order.delivery_minor, order.currency)),
        "discount": str(Money(order.shop_discount_minor + order.platform_discount_minor, order.currency)),
        "total": str(order.total),
        "vat_percent": f"{percent:g}",
        "vat": str(vat),
        "net": str(order.total - vat),
        "pay_by": order.pay_by,
    }
    return _issue(order, kind=kind, ref=PAID, content=content, total=order.total, vat=vat, at=at or timezone.now())


@transaction.atomic
def issue_credit_note(*, refund_id: uuid.UUID, at: datetime | None = None) -> Invoice | None:
    """Take an order's document back by what was refunded; once for each refund. None where there is no document to take back."""
    refund = Refund.objects.select_related("hold").get(pk=refund_id)
    kind, _, order_id = refund.hold.reference.partition(":")
    first = (
        Invoice.objects.select_related("order__checkout").filter(order_id=order_id, ref=PAID).first()
        if kind == "order"
        else None
    )
    if first is None or first.order.checkout.payment_id != refund.hold.payment_id:
        return None  # money beside the order, such as a second payment, was on no document
    before = Invoice.objects.filter(order_id=order_id, kind=InvoiceKind.CREDIT_NOTE, ref=str(refund.pk)).first()
    if before is not None:
        return before
    return _take_back(first, refund.amount, ref=str(refund.pk), at=at)


@transaction.atomic
def issue_cash_credit_note(*, order_id: uuid.UUID, at: datetime | None = None) -> Invoice | None:
    """Take the document of a cash sale back by what of the sale does not stand and is on no note yet: asked again, there is nothing.

    The word that the sale was paid and the word that it was undone may come in any order, so the document is issued here where it is
    not there yet. Locks the order. None where nothing is to be noted.
    """
    order = lock_order(order_id)
    if order.pay_by != PayBy.CASH or not order.refunded_minor:
        return None
    first = issue_invoice(order_id=order_id, at=at)
    if first is None:
        return None
    notes = Invoice.objects.filter(order=order, kind=InvoiceKind.CREDIT_NOTE)
    amount = Money(order.refunded_minor - (notes.aggregate(sum=Sum("total_minor"))["sum"] or 0), order.currency)
    if amount.minor <= 0:
        return None
    return _take_back(first, amount, ref=f"cash:{order.refunded_minor}", at=at)


def _take_back(first: Invoice, amount: Money, *, ref: str, at: datetime | None) -> Invoice:
    vat = amount.contained(Decimal(first.content["vat_percent"]))
    shared = ("order_code", "seller", "buyer", "pay_by", "vat_percent")
    content = {name: first.content[name] for name in shared} | {
        "corrects": str(first),
        "total": str(amount),
        "vat": str(vat),
        "net": str(amount - vat),
    }
    return _issue(
        first.order,
        kind=InvoiceKind.CREDIT_NOTE,
        ref=ref,
        content=content,
        total=amount,
        vat=vat,
        at=at or timezone.now(),
        corrects=first,
    )


def _issue(
    order: Order,
    *,
    kind: InvoiceKind,
    ref: str,
    content: dict[str, Any],
    total: Money,
    vat: Money,
    at: datetime,
    corrects: Invoice | None = None,
) -> Invoice:
    year = at.astimezone(ZoneInfo(settings.DISPLAY_TIME_ZONE)).year
    series = f"{_PREFIX[kind]}{year}-{order.seller_id.hex[-10:].upper()}"
    with (
        connection.cursor() as cursor
    ):  # whoever numbers in this series waits: a number that is not committed leaves no gap
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"orders.invoice:{series}"])
    twin = Invoice.objects.filter(order=order, kind=kind, ref=ref).first()
    if twin is not None:
        return twin
    last = Invoice.objects.filter(series=series).aggregate(last=Max("number"))["last"] or 0
    return Invoice.objects.create(
        order=order,
        kind=kind,
        issuer_id=order.seller_id,
        series=series,
        number=last + 1,
        ref=ref,
        corrects=corrects,
        content=content,
        total_minor=total.minor,
        vat_minor=vat.minor,
        currency=total.currency,
        issued_at=at,
    )


def _parties(order: Order, *, legal_name: str, tax_number: str) -> dict[str, Any]:
    address = order.address
    return {
        "order_code": order.code,
        "seller": {
            "name": legal_name or order.seller.full_name or order.seller.username,
            "username": order.seller.username,
            "tax_number": tax_number,
        },
        "buyer": {
            "name": address.get("recipient") or order.buyer.full_name or order.buyer.username,
            "street": ", ".join(filter(None, (address.get("street"), address.get("building"), address.get("unit")))),
            "city": address.get("city", ""),
        },
    }


def _lines(order: Order) -> list[dict[str, Any]]:
    return [
        {
            "title": item.title,
            "options": item.snapshot.get("options", {}),
            "quantity": item.quantity,
            "unit": str(Money(item.unit_minor, order.currency)),
            "total": str(Money(item.unit_minor * item.quantity, order.currency)),
        }
        for item in order.items.all()
        if not item.is_traded
    ]
