"""What moderation refuses, and with which code."""

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, NotAllowed, Refusal, TooMany


class OwnContent(Refusal):
    code = "moderation.own_content"
    status = 403
    title = _("Not allowed")
    detail = _("This is yours, so you cannot report it.")


class ReasonDoesNotFit(Invalid):
    code = "moderation.reason_does_not_fit"
    attr = "reason"
    detail = _("“{reason}” is not a reason for which this can be reported.")


class DescriptionTooLong(Invalid):
    code = "moderation.description_too_long"
    attr = "description"
    detail = _("Say it in {limit} characters at most.")


class TooMuchEvidence(Invalid):
    code = "moderation.too_much_evidence"
    attr = "evidence_ids"
    detail = _("Send {limit} pictures at most.")


class TooManyReports(TooMany):
    code = "moderation.too_many_reports"
    title = _("Too many reports")
    detail = _("You have sent many reports in a short time. We are reading them; please try again later.")


class MayNotModerate(NotAllowed):
    code = "moderation.may_not_moderate"
    detail = _("Your account does not have the permission for this.")


class OwnCase(NotAllowed):
    """A moderator never judges what concerns them: their own content, their own account, their own report."""

    code = "moderation.own_case"
    detail = _("This case concerns you. Somebody else must decide it.")


class CaseClosed(Refusal):
    code = "moderation.case_closed"
    detail = _("Case {number} is closed already.")


class HeldBySomebodyElse(Refusal):
    code = "moderation.held_by_somebody_else"
    detail = _("{holder} holds case {number}. Wait until it is released, or take it over with a note.")


class NotYourClaim(Refusal):
    code = "moderation.not_your_claim"
    detail = _("You do not hold case {number}.")


class NoteNeeded(Invalid):
    code = "moderation.note_needed"
    attr = "note"
    detail = _("Say why in a short note.")


class UnknownOutcome(Invalid):
    code = "moderation.unknown_outcome"
    attr = "outcome"
    detail = _("“{outcome}” cannot be decided in this case.")


class PolicyNeeded(Invalid):
    code = "moderation.policy_needed"
    attr = "policy"
    detail = _("Choose the policy that this rests on.")


class UnknownPolicy(Invalid):
    code = "moderation.unknown_policy"
    attr = "policy"
    detail = _("There is no policy “{number}”, or it is not in force any more.")


class ReasonNeeded(Invalid):
    code = "moderation.reason_needed"
    attr = "reason_en"
    detail = _("Write the reason that the person is told, in English and in Arabic.")


class DaysNeeded(Invalid):
    code = "moderation.days_needed"
    attr = "duration_days"
    detail = _("Say for how many days, from 1 to {limit}.")


class DaysNotWanted(Invalid):
    code = "moderation.days_not_wanted"
    attr = "duration_days"
    detail = _("This outcome has no number of days.")


class TooManyCases(Invalid):
    code = "moderation.too_many_cases"
    attr = "cases"
    detail = _("Decide {limit} cases at most at once.")


class AlreadyUndone(Refusal):
    code = "moderation.already_undone"
    detail = _("This decision was undone already.")


class LaterDecisionStands(Refusal):
    """Undoing would overwrite what a later decision made of the same thing."""

    code = "moderation.later_decision_stands"
    detail = _("A later decision about the same thing stands. Undo that one first.")


class NotSuspended(Refusal):
    code = "moderation.not_suspended"
    detail = _("This person is not suspended.")


class StaffMember(NotAllowed):
    code = "moderation.staff_member"
    detail = _("This is a colleague's account. Only an administrator may restrict it.")


class ReviewNeedsDecision(Refusal):
    code = "moderation.review_needs_decision"
    detail = _("Somebody waits for this to be shown. Approve it or send it back instead of dismissing the case.")


class TermKnown(Invalid):
    code = "moderation.term_known"
    attr = "term"
    detail = _("“{term}” is on the list already, perhaps spelled a little differently.")


class TermUnusable(Invalid):
    """Too short to mean anything, or beginning or ending with a gap."""

    code = "moderation.term_unusable"
    attr = "term"
    detail = _("Write at least {least} letters. A * may stand between words, not at the beginning or the end.")
