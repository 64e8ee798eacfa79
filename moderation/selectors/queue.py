"""The queue: what waits, in the order in which it presses."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, DateTimeField, Exists, F, FloatField, Func, Min, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Greatest, Least

from accounts.models import User
from core.errors import InvalidCursor
from core.rest.pagination import decode_cursor, encode_cursor
from moderation.models import Case, Decision, Report
from moderation.states import SENSITIVE, UNDECIDED, CaseKind


def undecided_cases() -> QuerySet[Case]:
    return Case.objects.filter(state__in=UNDECIDED)


def by_priority(cases: QuerySet[Case], *, now: datetime) -> QuerySet[Any]:
    """The order of the queue, most pressing first: `rules.priority` in SQL, as `priority` on every row."""
    hours_left = Func(
        F("due_at"),
        Value(now, output_field=DateTimeField()),
        template="(extract(epoch from %(expressions)s) / 3600)",
        arg_joiner=" - ",
        output_field=FloatField(),
    )
    nothing, one, ceiling = (Value(number, output_field=FloatField()) for number in (0.0, 1.0, 3.0))
    urgency = one + Least(ceiling, Greatest(nothing, (Value(24.0) - hours_left) / Value(24.0)))
    magnitude = Func(
        one + Cast("at_risk_minor", FloatField()) / Value(100.0), function="log", output_field=FloatField()
    )
    money = one + magnitude / Value(5.0)
    weight = one + Cast("weight", FloatField())
    priority = Cast("severity", FloatField()) * weight * money * urgency
    return cases.annotate(priority=priority).order_by("-priority", "due_at", "id")


@dataclass(frozen=True)
class QueuePage:
    """Some cases, and the cursor of what follows, "" at the end."""

    cases: list[Case]
    cursor: str


def queue_page(
    *, moderator: User, now: datetime, kind: str = "", state: str = "", view: str = "", cursor: str = "", size: int = 20
) -> QueuePage:
    """A page of the queue. The deadline part of the order is that of the first page's moment, which the cursor carries on.

    A closed `state` lists the newest first. `view` is mine, unassigned or overdue. Raises InvalidCursor.
    """
    cases = Case.objects.filter(state=state) if state else undecided_cases()
    cases = in_view(cases, view, moderator=moderator, now=now).select_related("author", "claimed_by")
    if kind:
        cases = cases.filter(kind=kind)
    if state and state not in UNDECIDED:
        found = list(_older_than(cases, cursor)[: size + 1])
        return _page(found, size, lambda case: [str(case.pk)])
    if cursor:
        moment, last, pk = decode_cursor(cursor, length=3)
        try:
            now, last, pk = datetime.fromisoformat(moment), float(last), uuid.UUID(pk)
        except (AttributeError, TypeError, ValueError):
            raise InvalidCursor from None
        ordered = by_priority(cases, now=now).filter(Q(priority__lt=last) | Q(priority=last, id__gt=pk))
    else:
        ordered = by_priority(cases, now=now)
    found = list(ordered.order_by("-priority", "id")[: size + 1])
    return _page(found, size, lambda case: [now.isoformat(), case.priority, str(case.pk)])


def for_console(cases: QuerySet[Case]) -> QuerySet[Case]:
    """With what a row of the queue shows: people, the reasons reported, and whether its picture should be blurred."""
    reasons = Report.objects.filter(case=OuterRef("pk")).order_by().values("reason").distinct()
    sensitive = Report.objects.filter(case=OuterRef("pk"), reason__in=SENSITIVE)
    return cases.select_related("author", "claimed_by").annotate(
        reasons=ArraySubquery(reasons.values_list("reason", flat=True)), is_sensitive=Exists(sensitive)
    )


VIEWS = ("mine", "unassigned", "overdue", "soon", "reviews", "reports", "hidden", "escalated")  # of what waits


def in_view(cases: QuerySet[Case], view: str, *, moderator: User, now: datetime) -> QuerySet[Case]:
    """The part of the queue that a saved view names; all of it for any other word."""
    held = Q(claimed_by__isnull=False, claimed_until__gt=now)
    views = {
        "mine": held & Q(claimed_by=moderator),
        "unassigned": ~held,
        "overdue": Q(due_at__lt=now),
        "soon": Q(due_at__gte=now, due_at__lt=now + timedelta(hours=1)),
        "reviews": Q(kind=CaseKind.REVIEW),
        "reports": Q(kind=CaseKind.REPORT),
        "hidden": Q(auto_hidden_at__isnull=False),
        "escalated": Q(escalated_at__isnull=False),
    }
    return cases.filter(views[view]) if view in views else cases


def _older_than(cases: QuerySet[Case], cursor: str) -> QuerySet[Case]:
    if cursor:
        (last,) = decode_cursor(cursor, length=1)
        try:
            cases = cases.filter(id__lt=uuid.UUID(last))
        except (AttributeError, TypeError, ValueError):
            raise InvalidCursor from None
    return cases.order_by("-id")


def _page(found: list[Any], size: int, position: Callable[[Any], list[Any]]) -> QueuePage:
    if len(found) <= size:
        return QueuePage(found, "")
    return QueuePage(found[:size], encode_cursor(position(found[size - 1])))


@dataclass(frozen=True)
class Today:
    """The numbers of a moderator's day."""

    waiting: int
    mine: int
    unassigned: int
    overdue: int
    due_soon: int  # within the hour
    reviews: int
    reports: int
    auto_hidden: int
    escalated: int
    oldest_opened_at: datetime | None
    decided_today: int
    decided_by_me: int
    reports_today: int


