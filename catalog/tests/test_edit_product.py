import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog import errors
from catalog.actions import approve_product, edit_product, publish_product, report_product
from catalog.models import PriceChange, ProductRevision
from catalog.states import RevisionState
from catalog.tests.factories import JLT, DraftFactory, ProductFactory, SellerFactory
from core.errors import StaleRevision
from core.geo import LatLng
from core.models import OutboxEvent
from media.models import MediaAsset
from media.tests.factories import ReadyImageFactory, ReadyVideoFactory
from moderation.models import Case

pytestmark = pytest.mark.django_db


def news() -> list[str]:
    return list(OutboxEvent.objects.order_by("id").values_list("name", flat=True))


def edit(product, **fields):
    made = edit_product(seller=product.seller, product_id=product.pk, **fields)
    product.refresh_from_db()
    return made


def test_a_draft_changes_freely():
    draft = DraftFactory()
    edit(draft, title=" Better ", price_minor=None, location=JLT, building_name="Cluster A")
    assert (draft.title, draft.price_minor, draft.building_name, draft.revision) == ("Better", None, "Cluster A", 2)
    assert LatLng.of(draft.public_location).metres_to(JLT.snapped()) < 0.01
    assert news() == ["catalog.product_edited"]
    assert not ProductRevision.objects.exists()


def test_an_edit_that_changes_nothing_makes_no_revision():
    product = ProductFactory()
    edit(product, title=product.title, price_minor=product.price_minor)
    assert product.revision == 1
    assert news() == []


def test_an_edit_in_review_shows_the_moderator_the_new_text():
    draft = DraftFactory()
    publish_product(seller=draft.seller, product_id=draft.pk)
    edit(draft, title="Better")
    case = Case.objects.get()
    assert [s.content["title"] for s in case.snapshots.order_by("id")][-1] == "Better"
    assert case.snapshots.count() == 2
    assert draft.state == "pending_review"


def test_a_new_sellers_material_edit_waits_while_the_approved_text_stays():
    product = ProductFactory(title="Old", description="Old words.", tags=["old"])
    picture = ReadyImageFactory(owner=product.seller)
    edit(product, title="New", image_ids=[picture.pk], tags=["new"], condition="fair")
    assert (product.title, product.condition, product.tags) == ("Old", "fair", ["new"])
    assert product.pictures.get().asset_id != picture.pk
    waiting = ProductRevision.objects.get()
    assert (waiting.state, waiting.number) == ("pending", 2)
    assert waiting.content == {"title": "New", "image_ids": [str(picture.pk)]}
    assert Case.objects.get().snapshots.get().content["title"] == "New"
    assert "catalog.product_submitted" in news()


def test_a_known_sellers_edit_applies_at_once():
    seller = SellerFactory()
    ProductFactory.create_batch(3, seller=seller, images=0, approved_by_person_at=timezone.now())
    product = ProductFactory(seller=seller)
    edit(product, title="New", category="home_decor")
    assert product.title == "New"
    assert product.category.slug == "home_decor"
    assert not ProductRevision.objects.exists()


def test_what_is_hidden_is_read_again_whoever_wrote_it(premoderation_off):
    product = ProductFactory(hidden_at=timezone.now(), title="Old")
    edit(product, title="New")
    assert product.title == "Old"
    approve_product(product_id=product.pk)
    product.refresh_from_db()
    assert (product.title, product.hidden_at) == ("New", None)


@pytest.mark.parametrize(("new", "waits"), [(374_99, False), (375_00, True), (100_00, False)])
def test_a_price_up_by_half_is_material(new, waits):
    product = ProductFactory(price_minor=250_00)
    edit(product, price_minor=new)
    assert product.price_minor == (250_00 if waits else new)
    assert ProductRevision.objects.filter(content={"price_minor": new}).exists() is waits
    assert PriceChange.objects.exists() is not waits


def test_a_price_change_on_show_is_remembered_and_told(premoderation_off):
    product = ProductFactory(price_minor=250_00)
    edit(product, price_minor=200_00)
    change = PriceChange.objects.get()
    assert (change.old_minor, change.new_minor, change.currency) == (250_00, 200_00, "AED")
    assert "catalog.price_changed" in news()


def test_a_second_material_edit_joins_the_first():
    product = ProductFactory(title="Old")
    edit(product, title="New")
    edit(product, description="New words.")
    first, second = ProductRevision.objects.order_by("number")
    assert first.state == RevisionState.WITHDRAWN
    assert second.content == {"title": "New", "description": "New words."}
    assert Case.objects.count() == 1


