"""Stripe through its own library: the only module that imports it.

Every call that changes something carries the key of its command, so the library may repeat it by itself. Answers are read into plain
values here (`payments.provider.reading`); what went wrong becomes one of `payments.errors`.
"""

import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any

import stripe

from payments.errors import ProviderError, ProviderRefused, ProviderSavedFailure, ProviderUnclear
from payments.ports import (
    AccountView,
    BalanceLine,
    BalanceView,
    DisputeView,
    IntentView,
    PayoutView,
    RefundView,
    TransferView,
)
from payments.provider import reading

API_VERSION = "2026-10-28.endive"  # pinned: the library's own, and that of the webhooks
RETRIES = 2  # by the library, with the same key
PAGE = 100
SIGNED_FOR = 300  # seconds that a signature is good for, before and after its time
WHOLE = ["latest_charge.balance_transaction"]
NO_KEY = "STRIPE_SECRET_KEY is not set."
BAD_EVENT = "That is no event."
NOT_SIGNED = "Not signed by the provider, or not now."

Words = Any  # the library's parameters; its own types for them are what the simulator judges every call by


@dataclass(frozen=True)
class Access:
    """How to reach it. `api_base` empty: Stripe itself; else a simulator."""

    secret_key: str
    api_base: str
    timeout: float
    webhook_secrets: tuple[str, ...]
    connect_webhook_secrets: tuple[str, ...]


@contextmanager
def _asking() -> Iterator[None]:
    """Raise what the library raises as ours."""
    try:
        yield
    except stripe.StripeError as error:
        raise _ours(error) from error


def _ours(error: stripe.StripeError) -> ProviderError:
    said = error.error
    code = error.code or getattr(said, "code", None) or ""
    decline = getattr(said, "decline_code", None) or ""
    status = error.http_status or 0
    message = f"{type(error).__name__} {status}: {error.user_message or error}"[:500]
    if isinstance(error, stripe.IdempotencyError) and status != HTTPStatus.CONFLICT:
        return ProviderRefused(message, code="idempotency_error")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ProviderSavedFailure(message, code=code)
    # No key, or a revoked one, is our trouble and nobody's decision on what was asked.
    if status in (0, HTTPStatus.UNAUTHORIZED, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS):
        return ProviderUnclear(message, code=code)
    return ProviderRefused(message, code=code or f"http_{status}", decline_code=decline)


