"""What can be done in moderation, by topic."""

from moderation.actions.cases import (
    AUTO_HIDE,
    close_cases_about_erased_person,
    dismiss_case,
    escalate_case,
    escalate_overdue_cases,
    open_case,
    open_flagged_case,
    open_review_case,
    withdraw_case,
)
from moderation.actions.claims import (
    claim_case,
    hand_over_case,
    release_case,
    release_expired_claims,
    take_over_case,
)
from moderation.actions.decisions import CaseRead, RowResult, decide_case, decide_cases, undo_decision
from moderation.actions.filters import add_term, change_scan_policy, revise_term
from moderation.actions.house_rules import SETTINGS_FIELDS, add_policy, change_settings, make_settings, revise_policy
from moderation.actions.people import suspend_person, unsuspend_person
from moderation.actions.personal import blank_words_of_erased_reporters
from moderation.actions.readings import note_reading
from moderation.actions.reports import report_target
from moderation.actions.resolutions import resolve_report
from moderation.actions.staff_groups import sync_staff_groups

__all__ = [
    "AUTO_HIDE",
    "SETTINGS_FIELDS",
    "CaseRead",
    "RowResult",
    "add_policy",
    "add_term",
    "blank_words_of_erased_reporters",
    "change_scan_policy",
    "change_settings",
    "claim_case",
    "close_cases_about_erased_person",
    "decide_case",
    "decide_cases",
    "dismiss_case",
    "escalate_case",
    "escalate_overdue_cases",
    "hand_over_case",
    "make_settings",
    "note_reading",
    "open_case",
    "open_flagged_case",
    "open_review_case",
    "release_case",
    "release_expired_claims",
    "report_target",
    "resolve_report",
    "revise_policy",
    "revise_term",
    "suspend_person",
    "sync_staff_groups",
    "take_over_case",
    "undo_decision",
    "unsuspend_person",
    "withdraw_case",
]
