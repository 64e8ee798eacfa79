"""Kinds of sellers by whom lists and feeds are narrowed. Said twice, for the ORM and for SQL, and held equal by a test."""

from django.db.models import Q

from accounts.rules import POWER_RATING, POWER_SALES
from accounts.states import SellerType


def sold_by(seller_type: str, *, prefix: str = "seller__") -> Q:
    """The condition on rows whose seller, at `prefix`, is of this type."""
    if seller_type == SellerType.VERIFIED:
        checked = {f"{prefix}{proof}_verified_at__isnull": False for proof in ("identity", "business")}
        return Q(**checked, _connector=Q.OR)
    if seller_type == SellerType.INDIVIDUAL:
        return Q(**{f"{prefix}business_verified_at": None})
    standing = f"{prefix}standing__"
    return Q(**{f"{standing}rating__gte": POWER_RATING, f"{standing}sales_count__gte": POWER_SALES})


# The same of a seller `u`.
SOLD_BY_SQL = {
    SellerType.VERIFIED: "(u.identity_verified_at IS NOT NULL OR u.business_verified_at IS NOT NULL)",
    SellerType.INDIVIDUAL: "u.business_verified_at IS NULL",
    SellerType.POWER: (
        "EXISTS (SELECT 1 FROM accounts_sellerstanding st WHERE st.user_id = u.id "  # noqa: S608 - numbers of ours
        f"AND st.rating >= {POWER_RATING} AND st.sales_count >= {POWER_SALES})"
    ),
}
