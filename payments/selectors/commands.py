"""Questions about what the provider was asked to do."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import models

from payments.models import Payment, ProviderCommand
from payments.states import CommandKind, CommandState


class WaitsBecause(models.TextChoices):
    """Why a payment is not known to the provider yet."""

    SILENT = "silent"  # no answer, or none yet
    FAILED = "failed"  # it answered with a failure of its own
    PARKED = "parked"  # so often that a person must look


@dataclass(frozen=True)
class ChargeWait:
    """What a payer waits for. `again_at`: when the provider is asked again, also by whoever looks."""

    because: WaitsBecause
    again_at: datetime

    def seconds(self, at: datetime) -> int:
        """Until then; one at least, so that nobody asks in circles."""
        return max(1, round((self.again_at - at).total_seconds()))


def charge_command(payment: Payment) -> uuid.UUID | None:
    """The command that makes the payment known to the provider; its payer waits for it."""
    return _charges(payment).values_list("pk", flat=True).first()


def charge_wait(payment: Payment) -> ChargeWait | None:
    """Why the provider does not know an open payment yet; None: it does, or will never."""
    command = _charges(payment).first()
    if command is None or command.state in (CommandState.DONE, CommandState.FAILED):
        return None
    if command.state == CommandState.PARKED:
        return ChargeWait(WaitsBecause.PARKED, command.due_at)
    because = WaitsBecause.FAILED if command.round > 1 else WaitsBecause.SILENT
    return ChargeWait(because, command.due_at)


def _charges(payment: Payment) -> "models.QuerySet[ProviderCommand]":
    rows = ProviderCommand.objects.filter(subject=f"payment:{payment.pk}", kind=CommandKind.CREATE_CHARGE)
    return rows.order_by("-pk")
