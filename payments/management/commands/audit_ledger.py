"""`manage.py audit_ledger`: does the ledger hold?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.actions import note_audit


class Command(BaseCommand):
    help = "Verify the whole ledger from both sides: sums, balances, the hash chain, what happened and what is posted."

    def handle(self, *_args: Any, **_options: Any) -> None:
        verdict = note_audit()
        self.stdout.write(
            f"{verdict.transactions} transactions, {verdict.entries} lines, {verdict.sealed} links hold, "
            f"{verdict.unsealed} not linked yet."
        )
        for fault in verdict.faults:
            self.stderr.write(self.style.ERROR(fault))
        if not verdict.holds:
            msg = "The ledger does not hold."
            raise CommandError(msg)
        self.stdout.write(self.style.SUCCESS("The ledger holds."))
