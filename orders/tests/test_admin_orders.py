from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.models import AuditEntry
from core.testing import browser, counted_queries
from moderation.tests.colleagues import colleague
from orders.models import Dispute, Voucher
from orders.states import DisputeReason, DisputeState, Funder
from orders.tests.dealing import delivered, held
from orders.tests.factories import OrderFactory, VoucherFactory

pytestmark = pytest.mark.django_db
STREET = "Al Marsa Street 12"


def page(thing, verb="change"):
    return reverse(f"admin:orders_{thing._meta.model_name}_{verb}", args=[thing.pk])


def dispute_of(order, **facts):
    return Dispute.objects.create(
        order=order,
        reason=DisputeReason.DAMAGED,
        text="The leg is broken.",
        wanted_minor=100_00,
        state=DisputeState.UNDER_REVIEW,
        decide_by=timezone.now(),
        **facts,
    )


@pytest.fixture
def finance():
    return colleague("finance")


def test_finance_reads_orders_disputes_and_vouchers(finance):
    dispute = dispute_of(OrderFactory(delivered=True))
    client = browser(finance)
    for name in ("order", "dispute", "voucher"):
        assert client.get(reverse(f"admin:orders_{name}_changelist")).status_code == 200, name
    assert client.get(page(dispute.order)).status_code == 200
    told = client.get(page(dispute)).content.decode()
    assert "The leg is broken." in told
    assert "Disputes to decide" in client.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("group", ["moderator", "verifier"])
def test_orders_are_not_for_everybody_of_the_staff(group):
    dispute = dispute_of(OrderFactory(delivered=True))
    client = browser(colleague(group))
    for address in (page(dispute.order), page(dispute), reverse("admin:orders_order_changelist")):
        assert client.get(address).status_code == 403, address


def test_where_it_goes_is_read_with_a_reason_that_is_kept(finance):
    order = OrderFactory(dispatched=True)
    client = browser(finance)
    assert STREET not in client.get(page(order)).content.decode()
    assert client.post(page(order, "address"), {"address-reason": "x"}).status_code == 422
    client.post(page(order, "address"), {"address-reason": "The carrier asks for the street."})
    assert STREET in client.get(page(order)).content.decode()
    kept = AuditEntry.objects.get(action="orders.address_reason_given")
    assert (kept.actor_id, kept.reason) == (finance.pk, "The carrier asks for the street.")


def test_who_may_not_read_addresses_never_sees_one():
    order = OrderFactory(dispatched=True)
    person = colleague()
    person.user_permissions.set(_permissions("view_order"))
    client = browser(person)
    assert client.post(page(order, "address"), {"address-reason": "A reason long enough"}).status_code == 403
    assert STREET not in client.get(page(order)).content.decode()


def _permissions(*names):
    from django.contrib.auth.models import Permission  # noqa: PLC0415

    return Permission.objects.filter(content_type__app_label="orders", codename__in=names)


def test_a_voucher_of_the_platform_is_made_and_a_shops_is_only_read(finance):
    client = browser(finance)
    body = {
        "code": "RAMADAN25",
        "kind": "percent",
        "percent": "10",
        "currency": "AED",
        "minimum_minor": "0",
        "person_limit": "1",
        "starts_at_0": "2026-11-01",
        "starts_at_1": "00:00:00",
        "is_listed": "on",
        "is_active": "on",
    }
    assert client.post(reverse("admin:orders_voucher_add"), body).status_code == 302
    assert Voucher.objects.get(code="RAMADAN25").funder == Funder.PLATFORM
    shops = VoucherFactory(seller=UserFactory(), funder=Funder.SHOP)
    assert client.post(page(shops), body | {"code": "STOLEN"}).status_code == 403
    shops.refresh_from_db()
    assert shops.code != "STOLEN"


@pytest.mark.parametrize("many", [1, 20])
def test_lists_cost_the_same_however_long(finance, many):
    for _ in range(many):
        dispute_of(OrderFactory(delivered=True))
    client = browser(finance)
    for name in ("order", "dispute"):
        with counted_queries() as queries:
            assert client.get(reverse(f"admin:orders_{name}_changelist")).status_code == 200
        assert len(queries) <= 11, (name, [q["sql"][:90] for q in queries])


