import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from catalog.actions import edit_product
from catalog.models import Product
from catalog.states import ProductState
from catalog.tests.factories import DraftFactory, HoldFactory, ProductFactory, SellerFactory
from core.testing import counted_queries
from moderation.models import Case, Decision, Policy
from moderation.states import CaseKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller(client: Client):
    person = SellerFactory()
    client.force_login(person)
    return person


def shown(client, tab=""):
    return client.get(f"/me/listings?shown={tab}").content.decode()


def does(client, product, step, tab="for_sale"):
    return client.post(f"/me/listings/{product.pk}/{step}", {"next": f"/me/listings?shown={tab}"})


def test_strangers_sign_in_first(client):
    assert client.get("/me/listings").url.startswith("/login")
    assert client.get("/mine").url == "/me/listings"


@pytest.mark.parametrize(
    ("tab", "state"),
    [
        ("for_sale", ProductState.ACTIVE),
        ("for_sale", ProductState.RESERVED),
        ("review", ProductState.PENDING_REVIEW),
        ("drafts", ProductState.DRAFT),
        ("paused", ProductState.PAUSED),
        ("paused", ProductState.EXPIRED),
        ("sold", ProductState.SOLD),
        ("not_approved", ProductState.REJECTED),
    ],
)
def test_each_listing_stands_under_its_tab_and_no_other(client, seller, tab, state):
    ProductFactory(seller=seller, state=state, title="Oak chair", submitted_at=timezone.now(), sold_at=timezone.now())
    ProductFactory(title="Somebody else's chair", state=state)
    for name in ("for_sale", "review", "drafts", "paused", "sold", "not_approved"):
        page = shown(client, name)
        assert ("Oak chair" in page) == (name == tab)
        assert "Somebody else" not in page
        assert '<span class="tally">1</span>' in page


def test_removed_listings_are_gone(client, seller):
    ProductFactory(seller=seller, state=ProductState.REMOVED)
    assert '<span class="tally">' not in shown(client)


def test_the_reason_of_a_moderator_is_read_in_ones_language(client, seller):
    product = ProductFactory(seller=seller, state=ProductState.REJECTED)
    case = Case.objects.create(
        number="C-1", kind=CaseKind.REVIEW, target_kind="product", target_id=product.pk, author=seller, title="x",
        due_at=timezone.now(),
    )  # fmt: skip
    Decision.objects.create(
        case=case, outcome="reject", policy=Policy.objects.first(), target_revision=1,
        reason_en="Show the thing itself.", reason_ar="أظهر الغرض نفسه.", private_note="looks stolen",
    )  # fmt: skip
    page = shown(client, "not_approved")
    assert "Show the thing itself." in page
    assert "looks stolen" not in page
    client.cookies["django_language"] = "ar"
    assert "أظهر الغرض نفسه." in shown(client, "not_approved")


def test_a_change_before_a_moderator_and_a_hidden_listing_say_so(client, seller):
    product = ProductFactory(seller=seller)
    edit_product(seller=seller, product_id=product.pk, title="Another thing")
    ProductFactory(seller=seller, hidden_at=timezone.now())
    page = shown(client)
    assert "change in review" in page
    assert "hidden by a moderator" in page


def test_pause_offers_its_undo_and_the_undo_works(client, seller):
    product = ProductFactory(seller=seller)
    response = does(client, product, "pause")
    assert response.url == f"/me/listings?shown=for_sale&done=pause&id={product.pk}"
    page = client.get(response.url).content.decode()
    assert f'action="/me/listings/{product.pk}/resume"' in page
    does(client, product, "resume")
    product.refresh_from_db()
    assert product.state == ProductState.ACTIVE


@pytest.mark.parametrize(
    ("step", "before", "after"),
    [
        ("pause", ProductState.ACTIVE, ProductState.PAUSED),
        ("resume", ProductState.PAUSED, ProductState.ACTIVE),
        ("sold", ProductState.ACTIVE, ProductState.SOLD),
        ("renew", ProductState.EXPIRED, ProductState.ACTIVE),
        ("remove", ProductState.ACTIVE, ProductState.REMOVED),
    ],
)
def test_each_step_does_what_it_says(client, seller, step, before, after):
    product = ProductFactory(seller=seller, state=before)
    assert does(client, product, step).status_code == 302
    product.refresh_from_db()
    assert product.state == after


def test_steps_without_a_way_back_ask_first(client, seller):
    DraftFactory(seller=seller)
    ProductFactory(seller=seller)
    page = shown(client)
    assert page.count("data-confirm=") == 2  # sold, remove
    assert shown(client, "drafts").count("data-confirm=") == 1


def test_a_refusal_is_said_and_changes_nothing(client, seller):
    product = ProductFactory(seller=seller)
    HoldFactory(product=product)
    response = client.post(f"/me/listings/{product.pk}/remove", {"next": "/me/listings"}, follow=True)
    assert "Somebody has this reserved." in response.content.decode()
    product.refresh_from_db()
    assert product.state == ProductState.ACTIVE


def test_others_do_nothing_to_a_listing(client, seller):
    theirs = ProductFactory()
    for step in ("pause", "sold", "remove"):
        does(client, theirs, step)
    theirs.refresh_from_db()
    assert theirs.state == ProductState.ACTIVE


def test_there_are_no_other_steps(client, seller):
    assert does(client, ProductFactory(seller=seller), "steal").status_code == 404
    assert client.get(f"/me/listings/{uuid.uuid4()}/pause").status_code == 405


def test_long_lists_go_on(client, seller):
    for n in range(23):
        ProductFactory(seller=seller, created_at=timezone.now() - timedelta(minutes=n))
    page = client.get("/me/listings")
    assert page.content.decode().count('class="mine-row"') == 20
    rest = client.get(f"/me/listings{page.context['next']}")
    assert rest.content.decode().count('class="mine-row"') == 3


@pytest.mark.parametrize("tab", ["for_sale", "not_approved"])
def test_the_list_takes_as_many_queries_for_20_listings_as_for_1(client, seller, tab):
    state = ProductState.ACTIVE if tab == "for_sale" else ProductState.REJECTED
    ProductFactory(seller=seller, state=state)
    shown(client, tab)
    with counted_queries() as one:
        shown(client, tab)
    ProductFactory.create_batch(19, seller=seller, state=state)
    with counted_queries() as twenty:
        shown(client, tab)
    assert len(twenty) == len(one)
    assert len(twenty) <= 12
    assert Product.objects.count() == 20
