import re
from typing import Any

from stripe_simulator.protocol import Doc, StripeError, missing, new_id
from stripe_simulator.rendering import present
from stripe_simulator.resources.charges import new_charge
from stripe_simulator.resources.payment_methods import MESSAGES, behaviour, method_for
from stripe_simulator.resources.transfers import check_destination
from stripe_simulator.routing import Call, page_of, route
from stripe_simulator.world import MINIMUM, World, merged_metadata

GIVEN = (
    "application_fee_amount",
    "description",
    "on_behalf_of",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


@route("POST", "/v1/payment_intents", "PaymentIntentCreateParams")
def create(call: Call) -> Doc:
    world, params = call.world, call.params
    check_amount(params.get("amount"), params["currency"])
    customer = customer_of(call)
    if params.get("on_behalf_of"):
        world.get("account", params["on_behalf_of"], param="on_behalf_of")
    if params.get("capture_method") == "manual":
        message = "The simulator captures at once; capture_method=manual is not there."
        raise StripeError(message, param="capture_method")
    pk = new_id("pi")
    doc: Doc = {
        "id": pk,
        "object": "payment_intent",
        "amount": params["amount"],
        "amount_capturable": 0,
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": automatic_methods(params),
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": params.get("capture_method", "automatic_async"),
        "client_secret": f"{pk}_secret_{new_id('', 24)[1:]}",
        "confirmation_method": "automatic",
        "created": world.now(),
        "currency": params["currency"].lower(),
        "customer": customer,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": merged_metadata(None, params.get("metadata")),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": card_options()},
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": transfer_data(world, params),
        "transfer_group": None,
    }
    doc |= {name: params[name] or None for name in GIVEN if name in params}
    world.store.add(doc, call.account)
    world.announce("payment_intent.created", doc, call.account)
    method = method_for(world, call.account, params, customer)
    if method:
        world.change(doc, None, payment_method=method["id"], status="requires_confirmation")
    return confirmed(call, doc) if params.get("confirm") else doc


def customer_of(call: Call) -> str | None:
    pk = call.params.get("customer")
    if not pk:
        return None
    if call.world.get("customer", pk, call.account, "customer").get("deleted"):
        raise missing("customer", pk, "customer")
    return str(pk)


