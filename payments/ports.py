"""What we ask of whoever moves the money, in plain values: nothing above knows whose library carries it out.

Amounts are minor units of `currency`. Every call that changes something takes the idempotency key of its command; the same key with the
same words has the effect once.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from payments.states import BreakKind


@dataclass(frozen=True)
class ChargeView:
    """Money that was taken. `fee_minor`, `available_on`: of its line in the provider's books, None until that is written."""

    id: str
    amount_minor: int
    refunded_minor: int = 0
    balance_transaction_id: str = ""
    fee_minor: int | None = None
    available_on: datetime | None = None
    method: Mapping[str, str] = field(default_factory=dict)  # brand, last4
    receipt_url: str = ""
    transfer_id: str = ""  # with destination charges, the transfer made at once


@dataclass(frozen=True)
class IntentView:
    """A payment as the provider sees it. `status` is one of its words: requires_payment_method, processing, succeeded, canceled…"""

    id: str
    status: str
    amount_minor: int
    currency: str
    client_secret: str = ""
    charge: ChargeView | None = None
    failure_code: str = ""
    next_action_url: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RefundView:
    id: str
    status: str  # pending, requires_action, succeeded, failed, canceled
    amount_minor: int
    balance_transaction_id: str = ""
    failure_code: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TransferView:
    """Where the money is there already (destination charges), `id` is one of ours, with a colon in it."""

    id: str
    amount_minor: int
    destination: str
    destination_payment_id: str = ""
    balance_transaction_id: str = ""
    reversed_minor: int = 0
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PayoutView:
    id: str
    status: str  # pending, in_transit, paid, failed, canceled
    amount_minor: int
    method: str = "standard"
    bank_last4: str = ""
    arrives_on: datetime | None = None
    failure_code: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AccountView:
    id: str
    charges_enabled: bool
    payouts_enabled: bool
    transfers_active: bool
    requirements: tuple[str, ...] = ()
    disabled_reason: str = ""
    bank_last4: str = ""
    bank_name: str = ""
    takes_instant: bool = False


@dataclass(frozen=True)
class DisputeView:
    id: str
    status: str  # needs_response, under_review, won, lost, warning_…
    amount_minor: int
    currency: str
    charge_id: str
    intent_id: str = ""
    reason: str = ""
    evidence_due_at: datetime | None = None
    fee_minor: int = 0
    balance_transaction_ids: tuple[str, ...] = ()
    withdrawn: bool = False
    reinstated: bool = False


@dataclass(frozen=True)
class BalanceLine:
    """A line of the provider's own books."""

    id: str
    type: str
    reporting_category: str
    source: str
    amount: int
    fee: int
    net: int
    currency: str
    created_at: datetime
    available_on: datetime


@dataclass(frozen=True)
class BalanceView:
    available: Mapping[str, int]  # by currency
    pending: Mapping[str, int]
    instant_available: Mapping[str, int] = field(default_factory=dict)


class Provider(Protocol):
    """Moves money. Raises `payments.errors.ProviderError` and its kinds, nothing else.

    `params` are those of `payments.actions.commands`. `metadata` names the `command` and its `subject`: by that the `find_…` calls
    answer what a command did whose answer was lost, never by trying again. `since`: when it was first sent.
    """

    name: str

    @property
    def is_set_up(self) -> bool: ...  # it has a key
    @property
    def is_live(self) -> bool: ...  # real money

    def create_customer(self, *, metadata: Mapping[str, str], key: str) -> str: ...
    def find_customer(self, *, command: str, since: datetime) -> str | None: ...
    def create_account(self, *, params: Mapping[str, Any], metadata: Mapping[str, str], key: str) -> AccountView: ...
    def find_account(self, *, command: str, since: datetime) -> AccountView | None: ...
    def onboarding_url(self, *, account: str, return_url: str, refresh_url: str) -> str: ...
    def account(self, account: str) -> AccountView: ...

    def charge(
        self, *, params: Mapping[str, Any], customer: str, metadata: Mapping[str, str], key: str
    ) -> IntentView: ...
    def confirm(self, intent: str, *, method: str, return_url: str) -> IntentView: ...  # with test methods only
    def cancel_charge(self, intent: str, *, key: str) -> IntentView: ...
    def intent(self, intent: str) -> IntentView: ...
    def find_charge(self, *, customer: str, command: str) -> IntentView | None: ...

    def refund(
        self, *, params: Mapping[str, Any], intent: str, metadata: Mapping[str, str], key: str
    ) -> RefundView: ...
    def refund_view(self, refund: str) -> RefundView: ...
    def find_refund(self, *, intent: str, command: str) -> RefundView | None: ...

    def pay_seller(
        self, *, params: Mapping[str, Any], metadata: Mapping[str, str], key: str
    ) -> TransferView: ...  # to their account
    def transfer(self, transfer: str) -> TransferView: ...
    def find_transfer(self, *, group: str, command: str) -> TransferView | None: ...
    def pay_out(
        self, *, params: Mapping[str, Any], account: str, metadata: Mapping[str, str], key: str
    ) -> PayoutView: ...  # from there to the bank
    def payout(self, payout: str, *, account: str) -> PayoutView: ...
    def find_payout(self, *, account: str, command: str, since: datetime) -> PayoutView | None: ...
    def claw_back(self, *, params: Mapping[str, Any], metadata: Mapping[str, str], key: str) -> TransferView: ...
    def find_claw_back(self, *, transfer: str, command: str) -> TransferView | None: ...

    def dispute(self, dispute: str) -> DisputeView: ...
    def answer_dispute(self, dispute: str, *, evidence: Mapping[str, str], submit: bool, key: str) -> DisputeView: ...

    def made_by(
        self, thing: str
    ) -> tuple[str, str]: ...  # a charge's, refund's or transfer's command, and what that made
    def balance(self, *, account: str = "") -> BalanceView: ...
    def balance_lines(self, *, since: datetime, until: datetime, account: str = "") -> Iterator[BalanceLine]: ...
    def missed_events(
        self, *, types: tuple[str, ...], since: datetime, account: str = ""
    ) -> Iterator[Mapping[str, Any]]: ...
    def read_event(self, payload: bytes, *, signature: str, endpoint: str) -> Mapping[str, Any]: ...


# What people call a thing ("SL-9R8WZMZV") -> the reference that its money has here; empty: nobody calls anything so.
ReferenceOf = Callable[[str], str]
_reference_of: list[ReferenceOf] = []


def register_reference_of(answer: ReferenceOf) -> None:
    """Called from the `apps.py` of whoever lets us move money for things of theirs."""
    _reference_of.append(answer)


def reference_called(words: str) -> str:
    """The reference of what is called so; the words themselves where nobody knows them."""
    return next((found for answer in _reference_of if (found := answer(words))), words)


@dataclass(frozen=True)
class AuditQuestion:
    """One statement that finds faults of one kind, at most %(shown)s: a reference, a currency, what the ledger says and what the thing
    itself says, in minor units. `words` are filled with the four.
    """

    kind: BreakKind
    sql: str
    words: str


_audit_questions: list[AuditQuestion] = []


def register_audit_questions(*questions: AuditQuestion) -> None:
    """Called from the `apps.py` of whoever has us post for what only their rows know, such as a sale that is paid beside us."""
    _audit_questions.extend(questions)


def audit_questions() -> tuple[AuditQuestion, ...]:
    """What others have the auditor ask."""
    return tuple(_audit_questions)
