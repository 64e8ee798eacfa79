"""Questions about what the provider was asked to do."""

import uuid

from payments.models import Payment, ProviderCommand
from payments.states import CommandKind


def charge_command(payment: Payment) -> uuid.UUID | None:
    """The command that makes the payment known to the provider; its payer waits for it."""
    rows = ProviderCommand.objects.filter(subject=f"payment:{payment.pk}", kind=CommandKind.CREATE_CHARGE)
    return rows.order_by("-pk").values_list("pk", flat=True).first()
