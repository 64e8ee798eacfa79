"""Money that is held for a payee: released to their balance, or frozen while a case about it is open."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.events import publish
from core.money import Money
from core.states import move
from payments.actions.locks import lock_hold
from payments.actions.posting import Line, post
from payments.errors import HoldFrozen, HoldGivenBack, HoldNotCaptured
from payments.events import HoldReleased
from payments.models import PaymentHold, SellerAccount
from payments.rules import reserve_of, share_left
from payments.states import HOLD_MOVES, AccountKind, HoldState, Postings


@transaction.atomic
def release_hold(*, reference: str, at: datetime) -> PaymentHold:
    """Give a held share to its seller's balance and the commission to us; of a new seller's, a part is kept back for a while.

    Releasing again is the same answer. Locks the hold, ledger balances. Publishes HoldReleased.

    Raises:
        HoldNotFound.
        HoldNotCaptured: it is not paid.
        HoldGivenBack: nothing of it is left.
        HoldFrozen.
    """
    hold = lock_hold(reference)
    if hold.state == HoldState.RELEASED:
        return hold
    if hold.state in (HoldState.PENDING, HoldState.CANCELLED):
        raise HoldNotCaptured
    if hold.state == HoldState.REFUNDED:
        raise HoldGivenBack
    if hold.frozen_at:
        raise HoldFrozen
    share = share_left(hold)
    percent = _reserve_percent(hold)
    reserve = reserve_of(share, percent)
    move(
        hold,
        HoldState.RELEASED,
        HOLD_MOVES,
        released_at=at,
        reserve_minor=reserve,
        reserve_until=at + settings.PAYMENTS["reserve_for"] if reserve else None,
    )
    commission = hold.commission_minor - hold.commission_returned_minor
    subsidy = hold.subsidy_minor - hold.subsidy_returned_minor
    post(
        kind=Postings.RELEASE,
        ref=str(hold.pk),
        subject=hold.reference,
        at=at,
        lines=[
            Line(AccountKind.HOLD, hold.reference, Money(hold.left_minor, hold.currency)),
            Line(AccountKind.EXPENSE, "vouchers", Money(subsidy, hold.currency)),
            Line(AccountKind.SELLER, str(hold.payee_id), Money(-share, hold.currency)),
            Line(AccountKind.REVENUE, "commission", Money(-commission, hold.currency)),
        ],
    )
    publish(HoldReleased(hold_id=hold.pk, reference=hold.reference))
    return hold


@transaction.atomic
def freeze_hold(*, reference: str, because: str) -> PaymentHold:
    """A hold is neither released nor paid out until it is thawed. `because` is a short word for the operators. Raises HoldNotFound."""
    hold = lock_hold(reference)
    if hold.frozen_at is None:
        _note(hold, frozen_at=timezone.now(), because=because)
    return hold


@transaction.atomic
def unfreeze_hold(*, reference: str) -> PaymentHold:
    """A frozen hold may be released and paid out again. Raises HoldNotFound."""
    hold = lock_hold(reference)
    if hold.frozen_at is not None:
        _note(hold, frozen_at=None, because="")
    return hold


def _note(hold: PaymentHold, *, frozen_at: datetime | None, because: str) -> None:
    hold.frozen_at, hold.frozen_because = frozen_at, because
    hold.save(update_fields=["frozen_at", "frozen_because", "updated_at"])


def _reserve_percent(hold: PaymentHold) -> int:
    """What the operator set for the seller; else the rule for those whose first sales these are."""
    account = SellerAccount.objects.filter(pk=hold.payee_id).only("reserve_percent").first()
    if account and account.reserve_percent is not None:
        return account.reserve_percent
    enough: int = settings.PAYMENTS["reserve_sales"]
    released = PaymentHold.objects.filter(payee_id=hold.payee_id, state=HoldState.RELEASED).order_by("-id")
    is_new = len(released.values_list("pk")[:enough]) < enough
    return settings.PAYMENTS["reserve_percent"] if is_new else 0
