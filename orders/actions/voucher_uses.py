"""Using a voucher in a checkout, and giving the use back when nothing came of it."""

from datetime import datetime

from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from orders.errors import VoucherUsedByYou, VoucherUsedUp
from orders.models import Checkout, Voucher, VoucherUse
from orders.quotes import CheckoutQuote
from orders.selectors.vouchers import uses_of


def use_vouchers(quote: CheckoutQuote, *, buyer: User, checkout: Checkout, at: datetime) -> None:
    """Count a use of each voucher of a quoted checkout. Locks the vouchers, by primary key: of two at the last use one wins.

    Raises:
        VoucherUsedUp, VoucherUsedByYou.
    """
    for voucher, off in sorted(quote.vouchers, key=lambda pair: pair[0].pk):
        left = Q(total_limit=None) | Q(used__lt=F("total_limit"))
        # The row is locked by this from now on, so the person's uses below are counted by one at a time.
        if not Voucher.objects.filter(left, pk=voucher.pk, is_active=True).update(used=F("used") + 1):
            raise VoucherUsedUp(code=voucher.code)
        if uses_of(buyer, [voucher.pk]).get(voucher.pk, 0) >= voucher.person_limit:
            raise VoucherUsedByYou(code=voucher.code)
        VoucherUse.objects.create(voucher=voucher, user=buyer, checkout=checkout, discount_minor=off, used_at=at)


def release_vouchers(checkout: Checkout) -> int:
    """Nothing came of a locked checkout: its vouchers may be used again; return how many. Locks them, by primary key."""
    uses = list(
        VoucherUse.objects.select_for_update(of=("self",), no_key=True)
        .filter(checkout=checkout, released_at=None)
        .order_by("voucher_id")
    )
    for use in uses:
        use.released_at = timezone.now()
        use.save(update_fields=["released_at"])
        Voucher.objects.filter(pk=use.voucher_id).update(used=F("used") - 1)
    return len(uses)
