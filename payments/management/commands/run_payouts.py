"""`manage.py run_payouts`: what beat does every day, by hand."""

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from core.money import Money
from payments import actions


class Command(BaseCommand):
    help = "Order the payouts that are due. Safe to repeat: a seller is paid once in a period."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be paid")
        parser.add_argument("--seller", type=uuid.UUID, help="this seller alone")
        parser.add_argument("--limit", type=int, help="at most so many payouts")

    def handle(self, *_args: Any, dry_run: bool, seller: uuid.UUID | None, limit: int | None, **_options: Any) -> None:
        person = None
        if seller:
            person = User.objects.filter(pk=seller).first()
            if person is None:
                msg = f"There is nobody {seller}."
                raise CommandError(msg)
        run = actions.run_due_payouts(at=timezone.now(), dry_run=dry_run, seller=person, limit=limit)
        if run.is_stopped:
            msg = "Payouts are stopped: the provider's books and ours do not agree. See the breaks of the last reconciliation."
            raise CommandError(msg)
        for payout in run.payouts:
            self.stdout.write(
                f"{payout.seller_id}  {payout.amount} {payout.currency}  {payout.method}  {payout.period}"
            )
        sums = ", ".join(f"{Money(minor, currency)} {currency}" for currency, minor in sorted(run.amounts.items()))
        verb = "would be paid" if dry_run else "ordered"
        self.stdout.write(
            f"{run.looked_at} sellers looked at, {run.ordered} payouts {verb}{': ' + sums if sums else ''}."
        )
