"""One's saved searches and what they found."""

import uuid
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Block, User
from catalog.states import ProductState
from search.errors import SavedSearchNotFound
from search.models import Find, SavedSearch
from search.selectors.parameters import as_parameters, fingerprint_of, worth_keeping
from search.selectors.reading import Asked
from search.states import AlertFrequency

TOLD_LATEST = timedelta(days=8)  # what nobody was told by then is no news any more


def saved_searches(user: User) -> QuerySet[SavedSearch]:
    """The newest first, each with `new_count`: listings that it found since its owner last looked."""
    news = (
        Find.objects.filter(
            user_id=OuterRef("user_id"), saved_search=OuterRef("pk"), found_at__gt=OuterRef("looked_at")
        )
        .filter(_on_show("product__"))
        .order_by()
        .values("saved_search")
        .annotate(many=Count("product", distinct=True))
    )
    return (
        SavedSearch.objects.filter(user=user, removed_at=None)
        .annotate(new_count=Coalesce(Subquery(news.values("many")), 0))
        .order_by("-id")
    )


def saved_search_of(user: User, saved_search_id: uuid.UUID) -> SavedSearch:
    """Raises SavedSearchNotFound."""
    found = saved_searches(user).filter(pk=saved_search_id).first()
    if found is None:
        raise SavedSearchNotFound
    return found


def removed_search_of(user: User, saved_search_id: uuid.UUID) -> SavedSearch | None:
    """One that was removed and can still come back."""
    return SavedSearch.objects.filter(user=user, pk=saved_search_id, removed_at__isnull=False).first()


def saved_as(user: User, asked: Asked) -> SavedSearch | None:
    """The saved search that asks the same, if the person has one."""
    same = fingerprint_of(as_parameters(worth_keeping(asked)))
    return SavedSearch.objects.filter(user=user, fingerprint=same, removed_at=None).first()


# --- telling ----------------------------------------------------------------------------------------------------------


def untold_at_once(product_id: uuid.UUID) -> QuerySet[Find]:
    """Finds of one listing that their owners want to hear of now, one person's together."""
    return (
        finds_worth_telling()
        .filter(product_id=product_id, saved_search__alerts=AlertFrequency.AT_ONCE)
        .order_by("user_id", "id")
    )


def people_to_send_a_digest(*, now: datetime, after: uuid.UUID | None = None) -> QuerySet[Find, uuid.UUID]:
    """Ids of people who have something in a digest that is due, in the order of their ids."""
    found = due_finds(now=now).order_by("user_id").values_list("user_id", flat=True).distinct()
    return found.filter(user_id__gt=after) if after else found


def due_finds(*, now: datetime) -> QuerySet[Find]:
    """What belongs into a digest now: of daily searches always, of weekly ones a week after the last one.

    An hour of grace: a job that runs at the same time each day is some minutes late at times.
    """
    week = now - timedelta(days=7) + timedelta(hours=1)
    since = Coalesce("saved_search__told_at", "saved_search__created_at")
    weekly = Q(saved_search__alerts=AlertFrequency.WEEKLY, told_or_saved__lte=week)
    daily = Q(saved_search__alerts=AlertFrequency.DAILY)
    return (
        finds_worth_telling()
        .filter(found_at__gt=now - TOLD_LATEST)
        .annotate(told_or_saved=since)
        .filter(daily | weekly)
        .filter(found_at__gt=F("saved_search__looked_at"))
    )


def finds_worth_telling() -> QuerySet[Find]:
    """Untold finds of searches in use, of listings that their owner may still see."""
    blocked = Block.objects.filter(
        Q(blocker_id=OuterRef("user_id"), blocked_id=OuterRef("product__seller_id"))
        | Q(blocked_id=OuterRef("user_id"), blocker_id=OuterRef("product__seller_id"))
    )
    known = Find.objects.filter(
        user_id=OuterRef("user_id"),
        product_id=OuterRef("product_id"),
        price_minor__lte=OuterRef("price_minor"),
        told_at__isnull=False,
    )  # by another search of the same person
    return Find.objects.filter(
        _on_show("product__"),
        ~Exists(blocked),
        ~Exists(known),
        told_at=None,
        saved_search__paused_at=None,
        saved_search__removed_at=None,
        saved_search__user__is_active=True,
    )


def _on_show(to: str) -> Q:
    """The catalogue's rule but for blocks, about a listing behind a relation."""
    return Q(
        **{
            f"{to}state": ProductState.ACTIVE,
            f"{to}hidden_at": None,
            f"{to}seller__is_active": True,
            f"{to}seller__suspended_at": None,
            f"{to}seller__listings_hidden_at": None,
        }
    )
