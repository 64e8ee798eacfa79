"""People move in: they register, prove their address, say who they are and where they live."""

import random
from datetime import datetime, timedelta

from django.contrib.gis.geos import Point
from django.db import transaction

from accounts.actions import register_person
from accounts.actions.profile import edit_profile, set_location
from accounts.models import User
from core.geo import LatLng
from demo.city import past
from demo.people import Person
from places.models import Neighborhood
from places.selectors import neighborhoods

_BUILDINGS = (
    "Marina Crown",
    "Bay Central",
    "Al Noor Tower",
    "Palm Court",
    "Creek View",
    "Lake Terrace",
    "Sunrise House",
)


class Streets:
    """Points within neighbourhoods, the same for the same name.

    A city whose drawn boundaries were replaced uses what is there.
    """

    def __init__(self, *, seed: int) -> None:
        self.seed = seed
        self.by_slug = {n.slug: n for n in neighborhoods().defer(None)}

    def home_of(self, person: Person) -> LatLng:
        return self.somewhere_in(person.home, f"{self.seed} {person.username}")

    def somewhere_in(self, slug: str, salt: str) -> LatLng:
        rng = random.Random(f"{slug} {salt}")  # noqa: S311 - a demo, no secret
        area: Neighborhood = self.by_slug.get(slug) or rng.choice(list(self.by_slug.values()))
        west, south, east, north = area.boundary.extent
        for _ in range(200):
            spot = Point(rng.uniform(west, east), rng.uniform(south, north), srid=4326)
            if area.boundary.contains(spot):
                return LatLng(round(spot.y, 5), round(spot.x, 5))
        return LatLng.of(area.centre)

    def near(self, home: LatLng, salt: str, *, area: Neighborhood | None) -> LatLng:
        """Within some 150 m of a home, in the same neighbourhood: where a thing is picked up."""
        rng = random.Random(f"{home} {salt}")  # noqa: S311 - a demo, no secret
        for _ in range(20):
            spot = LatLng(
                round(home.latitude + rng.uniform(-0.0014, 0.0014), 5),
                round(home.longitude + rng.uniform(-0.0014, 0.0014), 5),
            )
            if area is None or area.boundary.contains(spot.point):
                return spot
        return home


@transaction.atomic
def move_in(person: Person, *, streets: Streets, anchor: datetime) -> User:
    """Register a person through the actions that the sign-up door calls, with identifiers that count as proven."""
    user = User.objects.filter(username=person.username).first()
    if user is not None:  # an earlier building broke off after this
        return user
    user = register_person(
        username=person.username,
        email=person.email,
        phone=person.phone or None,
        full_name=person.full_name,
        language=person.language,
        role="both" if person.sells else "buyer",
        proven=("email", "sms"),
    )
    if person.bio:
        edit_profile(user=user, bio=person.bio)
    rng = random.Random(person.username)  # noqa: S311 - a demo, no secret
    set_location(user=user, place=streets.home_of(person), building_name=rng.choice(_BUILDINGS))
    user.refresh_from_db()
    past.joined(user, anchor - timedelta(days=person.joined_days_ago, hours=rng.uniform(0, 20)))
    if person.trusted:
        past.vouched_for(user, anchor - timedelta(days=person.joined_days_ago // 2))
    return user
