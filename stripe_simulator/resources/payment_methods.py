"""Cards of the test mode: which name or number behaves how."""

from dataclasses import dataclass

from stripe_simulator.protocol import Doc, StripeError, missing, new_id
from stripe_simulator.routing import Call, page_of, route
from stripe_simulator.world import World, merged_metadata


@dataclass(frozen=True)
class Card:
    number: str
    brand: str = "visa"
    decline: str | None = None  # Stripe's decline code
    code: str = "card_declined"
    authenticates: bool = False
    dispute: str | None = None  # reason
    available_at_once: bool = False
    refund: str = "succeeded"  # or "pending", or "failed": a while after it had succeeded


CARDS = {
    "pm_card_visa": Card("4242424242424242"),
    "pm_card_mastercard": Card("5555555555554444", brand="mastercard"),
    "pm_card_chargeDeclined": Card("4000000000000002", decline="generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": Card("4000000000009995", decline="insufficient_funds"),
    "pm_card_chargeDeclinedProcessingError": Card(
        "4000000000000119", decline="processing_error", code="processing_error"
    ),
    "pm_card_chargeDeclinedExpiredCard": Card("4000000000000069", decline="expired_card", code="expired_card"),
    "pm_card_chargeDeclinedIncorrectCvc": Card("4000000000000127", decline="incorrect_cvc", code="incorrect_cvc"),
    "pm_card_authenticationRequired": Card("4000002760003184", authenticates=True),
    "pm_card_createDispute": Card("4000000000000259", dispute="fraudulent"),
    "pm_card_createDisputeProductNotReceived": Card("4000000000002685", dispute="product_not_received"),
    "pm_card_bypassPending": Card("4000000000000077", available_at_once=True),
    "pm_card_pendingRefund": Card("4000000000007726", refund="pending"),
    "pm_card_refundFail": Card("4000000000005126", refund="failed"),
}
NUMBERS = {card.number: name for name, card in CARDS.items()}
MESSAGES = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
}


def behaviour(method: Doc) -> Card:
    return CARDS[method["_card"]]


def new_method(
    world: World, account: str, name: str, *, customer: str | None = None, details: Doc | None = None
) -> Doc:
    card = CARDS[name]
    doc: Doc = {
        "id": new_id("pm"),
        "object": "payment_method",
        "_card": name,
        "allow_redisplay": "unspecified",
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "card": {
            "brand": card.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "AE",
            "display_brand": card.brand,
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": new_id("", 16)[1:],
            "funding": "credit",
            "generated_from": None,
            "last4": card.number[-4:],
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": world.now(),
        "customer": customer,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }
    if details and isinstance(details.get("billing_details"), dict):
        doc["billing_details"] |= details["billing_details"]
    return world.store.add(doc, account)


def method_for(world: World, account: str, params: Doc, customer: str | None) -> Doc | None:
    """The payment method that `payment_method` or `payment_method_data` means; None when neither was sent."""
    if details := params.get("payment_method_data"):
        return new_method(world, account, name_of(details), customer=customer, details=details)
    name = params.get("payment_method")
    if not name:
        return None
    if name in CARDS:
        return new_method(world, account, name, customer=customer)
    found = world.store.get("payment_method", name, account)
    if found is None:
        raise missing("PaymentMethod", name, "payment_method")
    return found


def name_of(details: Doc) -> str:
    if details.get("type") != "card":
        message = "The simulator takes cards only."
        raise StripeError(message, param="payment_method_data[type]")
    card = details.get("card") or {}
    number = str(card.get("number", "4242424242424242")).replace(" ", "")
    if token := card.get("token"):
        number = {f"tok_{name.removeprefix('pm_card_')}": kept.number for name, kept in CARDS.items()}.get(token, "")
    if number not in NUMBERS:
        raise StripeError(
            "Your card number is incorrect.", status=402, kind="card_error", code="incorrect_number", param="number"
        )
    return NUMBERS[number]


@route("POST", "/v1/payment_methods", "PaymentMethodCreateParams", public=True)
def create(call: Call) -> Doc:
    doc = new_method(call.world, call.account, name_of(call.params), details=call.params)
    return call.world.change(doc, None, metadata=merged_metadata(None, call.params.get("metadata")))


@route("GET", "/v1/payment_methods/{payment_method}", "PaymentMethodRetrieveParams")
def retrieve(call: Call) -> Doc:
    name = call.path["payment_method"]
    return new_method(call.world, call.account, name) if name in CARDS else call.get("payment_method", "payment_method")


@route("POST", "/v1/payment_methods/{payment_method}/attach", "PaymentMethodAttachParams")
def attach(call: Call) -> Doc:
    name = call.path["payment_method"]
    doc = new_method(call.world, call.account, name) if name in CARDS else call.get("payment_method", "payment_method")
    customer = call.world.get("customer", call.params.get("customer", ""), call.account, "customer")
    return call.world.change(doc, "payment_method.attached", customer=customer["id"])


@route("GET", "/v1/customers/{customer}/payment_methods", "CustomerPaymentMethodListParams")
def list_of_customer(call: Call) -> Doc:
    customer = call.get("customer", "customer")
    return page_of(call, "payment_method", f"/v1/customers/{customer['id']}/payment_methods", customer=customer["id"])
