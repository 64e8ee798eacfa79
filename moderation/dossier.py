"""The dossier of a case: everything that a moderator wants to know before deciding, gathered for the console and the API."""

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.selectors import restrictions_in_force
from core.errors import NotFound
from core.models import AuditEntry
from moderation import rules, selectors
from moderation.actions import note_reading
from moderation.models import Case, Decision, Policy, Report, Snapshot
from moderation.states import SENSITIVE, CaseKind
from moderation.targets import Look, PersonFact, Target, person_facts, reading_noted_as, target_of


@dataclass(frozen=True)
class Said:
    """A report with how reliable its reporter was so far."""

    report: Report
    reliability: float


@dataclass(frozen=True)
class Moment:
    """A line of the timeline."""

    at: datetime
    words: str
    detail: str = ""
    code: str = ""  # a hash, shown in a fixed width


@dataclass(frozen=True)
class Part:
    """A piece of text in a comparison: kept, old or new, or a contact detail (`mark`)."""

    kind: str
    text: str


@dataclass(frozen=True)
class Row:
    """One named part of the content, as submitted and, where it differs, as it is now."""

    key: str
    label: str
    submitted: list[Part]
    changes: list[Part] = field(default_factory=list)


@dataclass(frozen=True)
class Dossier:
    """What the console and the API show of one case. `look` is None when the subject itself is gone."""

    case: Case
    target: Target
    look: Look | None
    snapshot: Snapshot | None
    rows: list[Row]
    reports: list[Said]
    person: list[PersonFact]
    other_cases: list[Case]
    decisions: list[Decision]
    timeline: list[Moment]
    is_sensitive: bool

    @property
    def has_changed(self) -> bool:
        """The content is not what was kept when the case began or was last read."""
        return any(row.changes for row in self.rows)


def dossier_of(case: Case, *, reader: User) -> Dossier:
    """Load a case with its evidence, its person and its history, in a number of statements that does not grow with them.

    Where people's private words are in it, that somebody reads them is written down first.

    Raises:
        OwnCase: it is about the reader, who would learn who reported them.
    """
    rules.check_not_about(case, reader)
    target = target_of(case.target_kind)
    note_reading(case=case, reader=reader)
    try:
        look = target.look(case.target_id)
    except NotFound:
        look = None
    snapshots = list(case.snapshots.all())
    reports = list(case.reports.select_related("reporter").prefetch_related("evidence").order_by("-weight", "id"))
    decisions = list(case.decisions.select_related("policy", "actor", "undone_by").order_by("-made_at"))
    first = snapshots[-1] if snapshots else None
    return Dossier(
        case=case,
        target=target,
        look=look,
        snapshot=first,
        rows=content_rows(first.content if first else {}, look.content if look else None, look.labels if look else {}),
        reports=_with_reliability(reports),
        person=_facts_about(case),
        other_cases=selectors.other_cases(case),
        decisions=decisions,
        timeline=_timeline(case, reports, snapshots, _labels(target)),
        is_sensitive=any(report.reason in SENSITIVE for report in reports),
    )


def _with_reliability(reports: list[Report]) -> list[Said]:
    records = selectors.reporter_records([report.reporter_id for report in reports])
    nothing = (0, 0)
    return [
        Said(
            report,
            float(
                rules.reliability(
                    upheld=records.get(report.reporter_id, nothing)[0],
                    decided=records.get(report.reporter_id, nothing)[1],
                )
            ),
        )
        for report in reports
    ]


def _facts_about(case: Case) -> list[PersonFact]:
    person = case.author
    return [
        PersonFact(_("Joined"), _joined(person)),
        PersonFact(_("Verified"), _verified(person)),
        *_record(case),
        *_restrictions(person),
        *_same_devices(person),
        *person_facts(person),
    ]


def _joined(person: User) -> str:
    days = (timezone.now() - person.created_at).days
    if days < 1:
        return _("today")
    if days < 60:
        return ngettext("{count} day ago", "{count} days ago", days).format(count=days)
    months = days // 30
    if months < 24:
        return ngettext("{count} month ago", "{count} months ago", months).format(count=months)
    years = days // 365
    return ngettext("{count} year ago", "{count} years ago", years).format(count=years)


def _verified(person: User) -> str:
    proven = [
        (person.phone_verified_at, _("phone")),
        (person.email_verified_at, _("email")),
        (person.identity_verified_at, _("ID")),
        (person.business_verified_at, _("business")),
    ]
    return " · ".join(word for at, word in proven if at) or _("nothing")


def _record(case: Case) -> list[PersonFact]:
    cases, upheld = selectors.record_of(case.author_id, besides=case)
    words = _("{cases}, upheld {upheld}").format(cases=cases, upheld=upheld) if cases else _("none")
    return [PersonFact(_("Earlier cases"), words)]


def _restrictions(person: User) -> list[PersonFact]:
    return [PersonFact(_("In force"), restriction.get_kind_display()) for restriction in restrictions_in_force(person)]


def _same_devices(person: User) -> list[PersonFact]:
    count = len(selectors.accounts_on_same_devices(person))
    if not count:
        return []
    words = ngettext("{count} other account", "{count} other accounts", count).format(count=count)
    return [PersonFact(_("Same device"), words)]


# --- as submitted, and now -----------------------------------------------------------------------------------------


