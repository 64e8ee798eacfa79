"""Ordering things from the provider: written with the decision, carried out after it is committed.

Amounts in `params` are minor units; the words are ours, the provider's adapter translates them. What is known only later (the payer's
customer, the intent of a payment) is looked up when the command is carried out, from rows that never change again.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection

from core.events import publish, publish_many
from core.money import Money
from payments.events import CommandOrdered
from payments.models import Payment, PaymentHold, Payout, ProviderCommand, Refund
from payments.states import CommandKind

# One statement that says whether it was new; a database does not do this for `get_or_create` without a savepoint.
_ORDER = """
    INSERT INTO payments_providercommand (
        id, kind, subject, params, account, idempotency_key, state, round, attempts, due_at, result_id, error_code, error, created_at
    ) VALUES (
        %(id)s, %(kind)s, %(subject)s, %(params)s, %(account)s, %(key)s, %(state)s, %(round)s, 0, %(due_at)s, '', '', '', %(created_at)s
    ) ON CONFLICT (idempotency_key) DO NOTHING
"""


def order_command(
    *, kind: str, subject: str, params: dict[str, Any], idempotency_key: str, account: str = ""
) -> ProviderCommand:
    """Write down something to do at the provider, in the caller's transaction; a worker carries it out once that is committed.

    `idempotency_key` names the intent ("tr:{payout}"): ordering the same again changes nothing and answers with the first.
    Publishes CommandOrdered.
    """
    command = ProviderCommand(
        kind=str(kind), subject=subject, params=params, account=account, idempotency_key=idempotency_key
    )
    with connection.cursor() as cursor:
        cursor.execute(
            _ORDER,
            {
                "id": command.pk,
                "kind": command.kind,
                "subject": subject,
                "params": json.dumps(params),
                "account": account,
                "key": idempotency_key,
                "state": str(command.state),
                "round": command.round,
                "due_at": command.due_at,
                "created_at": command.created_at,
            },
        )
        is_new = cursor.rowcount == 1
    if not is_new:
        return ProviderCommand.objects.get(idempotency_key=idempotency_key)
    command._state.adding = False
    publish(CommandOrdered(command_id=command.pk))
    return command


def order_customer(*, user_id: uuid.UUID) -> ProviderCommand:
    """The payer becomes known to the provider, by their id alone. Nobody is told: the charge that needs it carries it out first."""
    return ProviderCommand.objects.get_or_create(
        idempotency_key=f"cus:{user_id}",
        defaults={"kind": CommandKind.CREATE_CUSTOMER, "subject": f"user:{user_id}", "params": {}},
    )[0]


def order_account(*, user_id: uuid.UUID, country: str, attempt: int = 1) -> ProviderCommand:
    """A seller gets an account at the provider. `attempt`: another after one that was refused is another intent."""
    return order_command(
        kind=CommandKind.CREATE_ACCOUNT,
        subject=f"user:{user_id}",
        params={"country": country},
        idempotency_key=f"acct:{user_id}" if attempt == 1 else f"acct:{user_id}:{attempt}",
    )


def order_charge(*, payment: Payment, holds: Sequence[PaymentHold]) -> ProviderCommand:
    """Ask the provider for an intent over the whole payment; `holds` are all of its parts, in the order of their ids."""
    return order_command(
        kind=CommandKind.CREATE_CHARGE,
        subject=f"payment:{payment.pk}",
        params={
            "payment": str(payment.pk),
            "payer": str(payment.payer_id),
            "reference": payment.reference,
            "amount": payment.amount_minor,
            "currency": payment.currency,
            "description": payment.description,
            "parts": [
                {
                    "reference": hold.reference,
                    "payee": str(hold.payee_id),
                    "amount": hold.amount_minor,
                    "subsidy": hold.subsidy_minor,
                    "commission": hold.commission_minor,
                }
                for hold in holds
            ],
        },
        idempotency_key=f"pi:{payment.pk}:{payment.attempt}",
    )


def order_cancel(*, payment: Payment) -> ProviderCommand:
    """Call the intent off. If it was paid meanwhile, the answer says so and the payment is captured."""
    return order_command(
        kind=CommandKind.CANCEL_CHARGE,
        subject=f"payment:{payment.pk}",
        params={"payment": str(payment.pk)},
        idempotency_key=f"pic:{payment.pk}",
    )


def order_refund(*, refund: Refund, attempt: int = 1) -> ProviderCommand:
    """Give some of a charge back. `attempt`: another after one that failed for good is another intent."""
    return order_command(
        kind=CommandKind.REFUND,
        subject=f"refund:{refund.pk}",
        params={
            "amount": refund.amount_minor,
            "currency": refund.hold.currency,
            "payment": str(refund.hold.payment_id),
            "reference": refund.hold.reference,
        },
        idempotency_key=f"re:{refund.pk}" if attempt == 1 else f"re:{refund.pk}:{attempt}",
    )


def order_transfer(*, payout: Payout, account: str) -> ProviderCommand:
    """Move what a payout brings, its fee withheld, to the seller's `account`."""
    return order_command(**_transfer(payout, account))


def order_transfers(*, payouts: Sequence[Payout], accounts: Mapping[uuid.UUID, str]) -> None:
    """Like `order_transfer` for many new payouts at once; `accounts` by seller."""
    commands = [ProviderCommand(**_transfer(payout, accounts[payout.seller_id])) for payout in payouts]
    ProviderCommand.objects.bulk_create(commands)
    publish_many([CommandOrdered(command_id=command.pk) for command in commands])


def _transfer(payout: Payout, account: str) -> dict[str, Any]:
    return {
        "kind": CommandKind.TRANSFER,
        "subject": f"payout:{payout.pk}",
        "params": {
            "amount": payout.net.minor,
            "fee": payout.fee_minor,
            "currency": payout.currency,
            "destination": account,
            "top_up": _added_later(payout),
        },
        "idempotency_key": f"tr:{payout.pk}",
    }


def order_bank_payout(*, payout: Payout, account: str) -> ProviderCommand:
    """Pay what lies in the seller's `account` for this payout out to their bank."""
    return order_command(
        kind=CommandKind.PAY_OUT,
        subject=f"payout:{payout.pk}",
        params={
            "amount": payout.net.minor,
            "currency": payout.currency,
            "method": payout.method,
        },
        account=account,
        idempotency_key=f"po:{payout.pk}",
    )


def order_claw_back(*, payout: Payout, amount: Money, claw_back_id: uuid.UUID) -> ProviderCommand:
    """Take some of a payout's transfer back, as far as the seller's account at the provider still has it."""
    return order_command(
        kind=CommandKind.CLAW_BACK,
        subject=f"payout:{payout.pk}",
        params={
            "amount": amount.minor,
            "currency": amount.currency,
            "transfer": payout.transfer_id,
        },
        idempotency_key=f"trr:{claw_back_id}",
    )


def _added_later(payout: Payout) -> int:
    """With destination charges, what the platform's vouchers add beyond its commissions, in minor units; else 0."""
    if settings.STRIPE["funds_flow"] != "destination":
        return 0
    return sum(
        max((h.subsidy_minor - h.subsidy_returned_minor) - (h.commission_minor - h.commission_returned_minor), 0)
        for h in payout.holds.all()
    )
