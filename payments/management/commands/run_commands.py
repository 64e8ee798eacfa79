"""`manage.py run_commands`: carry out what the provider was asked for and is due, now instead of at beat's next minute."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from payments.actions import run_due_commands


class Command(BaseCommand):
    help = "Carry out the provider commands that are due."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=200)

    def handle(self, *_args: Any, **options: Any) -> None:
        tried = run_due_commands(limit=options["limit"])
        self.stdout.write(f"{tried} commands tried.")
