"""`manage.py check_payouts`: is anybody waiting for money?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from payments import actions, selectors


class Command(BaseCommand):
    help = "Ask the provider about payouts on their way, then say which are late. Ends with an error where one is."

    def handle(self, *_args: Any, **_options: Any) -> None:
        looked_at = actions.sync_payouts_on_their_way(older_than=timezone.now())
        self.stdout.write(f"{looked_at} payouts on their way looked at.")
        standing = selectors.payout_standing(at=timezone.now())
        for state, count in standing.counts.items():
            self.stdout.write(f"{state}: {count}")
        for words in standing.late:
            self.stderr.write(self.style.ERROR(words))
        if standing.late:
            msg = "Payouts are late."
            raise CommandError(msg)
        self.stdout.write(self.style.SUCCESS("No payout is late."))
