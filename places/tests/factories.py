import factory
from django.contrib.gis.geos import MultiPolygon, Point, Polygon

from core.text import fold
from places.boundaries import area_km2
from places.models import Neighborhood, NeighborhoodSource


def square(latitude: float, longitude: float, half_degrees: float = 0.01) -> MultiPolygon:
    """A square around a point."""
    box = (longitude - half_degrees, latitude - half_degrees, longitude + half_degrees, latitude + half_degrees)
    polygon = Polygon.from_bbox(box)
    polygon.srid = 4326
    return MultiPolygon(polygon, srid=4326)


class NeighborhoodFactory(factory.django.DjangoModelFactory):
    """A square of some 4 km² around `latitude`, `longitude`; by default around Dubai Marina Mall."""

    class Meta:
        model = Neighborhood

    class Params:
        latitude = 25.0763
        longitude = 55.1398
        half_degrees = 0.01

    slug = factory.Sequence(lambda n: f"area-{n}")
    name_en = factory.Sequence(lambda n: f"Area {n}")
    name_ar = factory.Sequence(lambda n: f"منطقة {n}")
    folded_names = factory.LazyAttribute(lambda o: f"{fold(o.name_en)} {fold(o.name_ar)}")
    city = "Dubai"
    source = NeighborhoodSource.ILLUSTRATIVE
    external_id = factory.Sequence(lambda n: f"drawn-{n}")
    boundary = factory.LazyAttribute(lambda o: square(o.latitude, o.longitude, o.half_degrees))
    centre = factory.LazyAttribute(lambda o: Point(o.longitude, o.latitude, srid=4326))
    area_km2 = factory.LazyAttribute(lambda o: area_km2(o.boundary))
