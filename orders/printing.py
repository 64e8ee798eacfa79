"""Documents on paper: the page and the PDF are the same template with the same style sheet."""

from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi
from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

from core.money import Money
from orders.models import Invoice
from orders.states import InvoiceKind, PayBy

_BASE = "https://here.invalid"  # a whole address, so that relative ones can be read; nothing is asked there


def invoice_page(invoice: Invoice, *, for_paper: bool = False) -> str:
    """The document in the reader's language, as a whole page of HTML."""
    return render_to_string("orders/invoice.html", {"for_paper": for_paper, **facts_of(invoice)})


def invoice_pdf(invoice: Invoice) -> bytes:
    """The same on A4, as PDF."""
    return paper(invoice_page(invoice, for_paper=True))


def paper(page: str) -> bytes:
    """A page of ours as PDF. Nothing is fetched but our own static files."""
    return bytes(HTML(string=page, base_url=_BASE, url_fetcher=_OwnFiles()).write_pdf())


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


class _OwnFiles(URLFetcher):
    """Our static files and nothing else: a document can make the server ask nobody for anything."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Raises ValueError for anything that is not ours."""
        name = url.removeprefix(_BASE).lstrip("/").removeprefix(settings.STATIC_URL.strip("/")).lstrip("/")
        found = finders.find(name) or (staticfiles_storage.path(name) if staticfiles_storage.exists(name) else None)
        if not found:
            msg = f"{url} is not ours to fetch"
            raise ValueError(msg)
        kinds = {"css": "text/css", "woff2": "font/woff2", "svg": "image/svg+xml"}
        with open(str(found), "rb") as file:  # noqa: PTH123
            return URLFetcherResponse(url, body=file.read(), headers={"Content-Type": kinds[name.rsplit(".", 1)[-1]]})
