from typing import Any

from stripe_simulator.protocol import PLATFORM, Doc, StripeError, list_of, new_id
from stripe_simulator.rendering import present
from stripe_simulator.routing import Call, route
from stripe_simulator.world import World, merged_metadata

# Numbers of Stripe's test mode whose payouts fail on arrival (the US ones; an IBAN that ends with their last four does the same).
FAILING = {
    "1116": "no_account",
    "1113": "account_closed",
    "2227": "insufficient_funds",
    "3335": "debit_not_authorized",
    "4440": "invalid_currency",
}
# An IBAN that ends so belongs to a bank without instant payouts.
NO_INSTANT = "0000"


def add_bank_account(world: World, account: Doc, given: Any, *, default: bool = False) -> Doc:
    """Write it and tell the platform. Raises StripeError for cards, tokens and numbers that cannot be."""
    if isinstance(given, str):
        given = token(given, account)
    if given.get("object") != "bank_account":
        raise StripeError("The simulator pays out to bank accounts only.", param="external_account[object]")
    number = given["account_number"].replace(" ", "").upper()
    country, currency = given["country"].upper(), (given.get("currency") or account["default_currency"]).lower()
    if country == "AE" and not (number.startswith("AE") and len(number) == 23 and number[2:].isdigit()):
        message = (
            "The IBAN you provided is invalid. The IBAN of a bank account in AE has 23 characters, starting with AE."
        )
        raise StripeError(message, code="account_number_invalid", param="bank_account[account_number]")
    kept = [bank for bank in world.store.all("bank_account", account["id"]) if not bank.get("deleted")]
    same = [bank for bank in kept if bank["currency"] == currency]
    doc: Doc = {
        "id": new_id("ba"),
        "object": "bank_account",
        "_fails": FAILING.get(number[-4:]),
        "account": account["id"],
        "account_holder_name": given.get("account_holder_name"),
        "account_holder_type": given.get("account_holder_type"),
        "account_type": None,
        "available_payout_methods": ["standard"] if number.endswith(NO_INSTANT) else ["standard", "instant"],
        "bank_name": "STRIPE TEST BANK",
        "country": country,
        "currency": currency,
        "created": world.now(),
        "default_for_currency": default or not same,
        "fingerprint": new_id("", 16)[1:],
        "future_requirements": requirements(),
        "last4": number[-4:],
        "metadata": merged_metadata(None, given.get("metadata")),
        "requirements": requirements(),
        "routing_number": given.get("routing_number"),
        "status": "new",
    }
    doc["_created"] = doc.pop("created")
    if default:
        for bank in same:
            world.change(bank, None, default_for_currency=False)
    world.store.add(doc, account["id"])
    world.announce("account.external_account.created", doc, account["id"])
    return doc


def requirements() -> Doc:
    return {"currently_due": [], "errors": [], "past_due": [], "pending_verification": []}


def token(name: str, account: Doc) -> Doc:
    if not name.startswith("btok_"):
        raise StripeError(f"No such token: '{name}'", code="resource_missing", param="external_account")
    number = "AE070331234567890123456" if account["country"] == "AE" else "000123456789"
    return {"object": "bank_account", "country": account["country"], "account_number": number}


def of_account(call: Call) -> Doc:
    pk = call.path["account"]
    if call.account not in (PLATFORM, pk):
        raise StripeError(f"No such account: '{pk}'", status=403, code="account_invalid")
    return call.world.get("account", pk, param="account")


def bank_of(call: Call) -> Doc:
    account = of_account(call)
    doc = call.world.get("bank_account", call.path["id"], account["id"])
    if doc.get("deleted"):
        raise StripeError(f"No such external account: '{doc['id']}'", status=404, code="resource_missing", param="id")
    return doc


@route("POST", "/v1/accounts/{account}/external_accounts", "AccountExternalAccountCreateParams")
def create(call: Call) -> Doc:
    world, params, account = call.world, call.params, of_account(call)
    doc = add_bank_account(
        world, account, params["external_account"], default=params.get("default_for_currency", False)
    )
    due = [name for name in account["requirements"]["currently_due"] if name != "external_account"]
    wants = account["requirements"] | {"currently_due": due, "eventually_due": due, "past_due": due}
    ready = account["charges_enabled"] and not due
    world.change(account, "account.updated", account["id"], requirements=wants, payouts_enabled=ready)
    return world.change(doc, None, metadata=merged_metadata(doc["metadata"], params.get("metadata")))


@route("GET", "/v1/accounts/{account}/external_accounts", "AccountExternalAccountListParams")
def list_all(call: Call) -> Doc:
    account = of_account(call)
    wanted = call.params.get("object", "bank_account")
    banks = [bank for bank in call.world.store.all("bank_account", account["id"]) if not bank.get("deleted")]
    docs = [present(call.world, bank) for bank in banks if wanted == "bank_account"]
    limit = call.params.get("limit", 10)
    return list_of(docs[:limit], f"/v1/accounts/{account['id']}/external_accounts", has_more=len(docs) > limit)


@route("GET", "/v1/accounts/{account}/external_accounts/{id}", "AccountExternalAccountRetrieveParams")
def retrieve(call: Call) -> Doc:
    return bank_of(call)


@route("POST", "/v1/accounts/{account}/external_accounts/{id}", "AccountExternalAccountUpdateParams")
def update(call: Call) -> Doc:
    world, params, doc = call.world, call.params, bank_of(call)
    changes: Doc = {"metadata": merged_metadata(doc["metadata"], params.get("metadata"))}
    if "account_holder_name" in params:
        changes["account_holder_name"] = params["account_holder_name"] or None
    if params.get("default_for_currency"):
        for bank in world.store.all("bank_account", doc["account"]):
            if not bank.get("deleted") and bank["currency"] == doc["currency"] and bank["id"] != doc["id"]:
                world.change(bank, None, default_for_currency=False)
        changes["default_for_currency"] = True
    return world.change(doc, "account.external_account.updated", **changes)


@route("DELETE", "/v1/accounts/{account}/external_accounts/{id}", "AccountExternalAccountDeleteParams")
def delete(call: Call) -> Doc:
    doc = bank_of(call)
    others = [bank for bank in call.world.store.all("bank_account", doc["account"]) if not bank.get("deleted")]
    if doc["default_for_currency"] and len(others) > 1:
        raise StripeError("You cannot delete the default external account for your default currency.")
    call.world.announce("account.external_account.deleted", doc, doc["account"])
    call.world.store.save(doc | {"deleted": True})
    return {"id": doc["id"], "object": "bank_account", "currency": doc["currency"], "deleted": True}
