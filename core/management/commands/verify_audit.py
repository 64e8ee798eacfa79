"""`manage.py verify_audit`: walk the audit chain; exit 1 where it is broken."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import audit


class Command(BaseCommand):
    help = "Verify the hash chain over the audit log."

    def handle(self, *_args: Any, **_options: Any) -> None:
        verdict = audit.verify()
        if not verdict.holds:
            msg = f"The chain breaks at position {verdict.broken_at}: an entry was changed or removed."
            raise CommandError(msg)
        self.stdout.write(
            f"The chain holds: {verdict.sealed} entries sealed, {verdict.unsealed} waiting for the sealer."
        )
