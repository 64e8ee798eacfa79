"""`manage.py audit_ledger`: does the ledger hold?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments import selectors


class Command(BaseCommand):
    help = "Verify the whole ledger: sums, balances, what is held, and the hash chain. Ends with an error where one does not hold."

    def handle(self, *_args: Any, **_options: Any) -> None:
        verdict = selectors.audit_ledger()
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