def today(*, moderator: User, now: datetime, midnight: datetime) -> Today:
    """In three statements. `midnight` is where the moderator's day began."""
    held = Q(claimed_by__isnull=False, claimed_until__gt=now)
    waiting = undecided_cases().aggregate(
        waiting=Count("pk"),
        mine=Count("pk", filter=held & Q(claimed_by=moderator)),
        unassigned=Count("pk", filter=~held),
        overdue=Count("pk", filter=Q(due_at__lt=now)),
        due_soon=Count("pk", filter=Q(due_at__gte=now, due_at__lt=now + timedelta(hours=1))),
        reviews=Count("pk", filter=Q(kind=CaseKind.REVIEW)),
        reports=Count("pk", filter=Q(kind=CaseKind.REPORT)),
        auto_hidden=Count("pk", filter=Q(auto_hidden_at__isnull=False)),
        escalated=Count("pk", filter=Q(escalated_at__isnull=False)),
        oldest_opened_at=Min("opened_at"),
    )
    decided = Decision.objects.filter(made_at__gte=midnight, actor__isnull=False).aggregate(
        decided_today=Count("pk"), decided_by_me=Count("pk", filter=Q(actor=moderator))
    )
    return Today(**waiting, **decided, reports_today=Report.objects.filter(created_at__gte=midnight).count())


def next_case_for(moderator: User, *, now: datetime, after: Case | None = None) -> Case | None:
    """The most pressing case that this moderator may take, other than `after`."""
    line = line_for(moderator, now=now)
    return (line.exclude(pk=after.pk) if after is not None else line).first()


def line_for(moderator: User, *, now: datetime) -> QuerySet[Case]:
    """What this moderator may take, most pressing first: what they hold or nobody holds, and what does not concern them."""
    mine = Q(claimed_by=moderator, claimed_until__gt=now)
    free = Q(claimed_by=None) | Q(claimed_until=None) | Q(claimed_until__lte=now)
    cases = undecided_cases().filter(mine | free).exclude(author=moderator)
    cases = cases.exclude(pk__in=Report.objects.filter(reporter=moderator).values("case_id"))
    return by_priority(for_console(cases), now=now)
