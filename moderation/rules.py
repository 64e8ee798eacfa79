"""The law of moderation: what a report weighs, how urgent a case is, who may decide it and how."""

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core.text import fold
from moderation import scanner
from moderation.errors import (
    CaseClosed,
    DaysNeeded,
    DaysNotWanted,
    DescriptionTooLong,
    HeldBySomebodyElse,
    MayNotModerate,
    NoteNeeded,
    OwnCase,
    OwnContent,
    PolicyNeeded,
    ReasonDoesNotFit,
    ReasonNeeded,
    TermKnown,
    TermUnusable,
    TooMuchEvidence,
    UnknownOutcome,
)
from moderation.scanner import Mark, Terms
from moderation.states import UNDECIDED, CaseKind, MarkKind, ReportReason, ScanAction
from moderation.targets import ACCOUNT, Outcome, Target

if TYPE_CHECKING:
    from accounts.models import User
    from moderation.models import Case, Decision, ModerationSettings, Policy, ScanPolicy

DECIDE = "moderation.decide_case"
UNDO = "moderation.undo_decision"
SUSPEND = "accounts.suspend_user"

LOWEST, URGENT = 1, 4  # severity
LEAST_LETTERS, LEAST_LETTERS_OF_ABUSE = 3, 2  # of a filter term
MAX_EVIDENCE = 5
MAX_DESCRIPTION = 1000
MAX_DAYS = 365
MAX_BULK = 100  # decisions in one go: enough for a spam wave, few enough to read

SEVERITY = {
    ReportReason.PROHIBITED_ITEM: 4,
    ReportReason.SCAM: 3,
    ReportReason.FRAUD: 3,
    ReportReason.HARASSMENT: 3,
    ReportReason.FAKE_PRODUCT: 2,
    ReportReason.FAKE_ACCOUNT: 2,
    ReportReason.OFFENSIVE_CONTENT: 2,
    ReportReason.INAPPROPRIATE_BEHAVIOR: 2,
    ReportReason.SPAM: 1,
    ReportReason.OTHER: 1,
}

SUGGESTED_POLICY: dict[str, str] = {
    ReportReason.PROHIBITED_ITEM: "prohibited-goods",
    ReportReason.SCAM: "fraud",
    ReportReason.FRAUD: "fraud",
    ReportReason.HARASSMENT: "harassment",
    ReportReason.FAKE_PRODUCT: "misleading-listing",
    ReportReason.FAKE_ACCOUNT: "fake-account",
    ReportReason.OFFENSIVE_CONTENT: "offensive-content",
    ReportReason.INAPPROPRIATE_BEHAVIOR: "harassment",
    ReportReason.SPAM: "repeated-listings",
    ReportReason.OTHER: "serious-breach",
}

# What an account's age lets its word count: nothing in the first week, so that accounts made for the purpose hide nothing.
AGE_STEPS = ((timedelta(days=90), "1.0"), (timedelta(days=30), "0.8"), (timedelta(days=7), "0.5"))
# Everybody starts as if three of four earlier reports had been right; real decisions soon outweigh that.
PRIOR_UPHELD, PRIOR_DECIDED = 3, 4
JUDGED_FINE = Decimal("0.25")  # what is left of a report about the very revision that a moderator found fine

WORDS = re.compile(r"\s+|\w+|[^\w\s]+")


# --- reports -------------------------------------------------------------------------------------------------------


def age_factor(age: timedelta) -> Decimal:
    """0, 0.5, 0.8 or 1 for an account younger than 7, 30, 90 days, or older."""
    return next((Decimal(factor) for least, factor in AGE_STEPS if age >= least), Decimal(0))


def reliability(*, upheld: int, decided: int) -> Decimal:
    """How often this person's reports were right, from 0 to 1, smoothed for those with few."""
    return (Decimal(upheld + PRIOR_UPHELD) / Decimal(decided + PRIOR_DECIDED)).quantize(Decimal("0.01"))


