from stripe_simulator import ledger
from stripe_simulator.blanks import blank_charge, blank_refund
from stripe_simulator.protocol import Doc, StripeError, new_id
from stripe_simulator.routing import Call, page_of, route
from stripe_simulator.world import World, merged_metadata


@route("POST", "/v1/transfers", "TransferCreateParams")
def create(call: Call) -> Doc:
    world, params = call.world, call.params
    amount, currency = params.get("amount"), params["currency"].lower()
    if amount is None:
        raise StripeError("Missing required param: amount.", code="parameter_missing", param="amount")
    if amount < 1:
        raise StripeError(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    check_destination(world, params["destination"])
    charge = source_charge(call, amount, currency)
    if charge is None:
        ledger.require(world, call.account, currency, amount, NOT_ENOUGH)
    doc = new_transfer(
        world,
        amount,
        currency,
        params["destination"],
        charge=charge,
        group=params.get("transfer_group"),
        account=call.account,
    )
    metadata = merged_metadata(None, params.get("metadata"))
    world.change(doc, None, metadata=metadata, description=params.get("description"))
    world.announce("transfer.created", doc, call.account)
    return doc


NOT_ENOUGH = (
    "You have insufficient available funds in your Stripe account. Try adding funds directly to your available balance by"
    " creating Charges using the 4000000000000077 test card. See: https://stripe.com/docs/testing#available-balance"
)


def check_destination(world: World, pk: str) -> Doc:
    account = world.store.get("account", pk)
    if account is None or account.get("deleted") or account.get("_gone"):
        raise StripeError(f"No such destination: '{pk}'", code="resource_missing", param="destination")
    if account["capabilities"].get("transfers") != "active":
        message = (
            "Your destination account needs to have at least one of the following capabilities enabled:"
            " transfers, crypto_transfers, legacy_payments"
        )
        raise StripeError(message, code="insufficient_capabilities_for_transfer")
    return account


def source_charge(call: Call, amount: int, currency: str) -> Doc | None:
    """The charge whose money is moved before it is available; what was moved from it already counts."""
    pk = call.params.get("source_transaction")
    if not pk:
        return None
    charge = call.world.get("charge", pk, call.account, "source_transaction")
    if charge["currency"] != currency:
        message = (
            f"The currency of the source_transaction ({charge['currency']}) must be that of the transfer ({currency})."
        )
        raise StripeError(message, code="transfer_source_balance_parameters_mismatch", param="currency")
    moved = call.world.store.all("transfer", call.account, source_transaction=pk)
    left = charge["amount"] - charge["amount_refunded"] - sum(doc["amount"] - doc["amount_reversed"] for doc in moved)
    if charge["paid"] and not charge["balance_transaction"]:
        raise StripeError(f"Charge {pk} is not settled yet. Try again in a moment.", param="source_transaction")
    if not charge["paid"] or amount > left:
        message = f"Insufficient funds in source_transaction: {ledger.money(max(left, 0), currency)} of it can still be transferred."
        raise StripeError(message, code="balance_insufficient", param="amount")
    return charge


def new_transfer(
    world: World,
    amount: int,
    currency: str,
    destination: str,
    *,
    charge: Doc | None,
    group: str | None,
    account: str,
    application_fee: int = 0,
) -> Doc:
    """Money moves to the connected account: at once, or when the charge that it comes from becomes available."""
    pk, payment_id = new_id("tr"), new_id("py")
    available_on = world.now()
    if charge and charge["balance_transaction"]:
        available_on = max(
            available_on, world.get("balance_transaction", charge["balance_transaction"])["available_on"]
        )
    entry = ledger.post(world, account, "transfer", -amount, currency, pk, available_on=available_on)
    fees = []
    if application_fee:
        fees = [{"amount": application_fee, "application": "ca_souk", "currency": currency}]
        fees[0] |= {"description": "application fee", "type": "application_fee"}
    received = ledger.post(
        world, destination, "payment", amount, currency, payment_id, fees=fees, available_on=available_on
    )
    payment = blank_charge(world, payment_id, amount, currency) | {
        "balance_transaction": received["id"],
        "source_transfer": pk,
    }
    world.store.add(payment, destination)
    doc: Doc = {
        "id": pk,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": entry["id"],
        "created": world.now(),
        "currency": currency,
        "description": None,
        "destination": destination,
        "destination_payment": payment_id,
        "livemode": False,
        "metadata": {},
        "reversed": False,
        "source_transaction": charge and charge["id"],
        "source_type": "card",
        "transfer_group": group or (charge and (charge["transfer_group"] or f"group_{charge['payment_intent']}")),
    }
    return world.store.add(doc, account)


def move_to_destination(world: World, charge: Doc) -> None:
    """The transfer and the application fee of a destination charge."""
    asked, account = charge["transfer_data"], world.owner(charge["id"])
    fee = charge["application_fee_amount"] or 0
    doc = new_transfer(
        world,
        asked["amount"] or charge["amount"],
        charge["currency"],
        asked["destination"],
        charge=charge,
        group=charge["transfer_group"],
        account=account,
        application_fee=fee,
    )
    world.announce("transfer.created", doc, account)
    fields: Doc = {"transfer": doc["id"]}
    if fee:
        fields["application_fee"] = collect_fee(world, charge, asked["destination"], fee, doc)
    world.change(charge, None, **fields)


def collect_fee(world: World, charge: Doc, payer: str, amount: int, transfer: Doc) -> str:
    account, pk = world.owner(charge["id"]), new_id("fee")
    available_on = world.get("balance_transaction", charge["balance_transaction"])["available_on"]
    entry = ledger.post(world, account, "application_fee", amount, charge["currency"], pk, available_on=available_on)
    doc: Doc = {
        "id": pk,
        "object": "application_fee",
        "account": payer,
        "amount": amount,
        "amount_refunded": 0,
        "application": "ca_souk",
        "balance_transaction": entry["id"],
        "charge": transfer["destination_payment"],
        "created": world.now(),
        "currency": charge["currency"],
        "fee_source": {"charge": transfer["destination_payment"], "type": "charge"},
        "livemode": False,
        "originating_transaction": charge["id"],
        "refunded": False,
    }
    world.store.add(doc, account)
    world.announce("application_fee.created", doc, account)
    return pk


@route("GET", "/v1/transfers", "TransferListParams")
def list_all(call: Call) -> Doc:
    return page_of(call, "transfer", "/v1/transfers", filters=("destination", "transfer_group"))


@route("GET", "/v1/transfers/{transfer}", "TransferRetrieveParams")
def retrieve(call: Call) -> Doc:
    return call.get("transfer", "transfer")


@route("POST", "/v1/transfers/{transfer}", "TransferUpdateParams")
def update(call: Call) -> Doc:
    doc, params = call.get("transfer", "transfer"), call.params
    changes = {"description": params["description"] or None} if "description" in params else {}
    changes["metadata"] = merged_metadata(doc["metadata"], params.get("metadata"))
    return call.world.change(doc, "transfer.updated", **changes)


# --- reversals --------------------------------------------------------------------------------------------------------


@route("POST", "/v1/transfers/{transfer}/reversals", "TransferReversalCreateParams")
def reverse(call: Call) -> Doc:
    world, params, transfer = call.world, call.params, call.get("transfer", "transfer")
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = params.get("amount", left)
    if amount > left or left == 0:
        message = (
            f"The reversal amount ({ledger.money(amount, transfer['currency'])}) is greater than the unreversed amount on the"
            f" transfer ({ledger.money(left, transfer['currency'])})."
        )
        raise StripeError(message, param="amount")
    if amount < 1:
        raise StripeError(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    ledger.require(
        world,
        transfer["destination"],
        transfer["currency"],
        amount,
        "The recipient of this transfer does not have sufficient funds in their Stripe balance to complete this reversal.",
    )
    doc = new_reversal(world, transfer, amount)
    return world.change(doc, None, metadata=merged_metadata(None, params.get("metadata")))


def new_reversal(world: World, transfer: Doc, amount: int, *, refund: str | None = None, fee_back: int = 0) -> Doc:
    """Money comes back to the platform, out of the pending balance as long as the transfer itself is pending."""
    account, destination, currency = world.owner(transfer["id"]), transfer["destination"], transfer["currency"]
    pk, payment_refund = new_id("trr"), new_id("pyr")
    available_on = max(world.now(), world.get("balance_transaction", transfer["balance_transaction"])["available_on"])
    entry = ledger.post(world, account, "transfer_refund", amount, currency, pk, available_on=available_on)
    fees = []
    if fee_back:
        fees = [{"amount": -fee_back, "application": "ca_souk", "currency": currency}]
        fees[0] |= {"description": "application fee refund", "type": "application_fee"}
    given = ledger.post(
        world, destination, "payment_refund", -amount, currency, payment_refund, fees=fees, available_on=available_on
    )
    payment = world.get("charge", transfer["destination_payment"])
    refunded = payment["amount_refunded"] + amount
    world.change(payment, None, amount_refunded=refunded, refunded=refunded >= payment["amount"])
    back = blank_refund(world, payment_refund, amount, currency) | {
        "balance_transaction": given["id"],
        "charge": payment["id"],
        "source_transfer_reversal": pk,
    }
    world.store.add(back, destination)
    doc: Doc = {
        "id": pk,
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": entry["id"],
        "created": world.now(),
        "currency": currency,
        "destination_payment_refund": payment_refund,
        "metadata": {},
        "source_refund": refund,
        "transfer": transfer["id"],
    }
    world.store.add(doc, account)
    reversed_now = transfer["amount_reversed"] + amount
    world.change(
        transfer, "transfer.reversed", amount_reversed=reversed_now, reversed=reversed_now == transfer["amount"]
    )
    return doc


@route("GET", "/v1/transfers/{transfer}/reversals", "TransferReversalListParams")
def list_reversals(call: Call) -> Doc:
    transfer = call.get("transfer", "transfer")
    return page_of(call, "transfer_reversal", f"/v1/transfers/{transfer['id']}/reversals", transfer=transfer["id"])


@route("GET", "/v1/transfers/{transfer}/reversals/{reversal}", "TransferReversalRetrieveParams")
def retrieve_reversal(call: Call) -> Doc:
    call.get("transfer", "transfer")
    return call.get("transfer_reversal", "reversal")


@route("POST", "/v1/transfers/{transfer}/reversals/{reversal}", "TransferReversalUpdateParams")
def update_reversal(call: Call) -> Doc:
    doc = retrieve_reversal(call)
    return call.world.change(doc, None, metadata=merged_metadata(doc["metadata"], call.params.get("metadata")))
