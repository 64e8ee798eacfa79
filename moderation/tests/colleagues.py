"""Somebody of the staff, with the groups as the console has them."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group

from accounts.tests.factories import UserFactory
from moderation.actions import sync_staff_groups


def colleague(*groups: str) -> Any:
    sync_staff_groups(table=settings.STAFF_GROUPS)
    person: Any = UserFactory(staff=True)
    person.groups.set(Group.objects.filter(name__in=groups))
    return person
