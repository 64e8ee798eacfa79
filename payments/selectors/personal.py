"""What of a person's money keeps them from being erased."""

from django.utils.translation import gettext as _

from accounts.models import User
from payments.models import LedgerBalance, PaymentHold, Payout
from payments.states import AccountKind, HoldState, PayoutState

_UNDER_WAY = (PayoutState.AWAITING_APPROVAL, PayoutState.PENDING, PayoutState.PROCESSING)


def why_not_erased(user: User) -> str:
    """Money that is held for or by them, on its way, owed to them or by them; "" where the books are even."""
    if Payout.objects.filter(seller=user, state__in=_UNDER_WAY).exists():
        return _("A payout to you is on its way.")
    if PaymentHold.objects.filter(payee=user, state=HoldState.HELD).exists():
        return _("We hold money for you.")
    owed = LedgerBalance.objects.filter(account__kind=AccountKind.SELLER, account__owner=str(user.pk)).exclude(amount=0)
    return _("You have a balance with us. Have it paid out, or settle it, first.") if owed.exists() else ""
