"""Receipts and invoices as pages and files."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core.web import signed_in
from orders.printing import invoice_page, pdf_response
from orders.selectors.invoices import invoice_of_order


@require_safe
@signed_in
def invoice(request: HttpRequest, order_id: uuid.UUID, invoice_id: uuid.UUID) -> HttpResponse:
    """The document, ready to be printed."""
    me: Any = request.user
    found = invoice_of_order(person=me, order_id=order_id, invoice_id=invoice_id)
    return HttpResponse(invoice_page(found), headers={"Cache-Control": "private, no-store"})


@require_safe
@signed_in
def invoice_file(request: HttpRequest, order_id: uuid.UUID, invoice_id: uuid.UUID) -> HttpResponse:
    """The same as PDF."""
    me: Any = request.user
    return pdf_response(invoice_of_order(person=me, order_id=order_id, invoice_id=invoice_id))
