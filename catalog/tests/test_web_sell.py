import json
import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog import actions
from catalog.models import CategoryAttribute, Product, ProductRevision
from catalog.states import FeedType, ProductState
from catalog.tests.factories import MARINA_MALL, CategoryFactory, DraftFactory, ProductFactory, SellerFactory
from media.models import MediaAsset
from media.tests import pictures
from media.tests.factories import ReadyImageFactory, ReadyVideoFactory
from places.tests.factories import NeighborhoodFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller(client: Client):
    person = SellerFactory()
    client.force_login(person)
    return person


def filled(seller, **how):
    """A complete form."""
    CategoryFactory(slug="furniture")
    typed = {
        "product": "",
        "revision": "",
        "title": "Oak chair",
        "description": "Used for two years.",
        "price": "250",
        "currency": "AED",
        "condition": "good",
        "category": "furniture",
        "latitude": str(MARINA_MALL.latitude),
        "longitude": str(MARINA_MALL.longitude),
        "feed_type": "community",
        "image_ids": how.pop("image_ids") if "image_ids" in how else [str(ReadyImageFactory(owner=seller).pk)],
        "then": "publish",
    }
    return typed | how


def asks_for_depth():
    CategoryAttribute.objects.filter(key="depth").delete()
    CategoryAttribute.objects.create(
        category=CategoryFactory(slug="furniture"),
        key="depth",
        name_en="Depth of it",
        kind="number",
        unit="cm",
        maximum=300,
    )


def sends(client, typed, **headers):
    return client.post("/sell", typed, headers=headers)


def codes(response):
    return re.findall(r'data-code="([^"]+)"', response.content.decode())


def test_strangers_sign_in_first_and_come_back(client):
    assert client.get("/sell").url == "/login?next=%2Fsell"


def test_who_does_not_sell_yet_starts_with_a_tap(client):
    client.force_login(UserFactory(buyer=True))
    assert "Start selling" in client.get("/sell").content.decode()
    assert client.post("/sell", {"title": "x"}).status_code == 403
    assert client.post("/sell/start").url == "/sell"
    assert 'name="title"' in client.get("/sell").content.decode()


def test_who_has_proven_nothing_is_told_how(client):
    client.force_login(UserFactory(unproven=True))
    assert "Prove your email address" in client.get("/sell").content.decode()


def test_the_form_stands_without_javascript_and_within_the_policy(client, seller):
    shown = client.get("/sell").content.decode()
    assert '<form class="sell-form" id="sell" method="post" action="/sell" enctype="multipart/form-data"' in shown
    assert re.search(r'<noscript>.*<input type="file" name="pictures"', shown, re.DOTALL)
    assert " style=" not in shown
    assert not re.search(r"\son[a-z]+=", shown)


def test_a_new_seller_sends_a_listing_for_review(client, seller):
    response = sends(client, filled(seller))
    assert response.url == "/me/listings?shown=review"
    product = Product.objects.get()
    assert (product.state, product.title, product.price_minor) == (ProductState.PENDING_REVIEW, "Oak chair", 250_00)
    assert product.public_location is not None
    assert product.cover_id is not None


@pytest.mark.usefixtures("premoderation_off")
def test_where_nobody_reads_first_it_is_for_sale_at_once(client, seller):
    response = sends(client, filled(seller))
    product = Product.objects.get()
    assert product.state == ProductState.ACTIVE
    assert response.url == f"/l/{product.pk}"


