"""What people of the demo city offer: titles, words, prices, facts, pictures. The same seed gives the same offers."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from demo import words
from demo.art.scenes import VIEWS, Subject
from demo.goods import KINDS, Kind, Thing

SMALL_CITY = 300  # up to so many listings, only common kinds with two pictures each: the first start stays short
HAMLET = 60  # up to so many, only the commonest kinds with one picture each: for tests
FILMED = {"sneakers", "phone", "handbag"}  # kinds with a film in a small city
FILMED_TOO = {"console", "watch", "stroller", "perfume", "trading-cards"}  # and in a large one
DISCOVER_SHARE = 0.45  # of what has a film
ARABIC_SHARE = 0.22
CONDITIONS = {"new": 8, "like_new": 26, "excellent": 22, "very_good": 18, "good": 20, "fair": 6}
WORTH = {"new": 1.0, "like_new": 0.86, "excellent": 0.72, "very_good": 0.58, "good": 0.4, "fair": 0.12}  # low to high
_PAIRS = (("room", "close"), ("tiles", "room"), ("close", "medallion"), ("room", "tiles"), ("medallion", "room"))


@dataclass(frozen=True)
class Picture:
    """A drawn picture by name: what and from which view."""

    kind: str
    view: str


@dataclass(frozen=True)
class Offer:
    """One listing to be. Prices are whole dirhams; `listed_hours_ago` counts back from the anchor of the whole city."""

    kind: str
    category: str
    title: str
    description: str
    language: str
    price: int
    original_price: int | None
    condition: str
    attributes: dict[str, Any]
    brand: str
    tags: tuple[str, ...]
    pictures: tuple[Picture, ...]
    feed_type: str
    listed_hours_ago: float
    trouble: str = ""  # why a moderator will see it: a key of words.TROUBLE


def kinds_for(listings: int) -> list[Kind]:
    if listings <= HAMLET:
        return [kind for kind in KINDS if kind.weight >= 8]
    return [kind for kind in KINDS if listings > SMALL_CITY or not kind.rare]


def has_film(kind: Kind, *, listings: int) -> bool:
    if listings <= HAMLET:
        return kind.key == "sneakers"
    return kind.key in (FILMED | FILMED_TOO if listings > SMALL_CITY else FILMED)


def film_views(kind_key: str) -> tuple[str, str]:
    """The two views that a kind's film goes through."""
    return ("room", "close") if subject_of(kind_key).stands == "plinth" else ("room", "tiles")


def subject_of(key: str) -> Subject:
    return next(kind.subject for kind in KINDS if kind.key == key)


def pictures_of(kind: Kind, *, listings: int) -> tuple[Picture, ...]:
    """Two pictures of a kind in a small city, one from every view in a large one."""
    pair = _PAIRS[KINDS.index(kind) % len(_PAIRS)]
    views: Sequence[str] = tuple(VIEWS) if listings > SMALL_CITY else pair if listings > HAMLET else pair[:1]
    return tuple(Picture(kind.key, view) for view in views)


def all_pictures(listings: int) -> list[Picture]:
    return [picture for kind in kinds_for(listings) for picture in pictures_of(kind, listings=listings)]


def offers(*, seed: int, listings: int) -> Iterator[Offer]:
    """So many honest offers."""
    rng = random.Random(f"offers {seed}")  # noqa: S311 - a demo, no secret
    kinds = kinds_for(listings)
    for kind in rng.choices(kinds, [kind.weight for kind in kinds], k=listings):
        yield _offer(kind, rng, listings)


