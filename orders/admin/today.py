"""The day's numbers of orders."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.staff import Figure, Panel, dashboard_panel
from orders.models import Dispute, Order
from orders.rules import BEFORE_DISPATCH
from orders.selectors.watch import cash_back_before_staff, money_left_behind
from orders.states import DisputeState, OrderState

LEFT_BEHIND, CASH_BACK = "money_left", "cash_back"  # filters of the list of orders


@dashboard_panel
def orders_panel(request: HttpRequest) -> Panel | None:
    if not request.user.has_perm("orders.view_order"):
        return None
    disputes = f"{reverse('admin:orders_dispute_changelist')}?state__exact="
    waiting = Dispute.objects.filter(state=DisputeState.UNDER_REVIEW).count()
    appeals = Dispute.objects.filter(state=DisputeState.APPEALED).count()
    overdue = Dispute.objects.filter(
        state__in=(DisputeState.UNDER_REVIEW, DisputeState.APPEALED), decide_by__lt=timezone.now()
    ).count()
    late = Order.objects.filter(
        state=OrderState.CONFIRMED, fulfilment_state__in=BEFORE_DISPATCH, dispatch_by__lt=timezone.now()
    ).count()
    left = money_left_behind().count()
    cash = cash_back_before_staff().count()
    orders = reverse("admin:orders_order_changelist")
    return Panel(
        _("Orders"),
        [
            Figure(_("Disputes to decide"), waiting, f"{disputes}under_review", "wait" if waiting else "calm"),
            Figure(_("Appeals"), appeals, f"{disputes}appealed", "wait" if appeals else "calm"),
            Figure(_("Decisions overdue"), overdue, f"{disputes}under_review", "urgent" if overdue else "calm"),
            Figure(_("Cancelled, money not back"), left, f"{orders}?{LEFT_BEHIND}=yes", "urgent" if left else "calm"),
            Figure(_("Cash back, not confirmed"), cash, f"{orders}?{CASH_BACK}=yes", "wait" if cash else "calm"),
            Figure(_("Not sent in time"), late, f"{orders}?state__exact=confirmed", "urgent" if late else "calm"),
        ],
        order=25,
    )
