"""Make every search document anew, and the engine's copy of them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from search.actions import index_everything, rebuild_engine
from search.engines import engine


class Command(BaseCommand):
    help = "Make every search document anew from the listings, then the engine's copy. Searches go on meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=500, help="documents a transaction")
        parser.add_argument("--engine-only", action="store_true", help="leave the documents, copy them to the engine")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["engine_only"]:
            done = index_everything(progress=self.tell, batch=options["batch"])
            self.stdout.write(f"{done:,} documents")
        copied = rebuild_engine(progress=self.tell)
        self.stdout.write(f"{copied:,} documents in {engine().name}")

    def tell(self, done: int, whole: int) -> None:
        self.stderr.write(f"\r{done:,} of {whole:,}", ending="" if done < whole else "\n")
