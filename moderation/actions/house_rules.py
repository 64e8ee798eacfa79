"""The rules of the house: policies and the switches of moderation. Every change is in the audit log."""

import uuid
from typing import Any

from django.db import transaction
from django.db.models import Model

from accounts.models import User
from core import audit
from core.errors import NotFound
from moderation import rules
from moderation.models import ModerationSettings, Policy
from moderation.selectors import forget_settings

POLICY_FIELDS = ("number", "slug", "title_en", "title_ar", "reason_en", "reason_ar", "severity", "is_active")
SETTINGS_FIELDS = (
    "pre_moderation",
    "auto_hide_listing_weight",
    "auto_hide_account_weight",
    "review_hours",
    "report_hours",
    "claim_minutes",
)


def make_settings() -> ModerationSettings:
    """The row of switches, made with its defaults where there is none."""
    return ModerationSettings.objects.get_or_create(pk=1)[0]


@transaction.atomic
def change_settings(*, moderator: User, **changes: Any) -> ModerationSettings:
    """Turn the switches of moderation.

    Raises:
        MayNotModerate.
    """
    rules.check_may_moderate(moderator, "moderation.change_moderationsettings")
    make_settings()
    row = ModerationSettings.objects.select_for_update(of=("self",)).get(pk=1)
    before = facts_of(row, SETTINGS_FIELDS)
    for name in SETTINGS_FIELDS:
        setattr(row, name, changes.get(name, getattr(row, name)))
    row.save()
    row.refresh_from_db()  # as the columns round it, so that only real changes are written down
    forget_settings()
    audit.record(
        action="moderation.settings_changed",
        target_kind="moderation_settings",
        target_id=row.pk,
        actor=moderator,
        **difference(before, facts_of(row, SETTINGS_FIELDS)),
    )
    return row


@transaction.atomic
def add_policy(*, moderator: User, **facts: Any) -> Policy:
    """Add a rule of the house.

    Raises:
        MayNotModerate.
    """
    rules.check_may_moderate(moderator, "moderation.add_policy")
    policy = Policy.objects.create(**facts)
    audit.record(
        action="moderation.policy_added",
        target_kind="policy",
        target_id=policy.pk,
        actor=moderator,
        **difference({}, facts_of(policy, POLICY_FIELDS)),
    )
    return policy


@transaction.atomic
def revise_policy(*, policy_id: uuid.UUID, moderator: User, **changes: Any) -> Policy:
    """Change a policy. Its version goes up, so that earlier decisions still say which words they rested on.

    Raises:
        NotFound, MayNotModerate.
    """
    rules.check_may_moderate(moderator, "moderation.change_policy")
    policy = Policy.objects.select_for_update(of=("self",)).filter(pk=policy_id).first()
    if policy is None:
        raise NotFound
    before = facts_of(policy, POLICY_FIELDS)
    for name in POLICY_FIELDS:
        setattr(policy, name, changes.get(name, getattr(policy, name)))
    after = facts_of(policy, POLICY_FIELDS)
    if after == before:
        return policy
    policy.version += 1
    policy.save()
    audit.record(
        action="moderation.policy_revised",
        target_kind="policy",
        target_id=policy.pk,
        actor=moderator,
        **difference(before, after),
    )
    return policy


def facts_of(row: Model, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value if isinstance(value := getattr(row, name), int | bool) else str(value) for name in names}


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """`before` and `after` of what changed, for the audit log."""
    changed = [name for name in after if after[name] != before.get(name)]
    return {
        "before": {name: before[name] for name in changed if name in before},
        "after": {name: after[name] for name in changed},
    }
