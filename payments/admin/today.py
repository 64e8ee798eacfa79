"""The day's numbers of finance."""

from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.staff import Figure, Panel, dashboard_panel
from payments.models import Chargeback, Payout, ProviderCommand, ReconciliationBreak, Refund
from payments.states import BreakState, ChargebackState, CommandState, PayoutState, RefundState


@dashboard_panel
def money_panel(request: HttpRequest) -> Panel | None:
    if not request.user.has_perm("payments.view_payout"):
        return None

    def of(name: str, state: str) -> str:
        return f"{reverse(f'admin:payments_{name}_changelist')}?state__exact={state}"

    refunds = Refund.objects.filter(state=RefundState.AWAITING_APPROVAL).count()
    payouts = Payout.objects.filter(state=PayoutState.AWAITING_APPROVAL).count()
    failed = Payout.objects.filter(state=PayoutState.FAILED, failed_at__gte=timezone.now() - timedelta(days=7)).count()
    stuck = ProviderCommand.objects.filter(state=CommandState.PARKED).count()
    breaks = ReconciliationBreak.objects.filter(state=BreakState.OPEN).count()
    disputes = Chargeback.objects.filter(state=ChargebackState.OPEN).count()
    return Panel(
        _("Money"),
        [
            Figure(_("Refunds to approve"), refunds, of("refund", "awaiting_approval"), _tone(refunds)),
            Figure(_("Payouts to approve"), payouts, of("payout", "awaiting_approval"), _tone(payouts)),
            Figure(_("Payouts failed this week"), failed, of("payout", "failed"), _tone(failed)),
            Figure(_("Stuck commands"), stuck, of("providercommand", "parked"), _tone(stuck, "urgent")),
            Figure(_("Books that differ"), breaks, of("reconciliationbreak", "open"), _tone(breaks, "urgent")),
            Figure(_("Disputed with banks"), disputes, of("chargeback", "open"), _tone(disputes, "urgent")),
        ],
        order=30,
    )


def _tone(count: int, tone: str = "wait") -> str:
    return tone if count else "calm"
