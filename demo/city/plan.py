"""The whole city on paper: people, who offers what, what became of it, who follows and saves.

Pure and deterministic.
"""

import random
from dataclasses import dataclass, replace

from demo.catalogue import Offer, Picture, has_film, offers, troubled_offers
from demo.goods import KINDS
from demo.people import NEWCOMER, RESIDENT, TROUBLEMAKER, Person, people

NEWCOMERS = 8  # each with one listing that waits for a moderator
MOST_OF_ONE = 24  # listings of one person: well below the limit of open ones
FRESH_HOURS = 5.0  # within which the newcomers listed
APPROVALS_BEHIND = 3  # listings approved before; from then on nobody reads them first (NEW_SELLER_APPROVALS)
RECENT = {"in_review": (1, FRESH_HOURS), "auto_hidden": (4, 7), "reported": (9, 16)}  # hours ago: these still wait
CALM = 3  # honest listings at least that stay on show undisturbed
SELLER, BUYER = "seller", "buyer"  # the demo's own logins
# What the login "seller" offers: listed so many hours ago, and what became of it.
SELLER_FATES = (
    (420, "sold"),
    (330, "for_sale"),
    (250, "for_sale"),
    (170, "cheaper"),
    (100, "paused"),
    (30, "for_sale"),
    (1.5, "for_sale"),
    (1, "draft"),
)

# What becomes of honest listings, in a hundred. The rest stays for sale.
FATES = {"sold": 7, "paused": 3, "expired": 3, "draft": 2, "cheaper": 6, "removed": 1}
# What becomes of those that break a rule, in turn.
UNDECIDED_FATES = ("in_review", "rejected")  # not approved when they were listed
TROUBLED_FATES = ("auto_hidden", "suspended", "rejected", "in_review", "reported", "taken_down")


@dataclass(frozen=True)
class Planned:
    """One listing to be: whose, and what becomes of it."""

    offer: Offer
    seller: str
    fate: str


@dataclass(frozen=True)
class Plan:
    """`listings` oldest first; `follows` (follower, followed); `favourites` (person, index of a listing)."""

    seed: int
    size: int
    people: tuple[Person, ...]
    listings: tuple[Planned, ...]
    follows: tuple[tuple[str, str], ...]
    favourites: tuple[tuple[str, int], ...]
    blocks: tuple[tuple[str, str], ...]

    def pictures_wanted(self) -> list[tuple[str, Picture]]:
        """(Seller, picture) once each, in the order in which they are needed."""
        return list(dict.fromkeys((p.seller, picture) for p in self.listings for picture in p.offer.pictures))

    def films_wanted(self) -> list[tuple[str, str]]:
        """(Seller, kind) once each."""
        return list(dict.fromkeys((p.seller, p.offer.kind) for p in self.listings if p.offer.feed_type == "discover"))


