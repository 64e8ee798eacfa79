import json

import pytest

from places.boundaries import Fields, build_boundaries, choose_fields, read_features
from places.errors import BadBoundary, FieldNotFound, NotBoundaries

FIELDS = Fields(name_en="name", name_ar="ar", external_id="no")
SQUARE = [[55.0, 25.0], [55.1, 25.0], [55.1, 25.1], [55.0, 25.1], [55.0, 25.0]]


def feature(name="Marina", number=1, rings=(SQUARE,), kind="Polygon", **more):
    return {
        "type": "Feature",
        "properties": {"name": name, "ar": "مارينا", "no": number, **more},
        "geometry": {"type": kind, "coordinates": list(rings)},
    }


def collection_in(system):
    return json.dumps({"type": "FeatureCollection", "features": [feature()], "crs": {"properties": {"name": system}}})


def build(*features, mend=True):
    return build_boundaries(features, fields=FIELDS, mend=mend)


def test_builds_polygons_from_numbers_with_area_and_a_point_inside():
    [made] = build(feature())
    assert made.external_id == "1"
    assert made.polygons.srid == 4326
    assert made.polygons.contains(made.centre)
    assert made.area_km2 == pytest.approx(112.1, rel=0.01)  # 0.1 degrees are 11.1 km north, 10.1 km east


def test_the_centre_of_a_horseshoe_lies_in_it():
    horseshoe = [[0, 0], [3, 0], [3, 3], [2, 3], [2, 1], [1, 1], [1, 3], [0, 3], [0, 0]]
    [made] = build(feature(rings=(horseshoe,)))
    assert made.polygons.contains(made.centre)


def test_takes_holes_parts_and_heights():
    hole = [[55.02, 25.02], [55.04, 25.02], [55.04, 25.04], [55.02, 25.04], [55.02, 25.02]]
    island = [[lng + 1, lat, 12.5] for lng, lat in SQUARE]
    archipelago = feature(number=3, rings=([SQUARE], [island]), kind="MultiPolygon")
    whole, pierced, parts = build(feature(), feature(number=2, rings=(SQUARE, hole)), archipelago)
    assert pierced.area_km2 < whole.area_km2
    assert len(parts.polygons) == 2


def test_calms_names_in_capitals():
    [made] = build(feature(name="AL QOUZ IND.FOURTH"))
    assert made.name_en == "Al Qouz Ind. Fourth"


def test_mends_a_ring_that_touches_itself_and_says_so():
    touching = [[0, 0], [4, 0], [4, 4], [2, 0], [0, 4], [0, 0]]
    [made] = build(feature(rings=(touching,)))
    assert "Self-intersection" in made.mended
    assert made.polygons.valid
    with pytest.raises(BadBoundary):
        build(feature(rings=(touching,)), mend=False)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (feature(rings=([[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]],)), "not valid"),
        (feature(rings=([[0, 0], [1, 0], [1, 1], [0, 1]],)), "end where it starts"),
        (feature(rings=([[0, 0], [1, 0], [0, 0]],)), "four points"),
        (feature(rings=([[486000.0, 2790000.0]] * 5,)), "WGS 84"),
        (feature(rings=([["55", 25], [1, 0], [1, 1], ["55", 25]],)), "degrees"),
        (feature(rings=([[float("nan"), 0], [1, 0], [1, 1], [0, 0]],)), "degrees"),
        (feature(rings=([[True, 0], [1, 0], [1, 1], [True, 0]],)), "degrees"),
        (feature(rings=()), "empty"),
        (feature(kind="Point"), "Point"),
        (feature() | {"geometry": None}, "missing"),
        (feature() | {"geometry": {"type": "Polygon"}}, "coordinates"),
        (feature(name=""), "1 to 120"),
        (feature(name="x" * 121), "1 to 120"),
        (feature(number=""), "id"),
    ],
)
def test_refuses_a_bad_feature_by_its_position_and_reason(bad, why):
    with pytest.raises(BadBoundary) as refused:
        build(feature(number=9), bad)
    assert refused.value.facts["position"] == 2
    assert why in refused.value.message


def test_refuses_two_features_with_one_id():
    with pytest.raises(BadBoundary, match="same id as feature 1"):
        build(feature(), feature(name="Other"))


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        '{"type": "Feature"}',
        '{"type": "FeatureCollection"}',
        '{"type": "FeatureCollection", "features": []}',
        '{"type": "FeatureCollection", "features": [{"type": "Feature"}]}',
        "[" * 100_000,
        collection_in("urn:ogc:def:crs:EPSG::3997"),
    ],
)
def test_refuses_what_is_no_collection_in_degrees(text):
    with pytest.raises(NotBoundaries):
        read_features(text)


def test_reads_a_collection():
    assert len(read_features(collection_in("urn:ogc:def:crs:OGC:1.3:CRS84"))) == 1


def test_finds_the_usual_fields_and_obeys_named_ones():
    known = [{"properties": {"CNAME_E": "A", "CNAME_A": "ا", "COMM_NUM": 1, "label": "B"}}]
    assert choose_fields(known) == Fields("CNAME_E", "CNAME_A", "COMM_NUM")
    assert choose_fields(known, name_en="label").name_en == "label"
    assert choose_fields([{"properties": {"name": "A", "id": 1}}]).name_ar == ""


def test_a_field_that_is_missing_is_answered_with_those_that_are_there():
    with pytest.raises(FieldNotFound, match="label, number"):
        choose_fields([{"properties": {"label": "A", "number": 1}}])
    with pytest.raises(FieldNotFound):
        choose_fields([{"properties": {"name": "A", "id": 1}}], name_ar="arabic")
