"""Write the groups of staff and what each may do. Run after every migrate; running it again changes nothing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from moderation.actions import sync_staff_groups


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            changed = sync_staff_groups(table=settings.STAFF_GROUPS)
        except LookupError as error:
            msg = f"No such permission: {error}. Run migrate first, or correct config/staff_groups.py."
            raise CommandError(msg) from None
        self.stdout.write(f"Groups: {', '.join(changed)} updated." if changed else "Groups: all as they should be.")