def test_what_the_action_refuses_is_said_and_nothing_is_saved(finance):
    used = VoucherFactory(seller=None, funder=Funder.PLATFORM, used=3, total_limit=10)
    answer = browser(finance).post(
        page(used),
        {
            "kind": used.kind,
            "percent": used.percent,
            "currency": "AED",
            "minimum_minor": "0",
            "person_limit": "1",
            "total_limit": "2",
            "starts_at_0": "2026-11-01",
            "starts_at_1": "00:00:00",
            "is_active": "on",
        },
        follow=True,
    )
    assert answer.status_code == 200
    used.refresh_from_db()
    assert used.total_limit == 10


def test_the_desk_decides_and_the_other_side_reads_why(finance):
    dispute = dispute_of(OrderFactory(delivered=True))
    client = browser(finance)
    assert client.post(page(dispute, "decide"), {"decide-outcome": "full"}).status_code == 422  # no words
    assert client.post(page(dispute, "claim")).status_code == 302
    said = {"decide-outcome": "partial", "decide-refund": "50.00", "decide-words": "The leg can be mended."}
    answer = client.post(page(dispute, "decide"), said)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    dispute.refresh_from_db()
    assert (dispute.state, dispute.refund_minor, dispute.decided_by) == (DisputeState.DECIDED, 50_00, finance)


def test_whoever_decided_does_not_decide_the_appeal(finance):
    dispute = dispute_of(OrderFactory(delivered=True), first_decided_by=finance, first_outcome="none")
    Dispute.objects.filter(pk=dispute.pk).update(state=DisputeState.APPEALED)
    said = {"decide-outcome": "full", "decide-words": "On second thoughts."}
    assert browser(finance).post(page(dispute, "decide"), said).status_code == 422
    dispute.refresh_from_db()
    assert dispute.state == DisputeState.APPEALED


def test_a_note_for_colleagues_stays_with_them(finance):
    dispute = dispute_of(OrderFactory(delivered=True))
    browser(finance).post(page(dispute, "note"), {"note-text": "Third time this month."})
    note = dispute.evidence.get()
    assert note.is_internal
    assert "Third time" in browser(finance).get(page(dispute)).content.decode()


def test_finance_gives_money_back_and_cancels(finance):
    paid = delivered()
    said = {"refund-amount": "40.00", "refund-reason": "The lid was missing."}
    assert browser(finance).post(page(paid, "refund"), said).status_code == 302
    waiting = held()
    assert (
        browser(finance).post(page(waiting, "cancel"), {"cancel-reason": "The seller is in hospital."}).status_code
        == 302
    )
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"


def test_finance_sees_what_is_cancelled_with_the_money_still_here(finance):
    left = OrderFactory(confirmed=True, state="cancelled", cancelled_at=timezone.now(), cancelled_because="staff")
    gone = OrderFactory(cancelled=True)
    client = browser(finance)
    panel = client.get(reverse("admin:index")).content.decode()
    assert "Cancelled, money not back" in panel
    assert "money_left=yes" in panel
    found = client.get(f"{reverse('admin:orders_order_changelist')}?money_left=yes").content.decode()
    assert left.code in found
    assert gone.code not in found


def test_the_console_tells_the_time_of_the_market_and_finds_money_by_an_orders_number():
    found = OrderFactory(created_at=datetime(2026, 11, 3, 21, 5, tzinfo=UTC))
    client = browser(colleague("finance"))
    lists = client.get(reverse("admin:orders_order_changelist")).content.decode()
    assert "4 Nov 2026, 01:05" in lists
    where = client.get(reverse("admin:payments_ledgertransaction_where"), {"q": f" {found.code.lower()} "})
    assert where.context["reference"] == f"order:{found.pk}"
    nobody = client.get(reverse("admin:payments_ledgertransaction_where"), {"q": "SL-NOBODY"})
    assert nobody.context["reference"] == "SL-NOBODY"


def test_the_days_and_times_of_a_voucher_have_names():
    page_of = browser(colleague("finance")).get(reverse("admin:orders_voucher_add")).content.decode()
    for name in ("starts_at_0", "starts_at_1", "ends_at_0", "ends_at_1"):
        box = page_of.split(f'name="{name}"')[1].split(">")[0]
        assert "aria-label=" in box
