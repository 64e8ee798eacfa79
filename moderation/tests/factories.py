from datetime import timedelta
from typing import Any

import factory
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import User
from core.ids import uuid7
from moderation.models import Case, Decision, Policy, Report
from moderation.states import CaseKind, ReportReason

MODERATORS_MAY = (
    "moderation.view_case",
    "moderation.decide_case",
    "moderation.undo_decision",
    "moderation.view_report",
    "moderation.view_decision",
    "moderation.view_policy",
    "accounts.suspend_user",
)


class PersonFactory(factory.django.DjangoModelFactory):
    """Somebody who has been here for half a year with a proven address: what they report counts."""

    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"neighbour{n}")
    email = factory.LazyAttribute(lambda o: f"{o.username}@example.com")
    full_name = "Hana Saleh"
    email_verified_at = factory.LazyFunction(timezone.now)
    created_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=180))


class ModeratorFactory(PersonFactory):
    """A colleague with the permissions of the moderator group."""

    class Meta:
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"moderator{n}")
    full_name = "Mariam Haddad"
    is_staff = True

    @factory.post_generation
    def may(self, create: bool, extracted: tuple[str, ...] | None, **_kwargs: Any) -> None:
        if create:
            for name in MODERATORS_MAY if extracted is None else extracted:
                app, codename = name.split(".")
                self.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))


class PolicyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Policy

    number = factory.Sequence(lambda n: f"9.{n}")
    slug = factory.Sequence(lambda n: f"policy-{n}")
    title_en = "Payment outside Souk Loop"
    title_ar = "الدفع خارج سوق لوب"
    reason_en = "Listings may not move payment elsewhere."
    reason_ar = "لا يجوز أن يطلب الإعلان الدفع في مكان آخر."
    severity = 3


class CaseFactory(factory.django.DjangoModelFactory):
    """A case as a row, without a snapshot: for lists. For its life use the actions."""

    class Meta:
        model = Case

    number = factory.Sequence(lambda n: f"C-2026-9{n:05d}")
    kind = CaseKind.REPORT
    target_kind = "pamphlet"
    target_id = factory.LazyFunction(uuid7)
    author = factory.SubFactory(PersonFactory)
    title = "iPhone 15 Pro 256 GB, box and cable"
    due_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=24))


class ReportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Report

    case = factory.SubFactory(CaseFactory)
    reporter = factory.SubFactory(PersonFactory)
    reason = ReportReason.SCAM
    weight = "0.75"
    target_revision = 1


class DecisionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Decision

    case = factory.SubFactory(CaseFactory)
    outcome = "remove"
    upheld = True
    actor = factory.SubFactory(ModeratorFactory)
    policy = factory.SubFactory(PolicyFactory)
    target_revision = 1
