"""The city's last two months of buying and selling, told story by story in the order of time.

All money goes through the provider's simulator, whose clock is set back too, so that refunds and payouts of what was bought then still
work, and its books and ours agree. Without a simulator nothing was ever bought: money that no provider took would be made up.
"""

import heapq
import random
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import cycle

from django.db.models import Min
from django.utils import timezone

from accounts.models import User
from catalog.actions import set_variants
from catalog.models import Product
from core.deliveries import carry_out
from core.money import Money
from demo import quarrels
from demo.city import news, past
from demo.city.bank import Bank
from demo.city.clock import Clock, set_back
from demo.city.plan import BUYER, SELLER, Plan
from demo.city.progress import Progress
from demo.city.purchases import Purchases, Story
from demo.people import RESIDENT
from notifications.actions import read_all_notifications
from orders.actions import (
    VoucherFields,
    cancel_late,
    deliver_overdue,
    expire_due_checkouts,
    issue_platform_voucher,
    issue_voucher,
    release_due,
)
from orders.models import Order, OrderItem
from orders.quotes import is_luxury
from orders.states import VoucherKind
from payments.actions import (
    change_payout_settings,
    order_manual_payout,
    reconcile,
    request_payout,
    run_due_payouts,
    start_onboarding,
    sync_account,
    sync_payouts_on_their_way,
)
from payments.selectors import balances_of
from payments.states import Schedule

DAYS = 61  # so long ago it begins
REMEMBERED = timedelta(days=21)  # so far back go the notifications of a newcomer's own accounts
LATELY = 8  # days: of these every one counts
SHOPS = 2  # beside the demo's own seller
NEIGHBOURS = 9  # who buy
IN_STOCK = 40  # of each thing of a shop
PRICES = range(35_00, 900_00)  # minor units: what people buy every other day
TAX_NUMBER, LEGAL_NAME = "100412345600003", "Layla Haddad Trading"
SMALL_SUM, LARGE_SUM = Money(60_00, "AED"), Money(510_00, "AED")
SHOP_CODE, HOUSE_CODE = "MARINA10", "WELCOME25"
Picture = Callable[[User, Product, int], object]


@dataclass
class Cast:
    """Who buys and who sells; `shelves`: a seller's things, in turn."""

    buyer: User
    seller: User
    shops: list[User]
    neighbours: list[User]
    finance: User
    shelves: dict[User, list[Product]] = field(default_factory=dict)

    @property
    def sellers(self) -> list[User]:
        return [self.seller, *self.shops]


@dataclass
class Told:
    """A story, and whether a newcomer's own accounts heard of it."""

    story: Story
    is_heard: bool = False


def let_them_trade(
    *,
    plan: Plan,
    people: dict[str, User],
    products: list[Product],
    finance: User,
    picture: Picture,
    anchor: datetime,
    progress: Progress,
) -> int:
    """Let two months of orders happen; how many. None where no simulator answers, or it has a past already.

    Never within a transaction: the provider is asked.
    """
    bank = Bank.open(since=anchor - timedelta(days=DAYS))
    if bank is None:
        return 0
    past.nobody_was_hasty()
    cast = _cast(plan, people, products, finance)
    with set_back() as clock:
        town = Town(cast, Purchases(anchor, picture), bank, clock, anchor)
        town.open_shops()
        stories = _stories(town, random.Random(f"trade {plan.seed}"))  # noqa: S311 - a demo, no secret
        progress.stage("Orders and payouts", len(stories))
        town.tell(stories, progress)
        clock.wind(anchor)
        reconcile(since=anchor - timedelta(days=DAYS), until=anchor)
        bank.close()
    _listed_before_they_were_bought()
    return Order.objects.count()


