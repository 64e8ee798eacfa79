"""How saved searches are getting on, in numbers that name nobody: for whoever runs the house."""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from core.models import Delivery, DeliveryState, Heartbeat
from search.models import Find, SavedSearch, Watch
from search.selectors.saved import due_finds, finds_worth_telling
from search.states import AlertFrequency, FindReason

DIGESTS = "digests of saved searches"  # hearts of the two jobs
READ_AGAIN = "saved searches read again"
DAYS = 7  # of the table of what was told
SHOWN = 50  # stuck searches
AT_ONCE_WITHIN = timedelta(minutes=15)  # the job's lease and a retry or two
DAY_AND_GRACE = timedelta(hours=26)  # of jobs that run each day
_HANDLERS = (
    "search.hold_published_listing_against_saved_searches",
    "search.hold_edited_listing_against_saved_searches",
    "search.hold_cheaper_listing_against_saved_searches",
    "notifications.tell_people_what_their_searches_found",
)


@dataclass(frozen=True)
class OfFrequency:
    """Searches that are kept with one frequency, and how they are."""

    label: Any
    kept: int = 0
    people: int = 0
    watched: int = 0
    paused: int = 0
    unreadable: int = 0


@dataclass
class OfDay:
    """What searches found on a day and how much of it people were told, by frequency."""

    day: date
    new: int = 0
    cheaper: int = 0
    at_once: int = 0
    digest: int = 0


@dataclass(frozen=True)
class Stuck:
    """A search of which nobody hears, though they should."""

    saved_search_id: uuid.UUID
    alerts: str
    since: datetime | None
    because: str  # a key of STUCK_BECAUSE


@dataclass
class Standing:
    frequencies: list[OfFrequency] = field(default_factory=list)
    days: list[OfDay] = field(default_factory=list)
    due_searches: int = 0
    due_people: int = 0
    digests_ran: datetime | None = None
    read_again: datetime | None = None
    parked: int = 0
    stuck: list[Stuck] = field(default_factory=list)

    def is_late(self, ran: datetime | None, *, at: datetime) -> bool:
        """A job that ran once and missed its day since."""
        return ran is not None and ran < at - DAY_AND_GRACE


def standing(*, at: datetime) -> Standing:
    """Everything on the operators' page. Reads all saved searches and a week's finds: for a page, not for a request of everybody's."""
    due = due_finds(now=at).order_by()
    hearts = dict(Heartbeat.objects.filter(name__in=(DIGESTS, READ_AGAIN)).values_list("name", "beat_at"))
    return Standing(
        frequencies=_frequencies(),
        days=_days(at),
        **due.aggregate(
            due_searches=Count("saved_search", distinct=True),
            due_people=Count("user_id", distinct=True),
        ),
        digests_ran=hearts.get(DIGESTS),
        read_again=hearts.get(READ_AGAIN),
        parked=Delivery.objects.filter(state=DeliveryState.PARKED, handler__in=_HANDLERS).count(),
        stuck=stuck_searches(at=at)[:SHOWN],
    )


def kept_by_frequency() -> dict[str, int]:
    """How many searches people keep, by how soon they want to hear."""
    rows = SavedSearch.objects.filter(removed_at=None).order_by().values_list("alerts").annotate(many=Count("pk"))
    return dict(rows)


def _frequencies() -> list[OfFrequency]:
    watched = Exists(Watch.objects.filter(saved_search=OuterRef("pk")))
    rows = (
        SavedSearch.objects.filter(removed_at=None)
        .annotate(has_watch=watched)
        .order_by()
        .values("alerts")
        .annotate(
            kept=Count("pk"),
            people=Count("user", distinct=True),
            watched=Count("pk", filter=Q(has_watch=True)),
            paused=Count("pk", filter=Q(paused_at__isnull=False)),
            unreadable=Count("pk", filter=Q(unreadable_at__isnull=False)),
        )
    )
    found = {
        row["alerts"]: (row["kept"], row["people"], row["watched"], row["paused"], row["unreadable"]) for row in rows
    }
    return [OfFrequency(label, *found.get(value, ())) for value, label in AlertFrequency.choices]


