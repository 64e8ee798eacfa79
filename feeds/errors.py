"""What a feed refuses."""

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, NotFound


class PlaceNeeded(Invalid):
    code = "feeds.place_needed"
    attr = "latitude"
    detail = _("Send latitude and longitude, or a neighborhood.")


class HalfAPlace(Invalid):
    code = "feeds.half_a_place"
    attr = "longitude"
    detail = _("Send latitude and longitude together.")


class NearestNeedsAPlace(Invalid):
    code = "feeds.nearest_needs_a_place"
    attr = "sort"
    detail = _("To sort by distance, send latitude and longitude.")


class NotInThisFeed(NotFound):
    code = "feeds.not_in_this_feed"
    detail = _("This listing does not stand in that feed.")


class RadiusTooWide(Invalid):
    code = "feeds.radius_too_wide"
    attr = "radius_km"
    detail = _("The radius is above 0 and at most {limit} km.")


class PriceRangeUpsideDown(Invalid):
    code = "feeds.price_range_upside_down"
    attr = "min_price"
    detail = _("The lowest price is above the highest.")


class AttributeNeedsCategory(Invalid):
    code = "feeds.attribute_needs_category"
    detail = _("Filters such as “{name}” belong to a category: send the category too.")


class AttributeUnknown(Invalid):
    code = "feeds.attribute_unknown"
    detail = _("The category “{category}” has no filter named “{name}”.")


class AttributeValueUnknown(Invalid):
    code = "feeds.attribute_value_unknown"
    detail = _("“{value}” is no value of “{name}”.")


class UnknownWeight(Invalid):
    code = "feeds.unknown_weight"
    detail = _("The formula has no number named “{name}”.")


class WeightOutOfRange(Invalid):
    code = "feeds.weight_out_of_range"
    detail = _("From {lowest} to {highest}.")


class NothingWeighs(Invalid):
    code = "feeds.nothing_weighs"
    detail = _("Freshness, trust or engagement must weigh something: not every question has words and a place.")
