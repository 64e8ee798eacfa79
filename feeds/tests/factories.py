"""What the feeds keep of their own."""

import uuid
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from feeds.models import Impression


def staff(group: str) -> User:
    """Somebody of a group of the staff, without superuser."""
    call_command("sync_groups", verbosity=0)
    person = UserFactory(is_staff=True)
    person.groups.add(Group.objects.get(name=group))
    return person


def sample(rows: list[dict[str, Any]], *, page_size: int = 2, days_ago: int = 1, **also: Any) -> list[Impression]:
    """One noted first page: a row for each listing that competed, by `product_id`, `seller_id`, `facts`…"""
    number = uuid.uuid4()
    noon = timezone.localtime(timezone=ZoneInfo("Asia/Dubai")).replace(hour=12) - timedelta(days=days_ago)
    usual = {
        "feed": "community",
        "version": 1,
        "neighborhood_id": None,
        "seller_tier": "other",
        "facts": {"age_hours": 5},
    } | also
    return Impression.objects.bulk_create(
        [
            Impression(
                **{
                    "sample": number,
                    "at": noon,
                    "page_size": page_size,
                    "position": position,
                    "product_id": uuid.uuid4(),
                    "seller_id": uuid.uuid4(),
                    **usual,
                    **row,
                }
            )
            for position, row in enumerate(rows, start=1)
        ]
    )
