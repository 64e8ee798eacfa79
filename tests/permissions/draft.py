"""`python -m tests.permissions.draft`: print the table as the routes answer today, on the test database's schema."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("SOUK_ENV", "test")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402

from tests.permissions.test_permissions import answer, routes  # noqa: E402
from tests.permissions.world import ROLES, build  # noqa: E402


def main() -> None:
    settings.RATE_LIMITS_ENABLED = False
    settings.STAFF_SECOND_FACTOR = False
    with transaction.atomic():
        world = build()
        print(f"{'':7}{'':66}" + "".join(f"{role:>11}" for role in ROLES))
        for route in routes():
            method, path = route.split()
            print(f"{method:7}{path:66}" + "".join(f"{answer(world, route, role):>11}" for role in ROLES))
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
