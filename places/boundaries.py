"""From an operator's GeoJSON file to polygons. Pure: no database.

The text is parsed as JSON by us and the polygons are built from checked numbers. No string ever reaches GDAL/OGR,
whose drivers open files and addresses named in their input.
"""

import itertools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Point, Polygon

from core.geo import EARTH_RADIUS_M, LatLng
from places.errors import BadBoundary, FieldNotFound, NotBoundaries

LARGEST_FILE_BYTES = 64 * 1024 * 1024
MENDED_AREA_CHANGE = 0.001  # a mended ring may change the area by a thousandth; more would be another shape
NAME_EN_FIELDS = ("name_en", "NAME_EN", "CNAME_E", "NameEn", "shapeName", "name", "NAME")
NAME_AR_FIELDS = ("name_ar", "NAME_AR", "CNAME_A", "NameAr")
ID_FIELDS = ("external_id", "COMM_NUM", "id", "ID", "OBJECTID")

Ring = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Fields:
    """Which properties hold the English name, the Arabic name ("" when there is none) and the source's own id."""

    name_en: str
    name_ar: str
    external_id: str


@dataclass(frozen=True)
class Boundary:
    """One named area, checked: a valid multipolygon in degrees, its area on the sphere and a point inside it."""

    external_id: str
    name_en: str
    name_ar: str
    polygons: MultiPolygon
    centre: Point
    area_km2: float
    mended: str  # what was wrong with its rings and was put right; "" when nothing was
    city: str = ""  # only the gazetteer's own file carries these two
    slug: str = ""


def read_features(text: str) -> list[dict[str, Any]]:
    """The features of a GeoJSON FeatureCollection (RFC 7946).

    Raises:
        NotBoundaries: it is not JSON, not a collection, empty, too large, or in another reference system than WGS 84.
    """
    if len(text) > LARGEST_FILE_BYTES:
        raise NotBoundaries(problem=f"larger than {LARGEST_FILE_BYTES // 1024 // 1024} MB.")
    try:
        collection = json.loads(text)
    except (ValueError, RecursionError) as broken:
        raise NotBoundaries(problem=f"no JSON ({broken}).") from broken
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        raise NotBoundaries(problem="its type is not FeatureCollection.")
    features = collection.get("features")
    if not isinstance(features, list) or not features:
        raise NotBoundaries(problem="it has no features.")
    if not all(isinstance(f, dict) and isinstance(f.get("properties"), dict) for f in features):
        raise NotBoundaries(problem="a feature has no properties.")
    system = str(collection.get("crs") or "")
    if system and not any(known in system for known in ("CRS84", "4326")):
        raise NotBoundaries(problem="it names another reference system; export it as WGS 84 (EPSG:4326).")
    return features


def choose_fields(
    features: Sequence[Mapping[str, Any]], *, name_en: str = "", name_ar: str = "", external_id: str = ""
) -> Fields:
    """Take the properties that were named, and look for the usual ones where none was.

    Raises:
        FieldNotFound: a named property is not in the file, or no English name or id could be found.
    """
    known = list(dict.fromkeys(key for feature in features for key in feature["properties"]))

    def pick(wanted: str, usual: Sequence[str], purpose: str, *, optional: bool = False) -> str:
        found = [field for field in ([wanted] if wanted else usual) if field in known]
        if not found and not (optional and not wanted):
            raise FieldNotFound(purpose=purpose, fields=", ".join(known))
        return found[0] if found else ""

    return Fields(
        name_en=pick(name_en, NAME_EN_FIELDS, "the English name"),
        name_ar=pick(name_ar, NAME_AR_FIELDS, "the Arabic name", optional=True),
        external_id=pick(external_id, ID_FIELDS, "the id"),
    )


def build_boundaries(
    features: Sequence[Mapping[str, Any]],
    *,
    fields: Fields,
    mend: bool = True,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Boundary]:
    """Check every feature and build its polygons. With `mend`, rings that merely touch or cross themselves in a point
    are put right.

    Raises:
        BadBoundary: the first feature that cannot be used, with its position (from 1), its name and why.
    """
    built: list[Boundary] = []
    seen: dict[str, int] = {}
    for position, feature in enumerate(features, start=1):
        made = _build(feature, fields=fields, position=position, mend=mend)
        if made.external_id in seen:
            raise BadBoundary(
                position=position, name=made.name_en, problem=f"has the same id as feature {seen[made.external_id]}."
            )
        seen[made.external_id] = position
        built.append(made)
        progress(position)
    return built


