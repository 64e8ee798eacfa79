"""What a sale costs its seller. Public: it answers catalog's port, and the API's preview."""

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from catalog.models import Category
from catalog.ports import FeeAsked, FeeQuote
from catalog.selectors import shelf_of
from core.money import Money
from payments.errors import NoFeeRule
from payments.models import FeeRule
from payments.rules import Fee, Sale, fee_of, first_match
from payments.selectors import fee_rules


def quote_fee(*, price: Money, channel: str, category: Category | None, seller: User | None) -> FeeQuote:
    """What the platform keeps of a sale at `price`, by the first rule that fits. Answers catalog's port of the same name.

    Raises:
        NoFeeRule: the table has no line for it.
    """
    above = frozenset(shelf_of(category).ids_above) if category else frozenset()
    return quote_fees([FeeAsked(price=price, channel=channel, category_ids=above, seller=seller)])[0]


def quote_fees(asked: Sequence[FeeAsked]) -> list[FeeQuote]:
    """The same for several sales, by one look at the table. Raises NoFeeRule."""
    table = fee_rules()
    return [_quote(one, table) for one in asked]


def _quote(asked: FeeAsked, table: Sequence[FeeRule]) -> FeeQuote:
    standing = getattr(asked.seller, "standing", None)
    sale = Sale(
        channel=asked.channel,
        category_ids=asked.category_ids,
        seller_tier=standing.tier if standing else "",
        seller_id=asked.seller.pk if asked.seller else None,
    )
    rule = first_match(table, sale)
    if rule is None:
        raise NoFeeRule
    fee = fee_of(rule, asked.price)
    return FeeQuote(
        price=asked.price, fee=fee.fee, payout=asked.price - fee.fee, rule=rule.name, explanation=explain(rule, fee)
    )


def explain(rule: FeeRule, fee: Fee) -> dict[str, Any]:
    """How a fee came about, as the API tells it: decimal strings in the sale's currency."""
    return {
        "rule_id": str(rule.pk),
        "rule": rule.name,
        "position": rule.position,
        "percent": f"{fee.percent:.2f}",
        "fixed": str(fee.fixed),
        "minimum": str(fee.minimum),
        "maximum": None if fee.maximum is None else str(fee.maximum),
        "bound": fee.bound,
    }
