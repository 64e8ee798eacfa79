"""`manage.py check_payouts`: is anybody waiting for money?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from payments import selectors


class Command(BaseCommand):
    help = "Say where payouts stand and which are late. Ends with an error where one is."

    def handle(self, *_args: Any, **_options: Any) -> None:
        standing = selectors.payout_standing(at=timezone.now())
        for state, count in standing.counts.items():
            self.stdout.write(f"{state}: {count}")
        for words in standing.late:
            self.stderr.write(self.style.ERROR(words))
        if standing.late:
            msg = "Payouts are late."
            raise CommandError(msg)
        self.stdout.write(self.style.SUCCESS("No payout is late."))