def _build(feature: Mapping[str, Any], *, fields: Fields, position: int, mend: bool) -> Boundary:
    properties = feature["properties"]
    name = _readable(str(properties.get(fields.name_en) or ""))

    def refuse(problem: str) -> BadBoundary:
        return BadBoundary(position=position, name=name or "no name", problem=problem)

    external_id = str(properties.get(fields.external_id) or "").strip()
    if not name or len(name) > 120:
        msg = f"“{fields.name_en}” must hold 1 to 120 characters."
        raise refuse(msg)
    if not external_id or len(external_id) > 64:
        msg = f"“{fields.external_id}” must hold an id of 1 to 64 characters."
        raise refuse(msg)
    try:
        polygons = _multipolygon(feature.get("geometry"))
    except (ValueError, TypeError, KeyError, IndexError) as wrong:
        raise refuse(str(wrong) or "its coordinates cannot be read.") from wrong
    mended = ""
    if not polygons.valid:
        mended = str(polygons.valid_reason)
        sound = _mended(polygons) if mend else None
        if sound is None:
            msg = f"its boundary is not valid: {mended}."
            raise refuse(msg)
        polygons = sound
    return Boundary(
        external_id=external_id,
        name_en=name,
        name_ar=str(properties.get(fields.name_ar) or "").strip()[:120] if fields.name_ar else "",
        polygons=polygons,
        centre=_point_inside(polygons),
        area_km2=area_km2(polygons),
        mended=mended,
        city=str(properties.get("city") or ""),
        slug=str(properties.get("slug") or ""),
    )


def _readable(name: str) -> str:
    """Names in capitals read as shouting: `AL QOUZ IND.FOURTH` becomes `Al Qouz Ind. Fourth`."""
    words = " ".join(name.replace(".", ". ").split())
    return " ".join(word.capitalize() for word in words.split()) if words.isupper() else words


def _multipolygon(geometry: Any) -> MultiPolygon:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        msg = f"its geometry is {kind or 'missing'}, not a Polygon or MultiPolygon."
        raise ValueError(msg)
    parts = geometry["coordinates"] if kind == "MultiPolygon" else [geometry["coordinates"]]
    if not parts or not all(parts):
        msg = "its geometry is empty."
        raise ValueError(msg)
    return MultiPolygon(*[Polygon(*[_ring(ring) for ring in rings], srid=4326) for rings in parts], srid=4326)


def _ring(ring: Ring) -> list[tuple[float, float]]:
    """Longitude and latitude of each corner; heights are dropped."""
    corners = [(_degrees(corner[0], 180), _degrees(corner[1], 90)) for corner in ring]
    if len(corners) < 4 or corners[0] != corners[-1]:
        msg = "a ring needs at least four points and must end where it starts."
        raise ValueError(msg)
    return corners


def _degrees(value: Any, limit: int) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > limit:
        msg = f"{value!r} is not a coordinate in degrees; export the file as WGS 84 (EPSG:4326)."
        raise ValueError(msg)
    return float(value)


def _mended(polygons: MultiPolygon) -> MultiPolygon | None:
    """The same area with sound rings, or None when mending would change the shape."""
    whole: Any = polygons.make_valid()
    if whole.geom_type == "Polygon":
        whole = MultiPolygon(whole, srid=4326)
    if whole.geom_type != "MultiPolygon":
        return None
    before, after = polygons.area, whole.area
    return whole if after and abs(after - before) <= MENDED_AREA_CHANGE * after else None


def _point_inside(polygons: MultiPolygon) -> Point:
    middle = polygons.centroid
    inside = middle if polygons.contains(middle) else polygons.point_on_surface
    return LatLng.of(inside).point


def area_km2(polygons: MultiPolygon) -> float:
    """The area on a sphere of mean radius, within half a per cent of PostGIS's spheroid."""

    def ring_m2(ring: Ring) -> float:
        corners = [(math.radians(lng), math.radians(lat)) for lng, lat in ring]
        pairs = itertools.pairwise(corners)
        return abs(sum((b[0] - a[0]) * (2 + math.sin(a[1]) + math.sin(b[1])) for a, b in pairs)) * EARTH_RADIUS_M**2 / 2

    return sum(ring_m2(outer) - sum(map(ring_m2, holes)) for outer, *holes in polygons.coords) / 1e6