def _days(at: datetime) -> list[OfDay]:
    here = ZoneInfo(settings.DISPLAY_TIME_ZONE)
    today = at.astimezone(here).date()
    days = {day: OfDay(day) for day in (today - timedelta(days=back) for back in range(DAYS))}
    since = datetime.combine(min(days), datetime.min.time(), tzinfo=here)
    finds = Find.objects.filter(found_at__gte=since - timedelta(days=DAYS)).order_by()  # told up to a week later
    for day, reason, many in (
        finds.filter(found_at__gte=since)
        .values_list(TruncDate("found_at", tzinfo=here), "reason")
        .annotate(many=Count("pk"))
    ):
        if day in days:
            days[day].new += many if reason == FindReason.NEW else 0
            days[day].cheaper += many if reason == FindReason.CHEAPER else 0
    for day, alerts, many in (
        finds.filter(told_at__gte=since)
        .values_list(TruncDate("told_at", tzinfo=here), "saved_search__alerts")
        .annotate(many=Count("pk"))
    ):
        if day in days:
            days[day].at_once += many if alerts == AlertFrequency.AT_ONCE else 0
            days[day].digest += many if alerts in (AlertFrequency.DAILY, AlertFrequency.WEEKLY) else 0
    return list(days.values())


# --- stuck ------------------------------------------------------------------------------------------------------------


def stuck_searches(*, at: datetime) -> list[Stuck]:
    """Searches whose owner should have heard by now, or which nobody holds against listings; the longest first."""
    found = [*_untold(at), *_unwatched(at)]
    return sorted(found, key=lambda one: (one.since is None, one.since))


def _untold(at: datetime) -> list[Stuck]:
    late = [
        ("untold", finds_worth_telling().filter(saved_search__alerts=AlertFrequency.AT_ONCE), AT_ONCE_WITHIN),
        ("not_in_digest", due_finds(now=at).filter(saved_search__alerts=AlertFrequency.DAILY), DAY_AND_GRACE),
    ]
    return [
        Stuck(pk, alerts, since, because)
        for because, finds, within in late
        for pk, alerts, since in finds.filter(found_at__lt=at - within, found_at__gt=at - timedelta(days=DAYS))
        .order_by()
        .values_list("saved_search_id", "saved_search__alerts")
        .annotate(since=Min("found_at"))[:SHOWN]
    ]


def _unwatched(at: datetime) -> list[Stuck]:
    in_use = SavedSearch.objects.filter(removed_at=None, paused_at=None, unreadable_at=None).exclude(
        alerts=AlertFrequency.OFF
    )
    missing: QuerySet[SavedSearch] = in_use.filter(watch=None, updated_at__lt=at - AT_ONCE_WITHIN)
    stale = in_use.filter(watch__read_at__lt=at - 2 * DAY_AND_GRACE)
    return [
        *(Stuck(one.pk, one.alerts, one.updated_at, "unwatched") for one in missing.order_by("updated_at")[:SHOWN]),
        *(
            Stuck(pk, alerts, read_at, "stale")
            for pk, alerts, read_at in stale.order_by("watch__read_at").values_list("pk", "alerts", "watch__read_at")[
                :SHOWN
            ]
        ),
    ]


# --- one person's -----------------------------------------------------------------------------------------------------


def searches_for_staff() -> QuerySet[SavedSearch]:
    """Everybody's, also those that were deleted and can still come back. Only for screens that ask why first."""
    return SavedSearch.objects.select_related("user")


def finds_for_staff(saved: SavedSearch, *, limit: int = 50) -> list[Find]:
    """What a search found last."""
    found = Find.objects.filter(user_id=saved.user_id, saved_search=saved)
    return list(found.select_related("product").order_by("-id")[:limit])
