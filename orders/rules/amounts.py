"""What is paid, and how it is divided. Amounts are minor units of one currency, so nothing is lost between the parts."""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.rules import CURRENCIES
from core.amounts import amount_words, currency_words
from core.currencies import EXPONENTS
from core.money import Money
from orders import errors
from orders.models import DeliveryTerms, Voucher
from orders.states import (
    Delivery,
    VoucherKind,
)

SMALLEST_CHARGE = 2  # in whole units: the provider takes no less


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide an amount in proportion, by largest remainder: the parts are whole minor units, add up, and none is above its weight
    where the amount is not above all weights together.
    """
    total = sum(weights)
    if total <= 0:
        return [0 for _ in weights]
    parts = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: (-(amount * weights[n] % total), n))
    for n in by_remainder[: amount - sum(parts)]:
        parts[n] += 1
    return parts


def worth(voucher: Voucher, base: int) -> int:
    """What a voucher takes off an amount of minor units: never more than its cap, nor all of the amount."""
    if voucher.kind == VoucherKind.PERCENT:
        share = Decimal(base) * Decimal(str(voucher.percent)) / 100
        off = int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    else:
        off = voucher.amount_minor or 0
    if voucher.cap_minor is not None:
        off = min(off, voucher.cap_minor)
    return max(0, min(off, base - smallest_charge(voucher.currency)))


def smallest_charge(currency: str) -> int:
    """What is left to pay at least, in minor units: a payment of nothing cannot be held."""
    return SMALLEST_CHARGE * int(10 ** EXPONENTS[currency])


def delivery_price(terms: DeliveryTerms | None, *, delivery: str, base: int, currency: str) -> int:
    """What bringing one order to its buyer costs: nothing from hand to hand, nor from a certain sum of its things on.

    `base`: the things less the shop's own voucher. A sale in another currency than the terms' has no price for a parcel: it is in the
    price of the things, as without terms.
    """
    if delivery != Delivery.SHIP or terms is None or terms.currency != currency:
        return 0
    is_free = terms.free_from_minor is not None and base >= terms.free_from_minor
    return 0 if is_free else terms.parcel_minor


def check_ships(terms: DeliveryTerms | None, seller: User, *, delivery: str) -> None:
    """Raises SellerDoesNotShip, naming the seller."""
    if delivery == Delivery.SHIP and terms is not None and not terms.ships:
        raise errors.SellerDoesNotShip(seller=seller.username, name=seller.display_name)


def check_delivery_terms(parcel: Money, free_from: Money | None) -> None:
    """What a seller says of parcels fits together. Raises NotDeliveryTerms, naming the field."""
    most = Money.parse(settings.ORDERS["parcel_at_most"], parcel.currency)
    dearest = _("A parcel costs {currency} {most} at most.").format(
        currency=currency_words(most.currency), most=amount_words(most)
    )
    wrong: dict[str, tuple[bool, str]] = {
        "currency": (parcel.currency not in CURRENCIES, _("We do not trade in this currency.")),
        "parcel": (not 0 <= parcel.minor <= most.minor, dearest),
        "free_from": (
            free_from is not None and (free_from.currency != parcel.currency or free_from.minor <= 0),
            _("An amount is above zero."),
        ),
    }
    for attr, (is_wrong, why) in wrong.items():
        if is_wrong:
            raise errors.NotDeliveryTerms(attr=attr, why=why)


def check_voucher(voucher: Voucher, *, base: int, currency: str, at: datetime) -> None:
    """It is in force, in this currency, and the amount it counts for is enough.

    Raises:
        VoucherNotNow, VoucherElsewhere, VoucherBelowMinimum.
    """
    if not voucher.is_active or voucher.starts_at > at or (voucher.ends_at is not None and voucher.ends_at <= at):
        raise errors.VoucherNotNow(code=voucher.code)
    if voucher.currency != currency:
        raise errors.VoucherElsewhere(code=voucher.code)
    least = max(voucher.minimum_minor, smallest_charge(currency) + 1)
    if base < least:
        raise errors.VoucherBelowMinimum(code=voucher.code, minimum=str(Money(least, currency)), currency=currency)


def check_voucher_terms(voucher: Voucher) -> None:
    """What a voucher says fits together. Raises NotAVoucher, naming the field."""
    percent = voucher.percent
    wrong: dict[str, tuple[bool, Any]] = {
        "percent": (
            voucher.kind == VoucherKind.PERCENT and (percent is None or not 0 < Decimal(str(percent)) <= 100),
            _("A percentage is above 0 and at most 100."),
        ),
        "amount": (
            voucher.kind == VoucherKind.FIXED and not (voucher.amount_minor or 0) > 0,
            _("An amount is above zero."),
        ),
        "currency": (voucher.currency not in CURRENCIES, _("We do not trade in this currency.")),
        "minimum": (voucher.minimum_minor < 0, _("An amount is not below zero.")),
        "cap": (voucher.cap_minor is not None and voucher.cap_minor <= 0, _("An amount is above zero.")),
        "total_limit": (
            voucher.total_limit is not None and voucher.total_limit < max(1, voucher.used),
            _("It was used more often than this."),
        ),
        "person_limit": (voucher.person_limit < 1, _("Everybody uses it once at least.")),
        "ends_at": (
            voucher.ends_at is not None and voucher.ends_at <= voucher.starts_at,
            _("It ends after it begins."),
        ),
    }
    for attr, (is_wrong, why) in wrong.items():
        if is_wrong:
            raise errors.NotAVoucher(attr=attr, why=str(why))