def test_going_back_to_the_approved_text_takes_the_edit_out_of_review():
    product = ProductFactory(title="Old")
    edit(product, title="New")
    edit(product, title="Newer")
    edit(product, title="Old")
    assert set(ProductRevision.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert Case.objects.get().state == "dismissed"


def test_a_reported_listing_stays_with_the_moderator_when_its_edit_is_taken_back():
    product = ProductFactory(title="Old")
    edit(product, title="New")
    report_product(reporter=UserFactory(), product_id=product.pk, reason="scam")
    edit(product, title="Old")
    case = Case.objects.get()
    assert (case.state, case.kind, case.withdrawn_at) == ("open", "report", None)


def test_an_edit_keeps_the_pending_one_and_the_case_up_to_date():
    product = ProductFactory(title="Old")
    edit(product, title="New")
    edit(product, tags=["oak"])
    assert ProductRevision.objects.get(state="pending").content == {"title": "New"}
    assert Case.objects.get().snapshots.first().revision == 3


def test_a_new_category_waits_with_the_answers_that_fit_it():
    product = ProductFactory(attributes={"material": "wood", "color": "brown", "needs_assembly": True})
    edit(product, category="kids_baby")
    waiting = ProductRevision.objects.get()
    assert waiting.content["category_id"] != product.category_id
    assert waiting.content["attributes"] == {"color": "brown"}
    assert product.attributes["material"] == "wood"


def test_pictures_that_leave_a_listing_are_given_back(premoderation_off):
    product = ProductFactory(images=2)
    first, second = product.pictures.values_list("asset_id", flat=True)
    edit(product, image_ids=[second])
    assert MediaAsset.objects.get(pk=first).attached_at is None
    assert MediaAsset.objects.get(pk=second).attached_at is not None
    assert product.cover_id == second


@pytest.mark.parametrize("replaced", [True, False])
def test_a_video_that_leaves_a_listing_is_given_back(premoderation_off, replaced):
    product = ProductFactory()
    old, new = ReadyVideoFactory(owner=product.seller), ReadyVideoFactory(owner=product.seller)
    edit(product, video_id=old.pk)
    edit(product, title="The video stays")
    assert MediaAsset.objects.get(pk=old.pk).attached_at is not None
    edit(product, video_id=new.pk if replaced else None)
    assert MediaAsset.objects.get(pk=old.pk).attached_at is None
    assert (MediaAsset.objects.get(pk=new.pk).attached_at is not None) == replaced


def test_a_video_that_another_listing_shows_stays_in_use(premoderation_off):
    product = ProductFactory()
    video = ReadyVideoFactory(owner=product.seller)
    edit(product, video_id=video.pk)
    ProductFactory(seller=product.seller, video=video)
    edit(product, video_id=None)
    assert MediaAsset.objects.get(pk=video.pk).attached_at is not None


def test_pictures_of_an_edit_that_was_replaced_are_given_back():
    product = ProductFactory()
    one, two = ReadyImageFactory(owner=product.seller), ReadyImageFactory(owner=product.seller)
    edit(product, image_ids=[one.pk])
    edit(product, image_ids=[two.pk])
    assert MediaAsset.objects.get(pk=one.pk).attached_at is None
    assert MediaAsset.objects.get(pk=two.pk).attached_at is not None


def test_an_approved_rise_crosses_out_nothing_cheaper():
    product = ProductFactory(price_minor=100_00)
    edit(product, price_minor=200_00, original_price_minor=220_00)
    edit(product, original_price_minor=120_00)
    approve_product(product_id=product.pk)
    product.refresh_from_db()
    assert (product.price_minor, product.original_price_minor) == (200_00, None)


@pytest.mark.parametrize("state", ["reserved", "sold", "removed"])
def test_refuses_states_in_which_nothing_changes(state):
    product = ProductFactory(state=state)
    with pytest.raises(errors.CannotEditNow):
        edit(product, title="New")
    product.refresh_from_db()
    assert product.revision == 1


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"title": ""}, errors.NotComplete),
        ({"price_minor": None}, errors.NotComplete),
        ({"price_minor": 1_00}, errors.PriceNotAboveFee),
        ({"location": None}, errors.NotComplete),
        ({"image_ids": []}, errors.NotComplete),
        ({"currency": "USD"}, errors.CurrencyIsFixed),
        ({"feed_type": "discover"}, errors.FeedTypeIsFixed),
    ],
)
def test_what_is_on_show_stays_complete(premoderation_off, fields, refusal):
    product = ProductFactory()
    with pytest.raises(refusal):
        edit(product, **fields)
    product.refresh_from_db()
    assert (product.revision, product.state, product.title) == (1, "active", product.title)
    assert product.pictures.count() == 1
    assert news() == []


def test_refuses_a_stale_revision_and_strangers():
    product = ProductFactory(revision=2)
    with pytest.raises(StaleRevision):
        edit(product, title="New", revision=1)
    with pytest.raises(errors.NotYourProduct):
        edit_product(seller=SellerFactory(), product_id=product.pk, title="New")
    product.refresh_from_db()
    assert product.revision == 2


def test_a_waiting_edit_is_complete_as_well():
    product = ProductFactory()
    with pytest.raises(errors.NotComplete):
        edit(product, title="", description="Words.")
    assert not ProductRevision.objects.exists()
