"""Pictures of messages on the pages of staff."""

from typing import Any

from django import template

from media.models import MediaAsset
from media.selectors import private_picture

register = template.Library()


@register.simple_tag(takes_context=True)
def staff_picture(context: dict[str, Any], asset: MediaAsset) -> dict[str, Any] | None:
    """A picture with addresses that work for this reader and a few minutes; opening one is audited."""
    return private_picture(asset, viewer=context["request"].user)
