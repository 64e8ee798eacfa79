"""What each kind of command asks of the provider, how to find out whether it was done before, and what its answer means to us."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from core.money import Money
from core.states import move
from payments.actions.payout_results import note_account, note_bank_payout, note_claw_back, note_transfer
from payments.actions.results import note_customer, note_intent, note_refund
from payments.errors import ProviderRefused, ProviderUnclear
from payments.models import Payment, ProviderCommand, ProviderCustomer, Refund, SellerAccount
from payments.ports import IntentView, Provider, RefundView
from payments.provider import provider
from payments.states import COMMAND_MOVES, CommandKind, CommandState

CALLED_OFF = "called_off"  # of a charge that was never asked for
TOO_LATE = "payment_intent_unexpected_state"  # the intent is beyond what was asked: paid, or called off already


@dataclass(frozen=True)
class Deed:
    """`send` asks with the key, `find` looks whether an earlier try did it (`since`: when that was), `note` writes the answer down."""

    send: Callable[[ProviderCommand, str], Any]
    find: Callable[[ProviderCommand, datetime], Any]
    note: Callable[[ProviderCommand, Any], None]


def subject_id(command: ProviderCommand) -> uuid.UUID:
    return uuid.UUID(command.subject.partition(":")[2])


def _said(command: ProviderCommand) -> dict[str, str]:
    """What the thing at the provider says of where it comes from."""
    return {"command": str(command.pk), "subject": command.subject}


def _payment(command: ProviderCommand) -> Payment:
    return Payment.objects.get(pk=subject_id(command))


def _refund(command: ProviderCommand) -> Refund:
    return Refund.objects.select_related("hold__payment").get(pk=subject_id(command))


# Customers and accounts


def _send_customer(command: ProviderCommand, key: str) -> str:
    return provider().create_customer(metadata=_said(command), key=key)


def _find_customer(command: ProviderCommand, since: datetime) -> str | None:
    return provider().find_customer(command=str(command.pk), since=since)


def _note_customer(command: ProviderCommand, answer: str) -> None:
    note_customer(user_id=subject_id(command), provider_id=answer)


def _send_account(command: ProviderCommand, key: str) -> Any:
    return provider().create_account(params=command.params, metadata=_said(command), key=key)


def _find_account(command: ProviderCommand, since: datetime) -> Any:
    return provider().find_account(command=str(command.pk), since=since)


def _note_account(command: ProviderCommand, answer: Any) -> None:
    note_account(user_id=subject_id(command), view=answer)


# Charges


def customer_of(payment: Payment) -> str:
    """Raises ProviderUnclear while the payer is not known to the provider."""
    found = ProviderCustomer.objects.filter(user_id=payment.payer_id).first()
    if found is None:
        raise ProviderUnclear(code="customer_not_known_yet")
    return found.provider_id


def _send_charge(command: ProviderCommand, key: str) -> IntentView:
    payment = _payment(command)
    params = command.params
    if payment.funds_flow == "destination":
        params = params | {"destination": _account_of(params["parts"][0]["payee"])}
    return provider(payment.funds_flow).charge(
        params=params, customer=customer_of(payment), metadata=_said(command), key=key
    )


def _account_of(payee_id: str) -> str:
    """Empty where the payee has none yet."""
    return SellerAccount.objects.filter(user_id=payee_id).values_list("provider_id", flat=True).first() or ""


def _find_charge(command: ProviderCommand, _since: datetime) -> IntentView | None:
    payment = _payment(command)
    return provider(payment.funds_flow).find_charge(customer=customer_of(payment), command=str(command.pk))


def _note_charge(command: ProviderCommand, answer: IntentView | None) -> None:
    if answer is not None:
        note_intent(payment_id=subject_id(command), view=answer)


def _send_cancel(command: ProviderCommand, key: str) -> IntentView | None:
    """None: there is nothing to call off, because the charge was never asked for or was refused."""
    payment = _payment(command)
    if not payment.provider_id:
        if _never_asked(payment):
            return None
        raise ProviderUnclear(code="intent_not_known_yet")
    known: Provider = provider(payment.funds_flow)
    try:
        return known.cancel_charge(payment.provider_id, key=key)
    except ProviderRefused as refused:
        if refused.code != TOO_LATE:
            raise
        return known.intent(payment.provider_id)


@transaction.atomic(durable=True)
def _never_asked(payment: Payment) -> bool:
    """Take the order for the charge back, if nobody carried it to the provider yet."""
    ordered = (
        ProviderCommand.objects.select_for_update(of=("self",))
        .filter(subject=f"payment:{payment.pk}", kind=CommandKind.CREATE_CHARGE)
        .first()
    )
    if ordered is None or ordered.state == CommandState.FAILED:
        return True
    if ordered.state == CommandState.PENDING and ordered.attempts == 0:
        move(ordered, CommandState.FAILED, COMMAND_MOVES, error_code=CALLED_OFF)
        return True
    return False


def _find_cancel(command: ProviderCommand, _since: datetime) -> IntentView | None:
    payment = _payment(command)
    if not payment.provider_id:
        return None
    seen = provider(payment.funds_flow).intent(payment.provider_id)
    return seen if seen.status in ("canceled", "succeeded") else None


# Refunds


def _send_refund(command: ProviderCommand, key: str) -> RefundView:
    payment = _refund(command).hold.payment
    return provider(payment.funds_flow).refund(
        params=command.params, intent=payment.provider_id, metadata=_said(command), key=key
    )


def _find_refund(command: ProviderCommand, _since: datetime) -> RefundView | None:
    payment = _refund(command).hold.payment
    return provider(payment.funds_flow).find_refund(intent=payment.provider_id, command=str(command.pk))


def _note_refund(command: ProviderCommand, answer: RefundView) -> None:
    note_refund(refund_id=subject_id(command), view=answer)


# Payouts


def _send_transfer(command: ProviderCommand, key: str) -> Any:
    return provider().pay_seller(params=command.params, metadata=_said(command), key=key)


def _find_transfer(command: ProviderCommand, _since: datetime) -> Any:
    return provider().find_transfer(group=command.subject, command=str(command.pk))


def _note_transfer(command: ProviderCommand, answer: Any) -> None:
    note_transfer(payout_id=subject_id(command), view=answer)


def _send_pay_out(command: ProviderCommand, key: str) -> Any:
    return provider().pay_out(params=command.params, account=command.account, metadata=_said(command), key=key)


def _find_pay_out(command: ProviderCommand, since: datetime) -> Any:
    return provider().find_payout(account=command.account, command=str(command.pk), since=since)


def _note_pay_out(command: ProviderCommand, answer: Any) -> None:
    note_bank_payout(payout_id=subject_id(command), view=answer)


def _send_claw_back(command: ProviderCommand, key: str) -> Any:
    return provider().claw_back(params=command.params, metadata=_said(command), key=key)


def _find_claw_back(command: ProviderCommand, _since: datetime) -> Any:
    return provider().find_claw_back(transfer=command.params["transfer"], command=str(command.pk))


def _note_claw_back(command: ProviderCommand, answer: Any) -> None:
    note_claw_back(
        payout_id=subject_id(command),
        view=answer,
        amount=Money(command.params["amount"], command.params["currency"]),
        command_id=command.pk,
    )


DEEDS: dict[str, Deed] = {
    CommandKind.CREATE_CUSTOMER: Deed(_send_customer, _find_customer, _note_customer),
    CommandKind.CREATE_ACCOUNT: Deed(_send_account, _find_account, _note_account),
    CommandKind.CREATE_CHARGE: Deed(_send_charge, _find_charge, _note_charge),
    CommandKind.CANCEL_CHARGE: Deed(_send_cancel, _find_cancel, _note_charge),
    CommandKind.REFUND: Deed(_send_refund, _find_refund, _note_refund),
    CommandKind.TRANSFER: Deed(_send_transfer, _find_transfer, _note_transfer),
    CommandKind.PAY_OUT: Deed(_send_pay_out, _find_pay_out, _note_pay_out),
    CommandKind.CLAW_BACK: Deed(_send_claw_back, _find_claw_back, _note_claw_back),
}
