"""What of a person's buying and selling keeps them from being erased."""

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from orders.models import Dispute, Order
from orders.states import DisputeState, OrderState


def why_not_erased(user: User) -> str:
    """An order that is under way, or a dispute that is not closed; "" where neither is."""
    mine = Q(buyer=user) | Q(seller=user)
    open_orders = Order.objects.filter(mine, state__in=(OrderState.AWAITING_PAYMENT, OrderState.CONFIRMED))
    if open_orders.exists():
        return _("You have an order that is not finished.")
    disputes = Dispute.objects.filter(Q(order__buyer=user) | Q(order__seller=user)).exclude(state=DisputeState.CLOSED)
    return _("You have a dispute that is not closed.") if disputes.exists() else ""