def troubled_offers(*, seed: int, listings: int) -> Iterator[Offer]:
    """Offers that break a rule, one of each kind of trouble, in large cities two in a hundred."""
    rng = random.Random(f"trouble {seed}")  # noqa: S311 - a demo, no secret
    kinds = kinds_for(listings)
    for number in range(max(len(words.TROUBLE), listings // 50)):
        kind = rng.choice(kinds)
        yield _troubled(_offer(kind, rng, listings), list(words.TROUBLE)[number % len(words.TROUBLE)], kind)


def _offer(kind: Kind, rng: random.Random, listings: int) -> Offer:
    thing = rng.choice(kind.things)
    condition = rng.choices(list(CONDITIONS), list(CONDITIONS.values()))[0]
    language = "ar" if rng.random() < ARABIC_SHARE else "en"
    price = _price(thing, condition, rng)
    attributes = {key: rng.choice(values) for key, values in kind.choices.items() if rng.random() < 0.85}
    attributes |= thing.facts
    if attributes.get("grader", "none") == "none":
        attributes.pop("grade", None)
    if attributes.get("device") not in ("phone", "laptop", "tablet", None) or condition == "new":
        attributes.pop("battery_health", None)
    pictures = list(pictures_of(kind, listings=listings))
    rng.shuffle(pictures)
    return Offer(
        kind=kind.key,
        category=kind.category,
        title=_title(
            thing, words.title_phrases(language=language, condition=condition, category=kind.category), language, rng
        ),
        description=words.description(rng, language=language, condition=condition, category=kind.category),
        language=language,
        price=price,
        original_price=_nice(thing.high * rng.uniform(1.1, 1.5)) if rng.random() < 0.3 else None,
        condition=condition,
        attributes=attributes,
        brand=thing.brand,
        tags=tuple(rng.sample(kind.tags, k=rng.randint(0, len(kind.tags)))),
        pictures=tuple(pictures[: rng.randint(1, len(pictures))]),
        feed_type="discover" if rng.random() < DISCOVER_SHARE * has_film(kind, listings=listings) else "community",
        listed_hours_ago=round(min(50 * 24.0, rng.expovariate(1 / 150) + 0.2), 2),
    )


def _price(thing: Thing, condition: str, rng: random.Random) -> int:
    share = min(1.0, max(0.0, WORTH[condition] + rng.uniform(-0.1, 0.1)))
    return _nice(thing.low + (thing.high - thing.low) * share)


def _nice(dirhams: float) -> int:
    """Prices as people write them: in fives, tens, fifties, five hundreds."""
    step = next(
        step for limit, step in ((100, 5), (1000, 10), (5000, 50), (20000, 100), (10**9, 500)) if dirhams < limit
    )
    return max(step, round(dirhams / step) * step)


# Things whose name alone does not say whose they are.
_MAKERS = {
    "rolex": ("Rolex", "رولكس"), "omega": ("Omega", "أوميغا"), "cartier": ("Cartier", "كارتييه"),
    "tag-heuer": ("TAG Heuer", "تاغ هوير"), "hermes": ("Hermès", "هيرميس"), "chanel": ("Chanel", "شانيل"),
    "louis-vuitton": ("Louis Vuitton", "لويس فويتون"), "gucci": ("Gucci", "غوتشي"), "dior": ("Dior", "ديور"),
    "prada": ("Prada", "برادا"), "fendi": ("Fendi", "فندي"), "bvlgari": ("Bvlgari", "بولغاري"),
    "van-cleef-arpels": ("Van Cleef", "فان كليف"), "tiffany-co": ("Tiffany", "تيفاني"),
    "saint-laurent": ("Saint Laurent", "سان لوران"), "nike": ("Nike", "نايكي"), "adidas": ("Adidas", "أديداس"),
    "new-balance": ("New Balance", "نيو بالانس"), "asics": ("Asics", "أسيكس"),
    "converse": ("Converse", "كونفرس"), "levis": ("Levi's", "ليفايز"),
    "huda-beauty": ("Huda Beauty", "هدى بيوتي"), "mac": ("MAC", "ماك"), "dyson": ("Dyson", "دايسون"),
    "ajmal": ("Ajmal", "أجمل"), "sony": ("Sony", "سوني"), "bose": ("Bose", "بوز"), "jbl": ("JBL", "جي بي إل"),
    "canon": ("Canon", "كانون"), "nikon": ("Nikon", "نيكون"), "dji": ("DJI", "دي جي آي"),
    "dell": ("Dell", "ديل"), "lenovo": ("Lenovo", "لينوفو"), "asus": ("Asus", "أسوس"), "lg": ("LG", "إل جي"),
    "samsung": ("Samsung", "سامسونج"), "bugaboo": ("Bugaboo", "بوغابو"), "stokke": ("Stokke", "ستوكي"),
    "lego": ("LEGO", "ليغو"), "ikea": ("IKEA", "إيكيا"), "ralph-lauren": ("Ralph Lauren", "رالف لورين"),
    "supreme": ("Supreme", "سوبريم"),
    "tommy-hilfiger": ("Tommy Hilfiger", "تومي هيلفيغر"), "microsoft": ("Microsoft", "مايكروسوفت"),
    "google": ("Google", "جوجل"), "xiaomi": ("Xiaomi", "شاومي"),
}  # fmt: skip


def _title(thing: Thing, phrases: Sequence[str], language: str, rng: random.Random) -> str:
    arabic = language == "ar"
    name = thing.ar if arabic else thing.en
    maker = _MAKERS.get(thing.brand, ("", ""))[arabic]
    if maker and maker not in name and not name.startswith(("PlayStation", "Xbox", "بلايستيشن", "إكس بوكس", "يد إكس")):
        name = f"{name} {maker}" if arabic else f"{maker} {name}"
    if rng.random() < 0.5:  # half say no more than what it is
        return name[:100]
    return f"{name}{'،' if arabic else ','} {rng.choice(phrases)}"[:100]


def _troubled(offer: Offer, trouble: str, kind: Kind) -> Offer:
    """The same offer as somebody writes it who breaks a rule."""
    told = words.TROUBLE[trouble]
    thing = kind.things[0]
    return replace(
        offer,
        title=told.title.format(thing=thing.en)[:100],
        description=told.description,
        language="en",
        price=told.price or max(10, offer.price // 4 // 5 * 5),
        original_price=None,
        trouble=trouble,
        feed_type="community",
    )
