"""Which orders somebody may read, and in what order."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from accounts.models import User
from accounts.selectors import with_brief
from orders.errors import OrderNotFound
from orders.models import Order, OrderEvent, OrderItem
from orders.states import FulfilmentAxis, OrderState, PayBy, PaymentAxis

# What people call the stations of an order's money: the filter of transactions.
STATUSES: dict[str, Q] = {
    "pending": Q(state=OrderState.AWAITING_PAYMENT),
    "held": Q(state=OrderState.CONFIRMED) & ~Q(payment_state=PaymentAxis.REFUNDED),
    "completed": Q(state=OrderState.COMPLETED) & ~Q(payment_state=PaymentAxis.REFUNDED),
    "failed": Q(state=OrderState.CANCELLED) & ~Q(payment_state=PaymentAxis.REFUNDED),
    "refunded": Q(payment_state=PaymentAxis.REFUNDED),
}


def reference_of_code(code: str) -> str:
    """What payments calls the money of the order with this number; empty: there is none."""
    found = Order.objects.filter(code=code.upper()).values_list("pk", flat=True).first()
    return f"order:{found}" if found else ""


def with_parts(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Join what `told.order_line` reads: the two people, and the lines with one more query."""
    items = OrderItem.objects.order_by("is_traded", "id")
    joined = orders.defer("address_point", "fee").prefetch_related(Prefetch("items", queryset=items))
    return with_brief(with_brief(joined, "buyer"), "seller")


def orders_bought(person: User, *, state: str = "", fulfilment: str = "") -> QuerySet[Order]:
    """What a person bought, newest first."""
    return _filtered(Order.objects.filter(buyer=person), state, fulfilment)


def orders_sold(person: User, *, state: str = "", fulfilment: str = "", search: str = "") -> QuerySet[Order]:
    """What people bought of a seller, newest first. `search`: an order's number or a buyer's username, from their beginning."""
    found = _filtered(Order.objects.filter(seller=person), state, fulfilment)
    if search:
        found = found.filter(Q(code__istartswith=search) | Q(buyer__username__istartswith=search))
    return found


def _filtered(found: QuerySet[Order], state: str, fulfilment: str) -> QuerySet[Order]:
    if state:
        found = found.filter(state=state)
    if fulfilment:
        found = found.filter(fulfilment_state=fulfilment)
    return with_parts(found).order_by("-id")


def transactions_of(
    person: User, *, as_buyer: bool = False, as_seller: bool = False, status: str = ""
) -> QuerySet[Order]:
    """Orders with money in them on either side of a person (or on one), newest first."""
    both = as_buyer == as_seller
    mine = (Q(buyer=person) if as_buyer or both else Q()) | (Q(seller=person) if as_seller or both else Q())
    found = Order.objects.filter(mine).exclude(pay_by=PayBy.NOTHING)
    if status:
        found = found.filter(STATUSES[status])
    return with_parts(found).select_related("checkout__payment").order_by("-id")


def order_for(person: User, order_id: uuid.UUID) -> Order:
    """One order, for its two people alone, with all that its page shows. Raises OrderNotFound."""
    found = (
        with_parts(Order.objects.filter(Q(buyer=person) | Q(seller=person), pk=order_id))
        .select_related("checkout__payment")
        .first()
    )
    if found is None:
        raise OrderNotFound
    return found


def order_sold_by(person: User, order_id: uuid.UUID) -> Order:
    """Raises OrderNotFound."""
    found = order_for(person, order_id)
    if found.seller_id != person.pk:
        raise OrderNotFound
    return found


def timeline_of(order: Order) -> Sequence[OrderEvent]:
    """What happened, oldest first, as the two may read it."""
    return list(OrderEvent.objects.filter(order=order, is_internal=False).order_by("id"))


def orders_of_checkout(checkout_id: uuid.UUID) -> list[Order]:
    return list(with_parts(Order.objects.filter(checkout_id=checkout_id)).order_by("id"))


def order_of_reference(buyer: User, reference: str) -> Order:
    """The order that an offer of the buyer's came to and that is not off. Raises OrderNotFound."""
    found = (
        Order.objects.filter(~Q(source_reference=""), ~Q(state=OrderState.CANCELLED), source_reference=reference)
        .filter(buyer=buyer)
        .select_related("checkout")
        .first()
    )
    if found is None:
        raise OrderNotFound
    return found


def counts_for_seller(person: User) -> dict[str, int]:
    """How many orders wait for the seller to do something: to prepare and to send."""
    found: Any = Order.objects.filter(seller=person, state=OrderState.CONFIRMED)
    return {
        "to_prepare": found.filter(fulfilment_state=FulfilmentAxis.WAITING).count(),
        "to_send": found.filter(fulfilment_state__in=(FulfilmentAxis.PREPARING, FulfilmentAxis.READY)).count(),
    }
