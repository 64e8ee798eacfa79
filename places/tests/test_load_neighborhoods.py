import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core.geo import LatLng
from core.models import AuditEntry, OutboxEvent
from places.boundaries import Boundary, area_km2
from places.models import Neighborhood, NeighborhoodSource
from places.selectors import neighborhood_at
from places.tests.factories import NeighborhoodFactory, square

pytestmark = pytest.mark.django_db
MARINA_MALL = LatLng(25.0763, 55.1398)


def file_with(tmp_path, *areas, **collection):
    features = [
        {
            "type": "Feature",
            "properties": {"CNAME_E": name, "CNAME_A": "اسم", "COMM_NUM": number},
            "geometry": json.loads(square(latitude, longitude).geojson),
        }
        for name, number, latitude, longitude in areas
    ]
    path = tmp_path / "areas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **collection}))
    return str(path)


def load(*args, **options):
    out = StringIO()
    call_command("load_neighborhoods", *args, stdout=out, **options)
    return out.getvalue()


def test_loads_a_city_and_a_second_run_changes_nothing(tmp_path):
    path = file_with(tmp_path, ("MARSA DUBAI", 392, 25.0763, 55.1398), ("MIRDIF", 251, 25.22, 55.42))
    assert "2 added, 0 changed, 0 unchanged" in load(path)
    marina = Neighborhood.objects.get(external_id="392")
    assert (marina.slug, marina.name_en, marina.name_ar, marina.source) == (
        "marsa-dubai",
        "Marsa Dubai",
        "اسم",
        "municipal",
    )
    assert neighborhood_at(MARINA_MALL) == marina
    assert OutboxEvent.objects.get().payload["city"] == "Dubai"

    before = Neighborhood.objects.values_list("id", "updated_at").order_by("id")
    before = list(before)
    assert "0 added, 0 changed, 2 unchanged" in load(path)
    assert list(Neighborhood.objects.values_list("id", "updated_at").order_by("id")) == before
    assert OutboxEvent.objects.count() == AuditEntry.objects.count() == 1


def test_a_moved_or_renamed_one_is_changed_and_keeps_its_id_and_slug(tmp_path):
    load(file_with(tmp_path, ("MARSA DUBAI", 392, 25.0763, 55.1398)))
    first = Neighborhood.objects.get()
    assert "1 changed" in load(file_with(tmp_path, ("DUBAI MARINA", 392, 25.08, 55.14)))
    second = Neighborhood.objects.get()
    assert (second.id, second.slug, second.name_en) == (first.id, first.slug, "Dubai Marina")
    assert second.folded_names.startswith("dubai marina")
    assert not second.boundary.equals_exact(first.boundary)


def test_one_bad_feature_and_nothing_is_loaded(tmp_path):
    path = file_with(tmp_path, ("Good", 1, 25.0, 55.0), ("Bad", 2, 25.0, 55.0))
    content = json.loads((tmp_path / "areas.geojson").read_text())
    content["features"][1]["geometry"]["coordinates"][0][0][0] = [500_000, 2_700_000]
    (tmp_path / "areas.geojson").write_text(json.dumps(content))
    with pytest.raises(CommandError, match=r"Feature 2 \(Bad\).*Nothing was loaded"):
        load(path)
    assert not Neighborhood.objects.exists()
    assert not OutboxEvent.objects.exists()


def test_a_dry_run_reports_and_changes_nothing(tmp_path):
    assert "1 added" in load(file_with(tmp_path, ("A", 1, 25.0, 55.0)), "--dry-run")
    assert not Neighborhood.objects.exists()
    assert not OutboxEvent.objects.exists()


def test_municipal_ones_retire_the_drawn_ones_of_their_city_and_take_their_slugs(tmp_path):
    drawn = NeighborhoodFactory(slug="mirdif", latitude=25.22, longitude=55.42)
    elsewhere = NeighborhoodFactory(city="Abu Dhabi")
    assert "1 drawn ones retired" in load(file_with(tmp_path, ("MIRDIF", 251, 25.22, 55.42)), "--replace-illustrative")
    drawn.refresh_from_db()
    elsewhere.refresh_from_db()
    assert not drawn.is_active
    assert elsewhere.is_active
    assert Neighborhood.objects.get(slug="mirdif").source == NeighborhoodSource.MUNICIPAL
    assert OutboxEvent.objects.get().payload["retired_ids"] == [str(drawn.id)]


def test_the_gazetteer_run_again_does_not_wake_the_retired(tmp_path):
    load("--builtin")
    load(file_with(tmp_path, ("MARSA DUBAI", 392, 25.0763, 55.1398)), "--replace-illustrative")
    load("--builtin")
    assert neighborhood_at(MARINA_MALL).source == NeighborhoodSource.MUNICIPAL
    assert not Neighborhood.objects.filter(source="illustrative", city="Dubai", is_active=True).exists()


def test_namesakes_get_slugs_of_their_own(tmp_path):
    NeighborhoodFactory(slug="mirdif", city="Sharjah")
    load(file_with(tmp_path, ("MIRDIF", 1, 25.22, 55.42), ("Mirdif", 2, 25.1, 55.1)))
    assert set(Neighborhood.objects.values_list("slug", flat=True)) == {"mirdif", "mirdif-dubai", "mirdif-2"}


def test_known_ones_that_the_file_does_not_name_are_told_and_left(tmp_path):
    load(file_with(tmp_path, ("A", 1, 25.0, 55.0), ("B", 2, 25.1, 55.1)))
    assert "1 known ones are not in this file" in load(file_with(tmp_path, ("A", 1, 25.0, 55.0)))
    assert Neighborhood.objects.filter(is_active=True).count() == 2


def test_the_gazetteer_that_ships_puts_the_mall_into_dubai_marina():
    assert "Dubai: 48 added" in load("--builtin")
    assert neighborhood_at(MARINA_MALL).slug == "dubai-marina"
    assert neighborhood_at(LatLng(25.1972, 55.2744)).slug == "downtown-dubai"
    assert neighborhood_at(LatLng(24.4950, 54.4070)).city == "Abu Dhabi"
    assert not Neighborhood.objects.filter(name_ar="").exists()
    assert set(Neighborhood.objects.values_list("source", flat=True)) == {"illustrative"}
    assert "0 added, 0 changed, 48 unchanged" in load("--builtin")


@pytest.mark.parametrize("args", [(), ("file.geojson", "--builtin")])
def test_wants_either_a_file_or_the_gazetteer(args):
    with pytest.raises(CommandError, match="--builtin"):
        load(*args)


def test_refuses_a_file_that_is_not_there_or_no_text(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        load(str(tmp_path / "none.geojson"))
    (tmp_path / "bytes.geojson").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="cannot be read"):
        load(str(tmp_path / "bytes.geojson"))


def test_a_field_that_is_not_there_is_named_with_those_that_are(tmp_path):
    with pytest.raises(CommandError, match="CNAME_E, CNAME_A, COMM_NUM"):
        load(file_with(tmp_path, ("A", 1, 25.0, 55.0)), "--name-en-field", "title")


def test_area_matches_postgis_within_half_a_per_cent():
    area = square(25.0763, 55.1398)
    with connection.cursor() as cursor:
        cursor.execute("SELECT ST_Area(ST_GeomFromText(%s, 4326)::geography) / 1e6", [area.wkt])
        assert area_km2(area) == pytest.approx(float(cursor.fetchone()[0]), rel=0.005)


def test_boundary_is_a_value():
    made = Boundary("1", "A", "", square(25, 55), square(25, 55).centroid, 4.0, "")
    assert made.city == made.slug == ""
