"""How moderation locks, shows and acts on what people say to each other: a message that the filters stopped or brought up, and one
person's side of a conversation that the other reported."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import actions as accounts
from accounts.models import Restriction, User
from accounts.states import RestrictionKind
from core.money import Money
from messaging import actions, selectors, words
from messaging.actions.placing import lock_conversation, lock_message
from messaging.models import Message
from messaging.selectors import Excerpt, Line
from messaging.states import CONVERSATION_TARGET, MESSAGE_TARGET, SENT_BY_PEOPLE, MessageKind, MessageState
from moderation import scanner
from moderation.errors import OwnCase, StaffMember
from moderation.models import Decision, Report
from moderation.selectors import filters_in_use
from moderation.states import CaseKind, MarkKind, ReportReason
from moderation.targets import Look, Outcome, ReportSubject

DELIVER = Outcome("deliver", _("Deliver"), key="a", tone="good", needs_reason=False)
DELIVER_AND_WARN = Outcome("warn", _("Deliver, and warn"), key="w", tone="mild")
REJECT = Outcome("reject", _("Do not deliver"), key="r", tone="strong")
REJECT_AND_STOP = Outcome(
    "restrict_messaging", _("Do not deliver, stop messages"), key="m", tone="strongest", takes_days=True
)
NO_ACTION = Outcome(
    "no_action", _("Nothing wrong"), key="a", tone="good", needs_reason=False, report_action="no_action"
)
WARN = Outcome("warn", _("Warn"), key="w", tone="mild", report_action="warn_user")
HIDE = Outcome("hide", _("Hide from both"), key="h", tone="strong", report_action="remove_content")
HIDE_AND_STOP = Outcome("restrict_messaging", _("Hide, and stop messages"), key="m", tone="strongest", takes_days=True)
REMOVE = Outcome("remove_messages", _("Remove from both"), key="x", tone="strong", report_action="remove_content")
STOP = Outcome("restrict_messaging", _("Stop messages"), key="m", tone="strongest", takes_days=True)


@dataclass(frozen=True)
class Piece:
    """A part of a text; `label` says what the scanner makes of it."""

    text: str
    label: Any = None


@dataclass(frozen=True)
class Bubble:
    """A message as the console draws it."""

    line: Line
    side: str  # accused, other, house
    pieces: tuple[Piece, ...]
    originals: tuple[tuple[Any, tuple[Piece, ...]], ...]  # (until when, what it said)
    note: str = ""  # what stands in place of words: a card, a shared place, a notice


@dataclass(frozen=True)
class TalkLook(Look):
    """What our part of the case page draws."""

    excerpt: Excerpt | None = None
    bubbles: tuple[Bubble, ...] = ()
    product_url: str = ""


class _Talk:
    """What both kinds share: the excerpt as the console shows it and the snapshot keeps it."""

    def _look(self, excerpt: Excerpt, *, notes: tuple[str, ...] = ()) -> TalkLook:
        conversation, accused = excerpt.conversation, excerpt.accused
        product = conversation.product
        has_price = product is not None and product.price_minor is not None
        return TalkLook(
            # Titles stand in lists that everybody at the desk sees, so nothing of what was said is in them.
            title=f"@{accused.username} → @{excerpt.other.username}",
            author=accused,
            revision=excerpt.revision,
            at_risk=Money(product.price_minor, product.currency) if has_price else None,  # type: ignore[union-attr,arg-type]
            content={
                "message": "\n".join(message.body for message in excerpt.causes if message.body),
                "listing": product.title if product else "",
                "excerpt": [kept(line) for line in excerpt.lines],
            },
            labels={"message": _("What it is about"), "listing": _("Listing"), "excerpt": _("Excerpt")},
            notes=notes,
            excerpt=excerpt,
            bubbles=bubbles(excerpt.lines, accused=accused),
            product_url=_admin_url("admin:catalog_product_change", product.pk) if product else "",
        )

    def _restricted(self, person: User, decision: Decision) -> dict[str, Any]:
        if person.is_staff and not (decision.actor and decision.actor.is_superuser):
            raise StaffMember
        restriction = accounts.restrict_person(
            user=person,
            kind=RestrictionKind.MESSAGE,
            reason_en=decision.reason_en,
            reason_ar=decision.reason_ar,
            ends_at=timezone.now() + timedelta(days=decision.duration_days) if decision.duration_days else None,
            case_id=decision.case_id,
        )
        return {"restriction_id": str(restriction.pk)}

    def _hidden(self, excerpt: Excerpt) -> dict[str, Any]:
        """Hide what a decision is about. Of a whole conversation, offers stay: only one that is named for its words goes."""
        named = {line.message.pk for line in excerpt.lines if line.is_cause}
        own = [message.pk for message in excerpt.causes if message.kind in SENT_BY_PEOPLE or message.pk in named]
        hidden = actions.hide_messages(conversation_id=excerpt.conversation.pk, message_ids=own)
        return {"hid": [str(pk) for pk in hidden]}

    def _taken_back(self, conversation_id: uuid.UUID, inverse: Mapping[str, Any]) -> None:
        """The part of undoing that both kinds share."""
        hidden = [uuid.UUID(pk) for pk in inverse.get("hid", ())]
        if hidden:
            actions.restore_messages(conversation_id=conversation_id, message_ids=hidden)
        if "restriction_id" not in inverse:
            return
        restriction = Restriction.objects.filter(pk=inverse["restriction_id"], lifted_at=None).first()
        if restriction is not None:
            accounts.lift_restriction(restriction=restriction)


class MessageTarget(_Talk):
    """A message that was held before anybody read it, or delivered and brought up."""

    kind = MESSAGE_TARGET
    label = _("message")
    sign = "message-circle"
    reasons: tuple[str, ...] = ()  # people report conversations
    template = "admin/moderation/targets/message.html"

    def outcomes(self, *, case_kind: str) -> tuple[Outcome, ...]:
        if case_kind == CaseKind.REVIEW:
            return (DELIVER, DELIVER_AND_WARN, REJECT, REJECT_AND_STOP)
        return (NO_ACTION, WARN, HIDE, HIDE_AND_STOP)

    def lock(self, pk: uuid.UUID) -> int:
        lock_message(pk)
        return selectors.excerpt_of_message(pk).revision

    def look(self, pk: uuid.UUID) -> TalkLook:
        excerpt = selectors.excerpt_of_message(pk)
        message = excerpt.causes[0]
        return self._look(excerpt, notes=_notes(message))

    def hide(self, pk: uuid.UUID) -> dict[str, Any]:
        return self._hidden(selectors.excerpt_of_message(pk))

    def apply(self, pk: uuid.UUID, decision: Decision) -> dict[str, Any]:
        excerpt = selectors.excerpt_of_message(pk)
        check_outsider(excerpt, decision)
        message, outcome = excerpt.causes[0], decision.outcome
        inverse: dict[str, Any] = {}
        if decision.case.kind == CaseKind.REVIEW:
            inverse = (
                self._delivered(message) if outcome in (DELIVER.name, DELIVER_AND_WARN.name) else self._kept(message)
            )
        elif outcome in (HIDE.name, HIDE_AND_STOP.name):
            inverse = self._hidden(excerpt)
        if outcome == STOP.name:
            inverse |= self._restricted(excerpt.accused, decision)
        return inverse

    def undo(self, pk: uuid.UUID, inverse: dict[str, Any]) -> None:
        conversation_id = selectors.message_for_staff(pk).conversation_id
        if inverse.get("did") in ("delivered", "showed"):  # it was read: all that is left is to take it out of sight
            actions.hide_messages(conversation_id=conversation_id, message_ids=[pk])
        elif inverse.get("did") == "rejected":
            actions.hold_message_again(message_id=pk)
        self._taken_back(conversation_id, inverse)

    def preview(self, pk: uuid.UUID, outcome: str) -> str:
        return {
            DELIVER.name: gettext("Undoing this hides it from both until it is decided again."),
            DELIVER_AND_WARN.name: gettext("Undoing this hides it from both until it is decided again."),
            REJECT.name: gettext("Undoing this holds it again."),
            HIDE.name: gettext("Undoing this shows it to both again."),
            STOP.name: gettext("Undoing this lets the person write again, and puts the message back where it was."),
        }.get(outcome, gettext("Nothing changes but what the person is told."))

    def _delivered(self, message: Message) -> dict[str, Any]:
        if message.state != MessageState.SENT:
            actions.release_message(message_id=message.pk)
            return {"did": "delivered"}
        shown = actions.restore_messages(conversation_id=message.conversation_id, message_ids=[message.pk])
        return {"did": "showed"} if shown else {}

    def _kept(self, message: Message) -> dict[str, Any]:
        if message.state != MessageState.HELD:  # delivered once and hidden since, by undoing that
            return {}
        actions.reject_message(message_id=message.pk)
        return {"did": "rejected"}


class ConversationTarget(_Talk):
    """One person's side of a conversation, reported by the other."""

    kind = CONVERSATION_TARGET
    label = _("conversation")
    sign = "messages-square"
    reasons: tuple[str, ...] = (
        ReportReason.HARASSMENT,
        ReportReason.SCAM,
        ReportReason.FRAUD,
        ReportReason.OFFENSIVE_CONTENT,
        ReportReason.SPAM,
        ReportReason.INAPPROPRIATE_BEHAVIOR,
        ReportReason.OTHER,
    )
    template = "admin/moderation/targets/conversation.html"

    def outcomes(self, *, case_kind: str) -> tuple[Outcome, ...]:
        return (NO_ACTION, WARN, REMOVE, STOP)

    def lock(self, pk: uuid.UUID) -> int:
        lock_conversation(selectors.side_for_staff(pk).conversation_id)
        return selectors.excerpt_of_side(pk).revision

    def look(self, pk: uuid.UUID) -> TalkLook:
        excerpt = selectors.excerpt_of_side(pk)
        notes = () if excerpt.lines else (gettext("Nobody reported this conversation, so nothing of it is shown."),)
        return self._look(excerpt, notes=notes)

    def hide(self, pk: uuid.UUID) -> dict[str, Any]:
        return self._hidden(selectors.excerpt_of_side(pk))

    def apply(self, pk: uuid.UUID, decision: Decision) -> dict[str, Any]:
        excerpt = selectors.excerpt_of_side(pk)
        check_outsider(excerpt, decision)
        if decision.outcome == REMOVE.name:
            return self._hidden(excerpt)
        return self._restricted(excerpt.accused, decision) if decision.outcome == STOP.name else {}

    def undo(self, pk: uuid.UUID, inverse: dict[str, Any]) -> None:
        self._taken_back(selectors.side_for_staff(pk).conversation_id, inverse)

    def preview(self, pk: uuid.UUID, outcome: str) -> str:
        count = len(selectors.excerpt_of_side(pk).causes)
        return {
            REMOVE.name: gettext("Messages that it takes away: {count}. Undoing this shows them to both again.").format(
                count=count
            ),
            STOP.name: gettext("Undoing this lets the person write again."),
        }.get(outcome, gettext("Nothing changes but what the person is told."))