def test_a_draft_needs_nothing(client, seller):
    response = sends(client, {"title": "Chair", "then": "save"})
    assert response.url == "/me/listings?shown=drafts"
    assert Product.objects.get().state == ProductState.DRAFT


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"price": "abc"}, "core.not_an_amount"),
        ({"price": "0"}, "catalog.price_not_positive"),
        ({"price": "1.5"}, "catalog.price_not_above_fee"),
        ({"original_price": "20"}, "catalog.original_price_too_low"),
        ({"title": "x" * 101}, "catalog.too_long"),
        ({"title": ""}, "catalog.not_complete"),
        ({"category": ""}, "catalog.not_complete"),
        ({"tags": ",".join(f"tag{n}" for n in range(11))}, "catalog.too_many_tags"),
        ({"feed_type": "discover"}, "catalog.video_required"),
        ({"latitude": "", "longitude": ""}, "catalog.not_complete"),
        ({"image_ids": ["https://elsewhere.example/a.jpg"]}, "media.foreign_url"),
    ],
)
def test_what_is_wrong_is_said_with_its_code_and_what_was_typed_stays(client, seller, how, code):
    response = sends(client, filled(seller) | how)
    assert response.status_code == 422
    assert code in codes(response)
    assert "Used for two years." in response.content.decode()
    assert not Product.objects.exclude(state=ProductState.DRAFT).exists()


def test_an_answer_that_does_not_fit_is_said_beside_its_question(client, seller):
    asks_for_depth()
    response = sends(client, filled(seller) | {"attr_depth": "900"})
    assert response.status_code == 422
    assert "catalog.bad_attribute" in codes(response)
    assert 'href="#id_attr_depth"' in response.content.decode()


def test_an_eleventh_picture_is_refused(client, seller):
    images = [str(a.pk) for a in ReadyImageFactory.create_batch(11, owner=seller)]
    response = sends(client, filled(seller, image_ids=[]) | {"image_ids": images})
    assert codes(response) == ["catalog.too_many_images"]
    assert not Product.objects.exists()


def test_pictures_of_others_are_refused(client, seller):
    theirs = ReadyImageFactory(owner=SellerFactory())
    response = sends(client, filled(seller, image_ids=[]) | {"image_ids": [str(theirs.pk)]})
    assert codes(response) == ["media.not_your_media"]
    assert not Product.objects.exists()


def test_the_51st_listing_is_refused(client, seller, settings):
    settings.OPEN_LISTINGS_PER_SELLER = 1
    ProductFactory(seller=seller)
    response = sends(client, filled(seller))
    assert codes(response) == ["catalog.too_many_open_listings"]
    assert Product.objects.count() == 1


def test_what_was_typed_is_kept_as_a_draft_when_publishing_is_refused(client, seller):
    response = sends(client, filled(seller) | {"condition": ""})
    draft = Product.objects.get()
    assert draft.state == ProductState.DRAFT
    page = response.content.decode()
    assert f'value="{draft.pk}"' in page
    revision = re.search(r'id="product-revision" value="(\d*)"', page)[1]
    again = filled(seller) | {"product": str(draft.pk), "revision": revision}
    assert sends(client, again).status_code == 302
    assert Product.objects.get().state == ProductState.PENDING_REVIEW


def test_a_neighbourhood_is_place_enough(client, seller):
    marina = NeighborhoodFactory(slug="marina")
    sends(client, filled(seller) | {"latitude": "", "longitude": "", "neighborhood": "marina", "then": "save"})
    assert Product.objects.get().neighborhood == marina


def test_a_neighbourhood_chosen_anew_moves_the_pin(client, seller):
    NeighborhoodFactory(slug="marina")
    far = NeighborhoodFactory(slug="far", latitude=25.3, longitude=55.5)
    sends(client, filled(seller) | {"neighborhood": "far", "kept_neighborhood": "marina", "then": "save"})
    assert Product.objects.get().neighborhood == far


def test_arabic_digits_and_commas_are_an_amount(client, seller):
    sends(client, filled(seller) | {"price": "١٬٢٥٠٫٥٠", "then": "save"})
    assert Product.objects.get().price_minor == 1250_50


def test_discover_takes_its_video(client, seller):
    video = ReadyVideoFactory(owner=seller)
    sends(client, filled(seller) | {"feed_type": "discover", "video_id": str(video.pk)})
    product = Product.objects.get()
    assert (product.feed_type, product.video_id, product.state) == (
        FeedType.DISCOVER,
        video.pk,
        ProductState.PENDING_REVIEW,
    )


# --- editing --------------------------------------------------------------------------------------------------------


