"""What may be asked of a feed."""

from collections.abc import Mapping

from accounts.rules import POWER_RATING, POWER_SALES
from core.geo import LatLng
from feeds.errors import HalfAPlace, NothingWeighs, RadiusTooWide, UnknownWeight, WeightOutOfRange
from feeds.ranking import SALES_OF_A_BEGINNER, Facts, Weights
from feeds.states import SellerTier

DEFAULT_RADIUS_KM = 5.0  # both by the specification, "Dual Feed System"
MAX_RADIUS_KM = 50.0
PAGE_SIZE = 20
MAX_PAGE_SIZE = 100

# What staff may set each number of `ranking.Weights` to. The hand for newcomers stays a small one.
WEIGHT_LIMITS: dict[str, tuple[float, float]] = {
    "text": (0, 10),
    "freshness": (0, 10),
    "distance": (0, 10),
    "trust": (0, 10),
    "engagement": (0, 10),
    "newcomer": (0, 2),
    "diversity": (0, 0.9),
    "freshness_half_days": (0.25, 90),
    "distance_half_km": (0.1, 50),
    "engagement_half": (0.5, 500),
    "newcomer_days": (1, 180),
}


def radius_metres(radius_km: float) -> float:
    """Raises RadiusTooWide."""
    if not 0 < radius_km <= MAX_RADIUS_KM:
        raise RadiusTooWide(limit=int(MAX_RADIUS_KM))
    return radius_km * 1000


def place_of(latitude: float | None, longitude: float | None) -> LatLng | None:
    """The place that two optional numbers name. Raises HalfAPlace, NotAPlaceOnEarth."""
    if latitude is None and longitude is None:
        return None
    if latitude is None or longitude is None:
        raise HalfAPlace(attr="latitude" if latitude is None else "longitude")
    return LatLng(latitude=latitude, longitude=longitude)


def seller_tier(facts: Facts, *, is_business: bool, weights: Weights) -> SellerTier:
    """The group that staff count a seller in."""
    days = facts.seller_days
    if days is not None and days < weights.newcomer_days and facts.sales_count < SALES_OF_A_BEGINNER:
        return SellerTier.NEW
    if facts.rating is not None and facts.rating >= POWER_RATING and facts.sales_count >= POWER_SALES:
        return SellerTier.POWER
    if is_business:
        return SellerTier.BUSINESS
    return SellerTier.VERIFIED if facts.is_checked else SellerTier.OTHER


def check_weights(values: Mapping[str, float]) -> dict[str, float]:
    """All numbers of a version, those that are left out as the program has them.

    Raises:
        UnknownWeight, WeightOutOfRange.
        NothingWeighs: a question without words and without a place would have no order.
    """
    for name, value in values.items():
        if name not in WEIGHT_LIMITS:
            raise UnknownWeight(name=name, attr=name)
        lowest, highest = WEIGHT_LIMITS[name]
        if not lowest <= value <= highest:
            raise WeightOutOfRange(lowest=f"{lowest:g}", highest=f"{highest:g}", attr=name)
    whole = Weights().values | {name: float(value) for name, value in values.items()}
    if not whole["freshness"] + whole["trust"] + whole["engagement"]:
        raise NothingWeighs
    return whole