def report_weight(*, reporter: "User", upheld: int, decided: int, judged_fine: bool, now: datetime) -> Decimal:
    """Age of the account × reliability of the reporter. Nothing from people who have proven no identifier."""
    if not reporter.is_verified:
        return Decimal("0.00")
    weight = age_factor(now - reporter.created_at) * reliability(upheld=upheld, decided=decided)
    return (weight * JUDGED_FINE if judged_fine else weight).quantize(Decimal("0.01"))


def check_report(*, reasons: Sequence[str], reason: str, description: str, evidence_count: int) -> None:
    if reason not in reasons:
        raise ReasonDoesNotFit(reason=reason)
    if len(description) > MAX_DESCRIPTION:
        raise DescriptionTooLong(limit=MAX_DESCRIPTION)
    if evidence_count > MAX_EVIDENCE:
        raise TooMuchEvidence(limit=MAX_EVIDENCE)


def check_not_own(*, author_id: Any, reporter: "User") -> None:
    if author_id == reporter.pk:
        raise OwnContent


def hides_by_itself(*, target_kind: str, weight: Decimal, settings: "ModerationSettings") -> bool:
    """Whether reports of this weight take the thing off show until a person has looked."""
    threshold = settings.auto_hide_account_weight if target_kind == ACCOUNT else settings.auto_hide_listing_weight
    return weight >= threshold


def suggested_policy(reason: str) -> str:
    """The slug of the policy that a report for this reason usually ends with."""
    return SUGGESTED_POLICY[ReportReason(reason)]


# --- urgency -------------------------------------------------------------------------------------------------------


def severity_of(reason: str) -> int:
    """From 1 (low) to 4 (urgent)."""
    return SEVERITY.get(ReportReason(reason), LOWEST)


def deadline(*, kind: str, severity: int, settings: "ModerationSettings", now: datetime) -> datetime:
    """Until when somebody must have decided. Urgent reports get a quarter of the time."""
    if kind == CaseKind.REVIEW:
        return now + timedelta(hours=settings.review_hours)
    hours = settings.report_hours / 4 if severity >= URGENT else settings.report_hours
    return now + timedelta(hours=hours)


def urgency(*, due_at: datetime, now: datetime) -> float:
    """1 with a day left, 2 when due, 4 two days later and ever after."""
    hours_left = (due_at - now).total_seconds() / 3600
    return 1 + min(3.0, max(0.0, (24 - hours_left) / 24))


def priority(*, severity: int, weight: Decimal, at_risk_minor: int, due_at: datetime, now: datetime) -> float:
    """The place in the queue, highest first: severity × weight × money at risk × deadline.

    Weight and money count from one, so that a case without reports or price still has a place; money by its order of magnitude, so that
    a car does not bury ten telephones. `selectors.by_priority` says the same in SQL; a test holds the two equal.
    """
    money = 1 + math.log10(1 + at_risk_minor / 100) / 5
    return severity * (1 + float(weight)) * money * urgency(due_at=due_at, now=now)


# --- decisions -----------------------------------------------------------------------------------------------------


def check_may_moderate(moderator: "User", permission: str = DECIDE) -> None:
    if not moderator.has_perm(permission):
        raise MayNotModerate


def check_undecided(case: "Case") -> None:
    if case.state not in UNDECIDED:
        raise CaseClosed(number=case.number)


def is_held(case: "Case", *, now: datetime) -> bool:
    return bool(case.claimed_by_id and case.claimed_until and case.claimed_until > now)


def is_held_by(case: "Case", person: "User", *, now: datetime) -> bool:
    return is_held(case, now=now) and case.claimed_by_id == person.pk


def check_free_for(case: "Case", moderator: "User", *, now: datetime) -> None:
    """The case is nobody's, this moderator's, or its lease ran out."""
    if is_held(case, now=now) and case.claimed_by_id != moderator.pk:
        raise HeldBySomebodyElse(holder=str(case.claimed_by), number=case.number)


def check_note(note: str) -> None:
    if not note.strip():
        raise NoteNeeded


