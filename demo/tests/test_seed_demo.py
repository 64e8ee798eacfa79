import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.conf import settings as configured
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from accounts.models import Block, Follow, User
from catalog.models import Favourite, PriceChange, Product, ProductRevision
from catalog.selectors import visible_products
from catalog.states import ProductState
from core.models import Delivery, DeliveryState
from demo.city.bank import Bank
from demo.city.logins import LOGINS, MARINA_MALL, PASSWORD
from demo.city.plan import draw_up
from demo.searches import SEARCHES
from media.models import MediaAsset
from media.states import AssetState, Purpose
from messaging.models import Message, Participation
from messaging.states import MessageState
from moderation.models import Case, Decision, Report
from moderation.states import UNDECIDED
from notifications.models import DevMessage, Notification, Send
from offers.models import Offer
from orders.models import DeliveryTerms, Dispute, DisputeEvidence, Invoice, Order, VoucherUse
from orders.rules import delivery_price
from orders.states import OrderState, PayBy
from payments import selectors
from payments.models import LedgerTransaction, Payout, ProviderCommand, Reconciliation, ReconciliationBreak, Refund
from places.selectors import neighborhood_at
from search.models import PopularSearch
from stripe_simulator.testing import KEY, threaded_simulator

SIZE = 60


@pytest.fixture(scope="module", autouse=True)
def city(django_db_setup, django_db_blocker, tmp_path_factory):
    """One small city for all tests here, taken back at the end."""
    folder = tmp_path_factory.mktemp("media")
    disk = "django.core.files.storage.FileSystemStorage"
    stores = {
        "default": {"BACKEND": disk, "OPTIONS": {"location": str(folder / "public"), "base_url": "/media/"}},
        "private": {"BACKEND": disk, "OPTIONS": {"location": str(folder / "private"), "base_url": None}},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    in_one = transaction.atomic()
    in_one._from_testcase = True  # as Django's own tests do: what must stand alone elsewhere may stand in here
    with (
        threaded_simulator() as stripe,
        django_db_blocker.unblock(),
        override_settings(
            STORAGES=stores,
            PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
            STRIPE=configured.STRIPE | {"secret_key": KEY, "api_base": stripe.url},
        ),
        in_one,
    ):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS follow_at_commit IMMEDIATE")  # nothing is committed here
        out = StringIO()
        call_command("seed_demo", seed=42, listings=SIZE, workers=1, stdout=out)
        yield out.getvalue()
        transaction.set_rollback(True)


pytestmark = pytest.mark.django_db


def test_tells_what_stands_now(city):
    assert "Demo city:" in city
    assert "cases wait for a moderator" in city


def test_listings_are_those_of_the_plan():
    planned = Counter((p.offer.title, p.seller) for p in draw_up(seed=42, size=SIZE).listings)
    built = Counter(Product.objects.values_list("title", "seller__username"))
    assert built == planned


def test_every_state_is_there():
    assert set(Product.objects.values_list("state", flat=True)) == set(ProductState.values)


def test_what_is_for_sale_is_seen_and_what_is_hidden_is_not():
    shown = visible_products(None)
    assert shown.count() >= SIZE // 3
    hidden = Product.objects.filter(hidden_at__isnull=False)
    assert hidden.exists()
    assert not shown.filter(pk__in=hidden).exists()
    assert not shown.filter(seller__suspended_at__isnull=False).exists()


def test_people_look_for_things():
    popular = PopularSearch.objects.filter(neighborhood=None)
    assert set(popular.values_list("q", flat=True)) <= set(SEARCHES)
    assert popular.count() >= 3


def test_the_feed_lives_and_nothing_comes_from_the_future():
    published = list(Product.objects.exclude(published_at=None).values_list("published_at", flat=True))
    now = timezone.now()
    assert max(published) <= now
    assert max(published) > now - timedelta(hours=6)
    assert min(published) < now - timedelta(days=5)
    for moment in ("created_at", "submitted_at", "sold_at", "removed_at"):
        assert not Product.objects.filter(**{f"{moment}__gt": now}).exists()


def test_people_have_homes_and_were_here_before_they_listed():
    for product in Product.objects.select_related("seller", "neighborhood"):
        assert product.seller.is_verified
        assert product.seller.created_at < product.created_at
        assert product.neighborhood is not None


def test_pictures_are_prepared_and_the_same_bytes_only_once():
    assets = MediaAsset.objects.all()
    assert set(assets.values_list("state", flat=True)) == {AssetState.READY}
    assert not assets.filter(attached_at=None).exists()
    assert assets.values("sha256").distinct().count() < assets.count()
    assert Product.objects.exclude(state=ProductState.DRAFT).filter(cover=None, feed_type="community").count() == 0
    for asset in assets:
        store = storages["private" if asset.purpose == Purpose.EVIDENCE else "default"]
        assert all(store.exists(variant["key"]) for variant in asset.variants)


def test_discover_listings_play():
    clips = [p.video for p in Product.objects.filter(feed_type="discover").select_related("video")]
    assert clips
    assert all(clip.duration_ms > 3000 and any(v["format"] == "mp4" for v in clip.variants) for clip in clips)


def test_moderators_find_work_of_every_kind():
    waiting = Case.objects.filter(state__in=UNDECIDED)
    assert set(waiting.values_list("kind", flat=True)) == {"review", "report"}
    assert set(waiting.values_list("target_kind", flat=True)) == {"product", "account", "message"}
    assert waiting.filter(auto_hidden_at__isnull=False).exists()
    assert waiting.filter(claimed_by__isnull=False).exists()
    assert waiting.filter(due_at__lt=timezone.now()).exists()
    assert ProductRevision.objects.filter(state="pending").exists()
    assert Report.objects.exclude(description="").count() > 5


def test_there_is_a_past_with_decisions_of_every_kind():
    outcomes = set(Decision.objects.values_list("outcome", flat=True))
    assert {"approve", "reject", "remove", "no_action", "suspend", "suspend_until_lifted", "auto_hide"} <= outcomes
    assert User.objects.exclude(suspended_at=None).count() == 2
    assert not Decision.objects.filter(made_at__gt=timezone.now()).exists()


def test_people_know_each_other():
    assert Follow.objects.count() > 20
    assert Favourite.objects.count() > 5
    assert Block.objects.count() == 3
    assert PriceChange.objects.exists()
    for person in User.objects.all():
        assert person.followers_count == person.follower_links.count()


def test_the_logins_open_their_doors(client):
    out = StringIO()
    call_command("demo_logins", stdout=out)
    for login in LOGINS:
        assert login.username in out.getvalue()
        user = User.objects.get(username=login.username)
        assert user.check_password(PASSWORD)
        assert user.is_staff is login.is_staff
    moderator = User.objects.get(username="moderator")
    assert moderator.has_perm("moderation.decide_case")
    assert not moderator.is_superuser
    assert not Decision.objects.filter(actor=moderator).exists()
    assert User.objects.get(username="seller").neighborhood == neighborhood_at(MARINA_MALL)
    assert Product.objects.filter(seller__username="seller").count() >= 6


def test_no_delivery_failed():
    assert not Delivery.objects.exclude(last_error="").exists()
    assert not Delivery.objects.filter(state=DeliveryState.PARKED).exists()


def test_nothing_waits_for_the_relay_and_the_seller_was_told():
    assert not Delivery.objects.exclude(state=DeliveryState.DONE).exists()
    assert Notification.objects.filter(user__username="seller").exists()
    assert not Send.objects.exclude(state="sent").exists()
    assert not DevMessage.objects.exists()


def test_a_second_building_is_refused_and_changes_nothing():
    before = Product.objects.count(), User.objects.count(), Case.objects.count()
    with pytest.raises(CommandError, match="listings already"):
        call_command("seed_demo", stdout=StringIO())
    out = StringIO()
    call_command("seed_demo", "--if-empty", stdout=out)
    assert "nothing was built" in out.getvalue()
    assert (Product.objects.count(), User.objects.count(), Case.objects.count()) == before


def test_refuses_production(settings):
    settings.IN_PRODUCTION = True
    with pytest.raises(CommandError, match="not in production"):
        call_command("seed_demo", stdout=StringIO())


@pytest.mark.parametrize("options", [{"listings": 10}, {"anchor": "yesterday"}, {"anchor": "2026-11-20T12:00:00"}])
def test_refuses_a_city_that_is_too_small_or_has_no_present(options):
    Favourite.objects.all().delete()
    with pytest.raises(CommandError):
        call_command("seed_demo", stdout=StringIO(), **options)


def test_pictures_of_the_city_have_the_same_digest_each_time():
    from demo.city.studio import _made  # noqa: PLC0415

    first = hashlib.sha256(_made("sofa/room", small=True)).hexdigest()
    assert first == hashlib.sha256(_made("sofa/room", small=True)).hexdigest()


def test_neighbours_talk_and_haggle():
    assert set(Offer.objects.values_list("state", flat=True)) >= {"pending", "countered", "accepted", "declined"}
    for login in ("seller", "buyer"):
        sides = Participation.objects.filter(person__username=login)
        assert sides.count() >= 3
        assert sides.filter(unread_count__gt=0).exists()
    assert Message.objects.filter(kind="text", body__regex="[\u0600-\u06ff]").exists()


def test_a_held_message_waits_for_the_moderator():
    held = Message.objects.get(state=MessageState.HELD)
    assert Case.objects.filter(target_kind="message", target_id=held.pk, state__in=UNDECIDED).exists()


def test_orders_of_two_months_stand_in_every_state():
    assert set(Order.objects.values_list("state", flat=True)) == set(OrderState.values)
    kinds = set(Order.objects.values_list("pay_by", flat=True))
    assert kinds == {PayBy.CARD, PayBy.CASH, PayBy.NOTHING}
    steps = set(Order.objects.values_list("fulfilment_state", flat=True))
    assert {"waiting", "preparing", "ready", "dispatched", "delivered", "handed_over", "called_off"} <= steps
    assert set(Dispute.objects.values_list("state", flat=True)) >= {
        "open",
        "under_review",
        "decided",
        "appealed",
        "closed",
    }
    assert DisputeEvidence.objects.filter(side="buyer", picture__isnull=False).exists()
    assert DisputeEvidence.objects.filter(side="seller", picture__isnull=False).exists()
    assert Invoice.objects.filter(kind="tax_invoice").exists()
    assert Invoice.objects.filter(kind="credit_note").exists()
    assert VoucherUse.objects.count() == 2


def test_parcels_were_paid_for_as_their_sellers_ask():
    sent = Order.objects.filter(delivery="ship")
    paid_for = 0
    for order in sent:
        terms = DeliveryTerms.objects.filter(pk=order.seller_id).first()
        base = order.items_minor - order.shop_discount_minor
        if terms is not None and terms.ships:
            assert order.delivery_minor == delivery_price(terms, delivery="ship", base=base, currency="AED")
        paid_for += order.delivery_minor > 0
        assert order.total_minor >= order.delivery_minor
    assert paid_for >= 3
    assert DeliveryTerms.objects.filter(ships=False).exists()
    assert not Order.objects.filter(delivery="meet", delivery_minor__gt=0).exists()


def test_the_past_is_written_as_of_then():
    now = timezone.now()
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)
    first = Order.objects.order_by("created_at").first()
    assert now - timedelta(days=61) < first.created_at < now - timedelta(days=50)
    for order in Order.objects.prefetch_related("items__product"):
        assert order.created_at <= now
        assert order.completed_at is None or order.created_at < order.completed_at <= now
        assert all(
            item.product.published_at is None or item.product.published_at < order.created_at
            for item in order.items.all()
        )
    posted = list(LedgerTransaction.objects.order_by("occurred_at").values_list("occurred_at", flat=True))
    assert posted[-1] <= now
    assert posted[-1] - posted[0] > timedelta(days=40)


def test_the_ledger_holds_and_the_provider_agrees():
    assert selectors.audit_ledger().holds
    assert not ProviderCommand.objects.filter(created_at__lt=timezone.now(), state__in=["failed", "parked"]).exists()
    assert not ReconciliationBreak.objects.exists()
    assert Reconciliation.objects.exists()


def test_sellers_were_paid_and_some_of_it_is_on_its_way():
    states = Counter(Payout.objects.values_list("state", flat=True))
    assert states["paid"] >= 4
    assert states["processing"] == 1
    assert Refund.objects.filter(state="awaiting_approval").exclude(requested_by__username="finance").exists()


def test_without_a_provider_nothing_was_ever_bought(settings):
    settings.STRIPE = settings.STRIPE | {"api_base": ""}
    assert Bank.open(since=timezone.now()) is None
