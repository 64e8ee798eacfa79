"""Random cities for tests, and the plain meaning of a feed in Python to hold the statements against."""

import itertools
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import Block, SellerStanding, User
from accounts.tests.factories import UserFactory
from catalog.models import Category, Product
from catalog.states import Condition, ProductState
from catalog.tests.factories import CategoryFactory
from core.geo import FEED_RESOLUTION, WIDE_RESOLUTION, LatLng
from core.ids import uuid7
from feeds.selectors import Filters
from places.models import Neighborhood
from places.tests.factories import NeighborhoodFactory

MARINA = LatLng(latitude=25.0763, longitude=55.1398)
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


class World:
    """Listings of every kind around Dubai Marina, many in the same cells, at the same moments and prices."""

    def __init__(self, seed: int, *, listings: int = 260) -> None:
        self.dice = random.Random(seed)
        parent = CategoryFactory(slug="goods")
        self.categories: list[Category] = [
            parent,
            CategoryFactory(slug="chairs", parent=parent),
            CategoryFactory(slug="lamps"),
        ]
        self.hoods: list[Neighborhood] = [NeighborhoodFactory(), NeighborhoodFactory(latitude=25.0963)]
        now = timezone.now()
        self.sellers: list[User] = [
            *UserFactory.create_batch(6),
            UserFactory(suspended=True),
            UserFactory(is_active=False),
            UserFactory(identity_verified_at=now),
            UserFactory(business_verified_at=now),
        ]
        for number, rating, sales in ((2, "4.50", 20), (3, "4.49", 99), (4, "5.00", 19)):
            SellerStanding.objects.create(user=self.sellers[number], rating=rating, sales_count=sales)
        self.viewer: User = UserFactory()
        Block.objects.create(blocker=self.viewer, blocked=self.sellers[0])
        Block.objects.create(blocker=self.sellers[1], blocked=self.viewer)
        self.spots = [self.somewhere(reach) for reach in (0.01, 0.02, 0.03, 0.05, 0.3) for _ in range(5)]
        self.add(listings)

    def somewhere(self, reach: float) -> LatLng:
        """A place within so many degrees of the Marina."""
        return LatLng(
            latitude=MARINA.latitude + self.dice.uniform(-reach, reach),
            longitude=MARINA.longitude + self.dice.uniform(-reach, reach),
        )

    def add(self, many: int, **given: Any) -> list[Product]:
        return Product.objects.bulk_create([self._listing(**given) for _ in range(many)], batch_size=1000)

    def _listing(self, **given: Any) -> Product:
        dice = self.dice
        spot = given.pop("spot", None) or dice.choice(self.spots)
        public = spot.snapped()
        states = [ProductState.ACTIVE] * 8 + [ProductState.SOLD, ProductState.PAUSED]
        return Product(
            **{
                "id": uuid7(),
                "seller": dice.choice(self.sellers),
                "state": dice.choice(states),
                "feed_type": "community" if dice.random() < 0.85 else "discover",
                "title": "Something",
                "price_minor": dice.randint(1, 40) * 500,
                "currency": "AED" if dice.random() < 0.9 else "USD",
                "category": dice.choice(self.categories),
                "condition": dice.choice(Condition.values),
                "attributes": {"color": dice.choice(["black", "white", "red"]), "year": dice.randint(2010, 2015)},
                "location": spot.point,
                "public_location": public.point,
                "feed_cell": public.cell(FEED_RESOLUTION),
                "wide_cell": public.cell(WIDE_RESOLUTION),
                "neighborhood": next((h for h in self.hoods if h.boundary.covers(spot.point)), None),
                "hidden_at": timezone.now() if dice.random() < 0.05 else None,
                "published_at": BEGINNING + timedelta(hours=dice.randint(0, 150)),
                "view_count": dice.randint(0, 50),
            }
            | given
        )

    def visible(self, viewer: User | None) -> list[Product]:
        blocked = {self.sellers[0].pk, self.sellers[1].pk} if viewer == self.viewer else set()
        return [
            product
            for product in Product.objects.select_related("seller__standing", "category")
            if product.state == ProductState.ACTIVE
            and product.hidden_at is None
            and product.seller.is_active
            and product.seller.listings_hidden_at is None
            and product.seller_id not in blocked
        ]


def passes(product: Product, filters: Filters) -> bool:
    """What filters mean."""
    seller = product.seller
    standing = getattr(seller, "standing", None)
    kinds = {
        "": True,
        "verified": bool(seller.identity_verified_at or seller.business_verified_at),
        "individual": not seller.business_verified_at,
        "power": standing is not None and standing.rating >= Decimal("4.5") and standing.sales_count >= 20,
    }
    return (
        (not filters.category_ids or product.category_id in filters.category_ids)
        and (filters.lowest is None or product.price_minor >= filters.lowest)
        and (filters.highest is None or product.price_minor <= filters.highest)
        and (not filters.currency or product.currency == filters.currency)
        and (not filters.conditions or product.condition in filters.conditions)
        and kinds[filters.seller_type]
        and all(_answers(product.attributes.get(one.key), one) for one in filters.attributes)
    )


def _answers(answer: Any, wanted: Any) -> bool:
    return (
        (not wanted.values or answer in wanted.values)
        and (not wanted.texts or str(answer).lower() in [text.lower() for text in wanted.texts])
        and (wanted.lowest is None or (answer is not None and answer >= wanted.lowest))
        and (wanted.highest is None or (answer is not None and answer <= wanted.highest))
    )


def sort_key(sort: str, place: LatLng | None) -> Callable[[Product], Any]:
    """What sorts mean: ascending by this."""
    keys: dict[str, Callable[[Product], Any]] = {
        "nearest": lambda p: (round(place.metres_to(LatLng.of(p.public_location)), 4) if place else 0, -p.id.int),
        "recent": lambda p: (-p.published_at.timestamp(), -p.id.int),
        "live_first": lambda p: (-p.published_at.timestamp(), -p.id.int),
        "price_low": lambda p: (p.price_minor, p.id.int),
        "price_high": lambda p: (-p.price_minor, -p.id.int),
    }
    return keys[sort]


def walk(
    ask: Callable[..., Any], *, size: int, between: Callable[[], Any] | None = None
) -> tuple[list[Any], list[Any]]:
    """Every id of a feed forward, then backward from the last page; `between` happens after each page."""
    forward, cursors, page = [], [None], ask(size=size, cursor=None)
    while True:
        forward.append([item["id"] for item in page.items])
        if page.next_cursor is None:
            break
        assert len(page.items) == size
        if between:
            between()
        cursors.append(page.next_cursor)
        page = ask(size=size, cursor=page.next_cursor)
    backward = [forward[-1]]
    while page.previous_cursor is not None:
        page = ask(size=size, cursor=page.previous_cursor)
        assert page.has_more
        backward.insert(0, [item["id"] for item in page.items])
    return list(itertools.chain(*forward)), list(itertools.chain(*backward))
