from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.actions import stop_selling
from accounts.errors import Suspended
from catalog import errors
from catalog.actions import (
    announce_ends,
    expire_due_products,
    mark_sold,
    pause_product,
    remove_product,
    renew_product,
    resume_product,
)
from catalog.models import Product, ProductRevision
from catalog.states import PRODUCT_MOVES, ProductState
from catalog.tasks import announce_ends as announce_all_ends
from catalog.tasks import expire_products
from catalog.tests.factories import HoldFactory, ProductFactory, SellerFactory
from core.errors import WrongState
from core.models import OutboxEvent
from moderation.actions import open_review_case
from moderation.models import Case

pytestmark = pytest.mark.django_db


def news() -> list[tuple[str, str | None]]:
    return [(e.name, e.payload.get("because")) for e in OutboxEvent.objects.order_by("id")]


def do(action, product, **more):
    made = action(seller=product.seller, product_id=product.pk, **more)
    product.refresh_from_db()
    return made


def test_pausing_takes_it_off_show_and_resuming_brings_it_back():
    product = ProductFactory()
    do(pause_product, product)
    assert product.state == "paused"
    do(resume_product, product)
    assert product.state == "active"
    assert news() == [("catalog.product_unlisted", "paused"), ("catalog.product_published", None)]


def test_resuming_a_hidden_listing_tells_nobody():
    product = ProductFactory(state="paused", hidden_at=timezone.now())
    do(resume_product, product)
    assert product.state == "active"
    assert news() == []


@pytest.mark.parametrize("action", [pause_product, resume_product, renew_product, mark_sold, remove_product])
def test_refuses_strangers_and_changes_nothing(action):
    product = ProductFactory(state="paused")
    with pytest.raises(errors.ProductNotFound):
        action(seller=SellerFactory(), product_id=product.pk)
    product.refresh_from_db()
    assert product.state == "paused"
    assert news() == []


@pytest.mark.parametrize(
    ("action", "states"),
    [
        (pause_product, ["draft", "pending_review", "paused", "reserved", "sold", "rejected", "expired", "removed"]),
        (resume_product, ["draft", "pending_review", "active", "reserved", "sold", "rejected", "expired", "removed"]),
        (renew_product, ["draft", "pending_review", "reserved", "sold", "rejected", "removed"]),
        (mark_sold, ["draft", "pending_review", "sold", "rejected", "removed"]),
        (remove_product, ["reserved", "sold", "removed"]),
    ],
)
def test_refuses_states_without_that_move(action, states):
    for state in states:
        product = ProductFactory(state=state)
        with pytest.raises(WrongState):
            do(action, product)
        product.refresh_from_db()
        assert product.state == state
    assert news() == []


@pytest.mark.parametrize("action", [resume_product, renew_product])
def test_people_who_may_not_sell_bring_nothing_back(action):
    product = ProductFactory(state="paused", seller__suspended=True)
    with pytest.raises(Suspended):
        do(action, product)


def test_renewing_gives_sixty_days_and_revives_what_expired():
    product = ProductFactory(state="expired", expires_at=timezone.now() - timedelta(days=3))
    first_published = product.published_at
    with time_machine.travel("2027-01-01T00:00:00Z", tick=False):
        do(renew_product, product)
        assert product.expires_at == timezone.now() + timedelta(days=60)
    assert product.state == "active"
    assert product.published_at == first_published
    assert news() == [("catalog.product_published", None)]


def test_renewing_counts_towards_the_limit_again(settings):
    settings.OPEN_LISTINGS_PER_SELLER = 1
    product = ProductFactory(state="expired")
    ProductFactory(seller=product.seller)
    with pytest.raises(errors.TooManyOpenListings):
        do(renew_product, product)
    product.refresh_from_db()
    assert product.state == "expired"


def test_renewing_what_is_on_show_tells_nobody():
    product = ProductFactory(expires_at=timezone.now() + timedelta(days=1))
    do(renew_product, product)
    assert product.expires_at > timezone.now() + timedelta(days=59)
    assert news() == []


