import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog import errors
from catalog.actions import (
    commit_hold,
    edit_product,
    expire_due_holds,
    release_hold,
    set_variants,
    take_hold,
    take_holds,
    undo_sale,
)
from catalog.models import ProductVariant, StockHold
from catalog.selectors import variants_with_stock
from catalog.tests.factories import HoldFactory, ProductFactory, SellerFactory
from core.errors import StaleRevision
from core.models import OutboxEvent

pytestmark = pytest.mark.django_db
SIZES = [
    {"options": {"size": "s"}, "stock": 2},
    {"options": {"size": "m"}, "stock": 3, "price_minor": 120_00, "sku": "M1"},
]


def news() -> list[str]:
    return list(OutboxEvent.objects.order_by("id").values_list("name", flat=True))


def shop(**fields):
    return ProductFactory(seller__business_verified_at=timezone.now(), **fields)


def stocked(*variants, **fields):
    product = shop(**fields)
    rows = set_variants(seller=product.seller, product_id=product.pk, variants=list(variants) or SIZES)
    OutboxEvent.objects.all().delete()
    return product, rows


def test_a_hold_on_the_only_one_reserves_the_listing_and_releasing_frees_it():
    product = ProductFactory()
    hold = take_hold(variant_id=product.variants.get().pk, reference="offer:1")
    product.refresh_from_db()
    assert product.state == "reserved"
    release_hold(hold_id=hold.pk)
    product.refresh_from_db()
    assert product.state == "active"
    assert news() == ["catalog.product_unlisted", "catalog.product_published"]


def test_committing_the_last_one_sells_the_listing():
    product = ProductFactory()
    hold = take_hold(variant_id=product.variants.get().pk, reference="order:1")
    commit_hold(hold_id=hold.pk)
    product.refresh_from_db()
    assert (product.state, product.variants.get().stock) == ("sold", 0)
    assert product.sold_at is not None
    assert news()[-1] == "catalog.product_sold"


def test_a_shop_sells_on_while_something_is_left():
    product, (small, medium) = stocked()
    hold = take_hold(variant_id=small.pk, reference="order:1", quantity=2)
    product.refresh_from_db()
    assert product.state == "active"
    commit_hold(hold_id=hold.pk)
    rest = take_hold(variant_id=medium.pk, reference="order:2", quantity=3)
    product.refresh_from_db()
    assert product.state == "reserved"
    commit_hold(hold_id=rest.pk)
    product.refresh_from_db()
    assert product.state == "sold"


def test_refuses_more_than_is_left_and_changes_nothing():
    _product, (small, _medium) = stocked()
    take_hold(variant_id=small.pk, reference="order:1")
    with pytest.raises(errors.OutOfStock) as refusal:
        take_hold(variant_id=small.pk, reference="order:2", quantity=2)
    assert refusal.value.facts == {"wanted": 2, "available": 1}
    assert StockHold.objects.count() == 1


def test_holds_for_one_reference_are_all_or_none():
    _product, (small, medium) = stocked()
    with pytest.raises(errors.OutOfStock):
        take_holds(wanted={small.pk: 1, medium.pk: 9}, reference="order:1")
    assert not StockHold.objects.exists()
    assert len(take_holds(wanted={small.pk: 1, medium.pk: 3}, reference="order:1")) == 2


def test_asking_again_changes_nothing_and_a_released_one_is_taken_anew():
    product = ProductFactory()
    variant = product.variants.get()
    first = take_hold(variant_id=variant.pk, reference="offer:1")
    assert take_hold(variant_id=variant.pk, reference="offer:1").pk == first.pk
    release_hold(hold_id=first.pk)
    again = take_hold(variant_id=variant.pk, reference="offer:1")
    assert (again.pk, again.released_at) == (first.pk, None)
    commit_hold(hold_id=again.pk)
    with pytest.raises(errors.HoldEnded):
        take_hold(variant_id=variant.pk, reference="offer:1")


