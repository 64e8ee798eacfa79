"""Receipts and tax invoices, numbered without gaps, never changed."""

import pgtrigger
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.ids import uuid7
from orders.models.orders import Order
from orders.states import InvoiceKind


class Invoice(models.Model):
    """A document of one order as it was issued; a credit note takes it back. `content` holds every word and amount of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="invoices", verbose_name=_("order"))
    kind = models.CharField(max_length=12, choices=InvoiceKind.choices, verbose_name=_("kind"))
    issuer = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("issued by")
    )  # the seller
    series = models.CharField(max_length=40)  # issuer's, kind and year
    number = models.PositiveIntegerField(verbose_name=_("number"))
    ref = models.CharField(
        max_length=80
    )  # "paid", the refund's id, or how much cash went back in all: each reason once
    corrects = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections")
    content = models.JSONField()
    total_minor = models.BigIntegerField()
    vat_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    issued_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = (
            models.UniqueConstraint(fields=["series", "number"], name="orders_invoice_number"),
            models.UniqueConstraint(fields=["order", "kind", "ref"], name="orders_invoice_once"),
        )
        indexes = (models.Index(fields=["issuer", "-issued_at"], name="orders_invoices_of"),)
        triggers = (
            pgtrigger.Protect(name="stays_as_issued", operation=pgtrigger.Update),
            pgtrigger.Protect(name="stays", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.series}-{self.number}"
