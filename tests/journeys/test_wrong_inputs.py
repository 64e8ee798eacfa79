"""Wrong input of every kind, at the doors where people meet it: each gets a code of its own, and nothing changes."""

import io
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from PIL import Image

from accounts.tests.factories import UserFactory
from catalog.models import Product
from catalog.tests.factories import ProductFactory
from media.models import MediaAsset
from media.tests.factories import ReadyImageFactory

pytestmark = pytest.mark.django_db

CHAIR = {
    "title": "Oak chair",
    "description": "Used for two years.",
    "price": "250.00",
    "category": "furniture",
    "condition": "good",
    "location": {"latitude": 25.0763, "longitude": 55.1398},
}
FEED = "/api/v1/feeds/community"
HERE = "latitude=25.0763&longitude=55.1398"


@pytest.fixture
def seller(api):
    person = UserFactory()
    api.force_authenticate(person)
    return person


def world() -> list[tuple]:
    """Everything that the doors of this file could have changed."""
    with connection.cursor() as cursor:
        rows = []
        for table in (
            "catalog_product",
            "catalog_productmedia",
            "catalog_productrevision",
            "moderation_case",
            "core_outboxevent",
        ):
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608
            rows += cursor.fetchall()
    return rows


def code_of(answer) -> tuple[int, str]:
    body = answer.json()
    inner = body["errors"][0]["code"] if body["code"] == "core.invalid" else body["code"]
    return answer.status_code, inner


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("latitude=91&longitude=55", (400, "max_value")),
        ("latitude=abc&longitude=55", (400, "invalid")),
        ("latitude=25.07", (400, "feeds.half_a_place")),
        ("", (400, "feeds.place_needed")),
        (f"{HERE}&radius_km=500", (400, "feeds.radius_too_wide")),
        (f"{HERE}&radius_km=-1", (400, "feeds.radius_too_wide")),
        (f"{HERE}&colour=red", (400, "core.unknown_parameter")),
        (f"{HERE}&page=2", (400, "core.page_not_supported")),
        (f"{HERE}&cursor=nonsense", (400, "core.invalid_cursor")),
        (f"{HERE}&min_price=abc", (400, "not_an_amount")),
        (f"{HERE}&min_price=10&max_price=5", (400, "feeds.price_range_upside_down")),
        (f"{HERE}&sort=cheapest", (400, "invalid_choice")),
        (f"{HERE}&per_page=1000", (400, "max_value")),
        (f"{HERE}&category=flying_carpets", (400, "catalog.category_unknown")),
        (f"{HERE}&attr_wings=two", (400, "feeds.attribute_needs_category")),
    ],
)
def test_a_wrong_question_to_the_feed(api, query, expected):
    assert code_of(api.get(f"{FEED}?{query}")) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"price": "abc"}, (400, "not_an_amount")),
        ({"price": "0.00"}, (400, "catalog.price_not_positive")),
        ({"price": "1.234"}, (400, "core.not_an_amount")),
        ({"title": "x" * 101}, (400, "catalog.too_long")),
        ({"description": "x" * 2001}, (400, "catalog.too_long")),
        ({"category": "flying_carpets"}, (400, "catalog.category_unknown")),
        ({"condition": "broken"}, (400, "invalid_choice")),
        ({"attributes": {"wings": "two"}}, (400, "catalog.unknown_attribute")),
        ({"location": {"latitude": 95, "longitude": 55}}, (400, "max_value")),
        ({"tags": [f"tag{n}" for n in range(11)]}, (400, "catalog.too_many_tags")),
        ({"image_urls": ["https://elsewhere.example/a.jpg"]}, (400, "media.foreign_url")),
        ({"image_ids": ["https://elsewhere.example/a.jpg"]}, (400, "media.foreign_url")),
        ({"image_ids": [str(uuid.UUID(int=7))]}, (404, "media.not_your_media")),
        ({"feed_type": "discover"}, (400, "catalog.video_required")),
        ({"seller_id": str(uuid.UUID(int=7))}, (400, "unknown_field")),
        ({"state": "active"}, (400, "unknown_field")),
    ],
)
def test_a_wrong_listing(api, seller, change, expected):
    picture = ReadyImageFactory(owner=seller)
    before = world()
    answer = api.post("/api/v1/products", {**CHAIR, "image_ids": [str(picture.pk)], **change})
    assert code_of(answer) == expected
    assert world() == before


def test_the_eleventh_picture(api, seller):
    pictures = ReadyImageFactory.create_batch(11, owner=seller)
    before = world()
    answer = api.post("/api/v1/products", {**CHAIR, "image_ids": [str(p.pk) for p in pictures]})
    assert code_of(answer) == (400, "catalog.too_many_images")
    assert world() == before
    assert not MediaAsset.objects.exclude(attached_at=None).exists()