def test_ending_a_hold_twice_does_nothing_or_is_refused():
    product = ProductFactory()
    hold = take_hold(variant_id=product.variants.get().pk, reference="order:1")
    assert release_hold(hold_id=hold.pk) is not None
    assert release_hold(hold_id=hold.pk) is None
    assert release_hold(hold_id=uuid.uuid4()) is None
    with pytest.raises(errors.HoldEnded):
        commit_hold(hold_id=hold.pk)
    assert product.variants.get().stock == 1


@pytest.mark.parametrize("facts", [{"state": "paused"}, {"hidden_at": timezone.now()}, {"seller__suspended": True}])
def test_nothing_is_set_aside_of_what_is_not_for_sale(facts):
    product = ProductFactory(**facts)
    with pytest.raises(errors.NotForSale):
        take_hold(variant_id=product.variants.get().pk, reference="order:1")
    with pytest.raises(errors.VariantNotFound):
        take_hold(variant_id=uuid.uuid4(), reference="order:1")
    assert not StockHold.objects.exists()


def test_holds_whose_time_is_over_are_released():
    product = ProductFactory()
    now = timezone.now()
    take_hold(variant_id=product.variants.get().pk, reference="order:1", expires_at=now - timedelta(seconds=1))
    lasting = HoldFactory(expires_at=now + timedelta(minutes=1))
    endless = HoldFactory(expires_at=None)
    assert expire_due_holds() == 1
    product.refresh_from_db()
    assert product.state == "active"
    assert set(StockHold.objects.filter(released_at=None)) == {lasting, endless}


def test_a_shop_sets_sizes_and_stock():
    product, (small, medium) = stocked()
    assert [v.available for v in (small, medium)] == [2, 3]
    assert (medium.price_minor, medium.sku) == (120_00, "M1")
    assert not product.variants.get(options={}).is_active
    product.refresh_from_db()
    assert product.revision == 2


def test_a_row_is_known_by_its_options():
    product, (small, medium) = stocked()
    rows = set_variants(
        seller=product.seller,
        product_id=product.pk,
        variants=[{"options": {"size": "m"}, "stock": 7}, {"options": {"size": "l"}}],
    )
    assert [v.options["size"] for v in rows] == ["m", "l"]
    assert rows[0].pk == medium.pk
    assert not ProductVariant.objects.get(pk=small.pk).is_active


def test_what_buyers_stand_on_stays():
    product, (small, _medium) = stocked()
    take_hold(variant_id=small.pk, reference="order:1", quantity=2)
    with pytest.raises(errors.StockBelowHolds):
        set_variants(seller=product.seller, product_id=product.pk, variants=[{"options": {"size": "s"}, "stock": 1}])
    with pytest.raises(errors.HasOpenHold):
        set_variants(seller=product.seller, product_id=product.pk, variants=[{"options": {"size": "m"}}])
    assert variants_with_stock(product).count() == 2


def test_more_stock_frees_a_reserved_listing():
    product, (only,) = stocked({"options": {"size": "s"}})
    take_hold(variant_id=only.pk, reference="order:1")
    product.refresh_from_db()
    assert product.state == "reserved"
    set_variants(seller=product.seller, product_id=product.pk, variants=[{"options": {"size": "s"}, "stock": 2}])
    product.refresh_from_db()
    assert product.state == "active"


def test_a_second_hand_thing_exists_once():
    product = ProductFactory(condition="good")
    for variants in (SIZES, [{"stock": 2}]):
        with pytest.raises(errors.OnlyOneOfUsedThings):
            set_variants(seller=product.seller, product_id=product.pk, variants=variants)
    assert set_variants(seller=product.seller, product_id=product.pk, variants=[{"stock": 1}])[0].stock == 1
    new = ProductFactory(condition="new")
    assert len(set_variants(seller=new.seller, product_id=new.pk, variants=SIZES)) == 2
    with pytest.raises(errors.OnlyOneOfUsedThings):
        edit_product(seller=new.seller, product_id=new.pk, condition="good")


