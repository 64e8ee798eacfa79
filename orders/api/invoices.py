"""Receipts, tax invoices and credit notes of an order, for the two of it."""

import uuid
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.money import Money
from core.rest.views import SoukView
from orders.models import Invoice
from orders.printing import pdf_response
from orders.selectors.invoices import invoice_of_order, invoices_of
from orders.states import InvoiceKind


class InvoiceOut(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=InvoiceKind.choices)
    number = serializers.CharField(help_text="Without gaps within its series.")
    total = serializers.CharField(help_text="A decimal string.")
    vat = serializers.CharField(help_text="Contained in the total; a decimal string.")
    currency = serializers.CharField()
    issued_at = serializers.DateTimeField()
    corrects = serializers.UUIDField(allow_null=True, help_text="Of a credit note: the document that it takes back.")
    pdf = serializers.CharField(help_text="Where the document is, in the language of whoever asks.")


def invoice_shape(invoice: Invoice) -> dict[str, Any]:
    return {
        "id": invoice.pk,
        "kind": invoice.kind,
        "number": str(invoice),
        "total": str(Money(invoice.total_minor, invoice.currency)),
        "vat": str(Money(invoice.vat_minor, invoice.currency)),
        "currency": invoice.currency,
        "issued_at": invoice.issued_at,
        "corrects": invoice.corrects_id,
        "pdf": f"/api/v1/orders/{invoice.order_id}/invoices/{invoice.pk}/pdf",
    }


class OrderInvoices(SoukView):
    @extend_schema(operation_id="orders_invoices_list", responses=InvoiceOut(many=True))
    def get(self, request: Request, order_id: uuid.UUID) -> Response:
        """The documents of one order that one bought or sold, oldest first."""
        return Response([invoice_shape(one) for one in invoices_of(person=request.user, order_id=order_id)])


class OrderInvoicePdf(SoukView):
    @extend_schema(operation_id="orders_invoices_pdf", responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, order_id: uuid.UUID, invoice_id: uuid.UUID) -> HttpResponse:
        """One document as PDF."""
        invoice = invoice_of_order(person=request.user, order_id=order_id, invoice_id=invoice_id)
        return pdf_response(invoice)