class StripeProvider:
    """The calls that are the same in every flow of funds."""

    name = ""

    def __init__(self, access: Access) -> None:
        self._access = access

    @cached_property
    def _client(self) -> stripe.StripeClient:
        if not self._access.secret_key:
            raise ProviderUnclear(NO_KEY, code="no_key")
        return stripe.StripeClient(
            self._access.secret_key,
            stripe_version=API_VERSION,
            base_addresses={"api": self._access.api_base} if self._access.api_base else {},
            max_network_retries=RETRIES,
            http_client=stripe.RequestsClient(timeout=self._access.timeout),
        )

    @property
    def is_set_up(self) -> bool:
        return bool(self._access.secret_key)

    @property
    def is_live(self) -> bool:
        return self._access.secret_key.startswith(("sk_live", "rk_live"))

    def charge_words(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """What this flow adds to an intent."""
        return {"transfer_group": params["reference"]}

    def refund_words(self) -> dict[str, Any]:
        """What this flow adds to a refund."""
        return {}

    # Customers and accounts

    def create_customer(self, *, metadata: Mapping[str, str], key: str) -> str:
        words: Words = {"metadata": metadata}
        with _asking():
            return self._client.v1.customers.create(words, {"idempotency_key": key}).id

    def find_customer(self, *, command: str, since: datetime) -> str | None:
        found = self._find(self._client.v1.customers, {"created": _from(since)}, command)
        return found["id"] if found else None

    def create_account(self, *, params: Mapping[str, Any], metadata: Mapping[str, str], key: str) -> AccountView:
        """An account whose fees, losses and requirements are ours to settle, with payouts that only we start."""
        words: Words = {
            "country": params["country"],
            "controller": {
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "requirement_collection": "stripe",
                "stripe_dashboard": {"type": "express"},
            },
            "capabilities": {"transfers": {"requested": True}, "card_payments": {"requested": True}},
            "metadata": metadata,
        }
        with _asking():
            made = self._client.v1.accounts.create(words, {"idempotency_key": key}).to_dict()
        self._hold_payouts(made["id"], key=f"{key}:manual")
        return reading.account(made)

    def _hold_payouts(self, account: str, *, key: str) -> None:
        words: Words = {"payments": {"payouts": {"schedule": {"interval": "manual"}}, "debit_negative_balances": True}}
        with _asking():
            self._client.v1.balance_settings.update(words, {"stripe_account": account, "idempotency_key": key})

    def find_account(self, *, command: str, since: datetime) -> AccountView | None:
        found = self._find(self._client.v1.accounts, {"created": _from(since)}, command)
        if found is None:
            return None
        self._hold_payouts(found["id"], key=f"manual:{found['id']}:{command}")
        return reading.account(found)

    def onboarding_url(self, *, account: str, return_url: str, refresh_url: str) -> str:
        words: Words = {
            "account": account,
            "type": "account_onboarding",
            "return_url": return_url,
            "refresh_url": refresh_url,
        }
        with _asking():
            return self._client.v1.account_links.create(words, {"idempotency_key": _anew("link")}).url

    def account(self, account: str) -> AccountView:
        with _asking():
            return reading.account(self._client.v1.accounts.retrieve(account).to_dict())

    # Money in, and back

    def charge(self, *, params: Mapping[str, Any], customer: str, metadata: Mapping[str, str], key: str) -> IntentView:
        words: Words = {
            "amount": params["amount"],
            "currency": params["currency"].lower(),
            "customer": customer,
            "automatic_payment_methods": {"enabled": True},
            "metadata": metadata,
            "expand": WHOLE,
            **self.charge_words(params),
        }
        if params.get("description"):
            words["description"] = params["description"]
        with _asking():
            return reading.intent(self._client.v1.payment_intents.create(words, {"idempotency_key": key}).to_dict())

    def confirm(self, intent: str, *, method: str, return_url: str) -> IntentView:
        """Pay with a test method, as the payer's browser would. A card that is declined raises ProviderRefused."""
        words: Words = {"payment_method": method, "return_url": return_url, "expand": WHOLE}
        with _asking():
            done = self._client.v1.payment_intents.confirm(intent, words, {"idempotency_key": _anew("confirm")})
        return reading.intent(done.to_dict())

    def cancel_charge(self, intent: str, *, key: str) -> IntentView:
        with _asking():
            done = self._client.v1.payment_intents.cancel(intent, {"expand": WHOLE}, {"idempotency_key": key})
        return reading.intent(done.to_dict())

    def intent(self, intent: str) -> IntentView:
        with _asking():
            return reading.intent(self._client.v1.payment_intents.retrieve(intent, {"expand": WHOLE}).to_dict())

    def find_charge(self, *, customer: str, command: str) -> IntentView | None:
        found = self._find(self._client.v1.payment_intents, {"customer": customer}, command)
        return self.intent(found["id"]) if found else None

    def refund(self, *, params: Mapping[str, Any], intent: str, metadata: Mapping[str, str], key: str) -> RefundView:
        words: Words = {
            "payment_intent": intent,
            "amount": params["amount"],
            "reason": "requested_by_customer",
            "metadata": metadata,
            **self.refund_words(),
        }
        with _asking():
            return reading.refund(self._client.v1.refunds.create(words, {"idempotency_key": key}).to_dict())

    def refund_view(self, refund: str) -> RefundView:
        with _asking():
            return reading.refund(self._client.v1.refunds.retrieve(refund).to_dict())

    def find_refund(self, *, intent: str, command: str) -> RefundView | None:
        found = self._find(self._client.v1.refunds, {"payment_intent": intent}, command)
        return reading.refund(found) if found else None

    # Money out

    def pay_seller(self, *, params: Mapping[str, Any], metadata: Mapping[str, str], key: str) -> TransferView:
        words: Words = {
            "amount": params["amount"],
            "currency": params["currency"].lower(),
            "destination": params["destination"],
            "transfer_group": metadata["subject"],
            "metadata": metadata,
        }
        with _asking():
            return reading.transfer(self._client.v1.transfers.create(words, {"idempotency_key": key}).to_dict())

    def transfer(self, transfer: str) -> TransferView:
        with _asking():
            return reading.transfer(self._client.v1.transfers.retrieve(transfer).to_dict())

    def find_transfer(self, *, group: str, command: str) -> TransferView | None:
        found = self._find(self._client.v1.transfers, {"transfer_group": group}, command)
        return reading.transfer(found) if found else None

    def pay_out(self, *, params: Mapping[str, Any], account: str, metadata: Mapping[str, str], key: str) -> PayoutView:
        words: Words = {
            "amount": params["amount"],
            "currency": params["currency"].lower(),
            "method": params["method"],
            "metadata": metadata,
        }
        with _asking():
            made = self._client.v1.payouts.create(words, {"stripe_account": account, "idempotency_key": key})
        return reading.payout(made.to_dict())

    def payout(self, payout: str, *, account: str) -> PayoutView:
        with _asking():
            found = self._client.v1.payouts.retrieve(
                payout, {"expand": ["destination"]}, {"stripe_account": account}
            ).to_dict()
        return reading.payout(found)

    def find_payout(self, *, account: str, command: str, since: datetime) -> PayoutView | None:
        found = self._find(self._client.v1.payouts, {"created": _from(since)}, command, account=account)
        return reading.payout(found) if found else None

    def claw_back(self, *, params: Mapping[str, Any], metadata: Mapping[str, str], key: str) -> TransferView:
        words: Words = {"amount": params["amount"], "metadata": metadata}
        with _asking():
            made = self._client.v1.transfers.reversals.create(params["transfer"], words, {"idempotency_key": key})
        return reading.reversal(made.to_dict(), params["transfer"])

    def find_claw_back(self, *, transfer: str, command: str) -> TransferView | None:
        with _asking():
            for page in self._client.v1.transfers.reversals.list(transfer, {"limit": PAGE}).auto_paging_iter():
                found = page.to_dict()
                if (found.get("metadata") or {}).get("command") == command:
                    return reading.reversal(found, transfer)
        return None

    # Disputes

    def dispute(self, dispute: str) -> DisputeView:
        with _asking():
            return reading.dispute(self._client.v1.disputes.retrieve(dispute).to_dict())

    def answer_dispute(self, dispute: str, *, evidence: Mapping[str, str], submit: bool, key: str) -> DisputeView:
        words: Words = {"evidence": dict(evidence), "submit": submit}
        with _asking():
            done = self._client.v1.disputes.update(dispute, words, {"idempotency_key": key})
        return reading.dispute(done.to_dict())

    # Its books and its bell

    def made_by(self, thing: str) -> tuple[str, str]:
        """The command that a charge, refund, transfer or reversal names, and the id of what that command made (a charge's intent)."""
        services: dict[str, Any] = {
            "ch": self._client.v1.charges,
            "py": self._client.v1.charges,
            "re": self._client.v1.refunds,
            "tr": self._client.v1.transfers,
        }
        service = services.get(thing.partition("_")[0])
        if service is None:
            return "", thing
        with _asking():
            found = service.retrieve(thing).to_dict()
        made = (found.get("payment_intent") or thing) if service is self._client.v1.charges else thing
        return (found.get("metadata") or {}).get("command", ""), made

    def balance(self, *, account: str = "") -> BalanceView:
        with _asking():
            return reading.balance(self._client.v1.balance.retrieve(None, _as(account)).to_dict())

    def balance_lines(self, *, since: datetime, until: datetime, account: str = "") -> Iterator[BalanceLine]:
        words: Words = {"created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())}, "limit": PAGE}
        with _asking():
            for line in self._client.v1.balance_transactions.list(words, _as(account)).auto_paging_iter():
                yield reading.balance_line(line.to_dict())

    def missed_events(
        self, *, types: tuple[str, ...], since: datetime, account: str = ""
    ) -> Iterator[Mapping[str, Any]]:
        words: Words = {
            "created": _from(since),
            "delivery_success": False,
            "types": list(types),
            "limit": PAGE,
        }
        with _asking():
            for event in self._client.v1.events.list(words, _as(account)).auto_paging_iter():
                yield event.to_dict()

    def read_event(self, payload: bytes, *, signature: str, endpoint: str) -> Mapping[str, Any]:
        """The event, if one of the endpoint's secrets signed it within the last minutes and not for the future.

        Raises:
            ProviderRefused: it did not.
        """
        access = self._access
        secrets = access.connect_webhook_secrets if endpoint == "connect" else access.webhook_secrets
        for secret in secrets:
            try:
                event = self._client.construct_event(payload, signature, secret, tolerance=SIGNED_FOR)
            except stripe.SignatureVerificationError:
                continue
            except (ValueError, UnicodeDecodeError) as error:
                raise ProviderRefused(BAD_EVENT, code="bad_event") from error
            if _signed_at(signature) > time.time() + SIGNED_FOR:  # the library looks at the past only
                break
            return event.to_dict()
        raise ProviderRefused(NOT_SIGNED, code="bad_signature")

    def _find(self, service: Any, words: dict[str, Any], command: str, account: str = "") -> dict[str, Any] | None:
        with _asking():
            for thing in service.list({**words, "limit": PAGE}, _as(account)).auto_paging_iter():
                found: dict[str, Any] = thing.to_dict()
                if (found.get("metadata") or {}).get("command") == command:
                    return found
        return None


def _anew(what: str) -> str:
    """The key of something that a person asks for each time anew; only the library's own repetitions are to be one."""
    return f"{what}:{uuid.uuid4()}"


def _as(account: str) -> Words:
    return {"stripe_account": account} if account else {}


def _from(since: datetime) -> dict[str, int]:
    return {"gte": int(since.timestamp()) - SIGNED_FOR}  # clocks differ


def _signed_at(signature: str) -> int:
    return int(next(part[2:] for part in signature.split(",") if part.startswith("t=")))