@pytest.mark.parametrize(
    ("variants", "refusal"),
    [
        ([], errors.NotComplete),
        ([{"options": {"n": str(n)}} for n in range(101)], errors.TooManyVariants),
        ([{"options": {"size": "s"}}, {"options": {"size": "s"}}], errors.SameOptionsTwice),
        ([{"price_minor": 0}], errors.PriceNotPositive),
        ([{"price_minor": 1_00}], errors.PriceNotAboveFee),
    ],
)
def test_refuses_wrong_variants_and_changes_nothing(variants, refusal):
    product = shop()
    with pytest.raises(refusal):
        set_variants(seller=product.seller, product_id=product.pk, variants=variants)
    product.refresh_from_db()
    assert (product.revision, product.variants.get().options) == (1, {})


def test_refuses_strangers_stale_copies_and_what_is_sold():
    product = shop(state="sold")
    with pytest.raises(errors.NotYourProduct):
        set_variants(seller=SellerFactory(), product_id=product.pk, variants=SIZES)
    with pytest.raises(StaleRevision):
        set_variants(seller=product.seller, product_id=product.pk, variants=SIZES, revision=9)
    with pytest.raises(errors.CannotEditNow):
        set_variants(seller=product.seller, product_id=product.pk, variants=SIZES)
    assert product.variants.count() == 1


def test_variants_over_the_api(api):
    product = shop()
    path = f"/api/v1/products/{product.pk}/variants"
    assert api.get(path).json()["variants"][0]["available"] == 1
    api.force_authenticate(product.seller)
    answer = api.put(path, {"variants": [{"options": {"size": "S"}, "stock": 4, "price": "99.50"}]})
    assert answer.status_code == 200, answer.json()
    [row] = answer.json()["variants"]
    assert (row["options"], row["price"], row["stock"], row["available"]) == ({"size": "S"}, "99.50", 4, 4)
    wrong = api.put(path, {"variants": [{"stock": -1}]})
    assert wrong.json()["errors"][0]["attr"] == "variants.0.stock"
    stale = api.put(path, {"variants": [{"stock": 1}]}, headers={"If-Match": f'"{product.pk.hex}-1"'})
    assert stale.status_code == 412


def test_a_sale_that_came_to_nothing_puts_the_listing_on_show_again():
    product = ProductFactory()
    hold = take_hold(variant_id=product.variants.get().pk, reference="order:1")
    commit_hold(hold_id=hold.pk)
    OutboxEvent.objects.all().delete()
    undo_sale(hold_id=hold.pk)
    product.refresh_from_db()
    assert (product.state, product.sold_at, product.variants.get().stock) == ("active", None, 1)
    assert news() == ["catalog.product_published"]
    assert undo_sale(hold_id=hold.pk) is None
    assert product.variants.get().stock == 1


def test_an_undone_sale_may_leave_the_listing_to_its_seller():
    product = ProductFactory()
    hold = take_hold(variant_id=product.variants.get().pk, reference="order:1")
    commit_hold(hold_id=hold.pk)
    undo_sale(hold_id=hold.pk, then="paused")
    product.refresh_from_db()
    assert product.state == "paused"


def test_undoing_one_of_several_sales_makes_a_reserved_listing_active():
    product, (small, _) = stocked({"options": {"size": "s"}, "stock": 2}, {"options": {"size": "m"}, "stock": 0})
    first = take_hold(variant_id=small.pk, reference="order:1")
    commit_hold(hold_id=first.pk)
    take_hold(variant_id=small.pk, reference="order:2")
    product.refresh_from_db()
    assert product.state == "reserved"
    undo_sale(hold_id=first.pk)
    product.refresh_from_db()
    assert product.state == "active"


def test_what_was_not_sold_cannot_be_undone():
    product = ProductFactory()
    hold = take_hold(variant_id=product.variants.get().pk, reference="order:1")
    assert undo_sale(hold_id=hold.pk) is None
    product.refresh_from_db()
    assert product.state == "reserved"