class ConversationReportDoor:
    """Reporting from one's own conversation. The id on the page is the conversation's."""

    part = "message"

    def subject(self, *, viewer: User, pk: uuid.UUID) -> ReportSubject:
        conversation = selectors.conversation_of(viewer, pk)
        other = User.objects.get(pk=selectors.other_in(conversation, viewer.pk))
        return ReportSubject(title=other.display_name, url=f"/messages/{pk}", author=other)

    def report(self, *, reporter: User, pk: uuid.UUID, **said: Any) -> Report:
        return actions.report_conversation(reporter=reporter, conversation_id=pk, **said)


def check_outsider(excerpt: Excerpt, decision: Decision) -> None:
    """Raises OwnCase: nobody decides about a conversation of their own."""
    if decision.actor_id in (excerpt.accused.pk, excerpt.other.pk):
        raise OwnCase


def kept(line: Line) -> dict[str, Any]:
    """A message as a snapshot keeps it. A shared place only by its name: where somebody lives is nobody's business here."""
    message = line.message
    return {
        "seq": message.seq,
        "from": f"@{message.sender.username}" if message.sender else "",
        "kind": str(message.kind),
        "said": message.body or _in_any_language(message),
        "at": message.sent_at.isoformat(),
        "state": str(message.state),
        "edited": message.edited_at is not None,
        "unsent": message.unsent_at is not None,
        "before": [revision.body for revision in line.originals],
        "pictures": [f"{picture.pk} sha256:{picture.sha256}" for picture in line.pictures],
    }


