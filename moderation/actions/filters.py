"""What the scanner looks for and what follows, changed by staff. Every change is audited and holds from the next message on."""

import uuid
from typing import Any

from django.db import transaction

from accounts.models import User
from core import audit
from core.errors import NotFound
from moderation import rules
from moderation.actions.house_rules import difference, facts_of
from moderation.models import FilterTerm, ScanPolicy
from moderation.selectors import forget_filters, terms_of_kind
from moderation.states import MarkKind, ScanAction

TERM_FIELDS = ("language", "term", "kind", "is_active")
POLICY_FIELDS = ("newcomer", "regular")


@transaction.atomic
def add_term(*, moderator: User, language: str, term: str, kind: str, is_active: bool = True) -> FilterTerm:
    """Let the scanner look for these words too.

    Raises:
        MayNotModerate, TermUnusable, TermKnown.
    """
    rules.check_may_moderate(moderator, "moderation.add_filterterm")
    term = rules.check_term(term, kind=kind, known=terms_of_kind(kind))
    row = FilterTerm.objects.create(language=language, term=term, kind=kind, is_active=is_active)
    _note("moderation.term_added", row.pk, moderator, {}, facts_of(row, TERM_FIELDS))
    return row


@transaction.atomic
def revise_term(*, term_id: uuid.UUID, moderator: User, **changes: Any) -> FilterTerm:
    """Change what the scanner looks for, or switch a term off. Terms are never deleted, so that the log stays readable.

    Raises:
        NotFound, MayNotModerate, TermUnusable, TermKnown.
    """
    rules.check_may_moderate(moderator, "moderation.change_filterterm")
    row = FilterTerm.objects.select_for_update(of=("self",)).filter(pk=term_id).first()
    if row is None:
        raise NotFound
    before = facts_of(row, TERM_FIELDS)
    for name in TERM_FIELDS:
        setattr(row, name, changes.get(name, getattr(row, name)))
    row.term = rules.check_term(row.term, kind=row.kind, known=terms_of_kind(row.kind, besides=row.pk))
    after = facts_of(row, TERM_FIELDS)
    if after != before:
        row.save()
        _note("moderation.term_revised", row.pk, moderator, before, after)
    return row


@transaction.atomic
def change_scan_policy(*, moderator: User, kind: str, newcomer: str, regular: str) -> ScanPolicy:
    """Say what becomes of messages with marks of this kind.

    Raises:
        MayNotModerate.
    """
    rules.check_may_moderate(moderator, "moderation.change_scanpolicy")
    calm = dict.fromkeys(POLICY_FIELDS, ScanAction.NOTHING)
    ScanPolicy.objects.get_or_create(kind=MarkKind(kind), defaults=calm)
    row = ScanPolicy.objects.select_for_update(of=("self",)).get(kind=kind)
    before = facts_of(row, POLICY_FIELDS)
    row.newcomer, row.regular = ScanAction(newcomer), ScanAction(regular)
    after = facts_of(row, POLICY_FIELDS)
    if after != before:
        row.save()
        _note("moderation.scan_policy_changed", row.pk, moderator, before, after)
    return row


def _note(action: str, pk: Any, moderator: User, before: dict[str, Any], after: dict[str, Any]) -> None:
    kind = "scan_policy" if action == "moderation.scan_policy_changed" else "filter_term"
    audit.record(action=action, target_kind=kind, target_id=pk, actor=moderator, **difference(before, after))
    forget_filters()  # here at once, for whoever asks in this very transaction,
    transaction.on_commit(forget_filters)  # and again when others may have read what was there before
