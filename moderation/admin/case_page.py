"""What the page of a case shows."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.models import User
from core.staff import ways_of
from media.selectors import private_picture
from moderation import rules, selectors
from moderation.admin.coarse_map import coarse_map
from moderation.admin.forms import ReadCaseForm
from moderation.admin.queue import moderator_of
from moderation.dossier import Dossier, dossier_of, lease_left, suggested_policy
from moderation.models import Case, Decision
from moderation.states import UNDECIDED
from moderation.targets import Outcome

NOT_AS_TEXT = ("title", "pictures", "picture", "video", "excerpt")  # drawn, not read
DRAWN_WITH_CHANGES = ("excerpt",)  # its target's part of the page shows what each message said before
LONG = 60  # characters: what is longer is a paragraph, not a line among the facts


def case_context(request: HttpRequest, case: Case, form: ReadCaseForm | None = None) -> dict[str, Any]:
    """Everything on the page. `form` is one that was sent and is not right yet."""
    dossier = dossier_of(case, reader=moderator_of(request))
    outcomes = dossier.target.outcomes(case_kind=case.kind)
    held_seconds = lease_left(case)
    is_open = case.state in UNDECIDED
    holds = bool(held_seconds) and case.claimed_by_id == request.user.pk
    rows = [row for row in dossier.rows if row.key not in NOT_AS_TEXT]
    return {
        "case": case,
        "dossier": dossier,
        "look": dossier.look,
        "target": dossier.target,
        "paragraphs": [row for row in rows if _is_long(row.submitted)],
        "lines": [row for row in rows if row.submitted and not _is_long(row.submitted)],
        "changed": [row for row in dossier.rows if row.changes and row.key not in DRAWN_WITH_CHANGES],
        "evidence": [
            (
                said,
                [
                    p
                    for asset in said.report.evidence.all()
                    if (p := private_picture(asset, viewer=moderator_of(request)))
                ],
            )
            for said in dossier.reports
        ],
        "map": coarse_map(dossier.look.place, dossier.look.place_name) if dossier.look and dossier.look.place else None,
        "person_url": _person_url(request, case.author),
        "person_ways": ways_of("moderation.case.person", request, case.author) if case.author else [],
        "is_open": is_open,
        "holds": holds,
        "held_by_other": bool(held_seconds) and not holds,
        "held_seconds": held_seconds,
        "may_decide": request.user.has_perm(rules.DECIDE),
        "may_undo": request.user.has_perm(rules.UNDO),
        "concerns_me": _concerns(moderator_of(request), dossier),
        "form": form or _fresh_form(dossier, outcomes) if is_open and dossier.look else None,
        "choices": _choices(dossier, outcomes, is_open=is_open),
        "policies": policies_for_page(),
        "labels": {outcome.name: outcome.label for outcome in outcomes} | {"auto_hide": _("Hidden by reports")},
        "here": case.pk,
    }


def policies_for_page() -> dict[str, dict[str, str]]:
    """The words of each policy by its id, for the script that fills them in."""
    return {str(policy.pk): {"en": policy.reason_en, "ar": policy.reason_ar} for policy in selectors.active_policies()}


def _fresh_form(dossier: Dossier, outcomes: tuple[Outcome, ...]) -> ReadCaseForm:
    look, policy = dossier.look, suggested_policy(dossier.reports)
    return ReadCaseForm(
        outcomes=outcomes,
        initial={"revision": look.revision if look else None, "policy": policy.pk if policy else None},
    )


def _choices(dossier: Dossier, outcomes: tuple[Outcome, ...], *, is_open: bool) -> list[dict[str, Any]]:
    """Each outcome with what undoing it would restore."""
    if not is_open or dossier.look is None:
        return []
    return [
        {"outcome": outcome, "preview": dossier.target.preview(dossier.case.target_id, outcome.name)}
        for outcome in outcomes
    ]


def _concerns(person: User, dossier: Dossier) -> bool:
    """Whether the reader is among the reporters. What is about themselves they do not read at all (`dossier_of`)."""
    return any(said.report.reporter_id == person.pk for said in dossier.reports)


def _person_url(request: HttpRequest, person: User) -> str:
    if not request.user.has_perm("accounts.view_user"):
        return ""
    try:
        return reverse("admin:accounts_user_change", args=[person.pk])
    except NoReverseMatch:
        return ""


def _is_long(parts: list[Any]) -> bool:
    text = "".join(part.text for part in parts)
    return len(text) > LONG or "\n" in text


def decision_label(decision: Decision, outcomes: dict[str, Any]) -> str:
    return str(outcomes.get(decision.outcome, decision.outcome))
