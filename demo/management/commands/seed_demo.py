"""`manage.py seed_demo`: build the demo city, through the same actions as people do."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from demo.catalogue import SMALL_CITY
from demo.city.build import build, is_empty
from demo.city.logins import PASSWORD
from demo.city.plan import draw_up
from demo.city.progress import Progress
from demo.city.studio import StudioError
from demo.film import FilmError

SMALLEST = 60


class Command(BaseCommand):
    help = "Build the demo city: people, pictures, listings, reports and cases. The same seed builds the same city."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=42)
        parser.add_argument(
            "--listings", type=int, default=SMALL_CITY, help=f"how many, from {SMALLEST} (default {SMALL_CITY})"
        )
        parser.add_argument("--if-empty", action="store_true", help="do nothing, and say so, where anything is listed")
        parser.add_argument("--anchor", default="", help="the city's present moment, ISO 8601 (default: now)")
        parser.add_argument(
            "--workers", type=int, help="threads that prepare pictures (default: one a core, at most 4)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.IN_PRODUCTION:
            msg = "The demo city is made-up people with a password that everybody knows: not in production."
            raise CommandError(msg)
        if options["listings"] < SMALLEST:
            msg = f"A city has {SMALLEST} listings at least."
            raise CommandError(msg)
        if not is_empty():
            if options["if_empty"]:
                self.stdout.write("There are listings already; nothing was built.")
                return
            msg = "There are listings already. The demo city is built where nothing is listed (./souk reset)."
            raise CommandError(msg)
        anchor = self._anchor(options["anchor"])
        plan = draw_up(seed=options["seed"], size=options["listings"])
        progress = Progress(self.stdout, bars=self.stdout.isatty())
        try:
            built = build(plan, anchor=anchor, progress=progress, workers=options["workers"])
        except (StudioError, FilmError) as broken:
            raise CommandError(str(broken)) from broken
        states = ", ".join(f"{count} {state}" for state, count in built.listings.items())
        self.stdout.write(
            f"Demo city: {built.people} people ({built.suspended} suspended); listings: {states}; "
            f"{built.orders} orders; {built.cases_waiting} cases wait for a moderator. Password of all logins: {PASSWORD}"
        )

    def _anchor(self, told: str) -> datetime:
        if not told:
            return timezone.now()
        moment = parse_datetime(told)
        if moment is None or moment.tzinfo is None:
            msg = f"“{told}” is no moment such as 2026-11-20T12:00:00Z."
            raise CommandError(msg)
        return moment
