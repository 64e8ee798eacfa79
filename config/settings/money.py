"""Payments and orders: rules that an operator may change."""

from datetime import timedelta

from config.settings.environment import OTP_KEY, env

STRIPE = {
    "secret_key": env.str("STRIPE_SECRET_KEY", default=""),
    "publishable_key": env.str("STRIPE_PUBLISHABLE_KEY", default=""),
    # Each may be two, separated by a comma, while one is being replaced.
    "webhook_secrets": env.list("STRIPE_WEBHOOK_SECRET", default=[]),
    "connect_webhook_secrets": env.list("STRIPE_CONNECT_WEBHOOK_SECRET", default=[]),
    "api_base": env.str("STRIPE_API_BASE", default=""),  # empty: Stripe's own; else the simulator's
    "funds_flow": env.str("STRIPE_FUNDS_FLOW", default="separate"),  # separate | destination
    "country": env.str("STRIPE_COUNTRY", default="AE"),
    "timeout": env.float("STRIPE_TIMEOUT", default=20.0),  # seconds
}
PAYMENTS = {  # amounts in whole units of the currency that is paid in
    "approval_from": env.int(
        "PAYMENTS_APPROVAL_FROM", default=500
    ),  # refunds and payouts by staff need a second person
    "refund_window": timedelta(days=env.int("REFUND_WINDOW_DAYS", default=30)),  # after the payment
    "minimum_payout": env.int("MINIMUM_PAYOUT", default=50),
    "minimum_payout_at_most": env.int("MINIMUM_PAYOUT_AT_MOST", default=10000),  # of what sellers set for themselves
    "instant_percent": env.str("INSTANT_PAYOUT_PERCENT", default="2"),
    "reserve_percent": env.int("NEW_SELLER_RESERVE_PERCENT", default=10),
    "reserve_for": timedelta(days=env.int("NEW_SELLER_RESERVE_DAYS", default=30)),
    "reserve_sales": env.int("NEW_SELLER_RESERVE_SALES", default=5),  # a seller with fewer released holds is new
    "force_payout_after": timedelta(days=env.int("FORCE_PAYOUT_DAYS", default=75)),  # the provider keeps money 90 days
    "cash_debt_limit": env.int("CASH_DEBT_LIMIT", default=200),
    "unexplained_limit": env.int("UNEXPLAINED_LIMIT", default=1),  # above it payouts stop by themselves
    "commission_vat_percent": env.str("COMMISSION_VAT_PERCENT", default="5"),  # contained in the commission
    "chargeback_fee": env.str("CHARGEBACK_FEE", default="60"),
}
ORDERS = {
    "checkout_window": timedelta(
        minutes=env.int("CHECKOUT_WINDOW_MINUTES", default=15)
    ),  # stock waits for a card so long
    "dispatch_window": timedelta(days=env.int("DISPATCH_WINDOW_DAYS", default=3)),
    "arrival_window": timedelta(
        days=env.int("ARRIVAL_WINDOW_DAYS", default=21)
    ),  # after dispatch, when no carrier says so
    "inspection": timedelta(days=env.int("INSPECTION_DAYS", default=3)),
    "luxury_inspection": timedelta(days=env.int("LUXURY_INSPECTION_DAYS", default=14)),
    "dispute_answer_window": timedelta(days=env.int("DISPUTE_ANSWER_DAYS", default=3)),
    "dispute_decision_window": timedelta(days=env.int("DISPUTE_DECISION_DAYS", default=5)),
    "appeal_window": timedelta(days=env.int("DISPUTE_APPEAL_DAYS", default=7)),
    "return_window": timedelta(days=env.int("RETURN_DAYS", default=7)),
    # A buyer says within it whether the cash is back that the seller says to have given; then our staff look at it.
    "cash_back_window": timedelta(days=env.int("CASH_BACK_ANSWER_DAYS", default=7)),
    "meeting_window": timedelta(days=env.int("MEETING_WINDOW_DAYS", default=3)),
    "cart_lines": env.int("CART_LINES", default=50),
    "guest_carts": timedelta(days=env.int("GUEST_CARTS_KEPT_DAYS", default=30)),  # since somebody touched them
    "cash_orders_open": env.int("CASH_ORDERS_OPEN", default=3),  # of one buyer: each keeps a thing from everybody else
    "no_shows_before_card": env.int("NO_SHOWS_BEFORE_CARD", default=2),  # who did not come so often pays by card
    # Cash sales that our staff decided against a seller, within that time: then they are paid by card alone.
    "cash_sales_lost": env.int("CASH_SALES_LOST", default=2),
    "cash_sales_lost_kept": timedelta(days=env.int("CASH_SALES_LOST_KEPT_DAYS", default=90)),
    "no_shows_kept": timedelta(days=env.int("NO_SHOWS_KEPT_DAYS", default=90)),
    "checkouts_per_person": env.str("CHECKOUTS_PER_PERSON", default="30/h"),
    # What a parcel may cost in whole units, of whatever currency: nothing is kept of it, so prices could hide in it.
    "parcel_at_most": env.int("PARCEL_AT_MOST", default=300),
    "vat_percent": env.str("SALES_VAT_PERCENT", default="5"),  # contained in prices of sellers with a tax number
    "carrier_url": env.str("CARRIER_URL", default=""),  # of the HTTP adapter; empty: by hand only
    "carrier_key": env.str("CARRIER_KEY", default=""),
}
ORDER_CODE_KEY = env.str("ORDER_CODE_KEY", default=OTP_KEY)  # hand-over codes are derived from it
