"""A search as its parameters: how it stands in an address, in a history and in a saved search."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from core.geo import LatLng
from feeds.rules import DEFAULT_RADIUS_KM
from feeds.selectors.filters import DEFAULT_CURRENCY
from search.rules import folded, tidy
from search.selectors.reading import Asked
from search.states import Availability, SearchSort

Parameters = dict[str, Any]  # a text, a number, true, or a list of texts by name

ATTRIBUTE = "attr_"
_ONE = ("category", "currency", "seller_type", "feed_type", "neighborhood", "distance", "sort")
_MANY = {"brand": "brands", "condition": "conditions", "price_band": "price_bands"}
_PRICES = ("min_price", "max_price")
_ABOUT_100_METRES = 3  # digits of a degree: as near as we keep where somebody looked from


def as_parameters(asked: Asked) -> Parameters:
    """The parameters of a search: what is not asked left out, lists sorted, the place rounded."""
    said: Parameters = {"q": tidy(asked.q)}
    said |= {name: getattr(asked, name) for name in _ONE}
    if asked.currency == DEFAULT_CURRENCY and (asked.price_bands or (asked.min_price, asked.max_price) != (None, None)):
        said["currency"] = ""  # prices are in it anyway
    said |= {name: sorted(set(getattr(asked, field))) for name, field in _MANY.items()}
    said |= {name: _plain(price) for name in _PRICES if (price := getattr(asked, name)) is not None}
    if asked.availability != Availability.AVAILABLE:
        said["availability"] = str(asked.availability)
    if asked.place is not None:
        here = rounded(asked.place)
        said |= {"latitude": here.latitude, "longitude": here.longitude}
        is_bounded = asked.radius_km is not None or asked.distance
        said |= {"radius_km": asked.radius_km, "anywhere": asked.anywhere and not is_bounded}
    said |= {f"{ATTRIBUTE}{key}": sorted({*values} - {""}) for key, values in asked.attributes.items()}
    return {name: value for name, value in sorted(said.items()) if _is_said(value)}


def asked_from(said: Mapping[str, Any]) -> Asked:
    """The search that parameters, as `as_parameters` writes them, ask for."""
    place = LatLng(said["latitude"], said["longitude"]) if "latitude" in said else None
    return Asked(
        q=said.get("q", ""),
        place=place,
        radius_km=said.get("radius_km"),
        anywhere=bool(said.get("anywhere", False)),
        availability=said.get("availability", Availability.AVAILABLE),
        attributes={name.removeprefix(ATTRIBUTE): v for name, v in said.items() if name.startswith(ATTRIBUTE)},
        **{name: said[name] for name in (*_ONE, *_PRICES) if name in said},
        **{field: said[name] for name, field in _MANY.items() if name in said},
    )


def worth_keeping(asked: Asked) -> Asked:
    """The search as it is saved: with the radius that a place means written out, and without a place that bounds nothing."""
    if asked.place is None:
        return asked
    if asked.anywhere and asked.radius_km is None and not asked.distance:  # the place only told distances
        sort = "" if asked.sort == SearchSort.NEAREST else asked.sort
        return replace(asked, place=None, anywhere=False, sort=sort)
    bounded = asked.radius_km is not None or asked.distance or asked.neighborhood
    radius = asked.radius_km if bounded else DEFAULT_RADIUS_KM
    return replace(asked, place=rounded(asked.place), radius_km=radius)


def fingerprint_of(said: Mapping[str, Any]) -> str:
    """The same for searches that ask the same, however they are ordered or spelt."""
    same = {name: value for name, value in said.items() if name != "sort"} | {"q": folded(said.get("q", ""))}
    return hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()


def query_of(said: Mapping[str, Any]) -> str:
    """Parameters as an address has them."""
    plain = {name: "true" if value is True else value for name, value in said.items()}
    return urlencode(plain, doseq=True)


def _is_said(value: Any) -> bool:
    """Degrees of zero are said: Greenwich lies on one of them."""
    return value is not False and value not in ("", None, [])


def _plain(price: str | Decimal) -> str:
    return f"{Decimal(price).normalize():f}"


def rounded(place: LatLng) -> LatLng:
    return LatLng(round(place.latitude, _ABOUT_100_METRES), round(place.longitude, _ABOUT_100_METRES))
