"""The market: drafts, listings, approvals by moderators, and what became of each."""

import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from catalog.actions import (
    create_draft,
    edit_product,
    expire_due_products,
    mark_sold,
    pause_product,
    publish_new_product,
    record_view,
    remove_product,
)
from catalog.models import Product
from catalog.states import TARGET_KIND, ProductState
from core.geo import LatLng
from core.money import Money
from demo.city import past
from demo.city.plan import SELLER, UNDECIDED_FATES, Plan, Planned
from demo.city.progress import Progress
from demo.city.residents import Streets
from demo.city.studio import Studio
from demo.searches import EACH, SEARCHES
from moderation.actions.decisions import decide_case
from moderation.models import Case
from moderation.states import CaseState
from orders.actions import change_delivery_terms
from search.actions import count_popular, track_search


@dataclass
class Market:
    """What stands so far. `cases` are (opened, closed) of the cases about listings, for the past to be written."""

    people: dict[str, User]
    streets: Streets
    studio: Studio
    moderator: User
    anchor: datetime
    products: list[Product] = field(default_factory=list)
    cases: dict[uuid.UUID, tuple[datetime, datetime | None]] = field(default_factory=dict)

    def open(self, plan: Plan, progress: Progress) -> None:
        """Put everything up for sale, oldest first, and let happen what the plan says."""
        progress.stage("Listings", len(plan.listings))
        for number, planned in enumerate(plan.listings):
            self.products.append(self._list(number, planned))
            progress.step()
        self._let_expire(plan)
        self._write_past(plan)

    def _list(self, number: int, planned: Planned) -> Product:
        offer, seller = planned.offer, self.people[planned.seller]
        facts = self._facts(number, planned)
        if planned.fate == "draft":
            return create_draft(seller=seller, feed_type=offer.feed_type, **facts)
        product = publish_new_product(seller=seller, feed_type=offer.feed_type, **facts)
        if product.state == ProductState.PENDING_REVIEW and planned.fate not in UNDECIDED_FATES:
            self._approve(product, planned)
        self._follow_fate(product, planned)
        return product

    def _facts(self, number: int, planned: Planned) -> Any:
        offer, seller = planned.offer, self.people[planned.seller]
        home = seller.location
        place = self.streets.near(LatLng.of(home), str(number), area=seller.neighborhood) if home else None
        facts: dict[str, Any] = {
            "title": offer.title,
            "description": offer.description,
            "price_minor": offer.price * 100,
            "original_price_minor": offer.original_price * 100 if offer.original_price else None,
            "currency": "AED",
            "category": offer.category,
            "brand": offer.brand or None,
            "condition": offer.condition,
            "attributes": dict(offer.attributes),
            "tags": list(offer.tags),
            "image_ids": [self.studio.picture(planned.seller, picture) for picture in offer.pictures],
            "location": place,
            "building_name": seller.building_name,
        }
        if offer.feed_type == "discover":
            facts["video_id"] = self.studio.film(planned.seller, offer.kind)
        return facts

    def _approve(self, product: Product, planned: Planned) -> None:
        case = Case.objects.get(target_kind=TARGET_KIND, target_id=product.pk, state=CaseState.OPEN)
        decide_case(
            case_id=case.pk, moderator=self.moderator, outcome="approve", policy=None, revision=product.revision
        )
        listed = self._listed_at(planned)
        self.cases[case.pk] = (listed - timedelta(minutes=50), listed)

    def _follow_fate(self, product: Product, planned: Planned) -> None:
        seller = self.people[planned.seller]
        if planned.fate == "sold":
            mark_sold(seller=seller, product_id=product.pk)
        elif planned.fate == "paused":
            pause_product(seller=seller, product_id=product.pk)
        elif planned.fate == "removed":
            remove_product(seller=seller, product_id=product.pk)
        elif planned.fate == "cheaper":
            lower = max(10, int(planned.offer.price * 0.88) // 5 * 5)
            edit_product(seller=seller, product_id=product.pk, price_minor=lower * 100)

    def _let_expire(self, plan: Plan) -> None:
        ended = [p.pk for p, planned in zip(self.products, plan.listings, strict=True) if planned.fate == "expired"]
        past.expire(ended, self.anchor - timedelta(hours=9))
        expire_due_products()

    def _write_past(self, plan: Plan) -> None:
        fresh = {p.pk: p for p in Product.objects.filter(pk__in=[p.pk for p in self.products])}
        moments: dict[uuid.UUID, past.Moments] = {}
        for product, planned in zip(self.products, plan.listings, strict=True):
            now = fresh[product.pk]
            listed = self._listed_at(planned)
            found = past.listed(now, listed, reviewed=now.submitted_at is not None)
            if planned.fate == "expired":
                found.pop("expires_at", None)
            half_way = listed + (self.anchor - listed) / 2
            if now.sold_at:
                found["sold_at"] = half_way
            if now.removed_at:
                found["removed_at"] = half_way
            moments[product.pk] = found
        past.write_moments(Product, moments)

    def _listed_at(self, planned: Planned) -> datetime:
        return self.anchor - timedelta(hours=planned.offer.listed_hours_ago)


PARCELS: tuple[tuple[int, int | None] | None, ...] = (
    (15, 300),
    (25, None),
    None,
    (20, 300),
    (0, None),
)  # dirhams, and from how much on nothing; None: they only meet


def say_what_parcels_cost(products: list[Product]) -> None:
    """Most sellers say for how much they send, the demo's own shop as the first; the others have it in their prices."""
    for seller, terms in _what_sellers_say(products):
        if terms is None:
            continue
        price, free_from = terms
        change_delivery_terms(
            seller=seller,
            ships=True,
            parcel=Money(price * 100, "AED"),
            free_from=None if free_from is None else Money(free_from * 100, "AED"),
        )


def only_meet_from_now_on(products: list[Product]) -> None:
    """Some sellers send nothing any more."""
    for seller, terms in _what_sellers_say(products):
        if terms is None:
            change_delivery_terms(seller=seller, ships=False, parcel=Money(0, "AED"), free_from=None)


def _what_sellers_say(products: list[Product]) -> list[tuple[User, tuple[int, int | None] | None]]:
    """Those who say anything of parcels."""
    sellers = list(dict.fromkeys(product.seller_id for product in products))
    there = User.objects.filter(pk__in=sellers, suspended_at=None, listings_hidden_at=None)
    in_order = sorted(there, key=lambda seller: (seller.username != SELLER, sellers.index(seller.pk)))
    return [(seller, PARCELS[number % len(PARCELS)]) for number, seller in enumerate(in_order) if number % 7 != 6]


def look_around(products: list[Product], people: list[User], *, seed: int) -> None:
    """People look at things; some are looked at much."""
    for number, product in enumerate(products):
        for looker in range((number * 7 + seed) % 23 + (number % 11 == 0) * 40):
            record_view(product_id=product.pk, viewer=str(people[(number + looker) % len(people)].pk))


def look_for_things(people: list[User], *, seed: int) -> None:
    """People search, more for some things than for others, and what is popular is written down."""
    wanted = [1 / (rank + 2) for rank in range(len(SEARCHES))]
    for number, person in enumerate(people):
        dice = random.Random(f"{seed}:{number}")  # noqa: S311 - nobody wins anything by it
        for q in dice.choices(SEARCHES, wanted, k=EACH):
            track_search(q=q, user=person, address=None, neighborhood=person.neighborhood)
    count_popular()
