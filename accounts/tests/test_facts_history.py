import pytest

from accounts.actions import edit_profile, lift_restriction, restrict_person
from accounts.models import User, UserFactsEvent
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_every_change_of_a_tracked_fact_is_kept_whoever_makes_it():
    user = UserFactory()
    restriction = restrict_person(user=user, kind="account", reason_en="Fraud.", reason_ar="")
    lift_restriction(restriction=restriction)
    User.objects.filter(pk=user.pk).update(is_staff=True)
    kept = UserFactsEvent.objects.filter(pgh_obj_id=user.pk).order_by("pgh_id")
    assert [(e.suspended_at is not None, e.is_staff) for e in kept] == [(True, False), (False, False), (False, True)]


def test_other_changes_leave_no_trace_and_no_names_are_kept():
    user = UserFactory()
    edit_profile(user=user, bio="Lamps", username="another")
    assert not UserFactsEvent.objects.exists()
    names = {field.name for field in UserFactsEvent._meta.fields}
    assert not names & {"username", "email", "phone", "full_name", "password", "location"}
