"""What a sale costs its seller. Public: it answers catalog's port, and the API's preview."""

from typing import Any

from accounts.models import User
from catalog.models import Category
from catalog.ports import FeeQuote
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
    standing = getattr(seller, "standing", None)
    sale = Sale(
        channel=channel,
        category_ids=frozenset(shelf_of(category).ids_above) if category else frozenset(),
        seller_tier=standing.tier if standing else "",
        seller_id=seller.pk if seller else None,
    )
    rule = first_match(fee_rules(), sale)
    if rule is None:
        raise NoFeeRule
    fee = fee_of(rule, price)
    return FeeQuote(price=price, fee=fee.fee, payout=price - fee.fee, rule=rule.name, explanation=explain(rule, fee))


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
