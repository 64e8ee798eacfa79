"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_bidi


def page(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("theme", "")
    return {
        "direction": "rtl" if get_language_bidi() else "ltr",
        "theme": theme if theme in ("light", "dark") else "",
        "site_url": settings.SITE_URL,
        "map_tile_url": settings.MAP_TILE_URL,
        "display_time_zone": settings.DISPLAY_TIME_ZONE,
        "dev_outbox": settings.DEV_OUTBOX,
    }