def revised(product, **how):
    seller = product.seller
    images = [str(pk) for pk in product.pictures.values_list("asset_id", flat=True)]
    return (
        filled(seller, image_ids=[])
        | {"product": str(product.pk), "revision": str(product.revision), "then": "save", "image_ids": images}
        | {"title": product.title, "description": product.description}
        | how
    )


def test_others_find_nothing_to_edit(client, seller):
    theirs = ProductFactory()
    assert client.get(f"/sell/{theirs.pk}").status_code == 404
    assert sends(client, revised(theirs, title="Mine now")).status_code == 404
    theirs.refresh_from_db()
    assert theirs.title != "Mine now"


def test_a_material_edit_waits_while_the_approved_listing_stays(client, seller):
    product = ProductFactory(seller=seller, title="Oak chair")
    response = sends(client, revised(product, title="Golden throne"))
    assert response.url == f"/l/{product.pk}"
    product.refresh_from_db()
    assert product.title == "Oak chair"
    assert ProductRevision.objects.get().content == {"title": "Golden throne"}
    page = client.get(f"/sell/{product.pk}").content.decode()
    assert "Your last change waits for a moderator" in page
    assert 'value="Golden throne"' in page


def test_a_stale_form_is_refused_and_changes_nothing(client, seller):
    product = ProductFactory(seller=seller, title="Oak chair", revision=4)
    response = sends(client, revised(product, revision="3", price="300"))
    assert response.status_code == 412
    assert codes(response) == ["core.stale_revision"]
    product.refresh_from_db()
    assert (product.price_minor, product.revision) == (250_00, 4)


def test_a_refused_publishing_leaves_a_form_that_can_be_sent_again(client, seller):
    draft = DraftFactory(seller=seller, revision=2)
    refused = sends(client, revised(draft, title="Oak chair with arms", condition="", then="publish"))
    assert codes(refused) == ["catalog.not_complete"]
    revision = re.search(r'id="product-revision" value="(\d*)"', refused.content.decode())[1]
    assert (
        sends(client, revised(draft, title="Oak chair with arms", revision=revision, then="publish")).status_code == 302
    )
    draft.refresh_from_db()
    assert draft.state == ProductState.PENDING_REVIEW


def test_a_sold_listing_is_not_edited(client, seller):
    product = ProductFactory(seller=seller, state=ProductState.SOLD, sold_at=timezone.now())
    assert client.get(f"/sell/{product.pk}").status_code == 409
    assert sends(client, revised(product)).status_code == 409


def test_a_rejected_listing_says_why_and_is_sent_again(client, seller, premoderation_all):
    product = ProductFactory(seller=seller, state=ProductState.REJECTED, published_at=None)
    page = client.get(f"/sell/{product.pk}").content.decode()
    assert "Not approved" in page
    assert "Send it again" in page
    assert sends(client, revised(product, title="Better", then="publish")).status_code == 302
    product.refresh_from_db()
    assert (product.state, product.title) == (ProductState.PENDING_REVIEW, "Better")


# --- while typing ---------------------------------------------------------------------------------------------------


def keeps(client, typed):
    return client.post("/sell/autosave", typed, headers={"HX-Request": "true"})


def test_typing_makes_a_draft_and_goes_on_with_it(client, seller):
    first = keeps(client, {"title": "Oak ch", "feed_type": "community"})
    draft = Product.objects.get()
    assert first["HX-Replace-Url"] == f"/sell/{draft.pk}"
    assert f'data-product="{draft.pk}" data-revision="1"' in first.content.decode()
    second = keeps(client, {"title": "Oak chair", "product": str(draft.pk), "revision": str(draft.revision)})
    assert "HX-Replace-Url" not in second
    draft.refresh_from_db()
    assert draft.title == "Oak chair"


def test_an_empty_form_makes_no_draft(client, seller):
    assert keeps(client, {"feed_type": "community", "currency": "AED", "category": "furniture"}).status_code == 204
    assert not Product.objects.exists()


