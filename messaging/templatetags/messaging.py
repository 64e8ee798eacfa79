"""What only conversations say: how long is left, and where a shared place is on a map."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.conf import settings
from django.utils import timezone

from core.templatetags.souk import moment_of

register = template.Library()


@register.filter
def time_left(moment: datetime | str | None) -> str:
    """Hours, minutes and seconds until then, as a clock: "23:59:09"; the page's scripts count it down."""
    end = moment_of(moment)
    if end is None:
        return ""
    seconds = int(max(end - timezone.now(), timedelta(0)).total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@register.filter
def map_url(place: Mapping[str, Any]) -> str:
    """A map of elsewhere, opened only by a tap (setting MAP_LINK_URL)."""
    return settings.MAP_LINK_URL.format(latitude=place["latitude"], longitude=place["longitude"])
