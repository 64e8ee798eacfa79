"""What a purchase comes to, line by line: the same sums for a preview and for the order. Amounts are minor units of one currency.

A buyer never sees commission: it is quoted apart (`terms_of_parts`), when an order is opened.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.selectors import blocked_ids, with_brief
from catalog.actions import Stock
from catalog.models import Category, Product, ProductVariant
from catalog.ports import FeeAsked, FeeQuote, quote_fees
from catalog.selectors import Standing, available_of, standings_of
from core.errors import Refusal
from core.money import Money
from orders import errors, rules
from orders.models import DeliveryTerms, Voucher
from orders.selectors.carts import asked_for
from orders.selectors.delivery import delivery_terms_of
from orders.selectors.vouchers import uses_of, vouchers_coded
from orders.states import Change, Delivery, Funder


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to buy. `unit_minor`: an agreed price instead of the asking price."""

    variant_id: uuid.UUID
    quantity: int = 1
    unit_minor: int | None = None


@dataclass
class Line:
    variant: ProductVariant
    quantity: int
    unit_minor: int
    discount_minor: int = 0  # its part of the shop's voucher

    @property
    def product(self) -> Product:
        return self.variant.product

    @property
    def amount_minor(self) -> int:
        return self.unit_minor * self.quantity

    @property
    def base_minor(self) -> int:
        """What the platform's part is reckoned by."""
        return self.amount_minor - self.discount_minor


@dataclass
class SellerPart:
    """What becomes one order."""

    seller: User
    lines: list[Line]
    terms: DeliveryTerms | None = None
    delivery_minor: int = 0
    shop_voucher: Voucher | None = None
    shop_discount_minor: int = 0
    platform_discount_minor: int = 0

    @property
    def items_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)

    @property
    def parcel_minor(self) -> int | None:
        """What it would cost as a parcel, whatever was chosen; None where the seller sends none."""
        if self.terms is not None and not self.terms.ships:
            return None
        return delivery_price(self, Delivery.SHIP)

    @property
    def total_minor(self) -> int:
        return self.items_minor + self.delivery_minor - self.shop_discount_minor - self.platform_discount_minor


@dataclass
class CheckoutQuote:
    currency: str
    parts: list[SellerPart]  # by seller
    platform_voucher: Voucher | None = None
    vouchers: list[tuple[Voucher, int]] = field(default_factory=list)  # with what each takes off

    @property
    def items_minor(self) -> int:
        return sum(part.items_minor for part in self.parts)

    @property
    def delivery_minor(self) -> int:
        return sum(part.delivery_minor for part in self.parts)

    @property
    def parcels_minor(self) -> int | None:
        """What all of it would cost as parcels; None where one of the sellers sends none."""
        asked = [part.parcel_minor for part in self.parts]
        return None if None in asked else sum(price for price in asked if price is not None)

    @property
    def discount_minor(self) -> int:
        return sum(part.shop_discount_minor + part.platform_discount_minor for part in self.parts)

    @property
    def total_minor(self) -> int:
        return sum(part.total_minor for part in self.parts)


def quote_checkout(
    *,
    buyer: User,
    wanted: Sequence[Wanted],
    delivery: str = Delivery.MEET,
    voucher_codes: Sequence[str] = (),
    at: datetime,
    stock: Stock | None = None,
) -> CheckoutQuote:
    """What these things cost this buyer, grouped by seller, with vouchers taken off. Nothing is set aside or used.

    With the locked `stock` of these things (read with `JOINED`) it is what the order will say, and asks less.

    Raises:
        CartEmpty, OwnThing, NotToBeHad, Reserved, FewerLeft, TooManyPieces, MixedCurrencies: naming the thing.
        SellerDoesNotShip: naming the seller.
        VoucherNotFound, VoucherNotNow, VoucherElsewhere, VoucherBelowMinimum, VoucherUsedUp, VoucherUsedByYou, VouchersDoNotCombine.
    """
    if not wanted:
        raise errors.CartEmpty
    lines = _lines(wanted, stock)
    for line in lines:
        rules.check_pieces(line.quantity)
    _check_to_be_had(buyer, lines, stock)
    currencies = {line.product.currency for line in lines}
    if len(currencies) > 1:
        raise errors.MixedCurrencies
    quote = CheckoutQuote(currency=currencies.pop(), parts=_by_seller(lines))
    terms = delivery_terms_of([part.seller.pk for part in quote.parts])
    for part in quote.parts:
        part.terms = terms.get(part.seller.pk)
        rules.check_ships(part.terms, part.seller, delivery=delivery)
    take_off(quote, buyer=buyer, codes=voucher_codes, at=at)
    for part in quote.parts:
        part.delivery_minor = delivery_price(part, delivery)
    return quote


