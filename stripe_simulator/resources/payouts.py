from stripe_simulator import ledger
from stripe_simulator.protocol import PLATFORM, Doc, StripeError, new_id
from stripe_simulator.routing import Call, page_of, route
from stripe_simulator.world import World, merged_metadata, work

FAILURES = {
    "account_closed": "The bank account has been closed.",
    "account_frozen": "The bank account has been frozen.",
    "bank_account_restricted": "The bank account has restrictions on either the type, or the number, of payouts allowed.",
    "bank_ownership_changed": "The destination bank account is no longer valid because its branch has changed ownership.",
    "could_not_process": "The bank could not process this payout.",
    "debit_not_authorized": "Debit transactions are not approved on the bank account.",
    "declined": "The bank has declined this transfer.",
    "incorrect_account_holder_name": "The bank account holder's name on file is incorrect.",
    "insufficient_funds": "Your Stripe account has insufficient funds to cover the payout.",
    "invalid_account_number": "The routing number seems correct, but the account number is invalid.",
    "invalid_currency": "The bank was unable to process this payout because of its currency.",
    "no_account": "The bank account details on file are probably incorrect. No bank account could be located with those details.",
    "unsupported_card": "The bank no longer supports payouts to this card.",
}


@route("POST", "/v1/payouts", "PayoutCreateParams")
def create(call: Call) -> Doc:
    world, params = call.world, call.params
    amount, currency, method = params["amount"], params["currency"].lower(), params.get("method", "standard")
    if amount < 1:
        raise StripeError(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    bank = bank_for(call, currency)
    if method == "instant" and "instant" not in bank["available_payout_methods"]:
        message = "Payouts to this external account cannot be instant."
        raise StripeError(message, code="instant_payouts_unsupported", param="method")
    words = "You have insufficient funds in your Stripe account for this transfer. Your card balance is too low."
    ledger.require(world, call.account, currency, amount, words)
    pk, terms = new_id("po"), world.terms
    takes = terms.payout_instant_after if method == "instant" else terms.payout_standard_after
    entry = ledger.post(world, call.account, "payout", -amount, currency, pk, description="STRIPE PAYOUT")
    doc: Doc = {
        "id": pk,
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": int(world.now() + takes),
        "automatic": False,
        "balance_transaction": entry["id"],
        "created": world.now(),
        "currency": currency,
        "description": params.get("description"),
        "destination": bank["id"],
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": merged_metadata(None, params.get("metadata")),
        "method": method,
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "not_applicable",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": params.get("statement_descriptor"),
        "status": "pending",
        "trace_id": None,
        "type": "bank_account",
    }
    world.store.add(doc, call.account)
    world.announce("payout.created", doc, call.account)
    world.later(min(terms.payout_transit_after, takes), "payout_leaves", pk)
    world.later(takes, "payout_arrives", pk)
    return doc


def bank_for(call: Call, currency: str) -> Doc:
    """Where the money goes. Raises StripeError when the account may not be paid or has no bank account for the currency."""
    world = call.world
    if call.account != PLATFORM and not world.get("account", call.account)["payouts_enabled"]:
        message = "Your account is not currently enabled for payouts. Check its requirements."
        raise StripeError(message, code="payouts_not_allowed")
    banks = [bank for bank in world.store.all("bank_account", call.account) if not bank.get("deleted")]
    if wanted := call.params.get("destination"):
        banks = [bank for bank in banks if bank["id"] == wanted]
        if not banks:
            raise StripeError(
                f"No such external account: '{wanted}'", status=404, code="resource_missing", param="destination"
            )
    usable = [bank for bank in banks if bank["currency"] == currency]
    if not usable:
        message = f"Sorry, you don't have any external accounts in that currency ({currency})."
        raise StripeError(message, param="currency" if banks else None)
    return next((bank for bank in usable if bank["default_for_currency"]), usable[0])


@work("payout_leaves")
def payout_leaves(world: World, pk: str) -> None:
    doc = world.get("payout", pk)
    if doc["status"] == "pending":
        world.change(doc, "payout.updated", status="in_transit")


@work("payout_arrives")
def payout_arrives(world: World, pk: str) -> None:
    payout_leaves(world, pk)
    doc = world.get("payout", pk)
    if doc["status"] != "in_transit":
        return
    if failure := world.get("bank_account", doc["destination"]).get("_fails"):
        payout_fails(world, pk, failure)
        return
    trace = {"status": "supported", "value": new_id("", 15)[1:]}
    world.change(doc, None, status="paid", trace_id=trace)
    world.announce("payout.paid", doc, world.owner(pk))


def payout_fails(world: World, pk: str, code: str) -> None:
    """The bank sends it back, also days after it was called paid: the money is in the balance again."""
    if code not in FAILURES:
        message = f"Unknown failure_code. One of: {', '.join(FAILURES)}"
        raise StripeError(message, param="failure_code")
    doc = world.get("payout", pk)
    if doc["status"] in ("failed", "canceled"):
        return
    entry = ledger.post(world, world.owner(pk), "payout_failure", doc["amount"], doc["currency"], pk)
    world.change(
        doc,
        None,
        status="failed",
        failure_code=code,
        failure_message=FAILURES[code],
        failure_balance_transaction=entry["id"],
    )
    world.announce("payout.failed", doc, world.owner(pk))


@route("GET", "/v1/payouts", "PayoutListParams")
def list_all(call: Call) -> Doc:
    return page_of(call, "payout", "/v1/payouts", filters=("destination", "status"))


@route("GET", "/v1/payouts/{payout}", "PayoutRetrieveParams")
def retrieve(call: Call) -> Doc:
    return call.get("payout", "payout")


@route("POST", "/v1/payouts/{payout}", "PayoutUpdateParams")
def update(call: Call) -> Doc:
    doc = call.get("payout", "payout")
    return call.world.change(
        doc, "payout.updated", metadata=merged_metadata(doc["metadata"], call.params.get("metadata"))
    )


@route("POST", "/v1/payouts/{payout}/cancel", "PayoutCancelParams")
def cancel(call: Call) -> Doc:
    world, doc = call.world, call.get("payout", "payout")
    if doc["status"] != "pending":
        message = f"Payouts can only be canceled while they are pending. This one is {doc['status']}."
        raise StripeError(message, code="payout_cancellation_not_allowed" if doc["status"] == "in_transit" else None)
    entry = ledger.post(world, call.account, "payout_cancel", doc["amount"], doc["currency"], doc["id"])
    world.change(doc, None, status="canceled", failure_balance_transaction=entry["id"])
    world.announce("payout.canceled", doc, call.account)
    return doc


@route("POST", "/v1/payouts/{payout}/reverse", "PayoutReverseParams")
def reverse(call: Call) -> Doc:
    """Debit the bank account again. In life only for US and Canadian bank accounts; here for any."""
    world, doc = call.world, call.get("payout", "payout")
    if doc["status"] != "paid" or doc["reversed_by"]:
        message = "Only a paid payout that was not reversed yet can be reversed."
        raise StripeError(message, param="payout")
    pk = new_id("po")
    entry = ledger.post(world, call.account, "payout", doc["amount"], doc["currency"], pk, category="payout_reversal")
    back = doc | {
        "id": pk,
        "amount": -doc["amount"],
        "balance_transaction": entry["id"],
        "created": world.now(),
        "metadata": merged_metadata(None, call.params.get("metadata")),
        "original_payout": doc["id"],
        "status": "pending",
        "trace_id": None,
    }
    world.store.add(back, call.account)
    world.change(doc, "payout.updated", reversed_by=pk)
    world.announce("payout.created", back, call.account)
    world.later(0, "payout_leaves", pk)
    world.later(world.terms.payout_standard_after, "payout_arrives", pk)
    return back