def bubbles(lines: tuple[Line, ...], *, accused: User | None) -> tuple[Bubble, ...]:
    """Messages for the console, with what the scanner marks in them. `accused` stands at the end of the line, as in their own inbox."""
    return tuple(
        Bubble(
            line=line,
            side="house"
            if line.message.sender_id is None
            else "accused"
            if line.message.sender == accused
            else "other",
            pieces=_pieces(line.message.body),
            originals=tuple(
                (revision.replaced_at, _pieces(revision.body)) for revision in line.originals if revision.body
            ),
            note=_note(line.message),
        )
        for line in lines
    )


def _pieces(text: str) -> tuple[Piece, ...]:
    marks = scanner.read(text, terms=filters_in_use().terms)
    cuts = [0, *(place for mark in marks for place in (mark.start, mark.end)), len(text)]
    labels = {mark.start: MarkKind(mark.kind).label for mark in marks}
    return tuple(Piece(text[one:two], labels.get(one)) for one, two in pairwise(cuts) if one < two)


def _note(message: Message) -> str:
    """What stands in place of words, for whoever reads it now."""
    if message.kind == MessageKind.LOCATION:
        return gettext("Shared a place: {name}").format(name=message.facts.get("label") or "–")
    if message.kind in (MessageKind.OFFER, MessageKind.SYSTEM):
        return words.excerpt(kind=message.kind, body=message.body, facts=message.facts, is_gone=False)
    return ""


def _in_any_language(message: Message) -> str:
    """The same for a snapshot, which is compared with later ones and so must not follow the reader's language."""
    facts = message.facts
    return str(facts.get("notice") or (facts.get("line") or {}).get("en") or facts.get("label") or "")


def _notes(message: Message) -> tuple[str, ...]:
    notes = []
    if message.state == MessageState.HELD:
        notes.append(gettext("It waits: nobody but its sender has seen it."))
    if message.state == MessageState.REJECTED:
        notes.append(gettext("It was not delivered."))
    if message.unsent_at is not None:
        notes.append(gettext("Its sender unsent it. What it said is shown below."))
    if message.hidden_at is not None:
        notes.append(gettext("It is hidden from both now."))
    return tuple(notes)


def _admin_url(name: str, pk: Any) -> str:
    try:
        return reverse(name, args=[pk])
    except NoReverseMatch:
        return ""
