from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation import rules, selectors
from moderation.models import Case, ModerationSettings
from moderation.states import CaseKind, ReportReason
from moderation.tests.factories import CaseFactory

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "factor"), [(0, "0"), (6.99, "0"), (7, "0.5"), (29.9, "0.5"), (30, "0.8"), (90, "1.0"), (4000, "1.0")]
)
def test_the_age_of_an_account_steps_up(days, factor):
    assert rules.age_factor(timedelta(days=days)) == Decimal(factor)


def test_reliability_starts_at_three_quarters_and_follows_the_record():
    assert rules.reliability(upheld=0, decided=0) == Decimal("0.75")
    assert rules.reliability(upheld=20, decided=20) == Decimal("0.96")
    assert rules.reliability(upheld=0, decided=20) == Decimal("0.12")


def test_every_reason_has_a_severity():
    assert {rules.severity_of(reason) for reason in ReportReason} == {1, 2, 3, 4}


def test_urgent_reports_have_a_quarter_of_the_time():
    house = ModerationSettings()
    due = {s: rules.deadline(kind=CaseKind.REPORT, severity=s, settings=house, now=NOW) - NOW for s in (3, 4)}
    assert due == {3: timedelta(hours=24), 4: timedelta(hours=6)}


def test_what_is_more_severe_heavier_costlier_or_later_comes_first():
    calm = {
        "severity": 1,
        "weight": Decimal(0),
        "at_risk_minor": 0,
        "due_at": NOW + timedelta(days=2),
        "now": NOW,
    }
    least = rules.priority(**calm)
    assert least == 1
    for more in (
        {"severity": 2},
        {"weight": Decimal("0.5")},
        {"at_risk_minor": 100_00},
        {"due_at": NOW + timedelta(hours=1)},
    ):
        assert rules.priority(**{**calm, **more}) > least


def test_equal_content_has_an_equal_hash_whatever_its_order():
    assert rules.content_hash({"a": 1, "b": "سوق"}) == rules.content_hash({"b": "سوق", "a": 1})
    assert rules.content_hash({"a": 1}) != rules.content_hash({"a": 2})


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    severity=st.integers(1, 4),
    weight=st.decimals(0, 999, places=2),
    at_risk_minor=st.integers(0, 10**12),
    minutes=st.integers(-20000, 20000),
)
def test_the_queue_in_sql_is_ordered_as_the_rule_says(db, severity, weight, at_risk_minor, minutes):
    now = timezone.now()
    facts = {
        "severity": severity,
        "weight": weight,
        "at_risk_minor": at_risk_minor,
        "due_at": now + timedelta(minutes=minutes),
    }
    case = CaseFactory(**facts)
    found = selectors.by_priority(Case.objects.filter(pk=case.pk), now=now).get()
    assert found.priority == pytest.approx(rules.priority(**facts, now=now))
