import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.testing import browser, counted_queries
from moderation.tests.colleagues import colleague
from payments.actions import refund_hold, release_hold
from payments.models import LedgerTransaction, Refund
from payments.selectors import money_picture
from payments.states import RefundState
from payments.tests.money import aed, answered, captured, part

pytestmark = pytest.mark.django_db
ORDER = "order:a"


@pytest.fixture
def finance():
    return colleague("finance")


def page(thing, verb="change"):
    return reverse(f"admin:payments_{thing._meta.model_name}_{verb}", args=[thing.pk])


def large_refund(by):
    captured(part(UserFactory(), amount=900_00, reference=ORDER))
    return refund_hold(reference=ORDER, amount=aed(600_00), reason="gone", requested_by=by, by_staff=True)


def test_finance_reads_every_screen_of_money(finance):
    refund = large_refund(colleague("finance"))
    client = browser(finance)
    for name in ("payment", "paymenthold", "refund", "chargeback", "ledgeraccount", "ledgertransaction"):
        assert client.get(reverse(f"admin:payments_{name}_changelist")).status_code == 200, name
    things = [
        refund,
        refund.hold.payment,
        LedgerTransaction.objects.first(),
        LedgerTransaction.objects.first().entries.first().account,
    ]
    for thing in things:
        assert client.get(page(thing)).status_code == 200, thing
    assert client.get(reverse("admin:payments_ledgertransaction_where"), {"q": ORDER}).status_code == 200


@pytest.mark.parametrize("group", ["moderator", "verifier", "support"])
def test_money_is_not_for_others(group):
    refund = large_refund(colleague("finance"))
    client = browser(colleague(group))
    addresses = [
        page(refund),
        page(refund.hold.payment),
        reverse("admin:payments_ledgertransaction_where") + f"?q={ORDER}",
        reverse("admin:payments_refund_changelist"),
    ]
    for address in addresses:
        assert client.get(address).status_code == 403, address
    assert client.post(page(refund, "approve")).status_code == 403
    refund.refresh_from_db()
    assert refund.state == RefundState.AWAITING_APPROVAL


def test_a_second_person_approves_and_the_first_cannot(finance):
    refund = large_refund(finance)
    own = browser(finance).post(page(refund, "approve"))
    assert own.status_code == 422
    refund.refresh_from_db()
    assert refund.state == RefundState.AWAITING_APPROVAL
    other = colleague("finance")
    assert browser(other).post(page(refund, "approve")).status_code == 302
    refund.refresh_from_db()
    assert (refund.state, refund.approved_by) == (RefundState.REQUESTED, other)


def test_not_approving_needs_a_reason(finance):
    refund = large_refund(colleague("finance"))
    client = browser(finance)
    assert client.post(page(refund, "refuse")).status_code == 422
    assert client.post(page(refund, "refuse"), {"refuse-reason": "The photos show no damage."}).status_code == 302
    refund.refresh_from_db()
    assert refund.state == RefundState.REFUSED


def test_nothing_is_edited_in_place(finance):
    refund = large_refund(finance)
    assert browser(finance).post(page(refund), {"amount_minor": "1"}).status_code == 403
    refund.refresh_from_db()
    assert refund.amount_minor == 600_00


def test_the_picture_shows_where_every_dirham_is():
    captured(part(UserFactory(), amount=299_00, commission=44_85, reference=ORDER), fee=9_67)
    held = money_picture(ORDER)
    assert {node.kind: node.has for node in held.nodes} == {"buyer": -299_00, "hold": 299_00}
    release_hold(reference=ORDER, at=timezone.now())
    released = money_picture(ORDER)
    assert {node.kind: node.has for node in released.nodes} == {
        "buyer": -299_00,
        "hold": 0,
        "seller": 254_15,
        "revenue": 44_85,
    }
    assert sum(node.has for node in released.nodes) == 0
    refund = refund_hold(reference=ORDER, amount=aed(100_00), reason="gone", requested_by=None, by_staff=False)
    answered(refund)
    back = {node.kind: node.has for node in money_picture(ORDER).nodes}
    assert back["buyer"] == -199_00
    assert back["refund"] == 0


def test_there_is_no_picture_of_nothing():
    assert money_picture("order:none").nodes == []


@pytest.mark.parametrize("many", [1, 20])
def test_lists_cost_the_same_however_long(finance, many):
    for number in range(many):
        captured(part(UserFactory(), reference=f"order:{number}"))
        refund_hold(reference=f"order:{number}", amount=aed(1_00), reason="gone", requested_by=finance, by_staff=True)
    client = browser(finance)
    for name in ("payment", "refund", "paymenthold", "ledgertransaction", "ledgeraccount"):
        with counted_queries() as queries:
            assert client.get(reverse(f"admin:payments_{name}_changelist")).status_code == 200
        assert len(queries) <= 11, (name, [q["sql"][:90] for q in queries])


def test_today_says_what_waits(finance):
    large_refund(colleague("finance"))
    answer = browser(finance).get(reverse("admin:index"))
    assert "Refunds to approve" in answer.content.decode()
    assert Refund.objects.filter(state=RefundState.AWAITING_APPROVAL).count() == 1