def test_a_sold_listing_is_told_and_its_waiting_edit_withdrawn():
    product = ProductFactory()
    ProductRevision.objects.create(product=product, number=2, content={"title": "New"})
    open_review_case(target_kind="product", target_id=product.pk)
    do(mark_sold, product)
    assert (product.state, product.sold_at is not None) == ("sold", True)
    assert ProductRevision.objects.get().state == "withdrawn"
    assert Case.objects.get().state == "dismissed"
    assert ("catalog.product_sold", None) in news()


@pytest.mark.parametrize("action", [mark_sold, remove_product])
def test_refuses_while_somebody_is_buying(action):
    product = ProductFactory()
    HoldFactory(product=product)
    with pytest.raises(errors.HasOpenHold):
        do(action, product)
    product.refresh_from_db()
    assert product.state == "active"
    assert news() == []


def test_removing_in_review_closes_the_case():
    product = ProductFactory(state="pending_review", published_at=None)
    open_review_case(target_kind="product", target_id=product.pk)
    do(remove_product, product)
    assert (product.state, product.removed_at is not None) == ("removed", True)
    assert Case.objects.get().state == "dismissed"


def test_listings_expire_when_their_time_is_over():
    past, future = timezone.now() - timedelta(minutes=1), timezone.now() + timedelta(minutes=1)
    due = [ProductFactory(state=state, expires_at=past, images=0) for state in ("active", "paused")]
    for state in ("reserved", "sold", "removed", "rejected"):
        ProductFactory(state=state, expires_at=past, images=0)
    ProductFactory(expires_at=future, images=0)
    assert expire_due_products() == 2
    assert set(Product.objects.filter(state=ProductState.EXPIRED).values_list("pk", flat=True)) == {p.pk for p in due}
    assert news() == [("catalog.product_unlisted", "expired")] * 2
    assert expire_due_products() == 0


def test_the_sweep_moves_as_the_table_says():
    may_expire = {state for state, to in PRODUCT_MOVES.items() if ProductState.EXPIRED in to}
    assert may_expire == {ProductState.ACTIVE, ProductState.PAUSED, ProductState.REMOVED}  # the last only by undoing


def test_the_sweep_goes_on_until_nothing_is_due():
    ProductFactory.create_batch(3, expires_at=timezone.now() - timedelta(minutes=1), images=0)
    expire_products()
    assert Product.objects.filter(state=ProductState.EXPIRED).count() == 3


def test_listings_that_end_soon_are_announced_once_a_term():
    now = timezone.now()
    soon = ProductFactory(expires_at=now + timedelta(days=2), images=0)
    for state in ("paused", "reserved", "sold", "removed"):
        ProductFactory(state=state, expires_at=now + timedelta(days=2), images=0)
    ProductFactory(expires_at=now + timedelta(days=2), hidden_at=now, images=0)
    ProductFactory(expires_at=now + timedelta(days=4), images=0)
    ProductFactory(expires_at=now - timedelta(minutes=1), images=0)
    assert announce_ends() == 1
    assert announce_ends() == 0
    assert OutboxEvent.objects.get().payload["product_id"] == str(soon.pk)
    do(renew_product, soon)
    assert announce_ends() == 0
    with time_machine.travel(soon.expires_at - timedelta(days=1)):
        assert announce_ends() >= 1
    assert (
        OutboxEvent.objects.filter(name="catalog.product_expires_soon", payload__product_id=str(soon.pk)).count() == 2
    )


def test_announces_batch_by_batch(monkeypatch):
    monkeypatch.setattr("catalog.tasks.SWEEP_BATCH", 5000)
    ProductFactory.create_batch(3, expires_at=timezone.now() + timedelta(days=1), images=0)
    assert announce_ends(limit=2) == 2
    announce_all_ends()
    assert news() == [("catalog.product_expires_soon", None)] * 3


def test_somebody_who_stops_selling_has_nothing_for_sale(deliver):
    product = ProductFactory()
    other = ProductFactory()
    stop_selling(user=product.seller)
    deliver()
    product.refresh_from_db()
    other.refresh_from_db()
    assert (product.state, other.state) == ("paused", "active")