def delivery_price(part: SellerPart, delivery: str) -> int:
    """What bringing a part costs, in minor units. Vouchers are taken off before: a shop's may leave too little for a free parcel."""
    base = part.items_minor - part.shop_discount_minor
    return rules.delivery_price(part.terms, delivery=delivery, base=base, currency=part.lines[0].product.currency)


JOINED = (
    "category",
    "brand",
    "cover",
    "seller__standing",
)  # what a quote and an order read with a listing and its seller


def _lines(wanted: Sequence[Wanted], stock: Stock | None) -> list[Line]:
    """In the order that was asked. Raises NotToBeHad."""
    wanted = _together(wanted)
    found = stock.variants if stock is not None else _read(want.variant_id for want in wanted)
    lines = []
    for want in wanted:
        variant = found.get(want.variant_id)
        if variant is None:
            raise errors.NotToBeHad(title="—", variant_id=str(want.variant_id))
        lines.append(Line(variant=variant, quantity=want.quantity, unit_minor=want.unit_minor or asked_for(variant)))
    return lines


def _read(variant_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, ProductVariant]:
    return {
        variant.pk: variant
        for variant in with_brief(ProductVariant.objects.filter(pk__in=list(variant_ids)), "product__seller")
        .select_related("product__category", "product__brand", "product__cover")
        .defer("product__description", "product__location", "product__public_location")
    }


def _together(wanted: Sequence[Wanted]) -> list[Wanted]:
    """The same thing named twice is one line."""
    found: dict[uuid.UUID, Wanted] = {}
    for want in wanted:
        before = found.get(want.variant_id)
        found[want.variant_id] = (
            replace(before, quantity=before.quantity + want.quantity) if before is not None else want
        )
    return list(found.values())


def _check_to_be_had(buyer: User, lines: Sequence[Line], stock: Stock | None) -> None:
    blocked = set(blocked_ids(buyer))
    left = available_of([line.variant.pk for line in lines]) if stock is None else {}
    for line in lines:
        available = left.get(line.variant.pk, 0) if stock is None else stock.available(line.variant.pk)
        what = rules.obstacle(
            person_id=buyer.pk,
            variant=line.variant,
            quantity=line.quantity,
            available=available,
            blocked=blocked,
        )
        if what is not None:
            raise refusal_for(what, line.variant, available=available)


REFUSALS: dict[Change, type[Refusal]] = {
    Change.OWN: errors.OwnThing,
    Change.GONE: errors.NotToBeHad,
    Change.RESERVED: errors.Reserved,
    Change.FEWER: errors.FewerLeft,
}


def refusal_for(what: Change, variant: ProductVariant, *, available: int) -> Refusal:
    """The same as a refusal that names the thing."""
    facts: dict[str, Any] = {
        "title": variant.product.title,
        "variant_id": str(variant.pk),
        "product_id": str(variant.product_id),
    }
    if what == Change.FEWER:
        facts["available"] = available
    return REFUSALS[what](**facts)


def _by_seller(lines: Iterable[Line]) -> list[SellerPart]:
    parts: dict[uuid.UUID, SellerPart] = {}
    for line in lines:
        seller = line.product.seller
        parts.setdefault(seller.pk, SellerPart(seller=seller, lines=[])).lines.append(line)
    return [parts[pk] for pk in sorted(parts)]


# --- vouchers ---------------------------------------------------------------------------------------------------------


def take_off(quote: CheckoutQuote, *, buyer: User, codes: Sequence[str], at: datetime) -> None:
    """Fill in what vouchers take off: each shop's from that shop's things, then the platform's from what is left of all.

    Raises:
        VoucherNotFound, VoucherNotNow, VoucherElsewhere, VoucherBelowMinimum, VoucherUsedUp, VoucherUsedByYou, VouchersDoNotCombine.
    """
    named = [code.strip() for code in dict.fromkeys(codes) if code.strip()]
    if not named:
        return
    found = vouchers_coded(named)
    used = uses_of(buyer, [voucher.pk for voucher in found.values()])
    chosen = []
    for code in named:
        voucher = found.get(code.upper())
        if voucher is None:
            raise errors.VoucherNotFound
        check_left(voucher, used_by_person=used.get(voucher.pk, 0))
        chosen.append(voucher)
    if len({voucher.seller_id for voucher in chosen}) != len(chosen):
        raise errors.VouchersDoNotCombine
    for voucher in sorted(chosen, key=lambda v: v.funder != Funder.SHOP):
        _take_off(quote, voucher, at)


