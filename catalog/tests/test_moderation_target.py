import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from catalog import actions, errors
from catalog.actions import edit_product, publish_new_product, publish_product
from catalog.models import ProductRevision
from catalog.moderation_target import ProductTarget
from catalog.tests.factories import DraftFactory, HoldFactory, ProductFactory, SellerFactory
from catalog.tests.test_publish_product import good_fields
from core.models import OutboxEvent
from media.models import MediaAsset
from media.tests.factories import ReadyImageFactory
from moderation.actions import decide_case, undo_decision
from moderation.models import Case, Snapshot
from moderation.tests.factories import ModeratorFactory, PolicyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator():
    return ModeratorFactory()


@pytest.fixture
def policy():
    return PolicyFactory()


@pytest.fixture
def decide(moderator, policy):
    def decide(product, outcome):
        case = Case.objects.get(target_id=product.pk, state__in=["open", "claimed", "reopened"])
        product.refresh_from_db()
        made = decide_case(
            case_id=case.pk, moderator=moderator, outcome=outcome, policy=policy, revision=product.revision
        )
        product.refresh_from_db()
        return made

    return decide


@pytest.fixture
def undo(moderator):
    def undo(product, decision):
        undo_decision(decision_id=decision.pk, moderator=moderator, reason="A mistake.")
        product.refresh_from_db()

    return undo


def waiting():
    draft = DraftFactory()
    return publish_product(seller=draft.seller, product_id=draft.pk)


def edited(**fields):
    product = ProductFactory(title="Old", price_minor=100_00)
    edit_product(seller=product.seller, product_id=product.pk, **(fields or {"title": "New"}))
    return product


def reported():
    product = ProductFactory()
    actions.report_product(reporter=SellerFactory(), product_id=product.pk, reason="scam")
    return product


def test_approving_puts_it_on_show_and_undoing_takes_it_off(decide, undo):
    product = waiting()
    decision = decide(product, "approve")
    assert product.state == "active"
    assert product.approved_by_person_at is not None
    assert product.expires_at is not None
    undo(product, decision)
    assert (product.state, product.approved_by_person_at) == ("pending_review", None)
    names = list(OutboxEvent.objects.values_list("name", flat=True))
    assert "catalog.product_published" in names
    assert "catalog.product_unlisted" in names
    decide(product, "approve")
    assert product.state == "active"


def test_sending_back_and_undoing(decide, undo):
    product = waiting()
    decision = decide(product, "reject")
    assert product.state == "rejected"
    undo(product, decision)
    assert product.state == "pending_review"


def test_approving_an_edit_writes_it_and_undoing_unwrites_it(decide, undo):
    product = ProductFactory(title="Old", price_minor=100_00)
    old, new = product.pictures.get().asset, ReadyImageFactory(owner=product.seller)
    edit_product(
        seller=product.seller,
        product_id=product.pk,
        title="New",
        price_minor=500_00,
        category="home_decor",
        image_ids=[new.pk],
    )
    decision = decide(product, "approve")
    assert (product.title, product.price_minor, product.category.slug) == ("New", 500_00, "home_decor")
    assert [product.cover_id, product.pictures.get().asset_id] == [new.pk, new.pk]
    assert product.price_changes.get().new_minor == 500_00
    undo(product, decision)
    assert (product.title, product.price_minor, product.category.slug) == ("Old", 100_00, "furniture")
    assert product.pictures.get().asset_id == old.pk
    assert ProductRevision.objects.get().state == "pending"
    decide(product, "approve")
    assert product.title == "New"


def test_undoing_does_without_pictures_that_are_gone(decide, undo):
    product = ProductFactory(images=1)
    gone = product.pictures.get().asset
    edit_product(seller=product.seller, product_id=product.pk, image_ids=[ReadyImageFactory(owner=product.seller).pk])
    decision = decide(product, "approve")
    MediaAsset.objects.filter(pk=gone.pk).delete()
    undo(product, decision)
    assert product.pictures.count() == 0


def test_sending_an_edit_back_keeps_the_approved_text(decide, undo):
    product = edited()
    decision = decide(product, "reject")
    assert (product.title, product.state) == ("Old", "active")
    assert ProductRevision.objects.get().state == "rejected"
    undo(product, decision)
    assert ProductRevision.objects.get().state == "pending"


def test_hiding_refuses_what_waits_and_undoing_brings_all_back(decide, undo):
    product = edited()
    decision = decide(product, "hide")
    assert product.hidden_at is not None
    assert ProductRevision.objects.get().state == "rejected"
    undo(product, decision)
    assert product.hidden_at is None
    assert ProductRevision.objects.get().state == "pending"


