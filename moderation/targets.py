"""What can be moderated: each content app registers its own kind of target.

To add a kind of content, write one class with the methods of `Target` in the app's `moderation_target.py` and register it in the app's
`apps.py`. Nothing changes in moderation. `Look` is all that the console needs to draw a case: its pictures (blurred where the case is
sensitive), the text that was submitted beside the text of now (`content` compared with the snapshot, named by `labels`), the coarse
place. A target with an empty `template` is drawn from `Look` alone; one with a template adds its own part below that; an icon named
`sign` stands for its cases that have no picture. A `ReportDoor` gives the kind its page for reporting, `register_person_facts` its
lines about the author of a case.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from core.errors import NotFound
from core.geo import LatLng
from core.money import Money

if TYPE_CHECKING:
    from accounts.models import User
    from media.models import MediaAsset
    from moderation.models import Decision, Report

ACCOUNT = "account"  # the one kind that moderation itself registers; locked after its case, as the one lock order says


@dataclass(frozen=True)
class Outcome:
    """Something a moderator may decide about a kind of target.

    `tone` tells the console how to draw it (good, mild, strong, strongest); `good` also means that nothing was wrong: reports are then
    not upheld and an automatic hide ends. `key` is its key on the keyboard; `needs_reason`: the author must be told why, on which
    policy. `report_action` is the word of `PATCH /moderation/reports/{id}/resolve` that means this outcome: remove_content,
    suspend_user, warn_user or no_action.
    """

    name: str
    label: Any
    key: str = ""
    tone: str = "mild"
    needs_reason: bool = True
    takes_days: bool = False
    report_action: str = ""


@dataclass(frozen=True)
class Look:
    """A target as the console shows it, loaded once for a case.

    `pictures` come in their order, the first is the thumbnail in the queue. `place` is coarse already (`LatLng.snapped()`).
    """

    title: str
    author: "User"
    revision: int
    url: str = ""
    at_risk: Money | None = None
    content: dict[str, Any] = field(default_factory=dict)  # JSON: goes into the snapshot, is compared with later ones
    pictures: "tuple[MediaAsset, ...]" = ()
    video: "MediaAsset | None" = None
    picture_key: str = ""  # the thumbnail of a thing that has no assets: a key in the public store
    place: LatLng | None = None
    place_name: str = ""
    labels: Mapping[str, Any] = field(default_factory=dict)  # names of the keys of `content`, in the order to show them
    notes: tuple[str, ...] = ()  # what the moderator should know first ("The seller removed it himself.")


class Target(Protocol):
    """One kind of content. Every method but `look` and `preview` runs inside the caller's transaction."""

    kind: str
    label: Any
    reasons: tuple[str, ...]  # ReportReason values that fit
    template: str  # more evidence on the console's case page, or ""; gets `look`, `case`, `target`

    def outcomes(self, *, case_kind: str) -> tuple[Outcome, ...]:
        """What may be decided in a case of this kind."""

    def lock(self, pk: uuid.UUID) -> int:
        """Lock the row and return its revision. Raises NotFound."""

    def look(self, pk: uuid.UUID) -> Look:
        """Load what the console shows. Raises NotFound."""

    def hide(self, pk: uuid.UUID) -> dict[str, Any]:
        """Take it off show for now, reversibly, and return what `undo` needs."""

    def apply(self, pk: uuid.UUID, decision: "Decision") -> dict[str, Any]:
        """Carry a decision out and return what `undo` needs."""

    def undo(self, pk: uuid.UUID, inverse: dict[str, Any]) -> None:
        """Restore what `hide` or `apply` changed. Whatever an automatic hide did is undone before a decision is applied."""

    def preview(self, pk: uuid.UUID, outcome: str) -> str:
        """What undoing this outcome would restore, in a sentence for the moderator."""


@dataclass(frozen=True)
class PersonFact:
    """A line about a person on the case page: "Listings: 6 for sale, 1 removed". `url` leads to the console's screen of it."""

    label: Any
    value: Any
    url: str = ""


@dataclass(frozen=True)
class ReportSubject:
    """What somebody is about to report, as they may see it. `author` is whose it is, for "block them too"."""

    title: str
    url: str
    author: "User"
    picture: "MediaAsset | None" = None


class ReportDoor(Protocol):
    """How people report a kind of content on pages: what they may see of it, and the owning app's action.

    `part` names, where there is such a thing, what of it is meant: the page's address may say `?message=<id>`, and `report` is told
    `message_id`.
    """

    part: str  # "": nothing

    def subject(self, *, viewer: "User", pk: uuid.UUID) -> ReportSubject:
        """Raises NotFound for what the viewer may not see."""

    def report(self, *, reporter: "User", pk: uuid.UUID, **said: Any) -> "Report":
        """Carry out the report (`reason`, `description`, `evidence_ids`), as the app's own API does."""


_targets: dict[str, Target] = {}
_noted: dict[str, str] = {}
_report_doors: dict[str, ReportDoor] = {}
_person_facts: list[Callable[["User"], list[PersonFact]]] = []


def register(target: Target, *, reading_noted_as: str = "") -> None:
    """Called from an app's `apps.py` when the apps are ready.

    `reading_noted_as`: what two people said to each other is read by staff only for a case, and each reading goes into the audit log
    as this action.
    """
    _targets[target.kind] = target
    _noted[target.kind] = reading_noted_as


def register_person_facts(tell: "Callable[[User], list[PersonFact]]") -> None:
    """What an app knows of the person whom a case is about (a few counted numbers, cheap). Called from its `apps.py`."""
    if tell not in _person_facts:
        _person_facts.append(tell)


def register_report_door(kind: str, door: ReportDoor) -> None:
    """Called from an app's `apps.py`: `/report/<kind>/<id>` is a page from then on."""
    _report_doors[kind] = door


def report_door(kind: str) -> ReportDoor:
    """Raises NotFound."""
    try:
        return _report_doors[kind]
    except KeyError:
        raise NotFound from None


def person_facts(person: "User") -> list[PersonFact]:
    return [fact for tell in _person_facts for fact in tell(person)]


def target_of(kind: str) -> Target:
    try:
        return _targets[kind]
    except KeyError:
        raise NotFound from None


def reading_noted_as(kind: str) -> str:
    """The audit action of looking at a case of this kind; "" where nobody's private words are in it."""
    return _noted.get(kind, "")


def kinds() -> list[str]:
    return sorted(_targets)
