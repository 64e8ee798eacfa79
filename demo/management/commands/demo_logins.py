"""`manage.py demo_logins`: who can sign in to the demo, as a small table. Prints nothing where there is no demo city."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import User
from demo.city.logins import LOGINS, PASSWORD


class Command(BaseCommand):
    help = "Print the logins of the demo city."

    def handle(self, *args: Any, **options: Any) -> None:
        known = set(
            User.objects.filter(username__in=[login.username for login in LOGINS]).values_list("username", flat=True)
        )
        found = [login for login in LOGINS if login.username in known]
        if not found:
            return
        self.stdout.write(f"Demo logins, password of all: {PASSWORD}")
        for login in found:
            door = "/admin/" if login.is_staff else "/"
            self.stdout.write(f"  {login.username:<10} {door:<8} {login.what}")
