from stripe_simulator import ledger
from stripe_simulator.blanks import blank_charge
from stripe_simulator.protocol import Doc, new_id
from stripe_simulator.resources.disputes import open_dispute
from stripe_simulator.resources.payment_methods import MESSAGES, behaviour
from stripe_simulator.resources.transfers import move_to_destination
from stripe_simulator.routing import Call, page_of, route
from stripe_simulator.world import World, merged_metadata, work


def new_charge(world: World, intent: Doc, *, decline: str | None = None, code: str | None = None) -> Doc:
    """A charge of the intent's payment method, paid or declined, with its events. Money follows when it settles."""
    method = world.get("payment_method", intent["payment_method"])
    account, pk = world.owner(intent["id"]), new_id("ch")
    destination = (intent["transfer_data"] or {}).get("destination")
    doc = blank_charge(world, pk, intent["amount"], intent["currency"]) | {
        "_card": method["_card"],
        "amount_captured": 0 if decline else intent["amount"],
        "application_fee_amount": intent["application_fee_amount"],
        "billing_details": method["billing_details"],
        "captured": not decline,
        "customer": intent["customer"],
        "description": intent["description"],
        "failure_code": code,
        "failure_message": MESSAGES.get(decline or ""),
        "metadata": intent["metadata"],
        "on_behalf_of": intent["on_behalf_of"],
        "outcome": outcome(decline),
        "paid": not decline,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"card": card_details(method, intent), "type": "card"},
        "receipt_email": intent["receipt_email"],
        "shipping": intent["shipping"],
        "status": "failed" if decline else "succeeded",
        "transfer_data": intent["transfer_data"]
        and {"amount": intent["transfer_data"].get("amount"), "destination": destination},
        "transfer_group": intent["transfer_group"] or (f"group_{intent['id']}" if destination else None),
    }
    world.store.add(doc, account)
    if decline:
        world.announce("charge.failed", doc, account)
        return doc
    if world.terms.settle_after:
        world.announce("charge.succeeded", doc, account)
        world.later(world.terms.settle_after, "settle_charge", pk)
        return doc
    post_charge(world, doc)
    world.announce("charge.succeeded", doc, account)
    after_settling(world, doc)
    return doc


def outcome(decline: str | None) -> Doc:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network" if decline else "approved_by_network",
        "reason": decline,
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": "The bank did not return any further details with this decline."
        if decline
        else "Payment complete.",
        "type": "issuer_declined" if decline else "authorized",
    }


def card_details(method: Doc, intent: Doc) -> Doc:
    card = method["card"]
    kept = {
        name: card[name]
        for name in ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
    }
    secure = None
    if behaviour(method).authenticates:
        secure = {
            "authentication_flow": "challenge",
            "electronic_commerce_indicator": "05",
            "exemption_indicator": None,
        }
        secure |= {"result": "authenticated", "result_reason": None, "transaction_id": intent["id"], "version": "2.2.0"}
    return kept | {
        "amount_authorized": intent["amount"],
        "authorization_code": None,
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": secure,
        "wallet": None,
    }


def post_charge(world: World, doc: Doc) -> None:
    """The gross amount less Stripe's fee, available later."""
    at_once = behaviour({"_card": doc["_card"]}).available_at_once
    available_on = world.now() if at_once else int(world.now() + world.terms.available_after)
    entry = ledger.post(
        world,
        world.owner(doc["id"]),
        "charge",
        doc["amount"],
        doc["currency"],
        doc["id"],
        fees=[ledger.stripe_fee(world, doc["amount"], doc["currency"])],
        available_on=available_on,
        description=doc["description"],
    )
    world.change(doc, None, balance_transaction=entry["id"])


@work("settle_charge")
def settle_charge(world: World, pk: str) -> None:
    doc = world.get("charge", pk)
    post_charge(world, doc)
    world.announce("charge.updated", doc, world.owner(pk), {"balance_transaction": None})
    after_settling(world, doc)


def after_settling(world: World, doc: Doc) -> None:
    if doc["transfer_data"]:
        move_to_destination(world, doc)
    reason = behaviour({"_card": doc["_card"]}).dispute
    if reason:
        world.later(0, "dispute_charge", f"{doc['id']} {reason}")


@work("dispute_charge")
def dispute_charge(world: World, target: str) -> None:
    pk, reason = target.split(" ")
    open_dispute(world, world.get("charge", pk), reason=reason)


@route("GET", "/v1/charges", "ChargeListParams")
def list_all(call: Call) -> Doc:
    return page_of(call, "charge", "/v1/charges", filters=("customer", "payment_intent", "transfer_group"))


@route("GET", "/v1/charges/{charge}", "ChargeRetrieveParams")
def retrieve(call: Call) -> Doc:
    return call.get("charge", "charge")


@route("POST", "/v1/charges/{charge}", "ChargeUpdateParams")
def update(call: Call) -> Doc:
    doc, params = call.get("charge", "charge"), call.params
    changes: Doc = {
        name: params[name] or None for name in ("description", "receipt_email", "shipping") if name in params
    }
    if "transfer_group" in params:
        changes["transfer_group"] = params["transfer_group"]
    if "fraud_details" in params:
        changes["fraud_details"] = params["fraud_details"] or {}
    changes["metadata"] = merged_metadata(doc["metadata"], params.get("metadata"))
    return call.world.change(doc, "charge.updated", **changes)