def check_amount(amount: int | None, currency: str) -> None:
    if amount is None:
        raise StripeError("Missing required param: amount.", code="parameter_missing", param="amount")
    least = MINIMUM.get(currency.lower())
    if least is None:
        message = f"Invalid currency: {currency}. The simulator knows {', '.join(MINIMUM)}."
        raise StripeError(message, param="currency")
    if amount < 1:
        raise StripeError(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    if amount < least:
        message = f"Amount must be at least {least / 100:.2f} {currency.lower()}"
        raise StripeError(message, code="amount_too_small", param="amount")
    if amount > 99_999_999:
        raise StripeError("Amount must be no more than 999,999.99", code="amount_too_large", param="amount")


def automatic_methods(params: Doc) -> Doc | None:
    asked = params.get("automatic_payment_methods")
    if asked is None and "allowed_payment_method_types" in params:
        return None
    asked = asked or {"enabled": True}
    return {"allow_redirects": asked.get("allow_redirects", "always"), "enabled": asked["enabled"]}


def card_options() -> Doc:
    return {"installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "automatic"}


def transfer_data(world: World, params: Doc) -> Doc | None:
    asked = params.get("transfer_data")
    if not asked:
        if params.get("application_fee_amount"):
            message = "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct or destination payment."
            raise StripeError(message, param="application_fee_amount")
        return None
    if "destination" in asked:
        check_destination(world, asked["destination"])
    if "amount" in asked and params.get("application_fee_amount"):
        message = "You cannot specify both `application_fee_amount` and `transfer_data[amount]`."
        raise StripeError(message, param="transfer_data[amount]")
    if max(asked.get("amount", 0), params.get("application_fee_amount") or 0) > params.get("amount", 10**9):
        raise StripeError("The transfer or fee amount must be no more than the amount.", param="amount")
    return asked


@route("GET", "/v1/payment_intents/search", "PaymentIntentSearchParams")
def search(call: Call) -> Doc:
    terms = re.findall(r"([\w.]+(?:\[[^\]]+\])?)\s*(:|>=|<=|>|<)\s*(\"[^\"]*\"|'[^']*'|[\w.]+)", call.params["query"])
    if not terms or re.search(r"\bOR\b", call.params["query"]):
        raise StripeError("The search query could not be understood.", param="query")
    found = [
        doc
        for doc in call.world.store.all("payment_intent", call.account)
        if all(matches(doc, *term) for term in terms)
    ]
    start, limit = int(call.params.get("page", 0)), call.params.get("limit", 10)
    return {
        "object": "search_result",
        "data": [present(call.world, doc) for doc in found[start : start + limit]],
        "has_more": start + limit < len(found),
        "next_page": str(start + limit) if start + limit < len(found) else None,
        "url": "/v1/payment_intents/search",
    }


def matches(doc: Doc, name: str, sign: str, value: str) -> bool:
    value = value.strip("\"'")
    found: Any = doc
    for part in re.findall(r"[^\[\].\"']+", name):
        found = found.get(part) if isinstance(found, dict) else None
    if sign == ":":
        return str(found) == value
    if not isinstance(found, int):
        return False
    return {">": found > int(value), ">=": found >= int(value), "<": found < int(value), "<=": found <= int(value)}[
        sign
    ]


@route("GET", "/v1/payment_intents", "PaymentIntentListParams")
def list_all(call: Call) -> Doc:
    return page_of(call, "payment_intent", "/v1/payment_intents", filters=("customer",))


@route("GET", "/v1/payment_intents/{intent}", "PaymentIntentRetrieveParams", public=True)
def retrieve(call: Call) -> Doc:
    doc = call.get("payment_intent", "intent")
    check_secret(call, doc)
    return doc


def check_secret(call: Call, doc: Doc) -> None:
    given = call.params.pop("client_secret", None)
    if given != doc["client_secret"] and (call.publishable or given is not None):
        message = f"No such payment_intent: '{doc['id']}'"
        raise StripeError(message, status=404, code="resource_missing", param="intent")


@route("POST", "/v1/payment_intents/{intent}", "PaymentIntentUpdateParams")
def update(call: Call) -> Doc:
    world, params, doc = call.world, call.params, call.get("payment_intent", "intent")
    if doc["status"] not in OPEN and set(params) - {"metadata", "description", "expand", "receipt_email"}:
        raise unexpected(doc, "updated", "requires_payment_method, requires_confirmation, requires_action")
    changes: Doc = {name: params[name] or None for name in GIVEN if name in params}
    if "amount" in params or "currency" in params:
        changes |= {"amount": params.get("amount", doc["amount"]), "currency": params.get("currency", doc["currency"])}
        check_amount(changes["amount"], changes["currency"])
    if "customer" in params:
        changes["customer"] = customer_of(call)
    if method := method_for(world, call.account, params, changes.get("customer", doc["customer"])):
        changes |= {"payment_method": method["id"], "status": "requires_confirmation", "next_action": None}
    changes["metadata"] = merged_metadata(doc["metadata"], params.get("metadata"))
    return world.change(doc, None, **changes)


@route("POST", "/v1/payment_intents/{intent}/confirm", "PaymentIntentConfirmParams", public=True)
def confirm(call: Call) -> Doc:
    doc = call.get("payment_intent", "intent")
    check_secret(call, doc)
    if doc["status"] not in OPEN:
        raise unexpected(doc, "confirmed", "requires_payment_method, requires_confirmation, requires_action")
    method = method_for(call.world, call.account, call.params, doc["customer"])
    if method:
        call.world.change(doc, None, payment_method=method["id"], status="requires_confirmation", next_action=None)
    return confirmed(call, doc)


def confirmed(call: Call, doc: Doc) -> Doc:
    world, params = call.world, call.params
    if not doc["payment_method"]:
        message = "You cannot confirm this PaymentIntent because it's missing a payment method."
        raise StripeError(message, code="payment_intent_unexpected_state", payment_intent=present(world, doc))
    methods = doc["automatic_payment_methods"]
    redirects = methods and methods["enabled"] and methods["allow_redirects"] == "always"
    if redirects and not params.get("return_url") and not call.publishable:
        message = (
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment"
            " methods might redirect your customer off of your page, you must provide a `return_url`."
        )
        raise StripeError(message, param="return_url")
    card = behaviour(world.get("payment_method", doc["payment_method"]))
    if card.authenticates and (params.get("off_session") or params.get("error_on_requires_action")):
        raise declined(world, doc, "authentication_required", "authentication_required")
    if card.authenticates:
        return ask_for_authentication(world, doc, params.get("return_url"))
    return attempt(world, doc)


def ask_for_authentication(world: World, doc: Doc, return_url: str | None) -> Doc:
    """3-D Secure on a page of ours, which leads back to `return_url`."""
    page = f"{world.public_url}/3ds/{doc['client_secret']}"
    action: Doc = {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": page}}
    world.change(doc, None, status="requires_action", next_action=action)
    world.announce("payment_intent.requires_action", doc, world.owner(doc["id"]))
    return doc


def attempt(world: World, doc: Doc) -> Doc:
    """Charge the card. Raises StripeError 402, which keeps the failed charge."""
    card = behaviour(world.get("payment_method", doc["payment_method"]))
    if card.decline:
        raise declined(world, doc, card.decline, card.code)
    charge = new_charge(world, doc)
    world.change(
        doc,
        None,
        status="succeeded",
        amount_received=doc["amount"],
        latest_charge=charge["id"],
        last_payment_error=None,
        next_action=None,
        transfer_group=charge["transfer_group"],
    )
    world.announce("payment_intent.succeeded", doc, world.owner(doc["id"]))
    return doc


def declined(world: World, doc: Doc, decline: str, code: str) -> StripeError:
    charge = new_charge(world, doc, decline=decline, code=code)
    return fail(world, doc, charge, decline, code)


def fail(world: World, doc: Doc, charge: Doc | None, decline: str | None, code: str) -> StripeError:
    """Back to `requires_payment_method`, with the reason."""
    message = MESSAGES.get(decline or "", "The provided payment method has failed authentication.")
    error: Doc = {"code": code, "message": message, "type": "card_error" if decline else "invalid_request_error"}
    error["payment_method"] = present(world, world.get("payment_method", doc["payment_method"]))
    if decline:
        error |= {"charge": charge and charge["id"], "decline_code": decline}
    world.change(
        doc,
        None,
        status="requires_payment_method",
        payment_method=None,
        latest_charge=charge["id"] if charge else doc["latest_charge"],
        last_payment_error=error,
        next_action=None,
    )
    world.announce("payment_intent.payment_failed", doc, world.owner(doc["id"]))
    more = {name: value for name, value in error.items() if name not in ("message", "type", "code")}
    return StripeError(
        message, status=402, kind="card_error", code=code, keeps=True, payment_intent=present(world, doc), **more
    )


def unexpected(doc: Doc, verb: str, states: str) -> StripeError:
    message = f"This PaymentIntent's status is {doc['status']}; it can be {verb} only in one of: {states}."
    shown = {name: value for name, value in doc.items() if not name.startswith("_")}
    return StripeError(message, code="payment_intent_unexpected_state", payment_intent=shown)


@route("POST", "/v1/payment_intents/{intent}/cancel", "PaymentIntentCancelParams", public=False)
def cancel(call: Call) -> Doc:
    doc = call.get("payment_intent", "intent")
    if doc["status"] not in (*OPEN, "processing"):
        raise unexpected(doc, "canceled", "requires_payment_method, requires_confirmation, requires_action, processing")
    reason = call.params.get("cancellation_reason")
    call.world.change(
        doc, None, status="canceled", canceled_at=call.world.now(), cancellation_reason=reason, next_action=None
    )
    call.world.announce("payment_intent.canceled", doc, call.account)
    return doc
