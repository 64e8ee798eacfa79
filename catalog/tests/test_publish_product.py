import uuid
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts.errors import NotASeller, NotVerified, Suspended
from catalog import errors
from catalog.actions import publish_new_product, publish_product
from catalog.models import Product
from catalog.states import ProductState
from catalog.tests.factories import MARINA_MALL, DiscoverFactory, DraftFactory, ProductFactory, SellerFactory
from core.errors import StaleRevision, WrongState
from core.geo import FEED_RESOLUTION, LatLng
from core.models import OutboxEvent
from media.tests.factories import ReadyImageFactory, ReadyVideoFactory
from moderation.models import Case
from places.tests.factories import NeighborhoodFactory

pytestmark = pytest.mark.django_db


def news() -> list[str]:
    return list(OutboxEvent.objects.order_by("id").values_list("name", flat=True))


def good_fields(seller, **changes):
    return {
        "title": "Herman Miller Aeron",
        "description": "Size B, all adjustments work.",
        "price_minor": 1800_00,
        "currency": "AED",
        "category": "furniture",
        "brand": None,
        "condition": "very_good",
        "attributes": {"material": "metal", "width": "68", "needs_assembly": False},
        "tags": ["Office", "#ergonomic"],
        "image_ids": [ReadyImageFactory(owner=seller).pk, ReadyImageFactory(owner=seller).pk],
        "location": MARINA_MALL,
        "building_name": "Marina Gate 1",
    } | changes


def approved_by_people(seller, count=3):
    ProductFactory.create_batch(count, seller=seller, images=0, approved_by_person_at=timezone.now())


def test_a_new_sellers_listing_waits_for_a_moderator():
    seller = SellerFactory()
    product = publish_new_product(seller=seller, **good_fields(seller))
    product.refresh_from_db()
    assert product.state == ProductState.PENDING_REVIEW
    assert product.published_at is None
    assert news() == ["moderation.case_opened", "catalog.product_submitted"]
    case = Case.objects.get()
    assert (case.kind, case.target_kind, case.target_id) == ("review", "product", product.pk)
    assert case.snapshots.get().content["title"] == "Herman Miller Aeron"


def test_a_known_sellers_listing_is_for_sale_at_once():
    seller = SellerFactory()
    approved_by_people(seller)
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        product = publish_new_product(seller=seller, **good_fields(seller))
        product.refresh_from_db()
        assert product.state == ProductState.ACTIVE
        assert product.published_at == timezone.now()
        assert product.expires_at == timezone.now() + timedelta(days=60)
    assert product.attributes == {"material": "metal", "width": 68, "needs_assembly": False}
    assert product.tags == ["office", "ergonomic"]
    assert product.cover_id == product.pictures.first().asset_id
    assert product.variants.get().stock == 1
    assert news() == ["catalog.product_published"]


def test_two_approvals_are_not_enough():
    seller = SellerFactory()
    approved_by_people(seller, 2)
    product = publish_new_product(seller=seller, **good_fields(seller))
    assert product.state == ProductState.PENDING_REVIEW


@pytest.mark.usefixtures("premoderation_all")
def test_with_the_switch_on_all_everybody_waits():
    seller = SellerFactory()
    approved_by_people(seller)
    assert publish_new_product(seller=seller, **good_fields(seller)).state == ProductState.PENDING_REVIEW


@pytest.mark.usefixtures("premoderation_off")
def test_with_the_switch_off_nobody_waits():
    seller = SellerFactory()
    assert publish_new_product(seller=seller, **good_fields(seller)).state == ProductState.ACTIVE
    assert not Case.objects.exists()


def test_the_exact_place_is_kept_apart_from_the_public_one():
    area = NeighborhoodFactory(name_en="Marsa Dubai")
    seller = SellerFactory()
    product = publish_new_product(seller=seller, **good_fields(seller))
    product.refresh_from_db()
    public = LatLng.of(product.public_location)
    assert LatLng.of(product.location) == MARINA_MALL
    assert public != MARINA_MALL
    assert public.metres_to(MARINA_MALL) < 250
    assert public.metres_to(MARINA_MALL.snapped()) < 0.01
    assert product.feed_cell == MARINA_MALL.snapped().cell(FEED_RESOLUTION)
    assert product.neighborhood == area


@pytest.mark.parametrize(
    ("missing", "attr"),
    [
        ({"title": "  "}, "title"),
        ({"price_minor": None}, "price"),
        ({"category": None, "attributes": {}}, "category"),
        ({"condition": ""}, "condition"),
        ({"location": None}, "location"),
        ({"image_ids": []}, "image_ids"),
        ({"category": "watches", "attributes": {}}, "attributes.movement"),
    ],
)
def test_refuses_what_is_not_complete_and_changes_nothing(missing, attr):
    seller = SellerFactory()
    with pytest.raises(errors.NotComplete) as refusal:
        publish_new_product(seller=seller, **good_fields(seller, **missing))
    assert (refusal.value.at, refusal.value.facts) == (attr, {"missing": attr})
    assert not Product.objects.exists()
    assert news() == []


