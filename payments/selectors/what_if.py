"""What another fee would do: what is for sale now, charged by the table as it is and with one line of it changed."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from catalog.models import Product
from catalog.selectors import shelf_of, visible_products
from core.money import Money
from payments.models import FeeAmounts, FeeRule
from payments.rules import Sale, fee_by, fee_of, first_match
from payments.selectors.fees import fee_rules

NEWEST = 5_000  # listings that are looked at
EXAMPLES = 10


@dataclass(frozen=True)
class Change:
    """A line of the fee table with other numbers. Amounts are minor units of `currency`."""

    rule: FeeRule
    percent: Decimal
    amounts: FeeAmounts
    is_active: bool = True


@dataclass
class Sum:
    """Fees of some listings, before and after."""

    listings: int = 0
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class Example:
    product: Product
    before: Money
    after: Money

    @property
    def difference(self) -> int:
        return self.after.minor - self.before.minor


@dataclass
class WhatIf:
    """`listings` were looked at, `touched` of them cost another fee; sums are of those."""

    currency: str
    listings: int = 0
    touched: int = 0
    uncovered: int = 0  # no line of the table would fit any more
    by_channel: dict[str, Sum] = field(default_factory=lambda: defaultdict(Sum))
    examples: list[Example] = field(default_factory=list)

    @property
    def before(self) -> Money:
        return Money(sum(one.before for one in self.by_channel.values()), self.currency)

    @property
    def after(self) -> Money:
        return Money(sum(one.after for one in self.by_channel.values()), self.currency)


def fee_what_if(change: Change, *, currency: str) -> WhatIf:
    """Each of the newest listings for sale in a currency is sold once in thought: by the table, and with the change."""
    table = fee_rules()
    changed = [rule for rule in table if rule.pk != change.rule.pk or change.is_active]
    found = WhatIf(currency=currency)
    above: dict[int, frozenset[int]] = {}  # a shelf is looked up once
    listings = visible_products(None).filter(currency=currency).select_related("category", "seller__standing")
    for product in listings.order_by("-id")[:NEWEST]:
        if product.price is None:
            continue
        found.listings += 1
        sale = _sale(product, above)
        was, will_be = first_match(table, sale), first_match(changed, sale)
        if was is None or will_be is None:
            found.uncovered += will_be is None
            continue
        before = fee_of(was, product.price).fee
        after = (
            fee_by(change.percent, change.amounts, product.price)
            if will_be.pk == change.rule.pk
            else fee_of(will_be, product.price)
        ).fee
        if before == after:
            continue
        found.touched += 1
        total = found.by_channel[product.get_feed_type_display()]
        total.listings, total.before, total.after = (
            total.listings + 1,
            total.before + before.minor,
            total.after + after.minor,
        )
        found.examples.append(Example(product, before, after))
    found.examples = sorted(found.examples, key=lambda one: -abs(one.difference))[:EXAMPLES]
    return found


def _sale(product: Product, above: dict[int, frozenset[int]]) -> Sale:
    standing = getattr(product.seller, "standing", None)
    category = product.category
    if category is not None and category.pk not in above:
        above[category.pk] = frozenset(shelf_of(category).ids_above)
    return Sale(
        channel=product.feed_type,
        category_ids=above[category.pk] if category is not None else frozenset(),
        seller_tier=standing.tier if standing else "",
        seller_id=product.seller_id,
    )
