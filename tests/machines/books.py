"""What must be true of a market: after every step, and when all has come to rest. There three books agree: the provider's, our
ledger, and what an accountant makes of its export.
"""

import io
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.models import Q, Sum
from django.utils import timezone

from catalog.models import ProductVariant, StockHold
from orders.models import Order
from orders.states import OrderState, PayBy, PaymentAxis
from payments.actions import reconcile
from payments.models import (
    LedgerBalance,
    LedgerEntry,
    LedgerTransaction,
    Payment,
    PaymentHold,
    Payout,
    ProviderCommand,
    ProviderEvent,
    ReconciliationBreak,
    Refund,
)
from payments.selectors import audit_ledger
from payments.states import BreakState, CommandKind, CommandState, HoldState, InboxState, Postings, RefundState
from tests.machines.market import BEGINS, Market

BEAN_CHECK = str(Path(sys.executable).parent / "bean-check")
PAID_BY_CARD = (PaymentAxis.HELD, PaymentAxis.RELEASED, PaymentAxis.REFUNDED)
# What a part's hold says where nothing about it is on its way to the order.
AXIS = {
    HoldState.PENDING: (PaymentAxis.UNPAID,),
    HoldState.HELD: (PaymentAxis.HELD,),
    HoldState.RELEASED: (PaymentAxis.RELEASED,),
    HoldState.REFUNDED: (PaymentAxis.REFUNDED,),
    HoldState.CANCELLED: (PaymentAxis.VOID,),
}


