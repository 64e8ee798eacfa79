"""`manage.py reconcile_stripe [--since 2026-11-19] [--until 2026-11-20]`: hold the provider's books against ours."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from payments.actions import reconcile
from payments.errors import ProviderError
from payments.selectors import open_breaks, payouts_are_stopped


class Command(BaseCommand):
    help = "Compare the provider's books with the ledger. Ends with 1 where something is unexplained."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=_moment, help="a day or a moment in UTC; by default a day ago")
        parser.add_argument("--until", type=_moment, help="by default now")
        parser.add_argument("--grace", type=int, default=60, help="minutes in which nothing is called a break yet")

    def handle(self, *_args: Any, **options: Any) -> None:
        until = options["until"] or timezone.now()
        since = options["since"] or until - timedelta(days=1)
        if since >= until:
            msg = "--since is not before --until"
            raise CommandError(msg)
        try:
            run = reconcile(since=since, until=until, grace=timedelta(minutes=options["grace"]))
        except ProviderError as error:
            msg = f"The provider does not answer: {error}"
            raise CommandError(msg) from error
        self.stdout.write(f"{run}: {run.counted}")
        rows = open_breaks()
        for row in rows:
            self.stdout.write(
                f"  {row.kind} {row.ref} {row.account} expected {row.expected_minor} found {row.found_minor} {row.currency}"
            )
        if payouts_are_stopped():
            self.stdout.write("Payouts are stopped until this is explained.")
        if rows:
            msg_0 = f"{len(rows)} unexplained"
            raise CommandError(msg_0, returncode=1)
        self.stdout.write("The books agree.")


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
