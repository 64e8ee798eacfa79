"""Documents on paper: the page and the PDF are the same template with the same style sheet."""

from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi

from core.money import Money
from core.paper import paper
from orders.models import Invoice
from orders.states import InvoiceKind, PayBy


def invoice_page(invoice: Invoice, *, for_paper: bool = False) -> str:
    """The document in the reader's language, as a whole page of HTML."""
    return render_to_string("orders/invoice.html", {"for_paper": for_paper, **facts_of(invoice)})


def invoice_pdf(invoice: Invoice) -> bytes:
    """The same on A4, as PDF."""
    return paper(invoice_page(invoice, for_paper=True))


def pdf_response(invoice: Invoice) -> HttpResponse:
    """To be kept by nobody between us and the reader."""
    return HttpResponse(
        invoice_pdf(invoice),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{invoice}.pdf"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def facts_of(invoice: Invoice) -> dict[str, Any]:
    """What the template needs: the content as it was issued, amounts as Money."""
    content = invoice.content

    def money(name: str) -> Money | None:
        return Money.parse(content[name], invoice.currency) if content.get(name) is not None else None

    return {
        "invoice": invoice,
        "kind": InvoiceKind(invoice.kind),
        "content": content,
        "language": get_language() or "en",
        "direction": "rtl" if get_language_bidi() else "ltr",
        "lines": [
            {
                **line,
                "unit": Money.parse(line["unit"], invoice.currency),
                "total": Money.parse(line["total"], invoice.currency),
            }
            for line in content.get("lines", [])
        ],
        "amounts": {name: money(name) for name in ("items", "delivery", "discount", "total", "vat", "net")},
        "pay_by": PayBy(content["pay_by"]).label,
    }