def test_a_hidden_listing_that_was_mended_shows_again(decide, undo):
    product = reported()
    decide(product, "hide")
    edit_product(seller=product.seller, product_id=product.pk, title="Mended")
    decision = decide(product, "approve")
    assert (product.title, product.hidden_at) == ("Mended", None)
    undo(product, decision)
    assert product.hidden_at is not None


def test_removing_and_undoing(decide, undo):
    product = reported()
    decision = decide(product, "remove")
    assert (product.state, product.removed_at is not None) == ("removed", True)
    undo(product, decision)
    assert (product.state, product.removed_at) == ("active", None)


def test_removing_drops_a_waiting_edit_and_undoing_lets_it_wait(decide, undo):
    product = edited()
    decision = decide(product, "remove")
    assert ProductRevision.objects.get().state == "rejected"
    undo(product, decision)
    assert ProductRevision.objects.get().state == "pending"


@pytest.mark.parametrize("outcome", ["no_action", "warn"])
def test_some_outcomes_leave_the_listing_alone(decide, undo, outcome):
    product = reported()
    decision = decide(product, outcome)
    assert (product.state, product.hidden_at, product.revision) == ("active", None, 1)
    undo(product, decision)
    assert product.state == "active"


def test_what_is_being_bought_is_hidden_and_not_removed(decide):
    product = reported()
    HoldFactory(product=product)
    with pytest.raises(errors.HasOpenHold):
        decide(product, "remove")
    product.refresh_from_db()
    assert product.state == "active"
    decide(product, "hide")
    assert product.hidden_at is not None


def test_undoing_leaves_alone_what_the_seller_did_since(decide, undo):
    product = waiting()
    decision = decide(product, "approve")
    actions.mark_sold(seller=product.seller, product_id=product.pk)
    undo(product, decision)
    assert product.state == "sold"


def test_a_decision_about_an_older_text_is_refused(moderator, policy):
    product = waiting()
    case = Case.objects.get()
    edit_product(seller=product.seller, product_id=product.pk, title="Something else")
    refused = decide_case_or_refusal(case, moderator, policy)
    assert refused.code == "core.stale_revision"
    product.refresh_from_db()
    assert product.state == "pending_review"


def decide_case_or_refusal(case, moderator, policy):
    from core.errors import Refusal  # noqa: PLC0415

    with pytest.raises(Refusal) as refusal:
        decide_case(case_id=case.pk, moderator=moderator, outcome="approve", policy=policy, revision=1)
    return refusal.value


def test_three_approvals_make_a_known_seller(decide):
    seller = SellerFactory()
    for _ in range(3):
        product = publish_new_product(seller=seller, **good_fields(seller))
        assert product.state == "pending_review"
        decide(product, "approve")
    assert publish_new_product(seller=seller, **good_fields(seller)).state == "active"


def test_nothing_is_approved_that_does_not_wait():
    product = ProductFactory()
    for action in (actions.approve_product, actions.reject_product):
        with pytest.raises(errors.NothingToDecide):
            action(product_id=product.pk)
    product.refresh_from_db()
    assert product.approved_by_person_at is None


def test_the_look_shows_what_was_submitted_beside_what_is_on_show():
    product = ProductFactory(title="Old", attributes={"material": "wood"}, images=2, hidden_at=timezone.now())
    new = ReadyImageFactory(owner=product.seller)
    edit_product(seller=product.seller, product_id=product.pk, title="New", image_ids=[new.pk])
    look = ProductTarget().look(product.pk)
    assert (look.title, look.revision) == ("New", 2)
    assert look.content["title"] == "New"
    assert look.pictures == (new,)
    assert len(look.shown_pictures) == 2
    assert [(str(c.label), c.shown, c.submitted) for c in look.changes] == [("title", "Old", "New")]
    assert look.attributes == (("Material", "Wood"),)
    assert look.place == product_place(product)
    assert len(look.notes) == 2
    assert set(look.labels) == set(look.content)
    assert "25.0763" not in str(look.content)


def product_place(product):
    from core.geo import LatLng  # noqa: PLC0415

    return LatLng.of(product.public_location)


def test_snapshots_are_plain_and_name_pictures_by_content():
    waiting()
    content = Snapshot.objects.get().content
    assert content["price"] == "250.00 AED"
    assert "sha256:" in content["pictures"][0]


@pytest.mark.parametrize("make", [waiting, edited, reported])
def test_the_part_of_the_case_page_renders(make):
    product = make()
    look = ProductTarget().look(product.pk)
    html = render_to_string(
        ProductTarget.template, {"look": look, "case": Case.objects.get(), "target": ProductTarget()}
    )
    assert "0 favourites" in html
    assert ("<del" in html) == bool(look.changes)


@pytest.mark.parametrize("outcome", ["approve", "reject", "hide", "remove", "no_action"])
def test_says_what_undoing_would_do(outcome):
    assert ProductTarget().preview(ProductFactory().pk, outcome)
