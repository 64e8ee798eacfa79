"""Shares on the page of the ranking's weights."""

from django import template

register = template.Library()


@register.filter
def percent(share: float) -> str:
    """ "12.5 %" of 0.125."""
    return f"{share * 100:.1f}\u00a0%"


@register.filter
def points(change: float) -> str:
    """ "+1.5" percentage points, with a real minus sign."""
    rounded = round(change * 100, 1)
    if not rounded:
        return "0.0"
    return f"{'+' if rounded > 0 else '−'}{abs(rounded):.1f}"