@dataclass
class Town:
    """Where the stories happen: time passes, news is heard, and once a day the clocks of the house are looked at."""

    cast: Cast
    buying: Purchases
    bank: Bank
    clock: Clock
    anchor: datetime

    def tell(self, stories: Iterable[Told], progress: Progress) -> None:
        """All of them, each step in its time."""
        queue = [(next(told.story), number, told) for number, told in enumerate([Told(self._days(), True), *stories])]
        heapq.heapify(queue)
        while queue:
            moment, number, told = heapq.heappop(queue)
            self._go_to(moment)
            goes_on = next(told.story, None)
            self._hear(is_heard=told.is_heard and moment > self.anchor - REMEMBERED)
            if goes_on is not None:
                heapq.heappush(queue, (goes_on, number, told))
            else:
                progress.step()

    def open_shops(self) -> None:
        """Sellers tell the provider who they are, and put what they have in store; the first vouchers are given out."""
        self._go_to(self.anchor - timedelta(days=DAYS))
        for seller in self.cast.sellers:
            past.keeps_a_shop(seller, timezone.now())
            start_onboarding(seller=seller, return_url="https://souk.example/", refresh_url="https://souk.example/")
            account = sync_account(seller=seller)
            self.bank.admit(account.provider_id)
            sync_account(seller=seller)
            change_payout_settings(seller=seller, schedule=Schedule.WEEKLY)
            for thing in self.cast.shelves[seller]:
                set_variants(seller=seller, product_id=thing.pk, variants=[{"stock": IN_STOCK}])
        change_payout_settings(
            seller=self.cast.shops[0], minimum=Money(9_000_00, "AED")
        )  # so there is something to be had
        change_payout_settings(seller=self.cast.seller, tax_number=TAX_NUMBER, legal_name=LEGAL_NAME)
        _vouchers(self.cast)
        self._hear(is_heard=False)

    def _go_to(self, moment: datetime) -> None:
        self.clock.wind(moment)
        self.bank.wait_until(moment)

    def _hear(self, *, is_heard: bool) -> None:
        """What the relay and the workers would do now. Only a newcomer's own accounts are told of anything."""
        while waiting := list(news.of_the_building(is_heard=is_heard).order_by("pk").values_list("pk", flat=True)):
            for delivery_id in waiting:
                carry_out(delivery_id)
        past.delivered(news.of_the_building())  # what nobody was told now nobody is told later

    def _days(self) -> Story:
        """What beat does, every few days; sellers are paid by their schedules. The last days' payout is on its way."""
        for days in (days for days in range(DAYS - 1, 1, -1) if days % 3 == 0 or days < LATELY):
            yield self.anchor - timedelta(days=days, minutes=3)
            for sweep in (expire_due_checkouts, deliver_overdue, cancel_late, release_due):
                sweep()
            sync_payouts_on_their_way(older_than=timezone.now() - timedelta(hours=1))
            run_due_payouts(at=timezone.now())
        for person in (self.cast.buyer, self.cast.seller):
            read_all_notifications(user=person)  # what is older than two days they have seen
        yield self.anchor - timedelta(hours=20)
        sync_payouts_on_their_way(older_than=timezone.now() - timedelta(hours=1))
        release_due()
        if self._available_to(self.cast.seller) >= SMALL_SUM:
            request_payout(seller=self.cast.seller, method="standard")
        if self._available_to(self.cast.shops[0]) >= LARGE_SUM:  # a second person must agree
            order_manual_payout(
                staff=self.cast.finance,
                seller=self.cast.shops[0],
                amount=LARGE_SUM,
                note="Asked for by telephone: rent is due.",
            )

    def _available_to(self, seller: User) -> Money:
        pair = (seller.pk, "AED")
        return balances_of([pair], at=timezone.now())[pair].available


def _stories(town: Town, rng: random.Random) -> list[Told]:
    """Oldest first, more or less."""
    cast, buy = town.cast, town.buying
    shelves = {seller: cycle(things) for seller, things in cast.shelves.items()}
    of = lambda seller: next(shelves[seller])  # noqa: E731
    neighbours = cycle(cast.neighbours)
    layla, omar, (first, second) = cast.seller, cast.buyer, cast.shops
    told: list[Told] = []

    def heard(*stories: Story) -> None:
        told.extend(Told(story, is_heard=True) for story in stories)

    for days in (57, 52, 47, 43, 40, 36, 29, 26, 22, 19, 15, 11, 8):  # the shop's ordinary business
        how = rng.choice((buy.kept, buy.met))
        heard(how(next(neighbours), of(layla), days + rng.random()))
    told.extend(
        Told(buy.kept(next(neighbours), of(first), days + rng.random(), says_so=rng.random() < 0.6))
        for days in (50, 38, 27, 18, 9)
    )
    heard(
        buy.kept(omar, of(layla), 44.3, codes=(HOUSE_CODE,)),
        buy.met(omar, of(layla), 30.2, codes=(SHOP_CODE,)),
        buy.kept(omar, of(first), 24.4, says_so=False),
        buy.met(omar, of(layla), 16.6, cash=True),
        buy.met(next(neighbours), of(layla), 20.6, cash=True),
        buy.unpaid(omar, of(first), 12.2),
        buy.unpaid(next(neighbours), of(layla), 23.1),
        buy.called_off(next(neighbours), of(layla), 17.3, by_seller=False),
        buy.called_off(omar, of(second), 13.4, by_seller=True),
        buy.forgotten(omar, of(second), 21.7),
        buy.part_back(next(neighbours), of(layla), 14.2, percent=20),
        buy.asked_back(next(neighbours), of(layla), 6.3, staff=cast.finance),
        # what is under way
        buy.waits(omar, of(first), 0.3, until="confirmed", note="يُرجى الاتصال قبل الوصول."),
        buy.waits(next(neighbours), of(layla), 0.2, until="confirmed", note="Is a gift possible? A ribbon is enough."),
        buy.waits(next(neighbours), of(layla), 0.9, until="preparing"),
        buy.waits(next(neighbours), of(layla), 1.2, until="ready"),
        buy.waits(omar, of(layla), 0.7, until="agreed"),
        buy.waits(next(neighbours), of(layla), 0.6, until="proposed"),
        buy.waits(omar, of(first), 1.4, until="dispatched"),
        buy.waits(next(neighbours), of(layla), 1.6, until="dispatched"),
        buy.waits(omar, of(layla), 2.9, until="delivered"),
        buy.waits(next(neighbours), of(layla), 2.4, until="delivered"),
        # what this week's payout brings
        buy.kept(next(neighbours), of(layla), 4.7),
        buy.met(next(neighbours), of(layla), 3.6),
        buy.met(next(neighbours), of(layla), 2.3),
    )
    for said in quarrels.OF_THE_BUYER:
        heard(buy.quarrel(said, omar, of(layla), judge=cast.finance))
    for said in quarrels.OF_OTHERS:
        heard(buy.quarrel(said, next(neighbours), of(layla), judge=cast.finance))
    own = next((p for p in _for_sale(Product.objects.filter(seller__in=cast.neighbours)) if _takes_trades(p)), None)
    if own is not None:
        heard(buy.traded(own.seller, own, of(layla), 10.4))
    return told


