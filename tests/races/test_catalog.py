import threading
from functools import partial

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.actions import (
    add_favourite,
    approve_product,
    commit_hold,
    edit_product,
    expire_due_products,
    flush_views,
    publish_new_product,
    publish_product,
    record_view,
    release_hold,
    remove_favourite,
    remove_product,
    stock,
    take_hold,
    writing,
)
from catalog.errors import HasOpenHold, HoldEnded, OutOfStock, TooManyOpenListings
from catalog.models import Favourite, Product, ProductRevision, ProductVariant, StockHold
from catalog.selectors import open_listings
from catalog.tests.factories import MARINA_MALL, DraftFactory, ProductFactory
from core.errors import StaleRevision, WrongState
from core.models import OutboxEvent
from media.tests.factories import ReadyImageFactory
from moderation.models import Case
from tests.races.crowd import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
LIMIT = 50


def listing_of(seller, picture):
    return {
        "seller": seller,
        "title": "Aeron chair",
        "price_minor": 900_00,
        "category": "furniture",
        "condition": "good",
        "image_ids": [picture.pk],
        "location": MARINA_MALL,
    }


def listings_on_the_brink():
    """A seller with 45 open listings, and 20 more wishes."""
    seller = UserFactory()
    ProductFactory.create_batch(LIMIT - 5, seller=seller, images=0)
    pictures = [ReadyImageFactory(owner=seller) for _ in range(20)]
    return seller, [partial(publish_new_product, **listing_of(seller, picture)) for picture in pictures]


def test_twenty_publishing_at_once_stop_at_fifty():
    seller, wishes = listings_on_the_brink()
    answers = at_once(wishes)
    assert open_listings(seller).count() == LIMIT
    assert sum(isinstance(answer, Product) for answer in answers) == 5
    assert sum(isinstance(answer, TooManyOpenListings) for answer in answers) == 15
    assert Case.objects.count() == 5  # no half-written listing
    assert ProductVariant.objects.filter(product__in=[a for a in answers if isinstance(a, Product)]).count() == 5


def test_without_the_sellers_lock_they_would_pass_fifty(monkeypatch):
    together = threading.Barrier(20)
    monkeypatch.setattr(writing, "lock_seller", lambda _seller: None)
    counted = writing.check_room

    def count_and_wait(seller):
        counted(seller)
        together.wait(timeout=30)  # everybody has counted before anybody writes: what the lock rules out

    monkeypatch.setattr(writing, "check_room", count_and_wait)
    seller, wishes = listings_on_the_brink()
    at_once(wishes)
    assert open_listings(seller).count() == LIMIT + 15


def two_buyers(product):
    variant = product.variants.get()
    return [partial(take_hold, variant_id=variant.pk, reference=f"order:{n}") for n in range(8)]


def test_of_eight_buyers_of_the_last_one_exactly_one_holds_it():
    product = ProductFactory()
    answers = at_once(two_buyers(product))
    assert sum(isinstance(answer, StockHold) for answer in answers) == 1
    assert all(isinstance(a, StockHold | OutOfStock) or a.code == "catalog.not_for_sale" for a in answers)
    product.refresh_from_db()
    assert product.state == "reserved"
    assert StockHold.objects.count() == 1


def test_without_the_locks_the_last_one_would_be_held_twice(monkeypatch):
    product = ProductFactory()
    together = threading.Barrier(2)

    def read_without_lock(variant_ids):
        rows = list(ProductVariant.objects.select_related("product__seller").filter(pk__in=variant_ids))
        together.wait(timeout=30)
        return rows

    saved = StockHold.save

    def save_together(hold, **kwargs):
        together.wait(timeout=30)  # both have counted what is left before either writes
        saved(hold, **kwargs)

    monkeypatch.setattr(stock, "lock_variants", read_without_lock)
    monkeypatch.setattr(StockHold, "save", save_together)
    at_once(two_buyers(product)[:2])
    assert StockHold.objects.filter(released_at=None).count() == 2


