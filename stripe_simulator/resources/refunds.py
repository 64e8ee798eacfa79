from stripe_simulator import ledger
from stripe_simulator.blanks import blank_refund
from stripe_simulator.protocol import PLATFORM, Doc, StripeError, new_id
from stripe_simulator.resources.payment_methods import behaviour
from stripe_simulator.resources.transfers import new_reversal
from stripe_simulator.routing import Call, page_of, route
from stripe_simulator.world import World, merged_metadata, work

SOON = 5  # seconds until a refund of the test cards that fail or wait does so


@route("POST", "/v1/refunds", "RefundCreateParams")
def create(call: Call) -> Doc:
    world, params = call.world, call.params
    charge = charge_to_refund(call)
    left = charge["amount"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    check(charge, amount, left, params.get("currency") or charge["currency"])
    reversal = None
    doc = blank_refund(world, new_id("re"), amount, charge["currency"]) | {
        "charge": charge["id"],
        "destination_details": {
            "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"},
            "type": "card",
        },
        "metadata": merged_metadata(None, params.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "status": "pending",
    }
    world.store.add(doc, call.account)
    if params.get("reverse_transfer"):
        reversal = reverse_part(world, charge, amount, doc, fee_too=bool(params.get("refund_application_fee")))
    elif params.get("refund_application_fee"):
        refund_fee(world, charge, amount, inside_reversal=False)
    world.change(doc, None, transfer_reversal=reversal)
    refunded = charge["amount_refunded"] + amount
    previous = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    world.change(charge, None, amount_refunded=refunded, refunded=refunded == charge["amount"])
    begin(world, doc, charge)
    world.announce("refund.created", doc, call.account)
    world.announce("charge.refunded", charge, call.account, previous)
    return doc


def charge_to_refund(call: Call) -> Doc:
    """Raises StripeError when there is no paid charge behind what was named."""
    params = call.params
    if ("charge" in params) == ("payment_intent" in params):
        raise StripeError("One of the following params should be provided for this request: payment_intent or charge.")
    charge: Doc
    if "charge" in params:
        charge = call.world.get("charge", params["charge"], call.account, "charge")
    else:
        intent = call.world.get("payment_intent", params["payment_intent"], call.account, "payment_intent")
        if intent["status"] != "succeeded":
            message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
            raise StripeError(message, code="payment_intent_unexpected_state", param="payment_intent")
        charge = call.world.get("charge", intent["latest_charge"])
    if not charge["paid"]:
        message = f"Charge {charge['id']} has not been paid and cannot be refunded."
        raise StripeError(message, param="charge")
    if charge["balance_transaction"] is None:
        message = f"Charge {charge['id']} is not settled yet. Try again in a moment."
        raise StripeError(message, code="charge_not_refundable", param="charge")
    return charge


def check(charge: Doc, amount: int, left: int, currency: str) -> None:
    if left == 0:
        raise StripeError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if charge["disputed"] and charge.get("_dispute_open"):
        raise StripeError(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    if amount < 1:
        raise StripeError(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    if amount > left:
        words = (
            f"Refund amount ({ledger.money(amount, charge['currency'])}) is greater than unrefunded amount on charge"
        )
        raise StripeError(f"{words} ({ledger.money(left, charge['currency'])})", param="amount")
    if currency != charge["currency"]:
        raise StripeError(f"The currency of the refund ({currency}) must be that of the charge.", param="currency")


def begin(world: World, doc: Doc, charge: Doc) -> bool:
    """Take the money, from pending as long as the charge is pending. False: there is not enough, the refund waits for it."""
    account = world.owner(doc["id"])
    available_on = max(world.now(), world.get("balance_transaction", charge["balance_transaction"])["available_on"])
    if available_on <= world.now() and ledger.available(world, account, doc["currency"]) < doc["amount"]:
        world.change(doc, None, status="pending", pending_reason="insufficient_funds")
        world.later(60, "begin_refund", doc["id"])
        return False
    entry = ledger.post(
        world,
        account,
        "refund",
        -doc["amount"],
        doc["currency"],
        doc["id"],
        available_on=available_on,
        description="REFUND FOR CHARGE",
    )
    world.change(doc, None, balance_transaction=entry["id"])
    doc.pop("pending_reason", None)
    how = behaviour({"_card": charge["_card"]}).refund
    wait = world.terms.refund_after or (SOON if how == "pending" else 0)
    if wait:
        world.change(doc, None, pending_reason="processing")
        world.later(wait, "refund_succeeds", doc["id"])
    else:
        settle(world, doc)
    if how == "failed":
        world.later(wait + SOON, "refund_fails", doc["id"])
    return True


def settle(world: World, doc: Doc) -> None:
    details = doc["destination_details"]
    details["card"] |= {"reference": new_id("", 12)[1:], "reference_status": "available"}
    doc.pop("pending_reason", None)
    world.change(doc, None, status="succeeded", destination_details=details)


@work("begin_refund")
def begin_again(world: World, pk: str) -> None:
    doc = world.get("refund", pk)
    waits = doc["status"] == "pending" and doc["balance_transaction"] is None
    if waits and begin(world, doc, world.get("charge", doc["charge"])):
        world.announce("refund.updated", doc, world.owner(pk), {"balance_transaction": None})


@work("refund_succeeds")
def refund_succeeds(world: World, pk: str) -> None:
    doc = world.get("refund", pk)
    if doc["status"] == "pending" and doc["balance_transaction"]:
        settle(world, doc)
        told(world, doc, {"status": "pending"})


@work("refund_fails")
def refund_fails(world: World, pk: str, reason: str = "expired_or_canceled_card") -> None:
    """The bank sends it back: the money is ours again, and the buyer has to get it some other way."""
    doc = world.get("refund", pk)
    if doc["status"] in ("failed", "canceled"):
        return
    give_back(world, doc, "failed")
    world.change(doc, None, failure_reason=reason)
    world.announce("refund.failed", doc, world.owner(pk))


def give_back(world: World, doc: Doc, status: str) -> None:
    previous, account = {"status": doc["status"]}, world.owner(doc["id"])
    back = None
    if doc["balance_transaction"]:
        available_on = max(world.now(), world.get("balance_transaction", doc["balance_transaction"])["available_on"])
        back = ledger.post(
            world, account, "refund_failure", doc["amount"], doc["currency"], doc["id"], available_on=available_on
        )["id"]
    doc.pop("pending_reason", None)
    world.change(doc, None, status=status, failure_balance_transaction=back)
    charge = world.get("charge", doc["charge"])
    world.change(charge, None, amount_refunded=charge["amount_refunded"] - doc["amount"], refunded=False)
    told(world, doc, previous)


def told(world: World, doc: Doc, previous: Doc) -> None:
    """Stripe says it twice: by the refund's own event and by the charge's older one."""
    for kind in ("refund.updated", "charge.refund.updated"):
        world.announce(kind, doc, world.owner(doc["id"]), previous)


# --- destination charges ----------------------------------------------------------------------------------------------


def reverse_part(world: World, charge: Doc, amount: int, refund: Doc, *, fee_too: bool) -> str:
    """Take the refund's share of the transfer back from the connected account."""
    if not charge.get("transfer"):
        message = f"Cannot reverse the transfer of charge {charge['id']}: it has none."
        raise StripeError(message, param="reverse_transfer")
    transfer = world.get("transfer", charge["transfer"])
    part = share(transfer["amount"], transfer["amount_reversed"], amount, charge)
    fee_back = refund_fee(world, charge, amount, inside_reversal=True) if fee_too else 0
    held = sum(ledger.sums(world, transfer["destination"]).get(transfer["currency"], (0, 0)))
    if held < part - fee_back:
        message = "The connected account does not have sufficient funds to reverse the transfer of this charge."
        raise StripeError(message, code="balance_insufficient")
    return str(new_reversal(world, transfer, part, refund=refund["id"], fee_back=fee_back)["id"])


def share(whole: int, taken: int, amount: int, charge: Doc) -> int:
    """Pro rata, so that the parts of a full refund add up to the whole."""
    refunded = charge["amount_refunded"] + amount
    return max(0, whole * refunded // charge["amount"] - taken)


def refund_fee(world: World, charge: Doc, amount: int, *, inside_reversal: bool) -> int:
    """Give the refund's share of the application fee back to the connected account."""
    if not charge.get("application_fee"):
        message = f"Charge {charge['id']} has no application fee to refund."
        raise StripeError(message, param="refund_application_fee")
    fee = world.get("application_fee", charge["application_fee"])
    part = share(fee["amount"], fee["amount_refunded"], amount, charge)
    if not part:
        return 0
    pk, account = new_id("fr"), world.owner(fee["id"])
    available_on = max(world.now(), world.get("balance_transaction", charge["balance_transaction"])["available_on"])
    entry = ledger.post(world, account, "application_fee_refund", -part, fee["currency"], pk, available_on=available_on)
    doc = {"id": pk, "object": "fee_refund", "amount": part, "balance_transaction": entry["id"], "created": world.now()}
    world.store.add(doc | {"currency": fee["currency"], "fee": fee["id"], "metadata": {}}, account)
    total = fee["amount_refunded"] + part
    world.change(fee, "application_fee.refunded", amount_refunded=total, refunded=total == fee["amount"])
    if not inside_reversal:
        ledger.post(
            world,
            fee["account"],
            "adjustment",
            part,
            fee["currency"],
            pk,
            available_on=available_on,
            category="other_adjustment",
        )
    return part


# --- reading ----------------------------------------------------------------------------------------------------------


@route("GET", "/v1/refunds", "RefundListParams")
def list_all(call: Call) -> Doc:
    return page_of(call, "refund", "/v1/refunds", filters=("charge", "payment_intent"))


@route("GET", "/v1/refunds/{refund}", "RefundRetrieveParams")
def retrieve(call: Call) -> Doc:
    return call.get("refund", "refund")


@route("POST", "/v1/refunds/{refund}", "RefundUpdateParams")
def update(call: Call) -> Doc:
    doc = call.get("refund", "refund")
    return call.world.change(
        doc, "refund.updated", metadata=merged_metadata(doc["metadata"], call.params.get("metadata"))
    )


@route("POST", "/v1/refunds/{refund}/cancel", "RefundCancelParams")
def cancel(call: Call) -> Doc:
    doc = call.get("refund", "refund")
    if doc["status"] != "requires_action":
        message = f"Refund {doc['id']} is {doc['status']}; only refunds that wait for the customer (requires_action) can be canceled."
        raise StripeError(message, param="refund")
    give_back(call.world, doc, "canceled")
    return doc


@route("GET", "/v1/application_fees/{fee}", "ApplicationFeeRetrieveParams")
def retrieve_fee(call: Call) -> Doc:
    return call.world.get("application_fee", call.path["fee"], PLATFORM)