def content_rows(submitted: Mapping[str, Any], now: Mapping[str, Any] | None, labels: Mapping[str, Any]) -> list[Row]:
    """The named parts of the content in the target's order, each with what changed since. `now` is None for what is gone."""
    keys = [*labels, *(key for key in submitted if key not in labels)]
    rows = []
    for key in keys:
        if key not in submitted:
            continue
        before = as_text(submitted[key])
        stays = now is None or _canonical(submitted[key]) == _canonical(now.get(key))
        changes = [] if stays else compared(before, as_text(now.get(key)))  # type: ignore[union-attr]
        if before or changes:
            label = str(labels.get(key) or key.replace("_", " ").capitalize())
            rows.append(Row(key, label, marked(before), changes))
    return rows


def _canonical(value: Any) -> str:
    """JSON in one order of keys: a snapshot comes back from the database in another than it was kept in."""
    return json.dumps(value, sort_keys=True, cls=DjangoJSONEncoder)


def as_text(value: Any) -> str:
    """JSON as a person reads it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {as_text(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(as_text(part) for part in value)
    return str(value)


def marked(text: str) -> list[Part]:
    """The text with contact details, and whatever else staff look for, set apart."""
    parts, at = [], 0
    for start, end in rules.contact_spans(text, terms=selectors.filters_in_use().terms):
        parts += [Part("kept", text[at:start]), Part("mark", text[start:end])]
        at = end
    return [part for part in (*parts, Part("kept", text[at:])) if part.text]


def compared(before: str, after: str) -> list[Part]:
    """What went and what came, word by word."""
    old, new = _words(before), _words(after)
    parts: list[Part] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(Part("kept", "".join(old[i1:i2])))
            continue
        parts += [
            part for part in (Part("old", "".join(old[i1:i2])), Part("new", "".join(new[j1:j2]))) if part.text.strip()
        ]
    return parts


def _words(text: str) -> list[str]:
    return rules.WORDS.findall(text)


# --- timeline ------------------------------------------------------------------------------------------------------

_WORDS = {
    "moderation.case_opened": gettext_lazy("Case opened"),
    "moderation.case_flagged": gettext_lazy("Brought up by the filters"),
    "moderation.case_opened_by_staff": gettext_lazy("Opened by a moderator"),
    "moderation.case_claimed": gettext_lazy("Claimed"),
    "moderation.case_taken_over": gettext_lazy("Taken over"),
    "moderation.case_handed_over": gettext_lazy("Handed over"),
    "moderation.case_released": gettext_lazy("Put back into the queue"),
    "moderation.claim_expired": gettext_lazy("The claim ran out"),
    "moderation.case_escalated": gettext_lazy("Escalated"),
    "moderation.auto_hidden": gettext_lazy("Hidden until somebody has looked; reversible"),
    "moderation.content_withdrawn": gettext_lazy("Taken down by its author"),
    "moderation.case_withdrawn": gettext_lazy("Withdrawn by its author"),
    "moderation.case_dismissed": gettext_lazy("Dismissed"),
    "moderation.case_decided": gettext_lazy("Decided"),
    "moderation.decision_undone": gettext_lazy("Decision undone"),
}


def _labels(target: Target) -> dict[str, str]:
    """What the target calls its outcomes, in cases of every kind."""
    return {outcome.name: str(outcome.label) for kind in CaseKind.values for outcome in target.outcomes(case_kind=kind)}


def _timeline(
    case: Case, reports: Sequence[Report], snapshots: Sequence[Snapshot], labels: Mapping[str, str]
) -> list[Moment]:
    moments = [
        *(_moment(entry, labels) for entry in selectors.logged_about(case)),
        *(
            Moment(report.created_at, _("Reported: {reason}").format(reason=report.get_reason_display()))
            for report in reports
        ),
        *(
            Moment(
                snapshot.taken_at,
                _("Revision {number} kept").format(number=snapshot.revision),
                code=f"sha256 {snapshot.sha256[:8]}…",
            )
            for snapshot in snapshots
        ),
    ]
    return sorted(moments, key=lambda moment: moment.at)


def _moment(entry: AuditEntry, labels: Mapping[str, str]) -> Moment:
    read = reading_noted_as(str((entry.after or {}).get("target", "")).partition(":")[0])
    words = _("Read") if read and entry.action == read else str(_WORDS.get(entry.action, entry.action))
    after, before = entry.after or {}, entry.before or {}
    outcome = after.get("outcome") or before.get("outcome")
    if outcome:
        words = f"{words}: {labels.get(outcome, outcome)}"
    who = entry.actor_label if entry.actor_id else ""
    if entry.action == "moderation.case_handed_over":
        who = f"{who} → {after.get('claimed_by', '')}"
    return Moment(entry.at, words, detail=" · ".join(filter(None, (who, entry.reason))))


def lease_left(case: Case) -> int:
    """Seconds for which the case is still held, 0 when it is nobody's."""
    if not rules.is_held(case, now=timezone.now()) or case.claimed_until is None:
        return 0
    return max(0, int((case.claimed_until - timezone.now()).total_seconds()))


def suggested_policy(reports: Sequence[Said]) -> Policy | None:
    """The policy that the heaviest report's reason usually ends with."""
    return selectors.policy_for(rules.suggested_policy(reports[0].report.reason)) if reports else None
