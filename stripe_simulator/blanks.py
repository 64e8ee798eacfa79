"""Objects with every field that Stripe shows, before anything happened to them."""

from stripe_simulator.protocol import Doc
from stripe_simulator.world import World


def blank_charge(world: World, pk: str, amount: int, currency: str) -> Doc:
    return {
        "id": pk,
        "object": "charge",
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "calculated_statement_descriptor": "SOUK LOOP",
        "captured": True,
        "created": world.now(),
        "currency": currency,
        "customer": None,
        "description": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "on_behalf_of": None,
        "outcome": None,
        "paid": True,
        "payment_intent": None,
        "payment_method": None,
        "payment_method_details": None,
        "radar_options": {},
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }


def blank_refund(world: World, pk: str, amount: int, currency: str) -> Doc:
    return {
        "id": pk,
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": None,
        "created": world.now(),
        "currency": currency,
        "destination_details": None,
        "failure_balance_transaction": None,
        "metadata": {},
        "payment_intent": None,
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
