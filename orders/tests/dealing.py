"""Orders that were paid, with their money in the ledger, brought to where a test begins."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import AddressFactory, UserFactory
from catalog.models import Product, StockHold
from catalog.tests.factories import ProductFactory
from core.errors import Refusal
from core.models import AuditEntry, OutboxEvent
from orders.actions import hand_over, open_checkout, show_handover_code
from orders.models import Dispute, DisputeEvidence, HandoverCode, Meeting, Order, OrderEvent, Shipment
from orders.states import Delivery, FulfilmentAxis, PayBy
from orders.tests.shopping import bought, paid, the_order, wanted
from payments.models import LedgerTransaction, PaymentHold, Refund


def held(*, product: Product | None = None, buyer: User | None = None, ship: bool = False, **at: Any) -> Order:
    """An order of AED 250 that was paid by card; `at`: columns as the test wants them."""
    buyer = buyer or UserFactory(buyer=True)
    how = {"delivery": Delivery.SHIP, "address_id": AddressFactory(user=buyer).pk} if ship else {}
    product = product or ProductFactory(images=0)
    return put(the_order(paid(bought(product, buyer=buyer, **how))), **at)


def sent(**at: Any) -> Order:
    """On its way with a carrier."""
    now = timezone.now()
    there = {"dispatched_at": now, "arrive_by": now + timedelta(days=21)}
    return held(ship=True, **({"fulfilment_state": FulfilmentAxis.DISPATCHED} | there | at))


def delivered(**at: Any) -> Order:
    """With the buyer, who has three days to look at it."""
    now = timezone.now()
    there = {"delivered_at": now, "inspection_ends_at": now + timedelta(days=3)}
    return sent(**({"fulfilment_state": FulfilmentAxis.DELIVERED} | there | at))


def in_cash(**at: Any) -> Order:
    return put(the_order(open_checkout(buyer=UserFactory(buyer=True), lines=_chair(), pay_by=PayBy.CASH)), **at)


def sold_for_cash(*, product: Product | None = None, buyer: User | None = None, **at: Any) -> Order:
    """Handed over and paid in cash; the seller owes the commission."""
    lines = wanted(product or ProductFactory(images=0))
    order = the_order(open_checkout(buyer=buyer or UserFactory(buyer=True), lines=lines, pay_by=PayBy.CASH))
    hand_over(seller=order.seller, order_id=order.pk, code=show_handover_code(buyer=order.buyer, order_id=order.pk))
    return put(order, **at)


def put(order: Order, **at: Any) -> Order:
    if at:
        Order.objects.filter(pk=order.pk).update(**at)
    return Order.objects.select_related("buyer", "seller").get(pk=order.pk)


def hold_of(order: Order) -> PaymentHold:
    return PaymentHold.objects.get(reference=f"order:{order.pk}")


def axes(order: Order) -> tuple[str, str, str, str]:
    order.refresh_from_db()
    return order.state, order.payment_state, order.fulfilment_state, order.dispute_state


def timeline(order: Order) -> list[str]:
    return list(order.events.order_by("id").values_list("kind", flat=True))


def world() -> list[Any]:
    """Everything that a refusal leaves as it was."""
    tables = (
        Order,
        OrderEvent,
        Meeting,
        HandoverCode,
        Shipment,
        Dispute,
        DisputeEvidence,
        StockHold,
        PaymentHold,
        Refund,
        LedgerTransaction,
        OutboxEvent,
        AuditEntry,
    )
    return [list(table.objects.order_by("pk").values()) for table in tables]


def refused(refusal: type[Refusal], action: Callable[..., Any], **said: Any) -> None:
    """The action refuses so, and nothing has changed."""
    before = world()
    with pytest.raises(refusal):
        action(**said)
    assert world() == before


def _chair() -> Any:
    return wanted(ProductFactory(images=0))
