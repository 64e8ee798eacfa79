"""Balances are what their balance transactions add up to; there is no other number."""

from typing import Any

from stripe_simulator.protocol import PLATFORM, Doc, StripeError, new_id
from stripe_simulator.world import World

REPORTING = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_failure",
    "transfer": "transfer",
    "transfer_refund": "transfer_reversal",
    "payout": "payout",
    "payout_failure": "payout_reversal",
    "payout_cancel": "payout_reversal",
    "application_fee": "platform_earning",
    "application_fee_refund": "platform_earning_refund",
}


# What happens when pending money becomes available.
BECAME_AVAILABLE = "balance_available"


def post(  # noqa: PLR0917  account, kind, amount: as one would read an entry aloud
    world: World,
    account: str,
    kind: str,
    amount: int,
    currency: str,
    source: str,
    *,
    fees: list[Doc] | None = None,
    available_on: int | None = None,
    category: str | None = None,
    description: str | None = None,
) -> Doc:
    """One balance transaction. `amount` in minor units, negative when money leaves; its fees are taken from it."""
    fee = sum(part["amount"] for part in fees or [])
    doc: Doc = {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": world.now() if available_on is None else available_on,
        "balance_type": "payments",
        "created": world.now(),
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": fees or [],
        "net": amount - fee,
        "reporting_category": category or REPORTING[kind],
        "source": source,
        "status": "pending",
        "type": kind,
    }
    world.store.add(doc, account)
    world.store.write(
        "INSERT INTO money VALUES (?, ?, ?, ?, ?)", account, currency, doc["available_on"], doc["net"], doc["id"]
    )
    if doc["available_on"] > world.now() and doc["net"] > 0:
        world.once_at(doc["available_on"], BECAME_AVAILABLE, account)
    return doc


def sums(world: World, account: str) -> dict[str, tuple[int, int]]:
    """Available and pending, by currency."""
    rows = world.store.rows(
        "SELECT currency, coalesce(sum(net) FILTER (WHERE available_on <= ?), 0) AS available,"
        " coalesce(sum(net) FILTER (WHERE available_on > ?), 0) AS pending FROM money WHERE account = ? GROUP BY currency",
        world.now(),
        world.now(),
        account,
    )
    return {row["currency"]: (row["available"], row["pending"]) for row in rows}


def available(world: World, account: str, currency: str) -> int:
    return sums(world, account).get(currency, (0, 0))[0]


def require(world: World, account: str, currency: str, amount: int, message: str, **more: Any) -> None:
    if available(world, account, currency) < amount:
        raise StripeError(message, code="balance_insufficient", **more)


def negative_balances(world: World) -> dict[str, int]:
    """What connected accounts owe together, by currency: the platform answers for it."""
    rows = world.store.rows(
        "SELECT currency, -sum(owed) AS owed FROM"
        " (SELECT currency, sum(net) AS owed FROM money WHERE account != ? GROUP BY account, currency HAVING sum(net) < 0)"
        " GROUP BY currency",
        PLATFORM,
    )
    return {row["currency"]: row["owed"] for row in rows}


def stripe_fee(world: World, amount: int, currency: str) -> Doc:
    """Stripe's own fee of a card payment, half up."""
    terms = world.terms
    fee = (amount * terms.fee_basis_points + 5_000) // 10_000 + terms.fee_fixed
    return {
        "amount": fee,
        "application": None,
        "currency": currency,
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }


def money(amount: int, currency: str) -> str:
    return f"{currency.upper()} {amount / 100:,.2f}"