def draw_up(*, seed: int, size: int) -> Plan:
    """Plan a city of `size` listings."""
    rng = random.Random(f"plan {seed} {size}")  # noqa: S311 - a demo, no secret
    troubled = list(troubled_offers(seed=seed, listings=size))
    honest = list(offers(seed=seed, listings=size))[: size - len(troubled)]
    unknown = [n for n in range(len(troubled)) if _trouble_fate(n) in UNDECIDED_FATES]
    everybody = people(
        seed=seed, many=max(24, int(size * 0.3)), newcomers=min(NEWCOMERS, size // 10), troublemakers=len(unknown)
    )
    shop, prelude = len(SELLER_FATES), (len(troubled) - len(unknown)) * APPROVALS_BEHIND
    listings = _of_the_demo_seller(honest[:shop], rng)
    listings += _trouble(troubled, everybody, honest[shop : shop + prelude], rng)
    in_trouble = {planned.seller for planned in listings if planned.offer.trouble}
    others = [person for person in everybody if person.username not in in_trouble]
    listings += _assign(honest[shop + prelude :], others, rng)
    listings.sort(key=lambda planned: -planned.offer.listed_hours_ago)
    residents = [p for p in everybody if p.part == RESIDENT]
    return Plan(
        seed=seed,
        size=size,
        people=tuple(everybody),
        listings=tuple(listings),
        follows=_follows(residents, rng),
        favourites=_favourites(residents, listings, rng),
        blocks=tuple((a.username, b.username) for a, b in (rng.sample(residents, 2) for _ in range(3))),
    )


def _of_the_demo_seller(honest: list[Offer], rng: random.Random) -> list[Planned]:
    """What the login "seller" has in its shop: some of everything."""
    return [
        Planned(_aged(offer, round(hours * rng.uniform(0.9, 1.1), 2), feed_type="community"), SELLER, fate)
        for offer, (hours, fate) in zip(honest, SELLER_FATES, strict=True)
    ]


def _assign(honest: list[Offer], everybody: list[Person], rng: random.Random) -> list[Planned]:
    """The newest go to newcomers, one each; the others to residents by weight, some of them listed within the hour."""
    newest = sorted(honest, key=lambda offer: offer.listed_hours_ago)
    newcomers = [p for p in everybody if p.part == NEWCOMER]
    planned = []
    for person, offer in zip(newcomers, newest, strict=False):
        fresh = _aged(offer, round(rng.uniform(0.2, FRESH_HOURS), 2), feed_type="community")
        planned.append(Planned(fresh, person.username, "in_review"))
    room = {p.username: MOST_OF_ONE for p in everybody if p.part == RESIDENT and p.sells}
    weights = {p.username: p.weight for p in everybody if p.username in room}
    sure, calm = iter(FATES), 0  # each happens at least once, to whoever comes after a few that stay calm
    for number, offer in enumerate(newest[len(newcomers) :]):
        open_ones = [name for name in room if room[name]]
        seller = rng.choices(open_ones, [weights[name] for name in open_ones])[0]
        room[seller] -= 1
        fresh = _aged(offer, round(rng.uniform(0.05, 4), 2)) if number < len(honest) // 12 else offer
        fate = _fate(fresh, rng)
        if fate == "for_sale" and fresh.listed_hours_ago > 24 and fresh.feed_type == "community":
            calm += 1
            fate = next(sure, fate) if calm > CALM else fate
        planned.append(Planned(fresh, seller, fate))
    return planned


def _fate(offer: Offer, rng: random.Random) -> str:
    """What is for sale since a day at least may have been sold, paused and so on."""
    if offer.listed_hours_ago < 24 or offer.feed_type == "discover":
        return "for_sale"
    return rng.choices(["for_sale", *FATES], [100 - sum(FATES.values()), *FATES.values()])[0]


def _trouble_fate(number: int) -> str:
    return TROUBLED_FATES[number % len(TROUBLED_FATES)]


def _trouble(troubled: list[Offer], everybody: list[Person], prelude: list[Offer], rng: random.Random) -> list[Planned]:
    """What waits or was refused comes from unknown people.

    What was on show comes from residents whose listings nobody reads any more: some honest ones went before, so many
    approvals that the house trusted them.
    """
    unknown = iter([p.username for p in everybody if p.part == TROUBLEMAKER])
    residents = iter([p.username for p in everybody if p.part == RESIDENT and p.sells][::-1])
    before = iter(prelude)
    planned: list[Planned] = []
    for number, offer in enumerate(troubled):
        fate = _trouble_fate(number)
        hours = rng.uniform(*RECENT.get(fate, (20, 60)))
        if fate in UNDECIDED_FATES:
            seller = next(unknown)
        else:
            seller = next(residents)
            for _ in range(APPROVALS_BEHIND):
                honest = _aged(next(before), round(rng.uniform(200, 900), 2), feed_type="community")
                planned.append(Planned(honest, seller, "for_sale"))
        planned.append(Planned(_aged(offer, round(hours, 2)), seller, fate))
    return planned


def _aged(offer: Offer, hours: float, *, feed_type: str | None = None) -> Offer:
    return replace(offer, listed_hours_ago=hours, feed_type=feed_type or offer.feed_type)


def _follows(residents: list[Person], rng: random.Random) -> tuple[tuple[str, str], ...]:
    """Everybody follows a few; those who offer much are followed more."""
    sellers = [p for p in residents if p.sells]
    links: dict[tuple[str, str], None] = {}
    for person in residents:
        for followed in rng.choices(sellers, [p.weight for p in sellers], k=rng.randint(1, 5)):
            if followed.username != person.username:
                links[person.username, followed.username] = None
    for follower in rng.sample(residents, k=min(9, len(residents))):
        links[follower.username, SELLER] = None
    for name in [SELLER, *rng.sample([p.username for p in sellers], k=min(5, len(sellers)))]:
        links[BUYER, name] = None
    return tuple(links)


def _favourites(residents: list[Person], listings: list[Planned], rng: random.Random) -> tuple[tuple[str, int], ...]:
    liked = [i for i, planned in enumerate(listings) if planned.fate in ("for_sale", "cheaper", "sold")]
    pairs: dict[tuple[str, int], None] = {}
    for person in residents:
        for index in rng.sample(liked, k=min(len(liked), rng.randint(0, 5))):
            if listings[index].seller != person.username:
                pairs[person.username, index] = None
    for index in rng.sample(liked, k=6):
        pairs[BUYER, index] = None
    return tuple(pairs)


def kinds_with_film(size: int) -> list[str]:
    return [kind.key for kind in KINDS if has_film(kind, listings=size)]
