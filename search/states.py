"""The words of search."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchSort(models.TextChoices):
    RELEVANCE = "relevance", _("Best match")
    RECENT = "recent", _("Newest")
    PRICE_LOW = "price_low", _("Lowest price")
    PRICE_HIGH = "price_high", _("Highest price")
    NEAREST = "nearest", _("Nearest")


class Availability(models.TextChoices):
    """Which listings a search is about, and which of them a document stands for."""

    AVAILABLE = "available", _("For sale")
    SOLD = "sold", _("Sold")
    NONE = "none", _("Not shown")


class DistanceBand(models.TextChoices):
    """How far away, as the specification's filters name it; `rules.BAND_KM` says it in kilometres."""

    SAME_BUILDING = "same_building", _("On your doorstep")
    WALKING = "walking", _("Walking distance")
    SAME_NEIGHBORHOOD = "same_neighborhood", _("Same neighbourhood")
    NEARBY = "nearby", _("Nearby")
    CITY = "city", _("Across the city")


class PriceBand(models.TextChoices):
    """What things cost, in steps; PRICE_BANDS says their ends."""

    UNDER_100 = "under_100", _("Under 100")
    FROM_100 = "100_500", _("100 to 500")
    FROM_500 = "500_1000", _("500 to 1,000")
    FROM_1000 = "1000_5000", _("1,000 to 5,000")
    FROM_5000 = "5000_10000", _("5,000 to 10,000")
    OVER_10000 = "over_10000", _("Over 10,000")


# The specification, "Price Ranges", in whole units of a currency: from (included) and to (not included).
PRICE_BANDS: dict[PriceBand, tuple[int, int | None]] = {
    PriceBand.UNDER_100: (0, 100),
    PriceBand.FROM_100: (100, 500),
    PriceBand.FROM_500: (500, 1000),
    PriceBand.FROM_1000: (1000, 5000),
    PriceBand.FROM_5000: (5000, 10000),
    PriceBand.OVER_10000: (10000, None),
}


class Reading(models.TextChoices):
    """How the words of a search were taken."""

    VERBATIM = "verbatim", _("As written")
    CORRECTED = "corrected", _("With the spelling corrected")
    LOOSENED = "loosened", _("Without the words that no listing has")
    PRICED = "priced", _("With a price that was among the words")


class SuggestionKind(models.TextChoices):
    POPULAR = "popular", _("Popular search")
    CATEGORY = "category", _("Category")
    BRAND = "brand", _("Brand")
    TITLE = "title", _("Listing")
    SELLER = "seller", _("Seller")


class AlertFrequency(models.TextChoices):
    """How soon somebody wants to hear of what a saved search finds."""

    OFF = "off", _("Never")
    AT_ONCE = "at_once", _("At once")
    DAILY = "daily", _("Once a day")
    WEEKLY = "weekly", _("Once a week")


class FindReason(models.TextChoices):
    """Why a listing is news to a saved search."""

    NEW = "new", _("New")
    CHEAPER = "cheaper", _("Costs less now")


class Help(models.TextChoices):
    """What staff did to somebody's saved search."""

    PAUSED = "paused", _("paused")
    RESUMED = "resumed", _("going on")
    REMOVED = "removed", _("deleted")
    RESTORED = "restored", _("brought back")
