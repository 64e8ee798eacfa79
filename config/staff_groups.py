"""What each group of staff may do in the console. `manage.py sync_groups` writes this table into the database after every migrate.

Nobody but the admin group may change the rules of the house, and no group may delete anything.
"""

_CASES = (
    "moderation.view_case",
    "moderation.decide_case",
    "moderation.undo_decision",
    "moderation.view_report",
    "moderation.view_decision",
    "moderation.view_policy",
    "moderation.view_moderationsettings",
    "moderation.view_filterterm",
    "moderation.view_scanpolicy",
)
_LISTINGS = ("catalog.view_product", "catalog.view_category", "catalog.view_categoryattribute", "media.view_mediaasset")
_PEOPLE = ("accounts.view_user", "accounts.view_restriction")
_ACCOUNTS = ("accounts.see_contacts", "accounts.end_sessions", "accounts.view_erasure")
_SEARCH = (
    "search.view_synonymset",
    "search.add_synonymset",
    "search.change_synonymset",
    "search.view_popularsearch",
    "search.change_popularsearch",
)
_HELP_WITH_SEARCHES = ("search.read_savedsearch", "search.help_with_savedsearch", "search.view_savedsearch")
_FEES = (
    "payments.view_feerule",
    "payments.add_feerule",
    "payments.change_feerule",
    "payments.view_feeamounts",
    "payments.add_feeamounts",
    "payments.change_feeamounts",
)

_MONEY = (
    "payments.view_payment",
    "payments.view_paymenthold",
    "payments.view_refund",
    "payments.approve_refund",
    "payments.view_chargeback",
    "payments.view_payout",
    "payments.add_payout",
    "payments.approve_payout",
    "payments.view_selleraccount",
    "payments.freeze_payouts",
    "payments.view_ledgeraccount",
    "payments.view_ledgertransaction",
    "payments.view_providercommand",
    "payments.change_providercommand",
    "payments.view_providerevent",
    "payments.view_reconciliation",
    "payments.view_reconciliationbreak",
    "payments.explain_break",
)
_ORDERS = ("orders.view_order", "orders.view_dispute", "orders.view_invoice")
_DECIDE_ORDERS = ("orders.decide_dispute", "orders.refund_order", "orders.cancel_order", "orders.read_order_address")
_VOUCHERS = ("orders.view_voucher", "orders.add_voucher", "orders.change_voucher")

STAFF_GROUPS: dict[str, tuple[str, ...]] = {
    "moderator": (*_CASES, *_LISTINGS, *_PEOPLE, "accounts.suspend_user", "messaging.read_conversation"),
    "verifier": (*_PEOPLE,),
    "authentication expert": (*_LISTINGS,),
    "finance": (*_FEES, *_MONEY, *_ORDERS, *_DECIDE_ORDERS, *_VOUCHERS, "catalog.view_category"),
    "support": (
        *_PEOPLE,
        *_ACCOUNTS,
        *_LISTINGS,
        *_ORDERS,
        "orders.read_order_address",
        *_HELP_WITH_SEARCHES,
        "moderation.view_case",
        "moderation.view_report",
        "moderation.view_decision",
    ),
    "admin": (
        *_CASES,
        *_LISTINGS,
        *_PEOPLE,
        *_ACCOUNTS,
        "accounts.suspend_user",
        "moderation.add_policy",
        "moderation.change_policy",
        "moderation.change_moderationsettings",
        "messaging.read_conversation",
        "moderation.add_filterterm",
        "moderation.change_filterterm",
        "moderation.change_scanpolicy",
        "catalog.add_category",
        "catalog.change_category",
        "catalog.view_exact_place",
        "catalog.add_categoryattribute",
        "catalog.change_categoryattribute",
        "catalog.view_brand",
        "catalog.add_brand",
        "catalog.change_brand",
        "places.view_neighborhood",
        "places.change_neighborhood",
        *_FEES,
        *_MONEY,
        *_ORDERS,
        *_DECIDE_ORDERS,
        *_VOUCHERS,
        *_SEARCH,
        *_HELP_WITH_SEARCHES,
        "feeds.view_rankingweights",
        "feeds.add_rankingweights",
        "feeds.activate_rankingweights",
        "core.view_auditentry",
        "core.view_delivery",
        "core.change_delivery",
        "core.view_heartbeat",
    ),
}
