"""What orders do with the stock that is set aside for them. The caller holds the orders and their listings (`locks.lock_things`)."""

from catalog.actions import commit_hold, release_hold, undo_sale
from catalog.models import Product, StockHold
from catalog.selectors import holds_under
from catalog.states import ProductState
from orders import rules
from orders.models import Order


def holds_of(order: Order) -> list[StockHold]:
    """All that was set aside for an order, whatever became of it."""
    variants = list(order.items.values_list("variant_id", flat=True))
    return list(holds_under([rules.stock_reference(order)], of=variants))


def is_there(order: Order) -> bool:
    """Whether everything of a locked order is still set aside for it, and may still be sold."""
    items = {item.variant_id: item.quantity for item in order.items.all()}
    held = {h.variant_id: h.quantity for h in holds_of(order) if h.released_at is None and h.committed_at is None}
    if held != items:
        return False
    products = Product.objects.filter(variants__in=list(items)).select_related("seller").distinct()
    gone = (ProductState.REMOVED, ProductState.REJECTED, ProductState.SOLD)
    return all(
        product.hidden_at is None
        and product.state not in gone
        and product.seller.is_active
        and product.seller.suspended_at is None
        for product in products
    )


def sell(order: Order) -> None:
    """What was set aside is sold. Publishes ProductSold for what is gone by it."""
    for hold in holds_of(order):
        if hold.committed_at is None:
            commit_hold(hold_id=hold.pk)


def give_stock_back(order: Order, *, then: ProductState = ProductState.ACTIVE) -> None:
    """What was set aside, or sold already, is to be had again; a listing that was sold out stands in `then`."""
    for hold in holds_of(order):
        if hold.committed_at is not None:
            undo_sale(hold_id=hold.pk, then=then)
        elif hold.released_at is None:
            release_hold(hold_id=hold.pk)