def test_anothers_picture(api, seller):
    before = world()
    answer = api.post("/api/v1/products", {**CHAIR, "image_ids": [str(ReadyImageFactory().pk)]})
    assert code_of(answer) == (404, "media.not_your_media")
    assert world() == before


def test_the_fifty_first_listing(api, seller):
    ProductFactory.create_batch(50, seller=seller, images=0)
    picture = ReadyImageFactory(owner=seller)
    before = world()
    answer = api.post("/api/v1/products", {**CHAIR, "image_ids": [str(picture.pk)]})
    assert code_of(answer) == (409, "catalog.too_many_open_listings")
    assert world() == before


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"filename": "a.jpg", "content_type": "image/jpeg", "byte_size": 30_000_000}, (413, "media.too_large")),
        ({"filename": "a.svg", "content_type": "image/svg+xml", "byte_size": 1000}, (400, "media.unsupported_type")),
        ({"filename": "a.jpg", "content_type": "image/jpeg", "byte_size": 0}, (400, "min_value")),
    ],
)
def test_an_upload_that_may_not_be(api, seller, body, expected):
    answer = api.post("/api/v1/media/upload-url", {**body, "purpose": "product"})
    assert code_of(answer) == expected
    assert not MediaAsset.objects.exists()


def png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("1", (width, height)).save(out, "PNG")
    return out.getvalue()


def send(api, ticket: dict, content: bytes):
    return api.put(ticket["upload_url"], content, content_type="image/png", headers=ticket["headers"])


def ticket_for(api, content: bytes) -> dict:
    body = {"filename": "a.png", "content_type": "image/png", "byte_size": len(content), "purpose": "product"}
    return api.post("/api/v1/media/upload-url", body).json()


def test_a_small_file_that_unfolds_into_a_huge_picture(api, seller, deliver, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    bomb = png(20_000, 20_000)
    ticket = ticket_for(api, bomb)
    assert send(api, ticket, bomb).status_code in (200, 201, 204)
    assert api.post(f"/api/v1/media/{ticket['asset_id']}/complete").status_code == 200
    deliver()
    asset = api.get(f"/api/v1/media/{ticket['asset_id']}").json()
    assert (asset["state"], asset["failure"]["code"]) == ("rejected", "media.too_many_pixels")
    assert MediaAsset.objects.get().variants == []


def test_an_upload_after_its_time(api, seller):
    content = png(400, 400)
    ticket = ticket_for(api, content)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert code_of(send(api, ticket, content)) == (410, "media.upload_expired")
    assert MediaAsset.objects.get().state == "awaiting_upload"


def test_an_upload_to_an_address_that_was_changed(api, seller):
    content = png(400, 400)
    ticket = ticket_for(api, content)
    url, signature = ticket["upload_url"].split("signature=")
    ticket["upload_url"] = f"{url}signature={'0' if signature[0] != '0' else '1'}{signature[1:]}"
    assert code_of(send(api, ticket, content)) == (403, "media.bad_signature")


def test_an_edit_of_an_older_copy(api, seller):
    product = ProductFactory(seller=seller)
    tag = api.get(f"/api/v1/products/{product.pk}").headers["ETag"]
    first = api.patch(f"/api/v1/products/{product.pk}", {"price": "240.00"}, headers={"If-Match": tag})
    assert first.status_code == 200
    before = world()
    second = api.patch(f"/api/v1/products/{product.pk}", {"price": "1.00"}, headers={"If-Match": tag})
    assert code_of(second) == (412, "core.stale_revision")
    assert world() == before


def test_a_key_used_for_another_listing(api, seller):
    picture = ReadyImageFactory(owner=seller)
    body = {**CHAIR, "image_ids": [str(picture.pk)]}
    first = api.post("/api/v1/products", body, headers={"Idempotency-Key": "k"})
    assert first.status_code == 201
    before = world()
    again = api.post("/api/v1/products", body, headers={"Idempotency-Key": "k"})
    other = api.post("/api/v1/products", {**body, "title": "Other"}, headers={"Idempotency-Key": "k"})
    assert again.json()["id"] == first.json()["id"]
    assert code_of(other) == (422, "core.idempotency_mismatch")
    assert world() == before
    assert Product.objects.count() == 1


@pytest.mark.parametrize(
    ("method", "path"), [("patch", ""), ("delete", ""), ("post", "/pause"), ("patch", "/mark-sold")]
)
def test_anothers_listing(api, seller, method, path):
    product = ProductFactory()
    before = world()
    answer = getattr(api, method)(f"/api/v1/products/{product.pk}{path}", {})
    assert code_of(answer) == (403, "catalog.not_your_product")
    assert world() == before


@pytest.mark.parametrize(
    "body", ["[" * 100_000, '{"identifier":' + "[" * 900 + "]" * 900 + "}", '{"a":' * 30 + "1" + "}" * 30]
)
def test_a_body_as_deep_as_a_well_is_refused(api, body):
    answer = api.post("/api/v1/auth/login", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "core.not_json")