def test_what_is_wrong_is_left_out_of_a_draft_and_said(client, seller):
    response = keeps(client, {"title": "x" * 120, "description": "Fine", "price": "12x", "tags": "?!"})
    draft = Product.objects.get()
    assert (draft.title, draft.description, draft.price_minor, draft.tags) == ("", "Fine", None, [])
    assert "but for what is marked" in response.content.decode()


def test_what_is_on_show_is_never_saved_by_typing(client, seller):
    product = ProductFactory(seller=seller, title="Oak chair")
    assert keeps(client, {"title": "Half a wo", "product": str(product.pk)}).status_code == 204
    product.refresh_from_db()
    assert product.title == "Oak chair"


def test_two_windows_do_not_overwrite_each_other(client, seller):
    draft = DraftFactory(seller=seller, title="Oak chair", revision=3)
    response = keeps(client, {"title": "Older", "product": str(draft.pk), "revision": "2"})
    assert codes(response) == ["core.stale_revision"]
    draft.refresh_from_db()
    assert draft.title == "Oak chair"


def test_the_chosen_category_asks_its_questions(client, seller):
    asks_for_depth()
    shown = client.post("/sell/questions", {"category": "furniture", "attr_depth": "90"}).content.decode()
    assert "Depth of it (cm)" in shown
    assert 'value="90"' in shown
    assert client.post("/sell/questions", {"category": "nonsense"}).content.strip() == b""


def test_the_fee_is_shown_while_typing(client, seller):
    shown = client.get("/sell/fee", {"price": "250", "currency": "AED", "feed_type": "community"}).content.decode()
    assert "237.50 <small>AED" in shown
    assert "12.50 <small>AED" in shown
    assert "Type a price" in client.get("/sell/fee", {"price": "soon"}).content.decode()


# --- without JavaScript -----------------------------------------------------------------------------------------------


def test_files_of_a_plain_form_are_taken_in_and_offered_once_prepared(client, seller, deliver):
    photo = SimpleUploadedFile("chair.jpg", pictures.jpeg(400, 300), "image/jpeg")
    response = sends(client, filled(seller, image_ids=[]) | {"pictures": photo})
    assert response.status_code == 200
    assert "One file is being prepared" in response.content.decode()
    assert not Product.objects.exists()
    deliver()
    page = client.get("/sell").content.decode()
    asset = MediaAsset.objects.get(filename="chair.jpg")
    assert f'<input type="checkbox" name="image_ids" value="{asset.pk}" checked>' in page
    sends(client, filled(seller, image_ids=[]) | {"image_ids": [str(asset.pk)]})
    assert Product.objects.get().state == ProductState.PENDING_REVIEW


def test_a_file_that_cannot_be_used_is_named(client, seller):
    film = SimpleUploadedFile("film.gif", b"GIF89a", "image/gif")
    response = sends(client, filled(seller) | {"pictures": film})
    assert response.status_code == 422
    assert "film.gif" in response.content.decode()
    assert not Product.objects.exists()


def test_the_form_takes_as_many_queries_for_20_pictures_as_for_1(client, seller, django_assert_max_num_queries):
    NeighborhoodFactory.create_batch(3)
    product = ProductFactory(seller=seller, images=9)
    ReadyImageFactory.create_batch(20, owner=seller)
    with django_assert_max_num_queries(32):
        assert client.get(f"/sell/{product.pk}").status_code == 200


def test_facts_for_the_map_are_json(client, seller):
    product = ProductFactory(seller=seller)
    page = client.get(f"/sell/{product.pk}").content.decode()
    facts = json.loads(re.search(r'<script id="pin-facts" type="application/json">(.*?)</script>', page)[1])
    assert facts["at"] == [MARINA_MALL.latitude, MARINA_MALL.longitude]


def test_unknown_listings_are_not_found(client, seller):
    assert client.get(f"/sell/{uuid.uuid4()}").status_code == 404
    assert sends(client, {"product": str(uuid.uuid4()), "title": "x"}).status_code == 404
    assert actions.create_draft(seller=seller).created_at > timezone.now() - timedelta(minutes=1)
