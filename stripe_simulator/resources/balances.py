from stripe_simulator import ledger
from stripe_simulator.protocol import PLATFORM, Doc, StripeError
from stripe_simulator.routing import Call, page_of, route
from stripe_simulator.world import World, work


@route("GET", "/v1/balance", "BalanceRetrieveParams")
def retrieve(call: Call) -> Doc:
    return balance_of(call.world, call.account)


def balance_of(world: World, account: str) -> Doc:
    sums = ledger.sums(world, account) or {"aed": (0, 0)}
    doc: Doc = {"object": "balance", "available": [], "livemode": False, "pending": []}
    for currency, (available, pending) in sorted(sums.items()):
        doc["available"].append(part(available, currency))
        doc["pending"].append(part(pending, currency))
    instant = [
        part(max(0, ledger.available(world, account, bank["currency"])), bank["currency"])
        for bank in world.store.all("bank_account", account)
        if "instant" in bank.get("available_payout_methods", ()) and bank["default_for_currency"]
    ]
    if instant:
        doc["instant_available"] = instant
    if account == PLATFORM:
        owed = ledger.negative_balances(world)
        doc["connect_reserved"] = [
            part(owed.get(currency, 0), currency) for currency in sorted(sums.keys() | owed.keys())
        ]
    return doc


@work(ledger.BECAME_AVAILABLE)
def became_available(world: World, account: str) -> None:
    world.announce("balance.available", balance_of(world, account), account)


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
