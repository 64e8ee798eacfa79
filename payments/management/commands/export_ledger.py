"""`manage.py export_ledger`: the whole ledger as a Beancount file, for an accountant who does not trust our programs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from payments import selectors


class Command(BaseCommand):
    help = "Write the ledger for Beancount (check it with `bean-check`), in whole minor units, to standard output or a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=["beancount"], default="beancount")
        parser.add_argument("--output", help="a file; default: standard output")

    def handle(self, *_args: Any, output: str | None, **_options: Any) -> None:
        if output is None:
            for line in selectors.beancount_lines():
                self.stdout.write(line)
            return
        with open(output, "w", encoding="utf-8") as file:  # noqa: PTH123 - a path of the operator's
            file.writelines(f"{line}\n" for line in selectors.beancount_lines())
        self.stdout.write(f"{output} is written. Check it with `bean-check {output}`.")
