from stripe_simulator import ledger
from stripe_simulator.protocol import PLATFORM, Doc, StripeError
from stripe_simulator.routing import Call, page_of, route


@route("GET", "/v1/balance", "BalanceRetrieveParams")
def retrieve(call: Call) -> Doc:
    sums = ledger.sums(call.world, call.account) or {"aed": (0, 0)}
    doc: Doc = {"object": "balance", "available": [], "livemode": False, "pending": []}
    for currency, (available, pending) in sorted(sums.items()):
        doc["available"].append(part(available, currency))
        doc["pending"].append(part(pending, currency))
    instant = [
        part(max(0, ledger.available(call.world, call.account, bank["currency"])), bank["currency"])
        for bank in call.world.store.all("bank_account", call.account)
        if "instant" in bank.get("available_payout_methods", ()) and bank["default_for_currency"]
    ]
    if instant:
        doc["instant_available"] = instant
    if call.account == PLATFORM:
        owed = ledger.negative_balances(call.world)
        doc["connect_reserved"] = [
            part(owed.get(currency, 0), currency) for currency in sorted(sums.keys() | owed.keys())
        ]
    return doc


def part(amount: int, currency: str) -> Doc:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


@route("GET", "/v1/balance_transactions", "BalanceTransactionListParams")
def list_all(call: Call) -> Doc:
    if "payout" in call.params:
        message = "Balance transaction history can only be filtered on automatic transfers, not manual."
        raise StripeError(message, param="payout")
    return page_of(call, "balance_transaction", "/v1/balance_transactions", filters=("type", "source", "currency"))


@route("GET", "/v1/balance_transactions/{id}", "BalanceTransactionRetrieveParams")
def retrieve_transaction(call: Call) -> Doc:
    return call.get("balance_transaction", "id")