def test_stock_is_never_sold_twice_whatever_comes_of_the_holds():
    product = ProductFactory(seller__business_verified_at=timezone.now())
    variant = product.variants.get()
    ProductVariant.objects.update(stock=5)

    def buy(number):
        hold = take_hold(variant_id=variant.pk, reference=f"order:{number}")
        return commit_hold(hold_id=hold.pk) if number % 2 else release_hold(hold_id=hold.pk)

    at_once([partial(buy, n) for n in range(12)])
    variant.refresh_from_db()
    sold = StockHold.objects.filter(committed_at__isnull=False).count()
    assert variant.stock == 5 - sold
    assert sold <= 5
    assert not StockHold.objects.filter(released_at=None, committed_at=None).exists()


def test_a_hold_ends_once():
    product = ProductFactory()
    hold = take_hold(variant_id=product.variants.get().pk, reference="order:1")
    answers = at_once([partial(commit_hold, hold_id=hold.pk)] * 3 + [partial(release_hold, hold_id=hold.pk)] * 3)
    hold.refresh_from_db()
    assert (hold.committed_at is None) != (hold.released_at is None)
    ended = [a for a in answers if isinstance(a, StockHold)]
    assert len(ended) == 1
    assert all(a is None or isinstance(a, StockHold | HoldEnded) for a in answers)


def test_removing_and_buying_at_once_never_both_win():
    for _round in range(5):
        product = ProductFactory()
        buy = partial(take_hold, variant_id=product.variants.get().pk, reference="order:1")
        bought, removed = at_once([buy, partial(remove_product, seller=product.seller, product_id=product.pk)])
        assert isinstance(bought, StockHold) != isinstance(removed, Product)
        assert isinstance(removed, Product | HasOpenHold | WrongState)


def test_favourites_are_counted_exactly():
    product = ProductFactory()
    people = UserFactory.create_batch(6)
    wishes = [partial(add_favourite, user=person, product_id=product.pk) for person in people] * 2
    answers = at_once(wishes)
    product.refresh_from_db()
    assert (product.favourite_count, Favourite.objects.count(), answers.count(True)) == (6, 6, 6)
    at_once(
        [partial(remove_favourite, user=person, product_id=product.pk) for person in people[:3]] * 2
        + [partial(add_favourite, user=person, product_id=product.pk) for person in people[3:]]
    )
    product.refresh_from_db()
    assert (product.favourite_count, Favourite.objects.count()) == (3, 3)


def test_publishing_twice_at_once_opens_one_case():
    draft = DraftFactory()
    answers = at_once([partial(publish_product, seller=draft.seller, product_id=draft.pk)] * 4)
    assert sum(isinstance(answer, Product) for answer in answers) == 1
    assert sum(isinstance(answer, WrongState) for answer in answers) == 3
    assert Case.objects.count() == 1
    assert OutboxEvent.objects.filter(name="catalog.product_submitted").count() == 1


def test_of_two_edits_of_one_revision_one_is_refused():
    product = ProductFactory()
    edits = [
        partial(edit_product, seller=product.seller, product_id=product.pk, revision=1, title=f"Title {n}")
        for n in range(4)
    ]
    answers = at_once(edits)
    assert sum(isinstance(answer, Product) for answer in answers) == 1
    assert sum(isinstance(answer, StaleRevision) for answer in answers) == 3
    assert ProductRevision.objects.count() == 1


def test_edits_and_approvals_at_once_leave_one_pending_edit_at_most():
    product = ProductFactory()
    edit_product(seller=product.seller, product_id=product.pk, title="First")
    at_once(
        [partial(edit_product, seller=product.seller, product_id=product.pk, title=f"Title {n}") for n in range(4)]
        + [partial(approve_product, product_id=product.pk)] * 2
    )
    assert ProductRevision.objects.filter(state="pending").count() <= 1
    product.refresh_from_db()
    assert product.revision == 6


def test_two_sweeps_at_once_expire_everything_once():
    ProductFactory.create_batch(40, images=0, expires_at=timezone.now())
    assert sum(at_once([partial(expire_due_products, limit=15)] * 4)) == 40
    assert OutboxEvent.objects.filter(name="catalog.product_unlisted").count() == 40


def test_views_of_many_readers_are_all_written():
    product = ProductFactory()
    at_once([partial(record_view, product_id=product.pk, viewer=f"reader {n}") for n in range(12)])
    at_once([flush_views] * 3)
    product.refresh_from_db()
    assert product.view_count == 12
