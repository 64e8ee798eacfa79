"""The house: neighbours report, moderators decide, some wait in the queue. All by the actions that the doors call."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.models import User
from catalog.actions import edit_product, report_product
from catalog.models import Product
from catalog.states import TARGET_KIND, ProductState
from demo import words
from demo.city import past
from demo.city.plan import Plan, Planned
from demo.people import NEWCOMER, RESIDENT
from moderation.actions.claims import claim_case
from moderation.actions.decisions import decide_case
from moderation.actions.people import suspend_person
from moderation.actions.reports import report_target
from moderation.models import Case, Policy
from moderation.states import UNDECIDED
from moderation.targets import ACCOUNT

ENOUGH_TO_HIDE = 4  # reports of old accounts weigh three quarters each; a listing is hidden at 3


@dataclass
class House:
    """The moderators' side of the city.

    `deciders` made past decisions; the demo's moderator is none of them and may decide all.
    """

    people: dict[str, User]
    plan: Plan
    deciders: tuple[User, User]
    anchor: datetime
    cases: dict[uuid.UUID, tuple[datetime, datetime | None]] = field(default_factory=dict)
    asked: int = 0  # how many neighbours have reported so far: the next is another one

    def open(self, products: list[Product]) -> None:
        for product, planned in zip(products, self.plan.listings, strict=True):
            if planned.offer.trouble:
                self._follow_trouble(product, planned)
        calm = [p for p, planned in zip(products, self.plan.listings, strict=True) if self._is_calm(planned)]
        self._a_report_without_ground(calm[0])
        unread = [p for p in calm[1:] if p.approved_by_person_at is None]
        self._a_report_that_waits((unread or calm)[-1])
        self._an_edit_that_waits(products)
        self._people_who_misbehave()
        self._one_is_being_read()
        past.case_moments(self.cases)
        self._one_is_overdue()

    def _is_calm(self, planned: Planned) -> bool:
        """An honest listing of a resident, on show for a day at least, whose seller is in no trouble."""
        seller = next((p for p in self.plan.people if p.username == planned.seller), None)
        troubled = {p.seller for p in self.plan.listings if p.offer.trouble}
        return (
            seller is not None
            and seller.part == RESIDENT
            and seller.username not in troubled
            and planned.fate == "for_sale"
            and planned.offer.listed_hours_ago > 24
        )

    def _neighbours(self, many: int, *, not_of: User) -> list[User]:
        """Residents of long standing, others each time."""
        residents = [self.people[p.username] for p in self.plan.people if p.part == RESIDENT]
        chosen: list[User] = []
        while len(chosen) < many:
            person = residents[self.asked % len(residents)]
            self.asked += 1
            if person.pk != not_of.pk:
                chosen.append(person)
        return chosen

    def _follow_trouble(self, product: Product, planned: Planned) -> None:
        told = words.TROUBLE[planned.offer.trouble]
        policy = Policy.objects.get(slug=told.policy)
        up = self.anchor - timedelta(hours=planned.offer.listed_hours_ago)
        if planned.fate == "in_review":
            self._date(product.pk, up, None)
        elif planned.fate == "rejected":
            self._decide(product, "reject", policy, opened=up, closed=up + timedelta(hours=1))
        else:
            many = {"auto_hidden": ENOUGH_TO_HIDE, "reported": 2}.get(planned.fate, 3)
            self._report(product, told.reason, told.told, many)
            opened = up + timedelta(hours=2)
            if planned.fate in ("auto_hidden", "reported"):
                self._date(product.pk, opened, None)
                return
            self._decide(product, "remove", policy, opened=opened, closed=opened + timedelta(hours=3))
            if planned.fate == "suspended":
                self._suspend(product.seller, policy, opened=opened, closed=opened + timedelta(hours=3))

    def _report(self, product: Product, reason: str, told: tuple[str, ...], many: int) -> None:
        for number, neighbour in enumerate(self._neighbours(many, not_of=product.seller)):
            report_product(
                reporter=neighbour, product_id=product.pk, reason=reason, description=told[number % len(told)]
            )

    def _open_case(self, target_id: uuid.UUID) -> Case:
        return Case.objects.get(target_id=target_id, state__in=UNDECIDED)

    def _date(self, target_id: uuid.UUID, opened: datetime, closed: datetime | None) -> None:
        self.cases[self._open_case(target_id).pk] = (opened, closed)

    def _decide(
        self, product: Product, outcome: str, policy: Policy | None, *, opened: datetime, closed: datetime
    ) -> None:
        case = self._open_case(product.pk)
        product.refresh_from_db()
        decide_case(
            case_id=case.pk, moderator=self.deciders[0], outcome=outcome, policy=policy, revision=product.revision
        )
        self.cases[case.pk] = (opened, closed)

    def _suspend(
        self, person: User, policy: Policy, *, opened: datetime, closed: datetime, days: int | None = None
    ) -> None:
        decision = suspend_person(user_id=person.pk, moderator=self.deciders[1], policy=policy, duration_days=days)
        self.cases[decision.case_id] = (opened, closed)

    def _a_report_without_ground(self, product: Product) -> None:
        self._report(product, "other", ("I asked and got no answer yet.",), 1)
        opened = self.anchor - timedelta(hours=30)
        self._decide(product, "no_action", None, opened=opened, closed=opened + timedelta(hours=2))

    def _a_report_that_waits(self, product: Product) -> None:
        self._report(product, "spam", ("I have seen this three times this week.",), 1)
        self._date(product.pk, self.anchor - timedelta(hours=3), None)

    def _an_edit_that_waits(self, products: list[Product]) -> None:
        """A newcomer whose first listing was approved writes another title:
        the approved one stays on show until it is read.
        """
        newcomer = next(p.username for p in self.plan.people if p.part == NEWCOMER)
        product = next(p for p, planned in zip(products, self.plan.listings, strict=True) if planned.seller == newcomer)
        opened = self.anchor - timedelta(hours=4)
        self._decide(product, "approve", None, opened=opened, closed=opened + timedelta(minutes=30))
        edit_product(seller=product.seller, product_id=product.pk, title=f"{product.title[:80]}, price for today only")
        self._date(product.pk, self.anchor - timedelta(minutes=40), None)
        Product.objects.filter(pk=product.pk).update(published_at=opened + timedelta(minutes=30))

    def _people_who_misbehave(self) -> None:
        troubled = {p.seller for p in self.plan.listings if p.offer.trouble}
        quiet = [p.username for p in self.plan.people if p.part == RESIDENT and p.sells and p.username not in troubled]
        rude, odd = (self.people[name] for name in quiet[-2:])
        for neighbour in self._neighbours(3, not_of=rude):
            report_target(
                reporter=neighbour,
                target_kind=ACCOUNT,
                target_id=rude.pk,
                reason="harassment",
                description="Shouts at people who come to collect.",
            )
        at = self.anchor - timedelta(days=2)
        self._suspend(rude, Policy.objects.get(slug="harassment"), opened=at, closed=at + timedelta(hours=5), days=7)
        report_target(
            reporter=self._neighbours(1, not_of=odd)[0],
            target_kind=ACCOUNT,
            target_id=odd.pk,
            reason="fake_account",
            description="The same pictures and words as another account.",
        )
        self._date(odd.pk, self.anchor - timedelta(hours=6), None)

    def _one_is_being_read(self) -> None:
        free = Case.objects.filter(state="open", target_kind=TARGET_KIND, kind="review").order_by("pk").first()
        if free is not None:
            claim_case(case_id=free.pk, moderator=self.deciders[1])

    def _one_is_overdue(self) -> None:
        """The oldest report that waits should have been decided by now."""
        oldest = Case.objects.filter(state="open", kind="report").order_by("opened_at").first()
        if oldest is not None:
            Case.objects.filter(pk=oldest.pk).update(due_at=self.anchor - timedelta(minutes=25))


def dates_of_reviews(products: list[Product], plan: Plan, anchor: datetime) -> dict[uuid.UUID, tuple[datetime, None]]:
    """When the listings that wait were submitted: their cases are as old."""
    listed = {
        product.pk: anchor - timedelta(hours=planned.offer.listed_hours_ago)
        for product, planned in zip(products, plan.listings, strict=True)
        if planned.fate == "in_review"
    }
    cases = Case.objects.filter(target_kind=TARGET_KIND, target_id__in=list(listed), state__in=UNDECIDED)
    return {case.pk: (listed[case.target_id], None) for case in cases}


def waiting() -> int:
    """Cases that a moderator finds in the queue."""
    return Case.objects.filter(state__in=UNDECIDED).count()


def count_by_state(products: list[Product]) -> dict[str, int]:
    """For the closing words of the command."""
    states = list(Product.objects.filter(pk__in=[p.pk for p in products]).values_list("state", flat=True))
    return {str(state.label): states.count(state.value) for state in ProductState if state.value in states}
