"""What moderators decide, told to authors and to those who reported."""

from django.urls import reverse

from accounts.models import User
from core.events import handles
from messaging.states import CONVERSATION_TARGET, MESSAGE_TARGET
from moderation.events import DecisionMade, DecisionUndone, TargetAutoHidden
from moderation.models import Case, Decision
from notifications.actions import tell, tell_many
from notifications.states import NotificationKind

_KIND_OF_OUTCOME = {
    "approve": NotificationKind.LISTING_APPROVED,
    "reject": NotificationKind.LISTING_NOT_APPROVED,
    "remove": NotificationKind.LISTING_REMOVED,
    "hide": NotificationKind.LISTING_REMOVED,
}
_NOTICE_OF_OUTCOME = {
    "warn": "warned",
    "deliver": "message_delivered",
    "hide": "messages_removed",
    "remove_messages": "messages_removed",
    "restrict_messaging": "messaging_stopped",
    "suspend": "suspended",
    "suspend_until_lifted": "suspended",
    "restrict_selling": "restricted",
}
_NOTHING_WRONG = "no_action"
_TALK = (MESSAGE_TARGET, CONVERSATION_TARGET)


@handles(DecisionMade)
def tell_author_about_decision(news: DecisionMade) -> None:
    decision = Decision.objects.select_related("case__author").get(pk=news.decision_id)
    case = decision.case
    facts = _about(case) | {
        "target_kind": case.target_kind,
        "case": case.number,
        "reason_en": decision.reason_en,
        "reason_ar": decision.reason_ar,
    }
    if decision.outcome == _NOTHING_WRONG:
        if case.auto_hidden_at is None:
            return  # the author never knew
        kind = NotificationKind.LISTING_RESTORED if case.target_kind == "product" else NotificationKind.ACCOUNT_NOTICE
        facts["what"] = "restored"
    elif decision.outcome == "reject" and case.target_kind == MESSAGE_TARGET:
        kind = NotificationKind.MESSAGE_NOT_DELIVERED
    else:
        kind = NotificationKind.ACCOUNT_NOTICE
        if case.target_kind == "product":
            kind = _KIND_OF_OUTCOME.get(decision.outcome, kind)
        facts["what"] = _NOTICE_OF_OUTCOME.get(decision.outcome, "restricted")
    tell(user=case.author, kind=kind, facts=facts, url=_case_url(case), once_key=f"decision:{decision.pk}")


@handles(DecisionMade)
def tell_reporters_about_outcome(news: DecisionMade) -> None:
    """What happened, and nothing of why, of others who reported, or of the private note."""
    decision = Decision.objects.select_related("case").get(pk=news.decision_id)
    acted = decision.outcome not in (_NOTHING_WRONG, "approve", "deliver")
    tell_many(
        users=User.objects.filter(reports_made__case=decision.case, is_active=True).distinct(),
        kind=NotificationKind.REPORT_OUTCOME,
        facts=_about_whom(decision.case) | {"what": "report_upheld" if acted else "report_dismissed"},
        url=reverse("my-reports"),
        once_key=f"report:{decision.pk}",
    )


@handles(DecisionUndone)
def tell_author_that_decision_was_undone(news: DecisionUndone) -> None:
    decision = Decision.objects.select_related("case__author").get(pk=news.decision_id)
    case = decision.case
    kind = NotificationKind.LISTING_RESTORED if case.target_kind == "product" else NotificationKind.ACCOUNT_NOTICE
    tell(
        user=case.author,
        kind=kind,
        facts=_about(case) | {"what": "said_again" if case.target_kind in _TALK else "restored"},
        url=_case_url(case),
        once_key=f"undone:{decision.pk}",
    )


@handles(TargetAutoHidden)
def tell_author_that_it_is_hidden_for_now(news: TargetAutoHidden) -> None:
    case = Case.objects.select_related("author").get(pk=news.case_id)
    kind = NotificationKind.LISTING_REMOVED if case.target_kind == "product" else NotificationKind.ACCOUNT_NOTICE
    tell(
        user=case.author,
        kind=kind,
        facts={"title": case.title, "what": "hidden_for_now", "for_now": True},
        url=_case_url(case),
        once_key=f"auto-hidden:{case.pk}",
    )


def _about(case: Case) -> dict[str, str]:
    """What a case is about, as its author may know it. Only one person can report a conversation, so its author is not told which."""
    if case.target_kind == CONVERSATION_TARGET:
        return {}
    return {"title": case.title, "target_id": str(case.target_id)}


def _about_whom(case: Case) -> dict[str, str]:
    """The same for reporters. A title that names a person goes with them (`actions.erase_person`)."""
    named = {} if case.target_kind == "product" else {"user_id": str(case.author_id)}
    return {"title": case.title} | named


def _case_url(case: Case) -> str:
    if case.target_kind in _TALK:
        return "/messages"
    return f"/l/{case.target_id}" if case.target_kind == "product" else "/me"