def test_people_read_the_label_of_what_is_missing_in_their_language():
    seller = SellerFactory()
    with translation.override("ar"), pytest.raises(errors.NotComplete) as refusal:
        publish_new_product(seller=seller, **good_fields(seller, image_ids=[]))
    with translation.override("ar"):
        assert gettext("pictures") in refusal.value.message
        assert "image_ids" not in refusal.value.message


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"title": "x" * 101}, errors.TooLong),
        ({"description": "x" * 2001}, errors.TooLong),
        ({"tags": [f"tag {n}" for n in range(11)]}, errors.TooManyTags),
        ({"tags": ["<b>"]}, errors.NotATag),
        ({"price_minor": 0}, errors.PriceNotPositive),
        ({"price_minor": 2_00}, errors.PriceNotAboveFee),
        ({"original_price_minor": 1}, errors.OriginalPriceTooLow),
        ({"currency": "SAR"}, errors.CurrencyNotOffered),
        ({"category": "yachts"}, errors.CategoryUnknown),
        ({"brand": "acme"}, errors.BrandUnknown),
        ({"attributes": {"shoe_size": "42"}}, errors.UnknownAttribute),
        ({"attributes": {"material": "gold"}}, errors.BadAttribute),
        ({"attributes": {"width": "wide"}}, errors.BadAttribute),
        ({"attributes": {"width": True}}, errors.BadAttribute),
        ({"attributes": {"width": 0}}, errors.BadAttribute),
        ({"attributes": {"needs_assembly": "perhaps"}}, errors.BadAttribute),
        ({"image_ids": [uuid.uuid4()] * 2}, errors.SameImageTwice),
        ({"image_ids": [uuid.uuid4() for _ in range(11)]}, errors.TooManyImages),
    ],
)
def test_refuses_what_is_wrong_and_changes_nothing(wrong, refusal):
    seller = SellerFactory()
    with pytest.raises(refusal):
        publish_new_product(seller=seller, **good_fields(seller, **wrong))
    assert not Product.objects.exists()
    assert not Case.objects.exists()
    assert news() == []


def test_refuses_a_film_where_a_picture_belongs():
    seller = SellerFactory()
    with pytest.raises(errors.NotAPicture):
        publish_new_product(seller=seller, **good_fields(seller, image_ids=[ReadyVideoFactory(owner=seller).pk]))
    assert not Product.objects.exists()


def test_discover_needs_a_video_and_shows_its_poster():
    seller = SellerFactory()
    with pytest.raises(errors.VideoRequired):
        publish_new_product(seller=seller, feed_type="discover", **good_fields(seller))
    video = ReadyVideoFactory(owner=seller)
    product = publish_new_product(
        seller=seller, feed_type="discover", **good_fields(seller, video_id=video.pk, image_ids=[])
    )
    assert product.cover_id == video.pk


def test_the_fee_of_the_price_depends_on_the_category():
    seller = SellerFactory()
    watch = good_fields(seller, category="watches", attributes={"movement": "automatic"}, price_minor=5_00)
    with pytest.raises(errors.PriceNotAboveFee):  # luxury: at least AED 5
        publish_new_product(seller=seller, **watch)
    assert publish_new_product(seller=seller, **(watch | {"price_minor": 5_01})).price_minor == 5_01


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"sells_since": None}, NotASeller),
        ({"email_verified_at": None, "phone_verified_at": None}, NotVerified),
        ({"suspended_at": timezone.now(), "listings_hidden_at": timezone.now()}, Suspended),
    ],
)
def test_refuses_people_who_may_not_sell(facts, refusal):
    seller = SellerFactory(**facts)
    draft = DraftFactory(seller=seller)
    with pytest.raises(refusal):
        publish_product(seller=seller, product_id=draft.pk)
    draft.refresh_from_db()
    assert draft.state == ProductState.DRAFT
    assert news() == []


def test_refuses_a_stranger_and_changes_nothing():
    draft = DraftFactory()
    with pytest.raises(errors.ProductNotFound):
        publish_product(seller=SellerFactory(), product_id=draft.pk)
    draft.refresh_from_db()
    assert draft.state == ProductState.DRAFT


def test_a_stranger_who_sees_it_is_told_whose_it_is():
    with pytest.raises(errors.NotYourProduct):
        publish_product(seller=SellerFactory(), product_id=ProductFactory().pk)


@pytest.mark.parametrize("state", ["active", "paused", "pending_review", "sold", "removed", "expired", "reserved"])
def test_refuses_states_that_are_not_before_the_show(state):
    product = ProductFactory(state=state)
    with pytest.raises(WrongState):
        publish_product(seller=product.seller, product_id=product.pk)
    product.refresh_from_db()
    assert product.state == state


def test_refuses_an_older_copy():
    draft = DraftFactory(revision=3)
    with pytest.raises(StaleRevision):
        publish_product(seller=draft.seller, product_id=draft.pk, revision=2)
    draft.refresh_from_db()
    assert draft.state == ProductState.DRAFT


def test_a_rejected_listing_may_be_sent_in_again():
    product = ProductFactory(state="rejected", published_at=None)
    assert publish_product(seller=product.seller, product_id=product.pk).state == ProductState.PENDING_REVIEW


def test_refuses_a_category_that_was_closed_meanwhile():
    draft = DraftFactory(category__slug="closed_shelf", category__is_active=False)
    with pytest.raises(errors.CategoryUnknown):
        publish_product(seller=draft.seller, product_id=draft.pk)


@pytest.mark.usefixtures("premoderation_off")
def test_a_discover_draft_with_its_video_is_shown():
    draft = DiscoverFactory(state="draft", published_at=None)
    assert publish_product(seller=draft.seller, product_id=draft.pk).state == ProductState.ACTIVE


def test_the_fifty_first_open_listing_is_refused(settings):
    settings.OPEN_LISTINGS_PER_SELLER = 3
    seller = SellerFactory()
    for state in ("active", "paused", "draft"):
        ProductFactory(seller=seller, state=state, images=0)
    ProductFactory(seller=seller, state="sold", images=0)
    with pytest.raises(errors.TooManyOpenListings) as refusal:
        publish_new_product(seller=seller, **good_fields(seller))
    assert refusal.value.facts == {"limit": 3}
    assert Product.objects.filter(seller=seller).count() == 4
