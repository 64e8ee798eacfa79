import pytest

from catalog.models import Product, ProductRevision
from catalog.states import ProductState
from catalog.tests.factories import MARINA_MALL, DraftFactory, ProductFactory
from media.tests.factories import AssetFactory, ReadyImageFactory, ReadyVideoFactory
from moderation.models import Case, Report

pytestmark = pytest.mark.django_db
BASE = "/api/v1/products"


def codes(answer) -> list[tuple[str | None, str]]:
    return [(e["attr"], e["code"]) for e in answer.json()["errors"]]


def body_of(seller, **changes):
    return {
        "title": "Canon EOS R6",
        "description": "Shutter count 8,000, box and charger.",
        "price": "4200.00",
        "original_price": "7500.00",
        "currency": "AED",
        "category": "electronics",
        "brand": "canon",
        "condition": "like_new",
        "attributes": {"device": "camera", "year": 2023, "warranty": "none"},
        "tags": ["photography"],
        "image_ids": [str(ReadyImageFactory(owner=seller).pk)],
        "location": {
            "latitude": MARINA_MALL.latitude,
            "longitude": MARINA_MALL.longitude,
            "building_name": "Marina Gate",
        },
    } | changes


def test_creates_and_sends_to_review_with_a_fee_preview(signed_in, seller):
    answer = signed_in.post(BASE, body_of(seller))
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert answer["Location"] == f"{BASE}/{made['id']}"
    assert made["state"] == "pending_review"
    assert (made["price"], made["original_price"], made["currency"]) == ("4200.00", "7500.00", "AED")
    assert made["own"]["fee"]["fee"] == "210.00"
    assert made["own"]["fee"]["payout"] == "3990.00"
    assert made["own"]["fee"]["rule"] == "Neighbourhood"
    assert made["own"]["location"]["building_name"] == "Marina Gate"
    assert [(a["key"], a["label"]) for a in made["attributes"]] == [
        ("device", "Camera"),
        ("year", "2023"),
        ("warranty", "No warranty"),
    ]
    assert made["category"] == {
        "slug": "electronics",
        "name": "Electronics",
        "icon": "smartphone",
        "color": "#2F6F73",
    }
    assert Case.objects.get().title == "Canon EOS R6"


def test_keeps_an_unfinished_draft(signed_in):
    answer = signed_in.post(BASE, {"title": "Something", "publish": False})
    assert answer.status_code == 201
    assert answer.json()["state"] == "draft"
    assert answer.json()["place"] is None
    assert not Case.objects.exists()
    published = signed_in.post(f"{BASE}/{answer.json()['id']}/publish")
    assert (published.status_code, codes(published)) == (400, [("price", "catalog.not_complete")])


@pytest.mark.usefixtures("premoderation_off")
def test_a_discover_listing_has_its_video(signed_in, seller):
    video = ReadyVideoFactory(owner=seller)
    answer = signed_in.post(BASE, body_of(seller, feed_type="discover", video_id=str(video.pk), image_ids=[]))
    made = answer.json()
    assert made["state"] == "active"
    assert made["video"]["url"].endswith(".mp4")
    assert made["cover"]["kind"] == "video"
    assert made["own"]["fee"]["percent"] == "15.00"


@pytest.mark.parametrize(
    ("wrong", "attr", "code"),
    [
        ({"price": "abc"}, "price", "not_an_amount"),
        ({"price": "-5"}, "price", "not_an_amount"),
        ({"price": "1e3"}, "price", "not_an_amount"),
        ({"price": True}, "price", "invalid"),
        ({"price": "0"}, "price", "catalog.price_not_positive"),
        ({"price": "1.999"}, "price", "core.not_an_amount"),
        ({"price": "2.00", "original_price": None}, "price", "catalog.price_not_above_fee"),
        ({"original_price": "10.00"}, "original_price", "catalog.original_price_too_low"),
        ({"currency": "XXX"}, "currency", "core.unknown_currency"),
        ({"currency": "SAR"}, "currency", "catalog.currency_not_offered"),
        ({"title": "x" * 101}, "title", "catalog.too_long"),
        ({"title": "nul\0"}, "title", "null_characters_not_allowed"),
        ({"description": "x" * 2001}, "description", "catalog.too_long"),
        ({"category": "yachts"}, "category", "catalog.category_unknown"),
        ({"brand": "acme"}, "brand", "catalog.brand_unknown"),
        ({"condition": "mint"}, "condition", "invalid_choice"),
        ({"feed_type": "live"}, "feed_type", "invalid_choice"),
        ({"feed_type": "discover"}, "video_id", "catalog.video_required"),
        ({"attributes": {"colour": "red"}}, "attributes.colour", "catalog.unknown_attribute"),
        ({"attributes": {"device": ["camera"]}}, "attributes.device", "catalog.bad_attribute"),
        ({"attributes": {"year": "MMXX"}}, "attributes.year", "catalog.bad_attribute"),
        ({"attributes": "red"}, "attributes", "not_a_dict"),
        ({"tags": [f"tag{n}" for n in range(11)]}, "tags", "catalog.too_many_tags"),
        ({"location": {"latitude": 91, "longitude": 55}}, "location.latitude", "max_value"),
        ({"location": {"latitude": 25.1}}, "location.longitude", "required"),
        ({"location": {"latitude": "nan", "longitude": 55}}, "location.latitude", None),
        ({"location": {"latitude": 25.1, "longitude": 55.1, "altitude": 3}}, "location.altitude", "unknown_field"),
        ({"location": None}, "location", "catalog.not_complete"),
        ({"image_ids": []}, "image_ids", "catalog.not_complete"),
        ({"image_ids": ["https://evil.example/a.jpg"]}, "image_ids", "media.foreign_url"),
        ({"image_ids": ["uploads/somebody-else/1"]}, "image_ids", "media.foreign_url"),
        ({"image_ids": ["not-an-id"]}, "image_ids.0", "invalid"),
        ({"image_urls": ["https://evil.example/a.jpg"]}, "image_urls", "media.foreign_url"),
        ({"video_url": "https://evil.example/a.mp4"}, "video_url", "media.foreign_url"),
        ({"colour": "red"}, "colour", "unknown_field"),
    ],
)
def test_wrong_input_gets_its_own_code_and_changes_nothing(signed_in, seller, wrong, attr, code):
    answer = signed_in.post(BASE, body_of(seller, **wrong))
    assert answer.status_code == 400, answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert codes(answer)[0][0] == attr
    assert code is None or codes(answer)[0][1] == code
    assert not Product.objects.exists()
    assert not Case.objects.exists()