def _takes_trades(thing: Product) -> bool:
    return thing.variants.filter(is_active=True).count() == 1


def _vouchers(cast: Cast) -> None:
    start = timezone.now()
    terms: VoucherFields = {
        "kind": VoucherKind.PERCENT,
        "percent": Decimal(10),
        "currency": "AED",
        "minimum_minor": 30_00,
        "cap_minor": 60_00,
        "person_limit": 2,
        "starts_at": start,
        "ends_at": None,
        "is_listed": True,
        "is_active": True,
    }
    issue_voucher(seller=cast.seller, code=SHOP_CODE, fields=terms)
    fixed: VoucherFields = {
        "kind": VoucherKind.FIXED,
        "amount_minor": 25_00,
        "cap_minor": None,
        "minimum_minor": 35_00,
        "person_limit": 1,
        "total_limit": 500,
        "is_listed": False,
    }
    issue_platform_voucher(staff=cast.finance, code=HOUSE_CODE, fields=terms | fixed)


def _cast(plan: Plan, people: dict[str, User], products: list[Product], finance: User) -> Cast:
    """Sellers with the most to choose from; neighbours who are neither suspended nor at odds with anybody."""
    at_odds = {name for pair in plan.blocks for name in pair}
    calm = [
        people[person.username] for person in plan.people if person.part == RESIDENT and person.username not in at_odds
    ]
    calm = list(User.objects.filter(pk__in=[p.pk for p in calm], suspended_at=None).order_by("pk"))
    there = _for_sale(Product.objects.filter(pk__in=[p.pk for p in products]))
    shelves: dict[User, list[Product]] = {}
    for thing in there:
        shelves.setdefault(thing.seller, []).append(thing)
    fullest = sorted((p for p in calm if p in shelves), key=lambda p: (-len(shelves[p]), p.username))
    shops = fullest[:SHOPS]
    buyers = [p for p in calm if p not in shops][:NEIGHBOURS]
    buyer, seller = (User.objects.get(pk=people[name].pk) for name in (BUYER, SELLER))
    kept = {person: shelves[person][:6] for person in (seller, *shops)}
    return Cast(buyer=buyer, seller=seller, shops=shops, neighbours=buyers, finance=finance, shelves=kept)


def _for_sale(found: Iterable[Product]) -> list[Product]:
    """Ordinary things that anybody can buy now; new ones first, of which a shop may have many."""
    rows = [
        product
        for product in found
        if product.is_listed
        and product.price_minor in PRICES
        and product.feed_type == "community"
        and not is_luxury(product.category)
        and product.variants.filter(is_active=True).count() == 1
    ]
    return sorted(rows, key=lambda p: (p.condition != "new", p.title, p.pk))


def _listed_before_they_were_bought() -> None:
    """What was bought had been up for two days by then."""
    first = OrderItem.objects.values("product_id").annotate(at=Min("order__created_at"))
    moments: dict[uuid.UUID, past.Moments] = {}
    for row in first:
        listed = row["at"] - timedelta(days=2)
        product = Product.objects.get(pk=row["product_id"])
        if product.published_at and product.published_at > listed:
            moments[product.pk] = {"created_at": listed - timedelta(minutes=12), "published_at": listed}
    past.write_moments(Product, moments)
