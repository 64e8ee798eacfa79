from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import rules, selectors
from accounts.actions import lift_restriction, restrict_person
from accounts.actions.restrictions import lift_run_out_restrictions
from accounts.errors import Restricted, Suspended
from accounts.models import User
from accounts.tests.factories import UserFactory
from core.models import OutboxEvent

pytestmark = pytest.mark.django_db
WORDS = {"reason_en": "Counterfeit goods.", "reason_ar": "بضائع مقلدة."}


def test_suspension_stops_everything_and_hides_what_is_for_sale():
    user = UserFactory()
    restriction = restrict_person(user=user, kind="account", **WORDS)
    assert user.suspended_at is not None
    fresh = User.objects.get(pk=user.pk)
    assert fresh.suspended_at == fresh.listings_hidden_at == restriction.starts_at
    with pytest.raises(Suspended):
        rules.check_not_suspended(fresh)
    assert OutboxEvent.objects.get().name == "accounts.person_restricted"


def test_a_selling_ban_hides_what_is_for_sale_and_leaves_the_rest():
    user = UserFactory()
    restrict_person(user=user, kind="sell", **WORDS)
    rules.check_not_suspended(user)
    with pytest.raises(Restricted):
        rules.check_may_sell(user)


def test_other_kinds_touch_neither():
    user = UserFactory()
    restrict_person(user=user, kind="message", **WORDS)
    rules.check_may_sell(user)
    kinds = selectors.open_restriction_kinds(user)
    with pytest.raises(Restricted):
        rules.check_unrestricted(user, kind="message", open_kinds=kinds)
    rules.check_unrestricted(user, kind="withdraw", open_kinds=kinds)


def test_one_of_two_lifted_leaves_the_other_in_force():
    user = UserFactory()
    first = restrict_person(user=user, kind="account", **WORDS)
    restrict_person(user=user, kind="sell", **WORDS)
    lift_restriction(restriction=first)
    user.refresh_from_db()
    assert user.suspended_at is None
    assert user.listings_hidden_at is not None


def test_lifting_twice_tells_once():
    restriction = restrict_person(user=UserFactory(), kind="account", **WORDS)
    lift_restriction(restriction=restriction)
    lift_restriction(restriction=restriction)
    assert OutboxEvent.objects.filter(name="accounts.restriction_lifted").count() == 1


def test_ends_by_itself_when_its_time_has_come():
    user = UserFactory()
    restrict_person(user=user, kind="account", ends_at=timezone.now() + timedelta(days=3), **WORDS)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert lift_run_out_restrictions() == 0
    with time_machine.travel(timezone.now() + timedelta(days=3, seconds=1)):
        assert lift_run_out_restrictions() == 1
        assert lift_run_out_restrictions() == 0
    user.refresh_from_db()
    assert user.suspended_at is None
    assert user.listings_hidden_at is None