def check_not_involved(case: "Case", moderator: "User", *, reported: bool) -> None:
    """`reported`: the moderator is among the reporters."""
    if reported or case.author_id == moderator.pk:
        raise OwnCase


def check_not_about(case: "Case", reader: "User") -> None:
    """Of a case about themselves staff reads no more than anybody: whoever reports is promised not to be named. Raises OwnCase."""
    if case.author_id == reader.pk:
        raise OwnCase


def outcome_named(target: Target, *, case_kind: str, name: str) -> Outcome:
    """Raises UnknownOutcome."""
    for outcome in target.outcomes(case_kind=case_kind):
        if outcome.name == name:
            return outcome
    raise UnknownOutcome(outcome=name)


def reasons_told(*, outcome: Outcome, policy: "Policy | None", reason_en: str, reason_ar: str) -> tuple[str, str]:
    """The reason in both languages; one that is not written is the policy's own.

    Raises:
        PolicyNeeded, ReasonNeeded: the outcome must be explained and is not.
    """
    reason_en, reason_ar = reason_en.strip(), reason_ar.strip()
    if not outcome.needs_reason:
        return reason_en, reason_ar
    if policy is None:
        raise PolicyNeeded
    reason_en, reason_ar = reason_en or policy.reason_en, reason_ar or policy.reason_ar
    if not reason_en or not reason_ar:
        raise ReasonNeeded(attr="reason_ar" if reason_en else "reason_en")
    return reason_en, reason_ar


def check_days(*, outcome: Outcome, duration_days: int | None) -> None:
    if not outcome.takes_days:
        if duration_days is not None:
            raise DaysNotWanted
    elif duration_days is None or not 1 <= duration_days <= MAX_DAYS:
        raise DaysNeeded(limit=MAX_DAYS)


def has_run_out(decision: "Decision", *, now: datetime) -> bool:
    """A decision for some days whose days are over."""
    return bool(decision.duration_days) and decision.made_at + timedelta(days=decision.duration_days or 0) <= now


def content_hash(content: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON: the same words give the same hash wherever it is computed again."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def contact_spans(text: str, *, terms: Terms = scanner.NO_TERMS) -> list[tuple[int, int]]:
    """What the scanner sets apart in a text: (start, end) of each, for the moderator's eye. It decides nothing."""
    return [(mark.start, mark.end) for mark in scanner.read(text, terms=terms)]


# --- what is said ---------------------------------------------------------------------------------------------------


def strongest_action(marks: Sequence[Mark], policies: "Mapping[str, ScanPolicy]", *, is_new: bool) -> ScanAction:
    """What the policies ask for these marks together. A kind without a policy asks for nothing."""
    wanted = [
        policy.newcomer if is_new else policy.regular
        for mark in marks
        if (policy := policies.get(mark.kind)) is not None
    ]
    return max((ScanAction(action) for action in wanted), key=list(ScanAction).index, default=ScanAction.NOTHING)


def severity_of_marks(kinds: Iterable[str]) -> int:
    """How urgent it is that somebody reads a text with these marks: abuse and luring away like reports of the same."""
    like = {MarkKind.ABUSE: ReportReason.HARASSMENT, MarkKind.ELSEWHERE: ReportReason.SCAM}
    return max((severity_of(like[MarkKind(kind)]) for kind in kinds if kind in like), default=LOWEST)


def check_term(term: str, *, kind: str, known: Sequence[str]) -> str:
    """The term as it is kept. `known`: the other terms of its kind.

    Raises:
        TermUnusable, TermKnown.
    """
    term = " ".join(term.split())
    words = fold(term).split()
    letters = sum(character.isalnum() for character in "".join(words))
    least = LEAST_LETTERS_OF_ABUSE if kind == MarkKind.ABUSE else LEAST_LETTERS
    if letters < least or scanner.GAP in (words[0], words[-1]):
        raise TermUnusable(least=least)
    if " ".join(words) in {fold(other) for other in known}:
        raise TermKnown(term=term)
    return term
