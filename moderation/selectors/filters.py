"""What the scanner looks for and what follows, as staff set it; and what that means for one text."""

import time
import uuid
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from accounts.rules import is_newcomer
from moderation import rules, scanner
from moderation.models import FilterTerm, ScanPolicy
from moderation.scanner import Mark, Terms, Verdict
from moderation.states import ScanAction

KEPT_FOR = 30  # seconds: so long another process may still judge by what staff changed elsewhere


@dataclass(frozen=True)
class Filters:
    """Terms and policies as they were read together."""

    terms: Terms
    policies: dict[str, ScanPolicy]
    good_until: float  # time.monotonic()


_kept: Filters | None = None


def filters_in_use() -> Filters:
    """Read at most once in `KEPT_FOR` seconds by each process: every message asks."""
    global _kept  # noqa: PLW0603 - one copy per process
    kept = _kept
    if kept is None or kept.good_until < time.monotonic():
        rows = FilterTerm.objects.filter(is_active=True).values_list("term", "kind")
        kept = _kept = Filters(
            terms=scanner.terms_of(rows, own_hosts=[urlsplit(settings.SITE_URL).hostname or ""]),
            policies={policy.kind: policy for policy in ScanPolicy.objects.all()},
            good_until=time.monotonic() + KEPT_FOR,
        )
    return kept


def forget_filters() -> None:
    """After staff changed them."""
    global _kept  # noqa: PLW0603
    _kept = None


def verdict(*, text: str, author: User) -> Verdict:
    """What the scanner finds in this person's words, and what is to become of them; the strongest of what its marks ask for."""
    filters = filters_in_use()
    marks = scanner.read(text, terms=filters.terms)
    if not marks:
        return Verdict()
    is_new = is_newcomer(author, now=timezone.now())
    return Verdict(marks=marks, action=rules.strongest_action(marks, filters.policies, is_new=is_new))


@dataclass(frozen=True)
class Tried:
    """What would become of a text, by who sends it."""

    marks: tuple[Mark, ...]
    newcomer: ScanAction
    regular: ScanAction


def tried(text: str) -> Tried:
    """For staff who want to see what the filters do."""
    filters = filters_in_use()
    marks = scanner.read(text, terms=filters.terms)
    return Tried(
        marks=marks,
        newcomer=rules.strongest_action(marks, filters.policies, is_new=True),
        regular=rules.strongest_action(marks, filters.policies, is_new=False),
    )


def terms_of_kind(kind: str, *, besides: uuid.UUID | None = None) -> list[str]:
    """The words of all terms of a kind, those that are switched off too."""
    rows = FilterTerm.objects.filter(kind=kind)
    return list((rows.exclude(pk=besides) if besides else rows).values_list("term", flat=True))
