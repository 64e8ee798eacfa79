"""Ordering things from the provider: written with the decision, carried out after it is committed."""

from typing import Any

from core.events import publish
from payments.events import CommandOrdered
from payments.models import ProviderCommand


def order_command(
    *, kind: str, subject: str, params: dict[str, Any], idempotency_key: str, account: str = ""
) -> ProviderCommand:
    """Write down something to do at the provider, in the caller's transaction; a worker carries it out once that is committed.

    `idempotency_key` names the intent ("tr:{payout}"): ordering the same again changes nothing and answers with the first.
    Publishes CommandOrdered.
    """
    command, is_new = ProviderCommand.objects.get_or_create(
        idempotency_key=idempotency_key,
        defaults={"kind": kind, "subject": subject, "params": params, "account": account},
    )
    if is_new:
        publish(CommandOrdered(command_id=command.pk))
    return command
