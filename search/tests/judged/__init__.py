"""Searches judged by rule over the listings of the demo city: how good the order of results is, in numbers.

`queries.txt` says what people type and which listings they mean; nobody marks single listings, so any city of the same catalogue is
judged alike.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.models import Brand, Category, Product
from core.geo import FEED_RESOLUTION, WIDE_RESOLUTION, LatLng
from core.ids import uuid7
from demo.catalogue import Offer, offers
from demo.goods import KINDS
from search.actions import count_words
from search.selectors import Asked, find
from search.tests import engines

DEPTH = 10
EXACT, WILL_DO = 3, 1  # what a result is worth
SPOTS = [LatLng(25.0763 + n * 0.004, 55.1398 - n * 0.003) for n in range(12)]


@dataclass(frozen=True)
class Judged:
    """A search with its rules, each a test of an offer."""

    language: str
    q: str
    meant: str
    exact: Callable[[Offer], bool]
    will_do: Callable[[Offer], bool]

    def worth(self, offer: Offer) -> int:
        return EXACT if self.exact(offer) else WILL_DO if self.will_do(offer) else 0


def judged() -> Iterator[Judged]:
    for line in Path(__file__).with_name("queries.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            language, q, meant, exact, will_do = (part.strip() for part in line.split("|"))
            yield Judged(language, q, meant, _rule(exact), _rule(will_do))


def _rule(text: str) -> Callable[[Offer], bool]:
    ways = [[_condition(said.strip()) for said in way.split("&")] for way in text.split(" or ") if way.strip()]
    return lambda offer: any(all(holds(offer) for holds in way) for way in ways)


def _condition(text: str) -> Callable[[Offer], bool]:
    name, _, wanted = text.partition("=")
    if name == "thing":
        return lambda offer: wanted in thing_of(offer)
    if name in ("kind", "category", "brand", "condition"):
        return lambda offer: getattr(offer, name) == wanted
    return lambda offer: str(offer.attributes.get(name)) == wanted


def thing_of(offer: Offer) -> str:
    """The English name of what is offered, in small letters."""
    kind = next(kind for kind in KINDS if kind.key == offer.kind)
    things = [thing for thing in kind.things if thing.en in offer.title or thing.ar in offer.title]
    return max(things, key=lambda thing: len(thing.en)).en.lower()


def build_city(*, listings: int, seed: int = 42) -> dict[Any, Offer]:
    """Put the demo city's honest offers up for sale, without pictures, and index them; each listing's offer by its id."""
    cache.clear()
    now = timezone.now()
    categories = {category.slug: category for category in Category.objects.all()}
    brands = {brand.slug: brand for brand in Brand.objects.all()}
    sellers = UserFactory.create_batch(40)
    made: dict[Any, Offer] = {}
    products = []
    for number, offer in enumerate(offers(seed=seed, listings=listings)):
        public = SPOTS[number % len(SPOTS)].snapped()
        product = Product(
            id=uuid7(),
            seller=sellers[number * 7 % len(sellers)],
            state="active",
            feed_type="community",
            title=offer.title,
            description=offer.description,
            price_minor=offer.price * 100,
            category=categories[offer.category],
            brand=brands.get(offer.brand),
            condition=offer.condition,
            attributes=dict(offer.attributes),
            tags=list(offer.tags),
            public_location=public.point,
            feed_cell=public.cell(FEED_RESOLUTION),
            wide_cell=public.cell(WIDE_RESOLUTION),
            published_at=now - timedelta(hours=offer.listed_hours_ago),
        )
        made[product.id] = offer
        products.append(product)
    Product.objects.bulk_create(products, batch_size=500)
    engines.index(list(made))
    count_words()
    return made


@dataclass(frozen=True)
class Score:
    judged: Judged
    ndcg: float
    relevant: int  # listings that are worth something
    titles: tuple[str, ...]


def measure(city: dict[Any, Offer]) -> list[Score]:
    """nDCG@DEPTH of every judged search that something in this city answers."""
    found = []
    for one in judged():
        worths = sorted((one.worth(offer) for offer in city.values()), reverse=True)
        ideal = _gain(worths[:DEPTH])
        if not ideal:
            continue
        answer = find(Asked(q=one.q), viewer=None, size=DEPTH, with_facets=False)
        items = [*answer.page.items, *(answer.more.items if answer.more else [])][:DEPTH]
        gain = _gain([one.worth(city[item["id"]]) for item in items])
        titles = tuple(item["title"] for item in items)
        found.append(Score(one, gain / ideal, sum(worth > 0 for worth in worths), titles))
    return found


def mean(scores: list[Score], language: str = "") -> float:
    of = [score.ndcg for score in scores if not language or score.judged.language == language]
    return sum(of) / len(of)


def _gain(worths: list[int]) -> float:
    return sum((2**worth - 1) / math.log2(place + 2) for place, worth in enumerate(worths))


def report(scores: list[Score], *, worst: int = 20) -> str:
    """The means, and the searches that come out worst with what they show first."""
    lines = [
        f"{score.ndcg:.2f} {score.judged.language} {score.judged.q} ({score.relevant}): {' / '.join(score.titles[:3])}"
        for score in sorted(scores, key=lambda score: score.ndcg)[:worst]
    ]
    means = ", ".join(
        f"{name} {mean(scores, key):.3f}" for name, key in (("all", ""), ("English", "en"), ("Arabic", "ar"))
    )
    return "\n".join([*lines, f"nDCG@{DEPTH} of {len(scores)} judged searches: {means}", ""])