def test_an_eleventh_image_is_refused(signed_in, seller):
    eleven = [str(ReadyImageFactory(owner=seller).pk) for _ in range(11)]
    answer = signed_in.post(BASE, body_of(seller, image_ids=eleven))
    assert (answer.status_code, codes(answer)) == (400, [("image_ids", "catalog.too_many_images")])
    assert not Product.objects.exists()


def test_other_peoples_and_unfinished_uploads_are_refused(signed_in, seller):
    theirs, coming = ReadyImageFactory(), AssetFactory(owner=seller)
    answer = signed_in.post(BASE, body_of(seller, image_ids=[str(theirs.pk)]))
    assert (answer.status_code, answer.json()["code"]) == (404, "media.not_your_media")
    answer = signed_in.post(BASE, body_of(seller, image_ids=[str(coming.pk)]))
    assert (answer.status_code, answer.json()["code"]) == (409, "media.not_ready")
    assert not Product.objects.exists()


def test_the_fifty_first_open_listing_is_refused(signed_in, seller, settings):
    settings.OPEN_LISTINGS_PER_SELLER = 1
    ProductFactory(seller=seller)
    answer = signed_in.post(BASE, body_of(seller))
    assert (answer.status_code, answer.json()["code"]) == (409, "catalog.too_many_open_listings")
    assert answer.json()["facts"] == {"limit": 1}
    assert Product.objects.count() == 1


