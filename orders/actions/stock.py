"""What orders do with the stock that is set aside for them. The caller holds the orders and their listings (`locks.lock_things`)."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence

from catalog.actions import Stock, release_hold, sell_holds, undo_sale
from catalog.models import StockHold
from catalog.selectors import holds_under
from catalog.states import ProductState
from orders import rules
from orders.models import Order


def holds_of(orders: Collection[Order]) -> dict[uuid.UUID, list[StockHold]]:
    """All that was set aside for each order, whatever became of it. One query, and one for items that are not loaded."""
    by_reference = {rules.stock_reference(order): order.pk for order in orders}
    variants = {item.variant_id for order in orders for item in order.items.all()}
    found: dict[uuid.UUID, list[StockHold]] = defaultdict(list)
    for hold in holds_under(list(by_reference), of=variants):
        found[by_reference[hold.reference]].append(hold)
    return found


def is_there(order: Order, holds: Sequence[StockHold], stock: Stock) -> bool:
    """Whether everything of a locked order is still set aside for it, and may still be sold."""
    items = {item.variant_id: item.quantity for item in order.items.all()}
    held = {h.variant_id: h.quantity for h in holds if h.released_at is None and h.committed_at is None}
    if held != items:
        return False
    gone = (ProductState.REMOVED, ProductState.REJECTED, ProductState.SOLD)
    products = [stock.variants[variant_id].product for variant_id in items]
    return all(
        product.hidden_at is None
        and product.state not in gone
        and product.seller.is_active
        and product.seller.suspended_at is None
        for product in products
    )


def sell(holds: Sequence[StockHold], stock: Stock) -> None:
    """What was set aside is sold. Publishes ProductSold for what is gone by it."""
    sell_holds(holds=[hold for hold in holds if hold.committed_at is None], stock=stock)


def give_stock_back(order: Order, *, then: ProductState = ProductState.ACTIVE) -> None:
    """What was set aside, or sold already, is to be had again; a listing that was sold out stands in `then`."""
    for hold in holds_of([order])[order.pk]:
        if hold.committed_at is not None:
            undo_sale(hold_id=hold.pk, then=then)
        elif hold.released_at is None:
            release_hold(hold_id=hold.pk)
