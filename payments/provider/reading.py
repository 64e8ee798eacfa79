"""What the provider answers, as plain values: nothing above sees its words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from payments.ports import (
    AccountView,
    BalanceLine,
    BalanceView,
    ChargeView,
    DisputeView,
    IntentView,
    PayoutView,
    RefundView,
    TransferView,
)

Answer = Mapping[str, Any]


def intent(said: Answer) -> IntentView:
    failure = said.get("last_payment_error") or {}
    action = (said.get("next_action") or {}).get("redirect_to_url") or {}
    return IntentView(
        id=said["id"],
        status=said["status"],
        amount_minor=said["amount"],
        currency=said["currency"].upper(),
        client_secret=said.get("client_secret") or "",
        charge=charge(said.get("latest_charge")) if said["status"] == "succeeded" else None,
        failure_code=failure.get("decline_code") or failure.get("code") or "",
        next_action_url=action.get("url") or "",
        metadata=said.get("metadata") or {},
    )


def charge(said: Any) -> ChargeView | None:
    """None where only its id was sent."""
    if not isinstance(said, Mapping):
        return None
    line = said.get("balance_transaction")
    known = line if isinstance(line, Mapping) else {}
    card = (said.get("payment_method_details") or {}).get("card") or {}
    return ChargeView(
        id=said["id"],
        amount_minor=said["amount"],
        refunded_minor=said.get("amount_refunded") or 0,
        balance_transaction_id=known.get("id") or _id(line),
        fee_minor=known.get("fee"),
        available_on=_at(known.get("available_on")),
        method={name: str(card[name]) for name in ("brand", "last4") if card.get(name)},
        receipt_url=said.get("receipt_url") or "",
        transfer_id=_id(said.get("transfer")),
    )


def refund(said: Answer) -> RefundView:
    return RefundView(
        id=said["id"],
        status=said.get("status") or "pending",
        amount_minor=said["amount"],
        balance_transaction_id=_id(said.get("balance_transaction")),
        failure_code=said.get("failure_reason") or "",
        metadata=said.get("metadata") or {},
    )


def transfer(said: Answer) -> TransferView:
    return TransferView(
        id=said["id"],
        amount_minor=said["amount"],
        destination=_id(said.get("destination")),
        destination_payment_id=_id(said.get("destination_payment")),
        balance_transaction_id=_id(said.get("balance_transaction")),
        reversed_minor=said.get("amount_reversed") or 0,
        metadata=said.get("metadata") or {},
    )


def reversal(said: Answer, transfer_id: str) -> TransferView:
    """A transfer that goes the other way; `reversed_minor` is what it took back."""
    return TransferView(
        id=said["id"],
        amount_minor=said["amount"],
        destination=transfer_id,
        balance_transaction_id=_id(said.get("balance_transaction")),
        reversed_minor=said["amount"],
        metadata=said.get("metadata") or {},
    )


def payout(said: Answer) -> PayoutView:
    bank = said.get("destination")
    return PayoutView(
        id=said["id"],
        status=said["status"],
        amount_minor=said["amount"],
        method=said.get("method") or "standard",
        bank_last4=(bank.get("last4") or "") if isinstance(bank, Mapping) else "",
        arrives_on=_at(said.get("arrival_date")),
        failure_code=said.get("failure_code") or "",
        metadata=said.get("metadata") or {},
    )


def account(said: Answer) -> AccountView:
    wants = said.get("requirements") or {}
    banks = ((said.get("external_accounts") or {}).get("data")) or []
    bank = next((b for b in banks if b.get("default_for_currency")), banks[0] if banks else {})
    return AccountView(
        id=said["id"],
        charges_enabled=bool(said.get("charges_enabled")),
        payouts_enabled=bool(said.get("payouts_enabled")),
        transfers_active=(said.get("capabilities") or {}).get("transfers") == "active",
        requirements=tuple(wants.get("currently_due") or ()),
        disabled_reason=wants.get("disabled_reason") or "",
        bank_last4=bank.get("last4") or "",
        bank_name=bank.get("bank_name") or "",
        takes_instant="instant" in (bank.get("available_payout_methods") or ()),
    )


def dispute(said: Answer) -> DisputeView:
    lines = [line for line in said.get("balance_transactions") or () if isinstance(line, Mapping)]
    return DisputeView(
        id=said["id"],
        status=said["status"],
        amount_minor=said["amount"],
        currency=said["currency"].upper(),
        charge_id=_id(said.get("charge")),
        intent_id=_id(said.get("payment_intent")),
        reason=said.get("reason") or "",
        evidence_due_at=_at((said.get("evidence_details") or {}).get("due_by")),
        fee_minor=sum(line.get("fee") or 0 for line in lines if line["amount"] < 0),
        balance_transaction_ids=tuple(line["id"] for line in lines),
        withdrawn=any(line["amount"] < 0 for line in lines),
        reinstated=any(line["amount"] > 0 for line in lines),
    )


def balance_line(said: Answer) -> BalanceLine:
    return BalanceLine(
        id=said["id"],
        type=said["type"],
        reporting_category=said.get("reporting_category") or "",
        source=_id(said.get("source")),
        amount=said["amount"],
        fee=said.get("fee") or 0,
        net=said["net"],
        currency=said["currency"].upper(),
        created_at=_when(said["created"]),
        available_on=_when(said["available_on"]),
    )


def balance(said: Answer) -> BalanceView:
    return BalanceView(
        available=_by_currency(said.get("available")),
        pending=_by_currency(said.get("pending")),
        instant_available=_by_currency(said.get("instant_available")),
    )


def _by_currency(amounts: Any) -> dict[str, int]:
    return {one["currency"].upper(): one["amount"] for one in amounts or ()}


def _id(thing: Any) -> str:
    """The id of something that may have been sent whole."""
    if isinstance(thing, Mapping):
        return str(thing.get("id") or "")
    return thing or ""


def _at(seconds: int | None) -> datetime | None:
    return None if seconds is None else _when(seconds)


def _when(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
