"""Two ways the same money may go, behind the same port.

`separate`: charges stay with the platform, a payout brings a transfer (docs/adr/0016). `destination`: each charge belongs to one
seller, whose share lies in their own account at once, with payouts held back there; for countries where the first is not allowed.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from payments.errors import ProviderRefused
from payments.ports import TransferView
from payments.provider.stripe import StripeProvider

ONE_SELLER = "destination_needs_one_seller_account"


class Separate(StripeProvider):
    """Charges and transfers apart: one intent for a checkout, one transfer for a payout."""

    name = "separate"


class Destination(StripeProvider):
    """Destination charges: one intent for one seller's order, nothing left to transfer but what the platform adds."""

    name = "destination"

    def charge_words(self, params: Mapping[str, Any]) -> dict[str, Any]:
        parts, account = params["parts"], params.get("destination")
        if len(parts) != 1 or not account:
            raise ProviderRefused(code=ONE_SELLER)
        words: dict[str, Any] = {"transfer_data": {"destination": account}, "on_behalf_of": account}
        # What the platform adds (a voucher of its own) comes out of its commission first; the rest follows with the payout.
        fee = max(parts[0]["commission"] - parts[0]["subsidy"], 0)
        return {**words, "application_fee_amount": fee} if fee else words

    def refund_words(self) -> dict[str, Any]:
        return {"reverse_transfer": True, "refund_application_fee": True}

    def pay_seller(self, *, params: Mapping[str, Any], metadata: Mapping[str, str], key: str) -> TransferView:
        """The shares lie in the seller's account already: only what the platform adds to them has to be moved."""
        there = TransferView(
            id=f"there:{metadata['subject']}", amount_minor=params["amount"], destination=params["destination"]
        )
        added = params.get("top_up", 0)
        if not added:
            return there
        sent = super().pay_seller(params={**params, "amount": added}, metadata=metadata, key=key)
        return replace(there, id=sent.id, destination_payment_id=sent.destination_payment_id)
