"""Stage after stage: neighbourhoods, people, pictures, listings, moderation, bonds."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection, transaction

from accounts.actions import block_person, follow_person
from accounts.models import Follow, User
from catalog.actions import add_favourite, flush_views
from catalog.models import Favourite, Product
from demo.city import house, market, news, past, talk, trade
from demo.city.logins import DECIDERS, LOGINS, PASSWORD, let_in
from demo.city.plan import BUYER, SELLER, Plan
from demo.city.progress import Progress
from demo.city.residents import Streets, move_in
from demo.city.studio import Studio
from moderation.actions import sync_staff_groups


@dataclass(frozen=True)
class Built:
    """What stands now, for the closing words."""

    people: int
    listings: dict[str, int]
    cases_waiting: int
    suspended: int
    orders: int


def is_empty() -> bool:
    """Nothing is listed here yet. The listings come in one transaction, so a city is there whole or not at all."""
    return not Product.objects.exists()


def build(plan: Plan, *, anchor: datetime, progress: Progress, workers: int | None = None) -> Built:
    """Build the planned city. What an earlier attempt left (people, pictures) is used again.

    Raises:
        StudioError, FilmError: pictures or films could not be made.
    """
    with news.marked():
        return _build(plan, anchor, progress, workers)


def _build(plan: Plan, anchor: datetime, progress: Progress, workers: int | None) -> Built:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")  # a city that is lost in a crash is built again
    call_command("load_neighborhoods", "--builtin", verbosity=0, stdout=_Silence())
    sync_staff_groups(table=settings.STAFF_GROUPS)
    studio = Studio(plan, progress, workers=workers)
    try:
        people, staff = _settle(plan, anchor, progress)
        studio.open(people)
    finally:
        studio.close()
    with transaction.atomic():
        place = market.Market(people, Streets(seed=plan.seed), studio, staff[0], anchor)
        place.open(plan, progress)
        progress.stage("Reports and decisions", 1)
        court = house.House(people, plan, staff[:2], anchor)
        court.cases |= place.cases
        court.cases |= house.dates_of_reviews(place.products, plan, anchor)
        court.open(place.products)
        progress.step()
        _bind(plan, people, place.products, anchor, progress)
        progress.stage("Messages and offers", 1)
        talk.let_them_talk(plan, people, place.products, anchor)
        progress.step()
        news.settle()
    market.say_what_parcels_cost(place.products)
    ordered = trade.let_them_trade(
        plan=plan,
        people=people,
        products=place.products,
        finance=staff[2],
        picture=studio.evidence_of(plan, place.products),
        anchor=anchor,
        progress=progress,
    )
    market.only_meet_from_now_on(place.products)  # after the past, in which they sent what they only hand over today
    news.close()
    market.look_around(place.products, list(people.values()), seed=plan.seed)
    market.look_for_things(list(people.values()), seed=plan.seed)
    flush_views()
    progress.end()
    return Built(
        people=len(people),
        listings=house.count_by_state(place.products),
        cases_waiting=house.waiting(),
        orders=ordered,
        suspended=User.objects.exclude(suspended_at=None).count(),
    )


class _Silence:
    """For a command whose words would tear the progress bar."""

    def write(self, *_: Any, **__: Any) -> None:
        return

    def isatty(self) -> bool:
        return False


def _settle(plan: Plan, anchor: datetime, progress: Progress) -> tuple[dict[str, User], tuple[User, User, User]]:
    progress.stage("People", len(plan.people) + len(LOGINS) + len(DECIDERS))
    streets = Streets(seed=plan.seed)
    password_hash = make_password(PASSWORD)
    people = {}
    for person in plan.people:
        people[person.username] = move_in(person, streets=streets, anchor=anchor)
        progress.step()
    for number, login in enumerate((*LOGINS, *DECIDERS)):
        user = let_in(login, password_hash=password_hash)
        past.joined(user, anchor - timedelta(days=120 + 17 * number))
        if login.username in (SELLER, BUYER):
            people[login.username] = user
        progress.step()
    first, second, third = (let_in(login, password_hash=password_hash) for login in DECIDERS)
    return people, (first, second, third)


def _bind(plan: Plan, people: dict[str, User], products: list[Product], anchor: datetime, progress: Progress) -> None:
    """Who follows, saves and avoids whom; those who were suspended meanwhile do nothing any more."""
    progress.stage("Follows and favourites", len(plan.follows) + len(plan.favourites) + len(plan.blocks))
    gone = set(User.objects.exclude(suspended_at=None).values_list("pk", flat=True))
    rng = random.Random(f"bonds {plan.seed}")  # noqa: S311 - a demo, no secret
    since: dict[Any, datetime] = {}
    for follower, followed in plan.follows:
        if not {people[follower].pk, people[followed].pk} & gone:
            link = follow_person(follower=people[follower], followed=people[followed])
            since[link.pk] = anchor - timedelta(hours=rng.uniform(2, 1500))
        progress.step()
    past.spread(Follow, since)
    for person, index in plan.favourites:
        if not {people[person].pk, products[index].seller_id} & gone:
            add_favourite(user=people[person], product_id=products[index].pk)
        progress.step()
    past.spread(Favourite, _moments_of_saving(products, anchor, rng))
    for blocker, blocked in plan.blocks:
        block_person(blocker=people[blocker], blocked=people[blocked])
        progress.step()


def _moments_of_saving(products: list[Product], anchor: datetime, rng: random.Random) -> dict[Any, datetime]:
    """Somewhere between the listing and now."""
    saved = Favourite.objects.filter(product__in=[p.pk for p in products]).order_by("pk")
    found = saved.values_list("pk", "product__published_at")
    return {pk: listed + (anchor - listed) * rng.random() for pk, listed in found if listed}