def check_now(market: Market) -> None:
    """After every step."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    assert audit_ledger().faults == []
    assert not LedgerBalance.objects.filter(account__kind__in=("hold", "refund", "payout"), amount__gt=0).exists()
    _nothing_broke()
    _stock_is_sold_once(market)
    _orders_make_sense()


def _nothing_broke() -> None:
    """A worker keeps what went wrong: nothing but the provider may have."""
    broken = list(ProviderCommand.objects.filter(error_code__regex="^[A-Z]").values_list("kind", "error_code", "error"))
    assert broken == []
    told = ProviderEvent.objects.exclude(error="").filter(state=InboxState.FAILED).values_list("type", "error")
    strange = [(kind, error) for kind, error in told if not error.startswith(("ProviderUnclear", "ProviderSaved"))]
    assert strange == []


def _stock_is_sold_once(market: Market) -> None:
    held = StockHold.objects.values("variant__product").annotate(
        sold=Sum("quantity", filter=Q(committed_at__isnull=False)),
        waiting=Sum("quantity", filter=Q(committed_at=None, released_at=None)),
    )
    by_product = {row["variant__product"]: row for row in held}
    left = ProductVariant.objects.filter(product__in=market.stock).values_list("product", "stock")
    for product, stock in left:
        row = by_product.get(product) or {}
        assert stock >= (row.get("waiting") or 0) >= 0
        assert stock + (row.get("sold") or 0) == market.stock[product]


def _orders_make_sense() -> None:
    sold = set(StockHold.objects.filter(committed_at__isnull=False).values_list("reference", flat=True))
    holds = {hold.reference: hold for hold in PaymentHold.objects.exclude(state=HoldState.CANCELLED)}
    for order in Order.objects.all():
        parts = order.items_minor + order.delivery_minor - order.shop_discount_minor - order.platform_discount_minor
        assert order.total_minor == parts
        assert 0 <= order.refunded_minor <= order.total_minor
        assert (order.completed_at is not None) == (order.state == OrderState.COMPLETED)
        has = order.source_reference or f"order:{order.pk}"
        if order.state == OrderState.COMPLETED:
            assert has in sold
            assert order.payment_state not in (PaymentAxis.UNPAID, PaymentAxis.VOID, PaymentAxis.CASH_DUE)
        if order.payment_state in PAID_BY_CARD:
            hold = holds[f"order:{order.pk}"]
            assert hold.state not in (HoldState.PENDING, HoldState.CANCELLED)
            assert hold.amount_minor == order.total_minor
            assert hold.refunded_minor <= hold.amount_minor
            assert (order.payment_state != PaymentAxis.RELEASED) or hold.released_at is not None
        if order.state == OrderState.CONFIRMED and order.pay_by == PayBy.CARD:
            assert order.payment_state in PAID_BY_CARD
            assert has in sold


# --- at rest ---------------------------------------------------------------------------------------------------------------


def check_at_rest(market: Market, folder: Path) -> None:
    check_now(market)
    _nothing_waits()
    _orders_are_over()
    _provider_has_what_was_ordered(market)
    _ledger_has_what_the_provider_has(market)
    _balances_agree(market)
    _nothing_is_to_be_explained()
    accountant_agrees(folder)


def _nothing_waits() -> None:
    open_commands = ProviderCommand.objects.exclude(state__in=(CommandState.DONE, CommandState.FAILED))
    assert list(open_commands.values_list("kind", "state", "error")) == []
    events = ProviderEvent.objects.exclude(state__in=(InboxState.PROCESSED, InboxState.IGNORED))
    assert list(events.values_list("type", "state", "error")) == []
    refunds = Refund.objects.filter(
        state__in=(RefundState.AWAITING_APPROVAL, RefundState.REQUESTED, RefundState.PENDING)
    )
    assert list(refunds.values_list("state", "amount_minor", "reason")) == []
    assert not Payout.objects.filter(state__in=("awaiting_approval", "pending", "processing")).exists()
    assert not Payment.objects.filter(state__in=("open", "processing")).exists()


def _orders_are_over() -> None:
    """Every order has ended, and says of its money what its hold says."""
    holds = {hold.reference: hold for hold in PaymentHold.objects.order_by("pk")}
    holds |= {hold.reference: hold for hold in PaymentHold.objects.exclude(state=HoldState.CANCELLED)}
    for order in Order.objects.all():
        told = f"{order.state} {order.payment_state} {order.fulfilment_state} {order.dispute_state} {order.pay_by}"
        assert order.state in (OrderState.COMPLETED, OrderState.CANCELLED), told
        assert order.dispute_state in ("none", "closed"), told
        if order.pay_by != PayBy.CARD:
            continue
        hold = holds[f"order:{order.pk}"]
        assert order.payment_state in AXIS[HoldState(hold.state)], f"{told}: {hold.state} {hold.refunded_minor}"
        if order.payment_state in PAID_BY_CARD:
            assert order.refunded_minor == hold.refunded_minor, told
        if order.state == OrderState.CANCELLED and order.payment_state == PaymentAxis.HELD:
            assert Refund.objects.filter(hold=hold, state=RefundState.FAILED).exists(), told


def all_of(service: Any, **options: Any) -> list[dict[str, Any]]:
    return [one.to_dict() for one in service.list({"limit": 100}, options).auto_paging_iter()]


def _provider_has_what_was_ordered(market: Market) -> None:
    """Exactly one thing for each command that was done, and nothing else."""
    api = market.client.v1
    transfers = all_of(api.transfers)
    reversals = [kept for one in transfers for kept in one["reversals"]["data"]]
    payouts = [kept for who in market.sellers for kept in all_of(api.payouts, stripe_account=market.account_of(who))]
    there = {
        CommandKind.CREATE_CHARGE: [one for one in all_of(api.payment_intents) if not _is_own(one, market)],
        CommandKind.CREATE_CUSTOMER: all_of(api.customers),
        CommandKind.REFUND: all_of(api.refunds),
        CommandKind.TRANSFER: transfers,
        CommandKind.CLAW_BACK: reversals,
        CommandKind.PAY_OUT: payouts,
    }
    for kind, things in there.items():
        made = Counter((thing["metadata"] or {}).get("command", "nobody's") for thing in things)
        done = ProviderCommand.objects.filter(kind=kind, state=CommandState.DONE)
        assert made == Counter(str(pk) for pk in done.values_list("pk", flat=True)), kind


def _is_own(intent: dict[str, Any], market: Market) -> bool:
    return bool(market.own_charge) and intent["latest_charge"] == market.own_charge


def _ledger_has_what_the_provider_has(market: Market) -> None:
    """By kind and id, the same amounts moved the clearing account as moved the provider's balance."""
    api = market.client.v1
    refunds, disputes, transfers = all_of(api.refunds), all_of(api.disputes), all_of(api.transfers)
    expected: dict[tuple[str, str], int] = {}
    for one in all_of(api.charges):
        if one["paid"] and one["id"] != market.own_charge:
            expected[Postings.CAPTURE, one["id"]] = one["amount"]
    for one in refunds:
        expected[Postings.REFUND, one["id"]] = -one["amount"]
        if one["status"] == "failed":
            expected[Postings.REFUND_FAILED, one["id"]] = one["amount"]
    for one in transfers:
        expected[Postings.TRANSFER, one["id"]] = -one["amount"]
        expected |= {(Postings.CLAW_BACK, kept["id"]): kept["amount"] for kept in one["reversals"]["data"]}
    for one in disputes:
        lines = one["balance_transactions"]
        if lines:
            expected[Postings.CHARGEBACK, one["id"]] = lines[0]["net"]
        if len(lines) > 1:
            expected[Postings.CHARGEBACK_WON, one["id"]] = sum(line["net"] for line in lines[1:])
    kinds = {kind for kind, _ref in expected} | {Postings.CAPTURE, Postings.REFUND, Postings.TRANSFER}
    posted = LedgerEntry.objects.filter(account__kind="clearing", account__owner="", transaction__kind__in=kinds)
    ours = {
        (row["transaction__kind"], row["transaction__ref"]): row["moved"]
        for row in posted.values("transaction__kind", "transaction__ref").annotate(moved=Sum("amount"))
    }
    assert ours == {(kind.value, ref): amount for (kind, ref), amount in expected.items()}
    captured = LedgerTransaction.objects.filter(kind=Postings.CAPTURE).count()
    assert captured == Payment.objects.filter(state="captured").count()


def _balances_agree(market: Market) -> None:
    state = market.sim.control.state()
    there = {whose: sum(held.get("aed", {}).values()) for whose, held in state["balances"].items()}
    ours = dict(
        LedgerBalance.objects.filter(account__kind="clearing").values_list("account__owner", "amount"),
    )
    assert there.get(state["platform"], 0) == ours.get("", 0)
    for seller in market.sellers:
        assert there.get(market.account_of(seller), 0) == ours.get(str(seller.pk), 0)


def _nothing_is_to_be_explained() -> None:
    now = timezone.now() + timedelta(seconds=1)
    reconcile(since=BEGINS, until=now, grace=timedelta(0))
    breaks = ReconciliationBreak.objects.filter(state__in=(BreakState.OPEN, BreakState.EXPLAINED))
    assert list(breaks.values_list("kind", "ref", "account", "expected_minor", "found_minor")) == []


def accountant_agrees(folder: Path) -> None:
    path = folder / "market.beancount"
    call_command("export_ledger", "--format", "beancount", "--output", str(path), stdout=io.StringIO())
    found = subprocess.run(  # noqa: S603
        [BEAN_CHECK, "--no-cache", str(path)], capture_output=True, text=True, timeout=300, check=False
    )
    assert (found.returncode, found.stderr) == (0, "")