def test_the_same_key_makes_one_listing(signed_in, seller):
    body = body_of(seller)
    first = signed_in.post(BASE, body, headers={"Idempotency-Key": "k1"})
    again = signed_in.post(BASE, body, headers={"Idempotency-Key": "k1"})
    other = signed_in.post(BASE, body | {"title": "Another"}, headers={"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert again["ETag"] == first["ETag"]
    assert (other.status_code, other.json()["code"]) == (422, "core.idempotency_mismatch")
    assert Product.objects.count() == 1


def test_strangers_must_sign_in_to_write(api, seller):
    product = ProductFactory(seller=seller)
    for method, path in (
        ("post", BASE),
        ("patch", f"{BASE}/{product.pk}"),
        ("put", f"{BASE}/{product.pk}"),
        ("delete", f"{BASE}/{product.pk}"),
        ("post", f"{BASE}/{product.pk}/publish"),
        ("post", f"{BASE}/{product.pk}/favourite"),
        ("post", f"{BASE}/{product.pk}/report"),
        ("patch", f"{BASE}/{product.pk}/mark-sold"),
        ("put", f"{BASE}/{product.pk}/variants"),
    ):
        assert getattr(api, method)(path, {}).status_code == 401, path


@pytest.mark.usefixtures("premoderation_off")
def test_an_edit_names_the_revision_that_was_read(signed_in, seller):
    product = ProductFactory(seller=seller)
    read = signed_in.get(f"{BASE}/{product.pk}")
    first = signed_in.patch(f"{BASE}/{product.pk}", {"title": "New"}, headers={"If-Match": read["ETag"]})
    stale = signed_in.patch(f"{BASE}/{product.pk}", {"title": "Newer"}, headers={"If-Match": read["ETag"]})
    assert (first.status_code, first.json()["title"]) == (200, "New")
    assert first["ETag"] != read["ETag"]
    assert (stale.status_code, stale.json()["code"]) == (412, "core.stale_revision")
    assert signed_in.delete(f"{BASE}/{product.pk}", headers={"If-Match": read["ETag"]}).status_code == 412
    product.refresh_from_db()
    assert (product.title, product.state) == ("New", "active")


def test_a_material_edit_waits_beside_the_approved_text(signed_in, seller):
    product = ProductFactory(seller=seller, title="Old")
    answer = signed_in.patch(f"{BASE}/{product.pk}", {"title": "New", "condition": "fair"}).json()
    assert (answer["title"], answer["condition"]) == ("Old", "fair")
    assert answer["own"]["pending_edit"]["title"] == "New"
    assert answer["own"]["pending_edit"]["description"] is None


@pytest.mark.usefixtures("premoderation_off")
def test_put_wants_the_core_whole(signed_in, seller):
    product = ProductFactory(seller=seller)
    answer = signed_in.put(f"{BASE}/{product.pk}", {"title": "New"})
    assert {attr for attr, _ in codes(answer)} == {"price", "category", "condition"}
    answer = signed_in.put(
        f"{BASE}/{product.pk}", {"title": "New", "price": "99", "category": "furniture", "condition": "good"}
    )
    assert (answer.status_code, answer.json()["price"]) == (200, "99.00")


def test_the_feed_of_a_listing_stays(signed_in, seller):
    product = ProductFactory(seller=seller)
    answer = signed_in.patch(f"{BASE}/{product.pk}", {"feed_type": "discover"})
    assert (answer.status_code, answer.json()["code"]) == (409, "catalog.feed_type_is_fixed")
    assert signed_in.patch(f"{BASE}/{product.pk}", {"feed_type": "community"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("patch", ""),
        ("delete", ""),
        ("post", "/publish"),
        ("post", "/pause"),
        ("post", "/resume"),
        ("post", "/renew"),
        ("patch", "/mark-sold"),
    ],
)
def test_other_peoples_listings_are_not_ones_own(signed_in, method, path):
    product = ProductFactory()
    answer = getattr(signed_in, method)(f"{BASE}/{product.pk}{path}", {})
    assert (answer.status_code, answer.json()["code"]) == (403, "catalog.not_your_product")
    draft = DraftFactory()
    answer = getattr(signed_in, method)(f"{BASE}/{draft.pk}{path}", {})
    assert (answer.status_code, answer.json()["code"]) == (404, "catalog.product_not_found")
    product.refresh_from_db()
    assert (product.state, product.revision) == ("active", 1)


def test_a_listing_is_paused_resumed_renewed_sold_and_removed(signed_in, seller):
    product = ProductFactory(seller=seller)
    path = f"{BASE}/{product.pk}"
    assert signed_in.post(f"{path}/pause").json()["state"] == "paused"
    assert signed_in.post(f"{path}/resume").json()["state"] == "active"
    assert signed_in.post(f"{path}/renew").json()["state"] == "active"
    assert signed_in.patch(f"{path}/mark-sold").json()["state"] == "sold"
    refused = signed_in.post(f"{path}/pause")
    assert (refused.status_code, refused.json()["code"]) == (409, "core.wrong_state")
    other = ProductFactory(seller=seller)
    assert signed_in.delete(f"{BASE}/{other.pk}").status_code == 204
    assert signed_in.get(f"{BASE}/{other.pk}").json()["state"] == "removed"


def test_saving_twice_counts_once(signed_in):
    product = ProductFactory()
    path = f"{BASE}/{product.pk}/favourite"
    for _ in range(2):
        assert signed_in.post(path).json() == {"is_favourite": True, "favourite_count": 1}
    assert signed_in.get(f"{BASE}/{product.pk}").json()["is_favourite"] is True
    for _ in range(2):
        assert signed_in.delete(path).json() == {"is_favourite": False, "favourite_count": 0}
    assert signed_in.post(f"{BASE}/{DraftFactory().pk}/favourite").status_code == 404


def test_reporting_opens_one_case(signed_in):
    product = ProductFactory()
    path = f"{BASE}/{product.pk}/report"
    first = signed_in.post(path, {"reason": "scam", "description": "Asks for money in advance."})
    assert first.status_code == 201
    again = signed_in.post(path, {"reason": "spam"})
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert Report.objects.count() == 1
    wrong = signed_in.post(path, {"reason": "ugly"})
    assert codes(wrong) == [("reason", "invalid_choice")]
    unfit = signed_in.post(path, {"reason": "harassment"})
    assert unfit.json()["code"] == "moderation.reason_does_not_fit"
    assert signed_in.post(f"{BASE}/{DraftFactory().pk}/report", {"reason": "scam"}).status_code == 404


def test_ones_own_listing_cannot_be_reported(signed_in, seller):
    answer = signed_in.post(f"{BASE}/{ProductFactory(seller=seller).pk}/report", {"reason": "scam"})
    assert (answer.status_code, answer.json()["code"]) == (403, "moderation.own_content")
    assert not Case.objects.exists()


def test_no_revision_is_left_of_an_edit_that_was_refused(signed_in, seller):
    product = ProductFactory(seller=seller)
    answer = signed_in.patch(f"{BASE}/{product.pk}", {"title": "New", "price": "0"})
    assert answer.status_code == 400
    product.refresh_from_db()
    assert (product.revision, product.state) == (1, ProductState.ACTIVE)
    assert not ProductRevision.objects.exists()
