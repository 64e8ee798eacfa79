"""The words of the feeds."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.states import moves


class Feed(models.TextChoices):
    COMMUNITY = "community", _("Near you")
    DISCOVER = "discover", _("Discover")
    FOLLOWING = "following", _("Following")


class Surface(models.TextChoices):
    """Where the formula ranks what people see; each is noted under its name (`models.Impression.feed`)."""

    COMMUNITY = "community", _("Near you")
    DISCOVER = "discover", _("Discover")
    SEARCH = "search", _("Search")


class CommunitySort(models.TextChoices):
    NEAREST = "nearest", _("Nearest")
    SUGGESTED = "suggested", _("Suggested")
    RECENT = "recent", _("Newest")
    PRICE_LOW = "price_low", _("Lowest price")
    PRICE_HIGH = "price_high", _("Highest price")


class DiscoverSort(models.TextChoices):
    LIVE_FIRST = "live_first", _("Live first")
    SUGGESTED = "suggested", _("Suggested")
    RECENT = "recent", _("Newest")
    POPULAR = "popular", _("Most watched")


class WeightsState(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    ACTIVE = "active", pgettext_lazy("version", "in force")
    RETIRED = "retired", _("was in force")
    DISCARDED = "discarded", _("discarded")


# Whoever wants old weights back proposes them again: a version is in force once, from a moment to a moment.
WEIGHTS_MOVES = moves(
    {
        WeightsState.PROPOSED: (WeightsState.ACTIVE, WeightsState.DISCARDED),
        WeightsState.ACTIVE: (WeightsState.RETIRED,),
        WeightsState.RETIRED: (),
        WeightsState.DISCARDED: (),
    }
)


class SellerTier(models.TextChoices):
    """How staff group sellers when they look at who is shown. Derived, the first that fits."""

    NEW = "new", _("new sellers")
    POWER = "power", _("power sellers")
    BUSINESS = "business", _("businesses")
    VERIFIED = "verified", _("verified people")
    OTHER = "other", _("other people")
