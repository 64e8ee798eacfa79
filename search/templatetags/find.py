"""Small questions that the pages of search ask of facets."""

from django import template

from search.selectors import Choice, Facet

register = template.Library()
_ALWAYS = ("distance",)  # whose bands are few and tell how near things are
_DEFAULT = "available"  # of availability: chosen though nobody chose it


@register.filter
def worth_showing(facet: Facet) -> list[Choice]:
    """The choices that lead somewhere, or none where there is nothing to choose."""
    shown = [one for one in facet.choices if (one.count or one.is_chosen) and one.value != _DEFAULT]
    if facet.name == "availability":
        return shown
    return shown if len(shown) > 1 or is_chosen(facet) or facet.name in _ALWAYS else []


@register.filter
def is_chosen(facet: Facet) -> bool:
    return any(one.is_chosen and one.value != _DEFAULT for one in facet.choices)