def check_left(voucher: Voucher, *, used_by_person: int) -> None:
    """Raises VoucherUsedUp, VoucherUsedByYou."""
    if voucher.total_limit is not None and voucher.used >= voucher.total_limit:
        raise errors.VoucherUsedUp(code=voucher.code)
    if used_by_person >= voucher.person_limit:
        raise errors.VoucherUsedByYou(code=voucher.code)


def _take_off(quote: CheckoutQuote, voucher: Voucher, at: datetime) -> None:
    if voucher.funder == Funder.SHOP:
        part = next((part for part in quote.parts if part.seller.pk == voucher.seller_id), None)
        if part is None:
            raise errors.VoucherElsewhere(code=voucher.code)
        rules.check_voucher(voucher, base=part.items_minor, currency=quote.currency, at=at)
        part.shop_voucher, part.shop_discount_minor = voucher, rules.worth(voucher, part.items_minor)
        if part.shop_discount_minor <= 0:
            raise errors.VoucherElsewhere(code=voucher.code)
        shares = rules.split(part.shop_discount_minor, [line.amount_minor for line in part.lines])
        for line, share in zip(part.lines, shares, strict=True):
            line.discount_minor = share
        quote.vouchers.append((voucher, part.shop_discount_minor))
        return
    bases = [part.items_minor - part.shop_discount_minor for part in quote.parts]
    rules.check_voucher(voucher, base=sum(bases), currency=quote.currency, at=at)
    off = rules.worth(voucher, sum(bases))
    if off <= 0:
        raise errors.VoucherElsewhere(code=voucher.code)
    # Of each order at least the smallest unit stays: an order of nothing has no hold.
    for part, share in zip(quote.parts, rules.split(off, [base - 1 for base in bases]), strict=True):
        part.platform_discount_minor = share
    quote.platform_voucher = voucher
    quote.vouchers.append((voucher, off))


# --- what the platform keeps ------------------------------------------------------------------------------------------


NOWHERE = Standing(frozenset(), is_luxury=False)  # of a thing without a category


@dataclass(frozen=True)
class PartTerms:
    """What the platform says of a part: its share of each line, how each came about, and whether it is a matter of luxury."""

    fees: list[int]
    told: dict[str, Any]
    is_luxury: bool


def terms_of_parts(quote: CheckoutQuote, *, is_paid: bool) -> list[PartTerms]:
    """What the platform keeps of each line, part by part; of a trade (not `is_paid`) nothing. The base is what the seller asks less
    their own voucher: what the platform's voucher takes off is the platform's matter. Raises payments' NoFeeRule.
    """
    lines = [(part, line) for part in quote.parts for line in part.lines]
    categories = {line.product.category_id for _part, line in lines}
    standings = standings_of([pk for pk in categories if pk is not None])
    asked = [
        FeeAsked(
            price=Money(line.base_minor, quote.currency),
            channel=line.product.feed_type,
            category_ids=_standing(line, standings).ids,
            seller=part.seller,
        )
        for part, line in lines
        if is_paid and line.base_minor > 0
    ]
    fees = iter(quote_fees(asked) if asked else ())
    return [
        _terms(
            [(line, next(fees) if is_paid and line.base_minor > 0 else None) for line in part.lines],
            is_paid=is_paid,
            is_luxury=any(_standing(line, standings).is_luxury for line in part.lines),
        )
        for part in quote.parts
    ]


def is_luxury(category: Category | None) -> bool:
    """Whether a category, or one above it, is one of luxury."""
    return category is not None and standings_of([category.pk])[category.pk].is_luxury


def _standing(line: Line, standings: Mapping[int, Standing]) -> Standing:
    category_id = line.product.category_id
    return standings[category_id] if category_id is not None else NOWHERE


def _terms(quoted: Sequence[tuple[Line, FeeQuote | None]], *, is_paid: bool, is_luxury: bool) -> PartTerms:
    fees, told = [], []
    for line, quote in quoted:
        if quote is None:
            fees.append(0)
            continue
        fee = min(quote.fee.minor, quote.price.minor)  # a shop's own voucher may go below the smallest fee
        fees.append(fee)
        told.append(
            {
                "product_id": str(line.product.pk),
                "variant_id": str(line.variant.pk),
                "price": str(quote.price),
                "fee": str(Money(fee, quote.price.currency)),
                "channel": line.product.feed_type,
                **quote.explanation,
            }
        )
    return PartTerms(fees, {"lines": told} if is_paid else {}, is_luxury)
