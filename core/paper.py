"""Pages as PDF. The page's own template and style sheets are drawn; nothing else is fetched."""

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

_BASE = "https://here.invalid"  # a whole address, so that relative ones can be read; nothing is asked there


def paper(page: str) -> bytes:
    """A page of ours as PDF. Nothing is fetched but our own static files."""
    return bytes(HTML(string=page, base_url=_BASE, url_fetcher=_OwnFiles()).write_pdf())


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
