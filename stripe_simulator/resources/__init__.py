"""One module per family of Stripe's resources; importing them fills the table of routes."""

from stripe_simulator.resources import (
    account_links,
    accounts,
    balance_settings,
    balances,
    charges,
    customers,
    disputes,
    events,
    external_accounts,
    payment_intents,
    payment_methods,
    payouts,
    refunds,
    transfers,
)

__all__ = [
    "account_links",
    "accounts",
    "balance_settings",
    "balances",
    "charges",
    "customers",
    "disputes",
    "events",
    "external_accounts",
    "payment_intents",
    "payment_methods",
    "payouts",
    "refunds",
    "transfers",
]
