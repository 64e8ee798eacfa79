import pytest
from django.db import transaction

from accounts.ports import erasers, erasure_blockers, exporters
from accounts.tests.factories import UserFactory
from catalog.actions import add_favourite
from catalog.models import Favourite, Product
from catalog.tests.factories import HoldFactory, ProductFactory
from media.models import MediaAsset
from moderation.actions import open_review_case
from moderation.models import Case

pytestmark = pytest.mark.django_db


def test_exports_what_one_wrote_and_saved():
    product = ProductFactory(title="Mine", building_name="Marina Gate")
    add_favourite(user=product.seller, product_id=ProductFactory().pk)
    files = dict(exporters()["catalog"](product.seller))
    [listing] = files["catalog/listings.json"]
    assert (listing["title"], listing["building_name"], listing["price"]) == ("Mine", "Marina Gate", "250.00")
    assert listing["latitude"] == pytest.approx(25.0763)
    assert len(files["catalog/favourites.json"]) == 1


def test_erasing_blanks_every_word_place_and_picture():
    person = UserFactory()
    shown = ProductFactory(seller=person, building_name="Marina Gate", tags=["oak"], attributes={"material": "wood"})
    waiting = ProductFactory(seller=person, state="pending_review")
    open_review_case(target_kind="product", target_id=waiting.pk)
    sold = ProductFactory(seller=person, state="sold")
    saved = ProductFactory()
    add_favourite(user=person, product_id=saved.pk)
    with transaction.atomic():
        receipt = erasers()["catalog"](person)
    assert receipt == {"listings": 3, "favourites": 1}
    for product in Product.objects.filter(seller=person):
        assert (product.title, product.description, product.building_name) == ("", "", "")
        assert (product.location, product.public_location, product.neighborhood) == (None, None, None)
        assert (product.tags, product.attributes, product.cover) == ([], {}, None)
        assert not product.pictures.exists()
    states = dict(Product.objects.filter(seller=person).values_list("pk", "state"))
    assert states == {shown.pk: "removed", waiting.pk: "removed", sold.pk: "sold"}
    assert Case.objects.get().state == "dismissed"
    assert not MediaAsset.objects.filter(owner=person, attached_at__isnull=False).exists()
    saved.refresh_from_db()
    assert (saved.favourite_count, Favourite.objects.count()) == (0, 0)


def test_a_sale_under_way_keeps_its_seller():
    product = ProductFactory()
    assert erasure_blockers(product.seller) == []
    HoldFactory(product=product)
    assert erasure_blockers(product.seller) == ["Somebody is buying one of your listings."]
