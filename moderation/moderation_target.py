"""Accounts as a kind of target: the one that moderation brings itself, because accounts lies below it."""

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import actions as accounts
from accounts.models import Restriction, User
from accounts.states import RestrictionKind
from core.errors import NotFound
from moderation.actions import report_target
from moderation.errors import StaffMember
from moderation.models import Decision, Report
from moderation.states import ReportReason
from moderation.targets import ACCOUNT, Look, Outcome, ReportSubject

NO_ACTION = Outcome(
    "no_action", gettext_lazy("No action"), key="a", tone="good", needs_reason=False, report_action="no_action"
)
WARN = Outcome("warn", gettext_lazy("Warn"), key="w", tone="mild", report_action="warn_user")
STOP_SELLING = Outcome("restrict_selling", gettext_lazy("Stop selling"), key="l", tone="strong", takes_days=True)
SUSPEND = Outcome("suspend", gettext_lazy("Suspend"), key="s", tone="strong", takes_days=True)
SUSPEND_FOR_GOOD = Outcome(
    "suspend_until_lifted",
    gettext_lazy("Suspend until lifted"),
    key="r",
    tone="strongest",
    report_action="suspend_user",
)
RESTRICTS = {
    STOP_SELLING.name: RestrictionKind.SELL,
    SUSPEND.name: RestrictionKind.ACCOUNT,
    SUSPEND_FOR_GOOD.name: RestrictionKind.ACCOUNT,
}


class AccountReportDoor:
    """Anybody who is still here can be reported, also by those whom they blocked."""

    part = ""

    def subject(self, *, viewer: User, pk: uuid.UUID) -> ReportSubject:
        person = User.objects.filter(pk=pk, is_active=True).first()
        if person is None or person.pk == viewer.pk:
            raise NotFound
        return ReportSubject(title=person.display_name, url=f"/u/{person.username}", author=person)

    def report(self, *, reporter: User, pk: uuid.UUID, **said: Any) -> Report:
        return report_target(reporter=reporter, target_kind=ACCOUNT, target_id=pk, **said)


class AccountTarget:
    """A person's account. Its revision is that of the profile: what a moderator reads of it."""

    kind = ACCOUNT
    label = gettext_lazy("account")
    sign = "circle-user-round"
    template = ""
    reasons: tuple[str, ...] = (
        ReportReason.HARASSMENT,
        ReportReason.SPAM,
        ReportReason.FAKE_ACCOUNT,
        ReportReason.FRAUD,
        ReportReason.INAPPROPRIATE_BEHAVIOR,
        ReportReason.OTHER,
    )

    def outcomes(self, *, case_kind: str) -> tuple[Outcome, ...]:
        return (NO_ACTION, WARN, STOP_SELLING, SUSPEND, SUSPEND_FOR_GOOD)

    def lock(self, pk: uuid.UUID) -> int:
        # Without the key: rows that point to this person may be written meanwhile.
        locked = User.objects.select_for_update(no_key=True, of=("self",)).filter(pk=pk, erased_at=None)
        revision = locked.values_list("revision", flat=True).first()
        if revision is None:
            raise NotFound
        return revision

    def look(self, pk: uuid.UUID) -> Look:
        person = User.objects.select_related("neighborhood").filter(pk=pk, erased_at=None).first()
        if person is None:
            raise NotFound
        return Look(
            title=f"@{person.username}",
            author=person,
            revision=person.revision,
            picture_key=person.avatar_key,
            content={
                "username": person.username,
                "full_name": person.full_name,
                "bio": person.bio,
                "picture": person.avatar_key,
                "neighborhood": person.neighborhood.name_en if person.neighborhood else "",
            },
            labels={
                "username": _("Username"),
                "full_name": _("Name"),
                "bio": _("About"),
                "neighborhood": _("Neighbourhood"),
                "picture": _("Picture"),
            },
        )

    def hide(self, pk: uuid.UUID) -> dict[str, Any]:
        """Reports alone never suspend: the person may not sell, and their listings rest, until somebody has looked."""
        restriction = accounts.restrict_person(
            user=self._person(pk),
            kind=RestrictionKind.SELL,
            reason_en="Several people reported your account, so your listings are not shown until a moderator has looked at it.",
            reason_ar="أبلغ عدة أشخاص عن حسابك، لذلك لن تظهر إعلاناتك إلى أن يراجعه أحد المشرفين.",
        )
        return {"restriction_id": str(restriction.pk)}

    def apply(self, pk: uuid.UUID, decision: Decision) -> dict[str, Any]:
        kind = RESTRICTS.get(decision.outcome)
        if kind is None:
            return {}
        person = self._person(pk)
        if person.is_staff and not (decision.actor and decision.actor.is_superuser):
            raise StaffMember
        restriction = accounts.restrict_person(
            user=person,
            kind=kind,
            reason_en=decision.reason_en,
            reason_ar=decision.reason_ar,
            ends_at=timezone.now() + timedelta(days=decision.duration_days) if decision.duration_days else None,
            case_id=decision.case_id,
        )
        return {"restriction_id": str(restriction.pk)}

    def undo(self, pk: uuid.UUID, inverse: dict[str, Any]) -> None:
        if not inverse:
            return
        restriction = Restriction.objects.filter(pk=inverse["restriction_id"], lifted_at=None).first()
        if restriction is not None:
            accounts.lift_restriction(restriction=restriction)

    def preview(self, pk: uuid.UUID, outcome: str) -> str:
        if outcome == STOP_SELLING.name:
            return _("Undoing lets the person sell again and shows their listings at once.")
        if outcome in RESTRICTS:
            return _(
                "Undoing lifts the suspension: the person can sign in and sell again, and their listings show at once."
            )
        return _("Nothing changes but what the person is told.")

    def _person(self, pk: uuid.UUID) -> User:
        return User.objects.get(pk=pk)
