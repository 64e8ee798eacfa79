"""Time travel. Actions write the moment at which they run; a city that is a minute old has no yesterday.

This is the one place of the demo that writes other apps' tables itself, after the actions, for rows that the demo made:
moments, the hash of the one password, and that old news was delivered long ago. What never changes afterwards (audit
entries, snapshots, the outbox's events) keeps the moment of the building.
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, models
from django.utils import timezone

from accounts.models import Follow, User
from catalog.models import Favourite, Product
from core.models import Delivery, DeliveryState, RateBucket
from moderation.models import Case, Decision, Report

Moments = Mapping[str, datetime | None]


def write_moments(model: type[models.Model], moments: Mapping[uuid.UUID, Moments]) -> None:
    """Set these columns of these rows, a statement for each set of columns."""
    by_columns: dict[tuple[str, ...], list[tuple[uuid.UUID, Moments]]] = {}
    for key, values in moments.items():
        by_columns.setdefault(tuple(values), []).append((key, values))
    for columns, rows in by_columns.items():
        table = model._meta.db_table
        sets = ", ".join(f'"{column}" = v."{column}"' for column in columns)
        names = ", ".join(f'"{column}"' for column in ("id", *columns))
        arrays = ", ".join(["%s::uuid[]", *["%s::timestamptz[]"] * len(columns)])
        with connection.cursor() as cursor:
            cursor.execute(
                f'UPDATE "{table}" AS t SET {sets} FROM unnest({arrays}) AS v ({names}) WHERE t.id = v.id',  # noqa: S608 - names of ours
                [[key for key, _ in rows], *[[values[column] for _, values in rows] for column in columns]],
            )


def joined(person: User, at: datetime) -> None:
    """Somebody has been here since then, verified since then, selling since then, last seen lately."""
    person.created_at = at
    for name in ("email_verified_at", "phone_verified_at", "sells_since"):
        if getattr(person, name):
            setattr(person, name, at + timedelta(minutes=4))
    person.save(update_fields=["created_at", "email_verified_at", "phone_verified_at", "sells_since"])


def password_chosen(person: User, password_hash: str) -> None:
    """Somebody chose the password of which this is the hash."""
    User.objects.filter(pk=person.pk).update(password=password_hash)


def delivered(news: models.QuerySet[Delivery]) -> int:
    """What these deliveries would do was done long ago, or nobody needs it any more: the relay leaves them alone."""
    return news.filter(state=DeliveryState.PENDING).update(state=DeliveryState.DONE, done_at=timezone.now())


def vouched_for(person: User, at: datetime) -> None:
    """Somebody whose identity was checked.

    No verifier's action exists yet; when one does, the city will go through it.
    """
    User.objects.filter(pk=person.pk).update(identity_verified_at=at)


def keeps_a_shop(person: User, at: datetime) -> None:
    """Somebody whose business was checked: shops have more than one of a thing.

    No verifier's action exists yet; when one does, the city will go through it.
    """
    User.objects.filter(pk=person.pk).update(business_verified_at=at)
    person.refresh_from_db(fields=["business_verified_at"])


def nobody_was_hasty() -> None:
    """What the building made people do within a minute counts against nobody's limits: they did it over weeks."""
    RateBucket.objects.all().delete()


def listed(product: Product, at: datetime, *, reviewed: bool) -> dict[str, datetime | None]:
    """The moments of a listing that went up then."""
    moments: dict[str, datetime | None] = {"created_at": at - timedelta(minutes=12)}
    if product.published_at:
        moments |= {"published_at": at, "expires_at": at + settings.LISTING_LIFE}
    if reviewed:
        moments["submitted_at"] = at - timedelta(minutes=50) if product.published_at else at
    if product.approved_by_person_at:
        moments["approved_by_person_at"] = at
    return moments


def case_moments(cases: Mapping[uuid.UUID, tuple[datetime, datetime | None]]) -> None:
    """Cases opened and closed then, with their decisions and reports a little before the close."""
    known = {case.pk: case for case in Case.objects.filter(pk__in=list(cases))}
    write_moments(
        Case,
        {
            key: {
                "opened_at": opened,
                "due_at": opened + (known[key].due_at - known[key].opened_at),
                "closed_at": closed,
            }
            for key, (opened, closed) in cases.items()
        },
    )
    decided = {}
    for decision in Decision.objects.filter(case__in=list(cases)):
        opened, closed = cases[decision.case_id]
        decided[decision.pk] = {"made_at": closed or opened + timedelta(minutes=20)}
    write_moments(Decision, decided)
    reported = {}
    for number, report in enumerate(Report.objects.filter(case__in=list(cases)).order_by("pk")):
        reported[report.pk] = {"created_at": cases[report.case_id][0] + timedelta(minutes=7 * (number % 5))}
    write_moments(Report, reported)


def spread(model: type[Follow] | type[Favourite], moments: Mapping[uuid.UUID, datetime]) -> None:
    write_moments(model, {key: {"created_at": at} for key, at in moments.items()})


def expire(product_ids: Collection[uuid.UUID], at: datetime) -> None:
    """Let the term of these listings have ended; the sweep of the catalogue does the rest."""
    Product.objects.filter(pk__in=product_ids).update(expires_at=at)
