"""`manage.py expire_offers`: what beat does every minute, by hand."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from offers import actions
from offers.actions.sweeps import SWEEP_BATCH


class Command(BaseCommand):
    help = "End offers that nobody answered, or paid, in time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=None, help="at most so many of each (default: all)")

    def handle(self, *_args: Any, limit: int | None, **_options: Any) -> None:
        actions.stop_forgotten_clocks()
        unanswered = _until_done(actions.expire_due_offers, limit)
        unpaid = _until_done(actions.release_unpaid_offers, limit)
        self.stdout.write(f"{unanswered} nobody answered, {unpaid} nobody paid.")


def _until_done(sweep: Any, limit: int | None) -> int:
    done = 0
    while limit is None or done < limit:
        batch = sweep(limit=SWEEP_BATCH if limit is None else min(SWEEP_BATCH, limit - done))
        if not batch:
            break
        done += batch
    return done
