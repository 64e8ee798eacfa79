import pytest

from core.models import AuditEntry
from places.actions import switch_neighborhood
from places.tests.factories import NeighborhoodFactory

pytestmark = pytest.mark.django_db


def test_switching_off_and_on_is_recorded_each_time():
    area = NeighborhoodFactory()
    assert not switch_neighborhood(staff=None, neighborhood=area, active=False).is_active
    assert switch_neighborhood(staff=None, neighborhood=area, active=True).is_active
    assert list(AuditEntry.objects.order_by("id").values_list("action", "after__is_active")) == [
        ("places.switch_neighborhood", False),
        ("places.switch_neighborhood", True),
    ]


def test_switching_to_what_it_is_changes_and_records_nothing():
    area = NeighborhoodFactory()
    before = area.updated_at
    switch_neighborhood(staff=None, neighborhood=area, active=True)
    area.refresh_from_db()
    assert area.updated_at == before
    assert not AuditEntry.objects.exists()
