from stripe_simulator import ledger
from stripe_simulator.protocol import Doc, StripeError, new_id
from stripe_simulator.rendering import present
from stripe_simulator.routing import Call, page_of, route
from stripe_simulator.world import DAY, World, merged_metadata

EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure", "cancellation_rebuttal",
    "customer_communication", "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature",
    "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt",
    "refund_policy", "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "service_documentation",
    "shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number",
    "uncategorized_file", "uncategorized_text",
)  # fmt: skip
OPEN = ("needs_response", "under_review")
# What Stripe's test mode reads in `uncategorized_text`.
VERDICTS = {"winning_evidence": "won", "losing_evidence": "lost"}


def open_dispute(world: World, charge: Doc, *, reason: str = "fraudulent", amount: int | None = None) -> Doc:
    """The card holder takes the money back: the amount and Stripe's fee leave the platform's balance at once."""
    amount = charge["amount"] - charge["amount_refunded"] if amount is None else amount
    if charge["disputed"] or not charge["paid"] or not 1 <= amount <= charge["amount"]:
        message = f"Charge {charge['id']} cannot be disputed: unpaid, disputed already, or not for that amount."
        raise StripeError(message)
    account, pk = world.owner(charge["id"]), new_id("du")
    fee = {"amount": world.terms.dispute_fee, "application": None, "currency": charge["currency"]}
    fee |= {"description": "Dispute fee", "type": "stripe_fee"}
    entry = ledger.post(
        world, account, "adjustment", -amount, charge["currency"], pk, fees=[fee], category="dispute",
        description=f"Chargeback withdrawal for {charge['id']}",
    )  # fmt: skip
    doc: Doc = {
        "id": pk,
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [present(world, entry)],
        "charge": charge["id"],
        "created": world.now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(EVIDENCE) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": world.now() + 9 * DAY,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {"brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "10.4"},
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }
    world.store.add(doc, account)
    world.change(charge, None, disputed=True, _dispute_open=True)
    world.announce("charge.dispute.created", doc, account)
    world.announce("charge.dispute.funds_withdrawn", doc, account)
    return doc


def close_dispute(world: World, doc: Doc, outcome: str) -> Doc:
    """Won: the amount comes back, Stripe's fee does not. Lost: it stays gone, unless the bank thinks again and it is won after all."""
    if doc["status"] not in OPEN and (doc["status"], outcome) != ("lost", "won"):
        raise StripeError(f"This dispute is already closed ({doc['status']}).", code="dispute_already_closed")
    account = world.owner(doc["id"])
    entries = doc["balance_transactions"]
    if outcome == "won":
        entry = ledger.post(
            world, account, "adjustment", doc["amount"], doc["currency"], doc["id"], category="dispute_reversal",
            description=f"Chargeback reversal for {doc['charge']}",
        )  # fmt: skip
        entries = [*entries, present(world, entry)]
    world.change(doc, None, status=outcome, balance_transactions=entries)
    world.change(world.get("charge", doc["charge"]), None, _dispute_open=outcome != "won")
    if outcome == "won":
        world.announce("charge.dispute.funds_reinstated", doc, account)
    world.announce("charge.dispute.closed", doc, account)
    return doc


@route("GET", "/v1/disputes", "DisputeListParams")
def list_all(call: Call) -> Doc:
    return page_of(call, "dispute", "/v1/disputes", filters=("charge", "payment_intent"))


@route("GET", "/v1/disputes/{dispute}", "DisputeRetrieveParams")
def retrieve(call: Call) -> Doc:
    return call.get("dispute", "dispute")


@route("POST", "/v1/disputes/{dispute}", "DisputeUpdateParams")
def update(call: Call) -> Doc:
    world, params, doc = call.world, call.params, call.get("dispute", "dispute")
    if "evidence" in params and doc["status"] not in OPEN:
        raise StripeError(f"This dispute is already closed ({doc['status']}).", code="dispute_already_closed")
    given = {name: value or None for name, value in params.get("evidence", {}).items()}
    evidence, details, status = doc["evidence"] | given, doc["evidence_details"], doc["status"]
    if given:
        details["has_evidence"] = any(evidence[name] for name in EVIDENCE)
    if given and params.get("submit", True):
        details |= {"submission_count": details["submission_count"] + 1, "submission_method": "manual"}
        status = "under_review"
    metadata = merged_metadata(doc["metadata"], params.get("metadata"))
    world.change(
        doc, "charge.dispute.updated", evidence=evidence, evidence_details=details, status=status, metadata=metadata
    )
    verdict = VERDICTS.get(evidence["uncategorized_text"] or "")
    return close_dispute(world, doc, verdict) if verdict and status == "under_review" else doc


@route("POST", "/v1/disputes/{dispute}/close", "DisputeCloseParams")
def close(call: Call) -> Doc:
    """Accept it as lost."""
    return close_dispute(call.world, call.get("dispute", "dispute"), "lost")


# --- early fraud warnings ---------------------------------------------------------------------------------------------


def warn_of_fraud(world: World, charge: Doc) -> Doc:
    doc: Doc = {
        "id": new_id("issfr"),
        "object": "radar.early_fraud_warning",
        "actionable": not charge["refunded"] and not charge["disputed"],
        "charge": charge["id"],
        "created": world.now(),
        "fraud_type": "unauthorized_use_of_card",
        "livemode": False,
        "payment_intent": charge["payment_intent"],
    }
    world.store.add(doc, world.owner(charge["id"]))
    world.announce("radar.early_fraud_warning.created", doc, world.owner(charge["id"]))
    return doc


@route("GET", "/v1/radar/early_fraud_warnings", "radar.EarlyFraudWarningListParams")
def list_warnings(call: Call) -> Doc:
    filters = ("charge", "payment_intent")
    return page_of(call, "radar.early_fraud_warning", "/v1/radar/early_fraud_warnings", filters=filters)


@route("GET", "/v1/radar/early_fraud_warnings/{warning}", "radar.EarlyFraudWarningRetrieveParams")
def retrieve_warning(call: Call) -> Doc:
    return call.get("radar.early_fraud_warning", "warning")
