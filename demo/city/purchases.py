"""What is bought in the city's past, each purchase a story: it names the moment at which it goes on, and then goes on.

Each goes through the actions that people's pages call. The clock and the provider stand at the named moment meanwhile.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from accounts.actions import add_address
from accounts.models import Address, User
from catalog.models import Product
from core.geo import LatLng
from core.money import Money
from demo.quarrels import APPEALED, DECIDED, DONE, PART, REVIEWED, WAITS, Quarrel
from offers.actions import accept_offer, make_offer
from offers.states import OfferKind
from orders.actions import (
    accept_decision,
    accept_order,
    add_evidence,
    agree_meeting,
    answer_dispute,
    appeal_dispute,
    cancel_order,
    confirm_received,
    decide_dispute,
    dispatch_order,
    hand_over,
    mark_ready,
    note_tracking,
    open_checkout,
    open_dispute,
    pay_by_test_method,
    propose_meeting,
    refund_order,
    show_handover_code,
)
from orders.carriers import TrackingEvent
from orders.models import Dispute, Order
from orders.quotes import Wanted
from orders.states import Delivery, PayBy, ShipmentState
from places.selectors import meeting_points

Story = Generator[datetime, None, None]
RECENT = 2  # days: of these the hours are as they are
CARD = "pm_card_visa"
CARRIERS = ("Aramex", "Emirates Post", "Quiqup")
_STREETS = ("Al Marsa Street", "Al Sufouh Road", "King Salman Street", "Al Khayay Street", "First Al Khail Street")


@dataclass
class Purchases:
    """`anchor` is the present; `picture` uploads a photograph of a listing's thing for a quarrel and answers with its id."""

    anchor: datetime
    picture: Callable[[User, Product, int], Any]
    sent: int = 0  # parcels so far: each has another number

    # --- stories ------------------------------------------------------------------------------------------------------

    def waits(self, buyer: User, thing: Product, days: float, *, until: str, note: str = "") -> Story:
        """Paid, and as far as `until`: confirmed, preparing, ready, proposed, agreed, dispatched, delivered."""
        ship = until in ("ready", "dispatched", "delivered")
        yield self.ago(days)
        order = self.buy(buyer, thing, ship=ship, note=note)
        if until == "confirmed":
            return
        yield self.ago(days - 0.1)
        accept_order(seller=order.seller, order_id=order.pk)
        if until in ("proposed", "agreed"):
            yield self.ago(days - 0.2)
            meeting = self.propose(order, buyer, in_hours=26)
            if until == "agreed":
                agree_meeting(person=order.seller, meeting_id=meeting.pk)
        elif until == "ready":
            mark_ready(seller=order.seller, order_id=order.pk)
        elif until in ("dispatched", "delivered"):
            yield from self._bring(order, days - 0.5, arrives=until == "delivered")

    def kept(self, buyer: User, thing: Product, days: float, *, says_so: bool = True, **how: Any) -> Story:
        """Sent, looked at and kept: the buyer says so, or the clock does."""
        yield self.ago(days)
        order = self.buy(buyer, thing, ship=True, **how)
        yield self.ago(days - 0.2)
        accept_order(seller=order.seller, order_id=order.pk)
        yield from self._bring(order, days - 1)
        if says_so:
            yield self.ago(days - 2.6)
            confirm_received(buyer=buyer, order_id=order.pk)

    def met(self, buyer: User, thing: Product, days: float, **how: Any) -> Story:
        """Handed over at a meeting, by the code."""
        yield self.ago(days)
        order = self.buy(buyer, thing, **how)
        yield from self._meet(order, days)

    def traded(self, buyer: User, own: Product, thing: Product, days: float) -> Story:
        """One thing for another."""
        yield self.ago(days)
        offer = make_offer(
            buyer=buyer, product_id=thing.pk, kind=OfferKind.TRADE, trade_product_id=own.pk, message="Swap?"
        )
        yield self.ago(days - 0.1)
        accept_offer(person=thing.seller, offer_id=offer.pk)
        order = Order.objects.select_related("seller", "buyer").get(source_reference=f"offer:{offer.pk}")
        yield from self._meet(order, days - 0.2)

    def unpaid(self, buyer: User, thing: Product, days: float) -> Story:
        """Never paid: the clock calls it off."""
        yield self.ago(days)
        open_checkout(buyer=buyer, lines=self.wanted(thing))

    def called_off(self, buyer: User, thing: Product, days: float, *, by_seller: bool) -> Story:
        """Paid and called off before anything was on its way: all money goes back."""
        yield self.ago(days)
        order = self.buy(buyer, thing)
        yield self.ago(days - 0.3)
        if by_seller:
            cancel_order(person=order.seller, order_id=order.pk, reason="It broke while I packed it, I am sorry.")
        else:
            cancel_order(person=buyer, order_id=order.pk, reason="I found one in my building.")

    def forgotten(self, buyer: User, thing: Product, days: float) -> Story:
        """Paid, and the seller never sent it: the clock gives the money back."""
        yield self.ago(days)
        self.buy(buyer, thing, ship=True)

    def part_back(self, buyer: User, thing: Product, days: float, *, percent: int) -> Story:
        """Kept, and the seller gives some of the money back afterwards."""
        yield self.ago(days)
        order = self.buy(buyer, thing)
        yield from self._meet(order, days)
        yield self.ago(days - 2)
        back = self.part(order, percent)
        refund_order(order_id=order.pk, amount=back, seller=order.seller, reason="One hinge is missing.")

    def asked_back(self, buyer: User, thing: Product, days: float, *, staff: User) -> Story:
        """One of our staff wants to give a large sum back: it waits for a second person."""
        yield self.ago(days)
        order = self.buy(buyer, thing, ship=True, quantity=self.many_for(thing, 650_00))
        yield self.ago(days - 0.3)
        accept_order(seller=order.seller, order_id=order.pk)
        yield from self._bring(order, days - 0.6)
        yield self.ago(days - 2.4)
        refund_order(order_id=order.pk, amount=None, staff=staff, reason="The seller agreed on the telephone.")

    def quarrel(self, said: Quarrel, buyer: User, thing: Product, *, judge: User) -> Story:
        """Bought, and something is wrong with it."""
        days = said.days_ago
        yield self.ago(days)
        order = self.buy(buyer, thing, ship=True)
        yield self.ago(days - 0.2)
        accept_order(seller=order.seller, order_id=order.pk)
        yield from self._bring(order, days - 0.4)
        days -= 2.2
        yield self.ago(days)
        shown = [self.picture(buyer, thing, 0)]
        dispute = open_dispute(buyer=buyer, order_id=order.pk, reason=said.reason, text=said.claim, picture_ids=shown)
        yield self.ago(days - 0.5)
        answer_dispute(
            seller=order.seller,
            dispute_id=dispute.pk,
            answer=said.stance,
            offered=self.part(order, said.percent) if said.stance == PART else None,
            text=said.answer,
            picture_ids=[self.picture(order.seller, thing, 1)],
        )
        if said.more:
            yield self.ago(days - 0.9)
            add_evidence(person=buyer, dispute_id=dispute.pk, text=said.more)
        if said.ends not in (WAITS, REVIEWED):
            yield from self._judged(said, order, dispute, days - 1.5, judge=judge)

    # --- what they are made of ----------------------------------------------------------------------------------------

    def _judged(self, said: Quarrel, order: Order, dispute: Dispute, days: float, *, judge: User) -> Story:
        yield self.ago(days)
        decide_dispute(
            staff=judge,
            dispute_id=dispute.pk,
            outcome=said.outcome,
            refund=self.part(order, said.percent) if said.percent else None,
            words=said.words,
        )
        if said.ends == DECIDED:
            return
        yield self.ago(days - 1)
        if said.ends == APPEALED:
            appeal_dispute(person=order.buyer, dispute_id=dispute.pk, text=said.appeal)
        elif said.ends == DONE:
            accept_decision(person=order.seller, dispute_id=dispute.pk)

    def _bring(self, order: Order, days: float, *, arrives: bool = True) -> Story:
        """A carrier fetches it, and a day later it is there."""
        yield self.ago(days)
        self.sent += 1
        parcel = dispatch_order(
            seller=order.seller,
            order_id=order.pk,
            carrier=CARRIERS[self.sent % len(CARRIERS)],
            tracking_number=f"AE{4471_0000 + self.sent * 7919}",
        )
        steps = [(0.1, ShipmentState.IN_TRANSIT, "Al Quoz", "Sorted")]
        if arrives:
            steps += [
                (0.9, ShipmentState.OUT_FOR_DELIVERY, "Dubai Marina", "With the driver"),
                (1.0, ShipmentState.DELIVERED, "Dubai Marina", "Delivered"),
            ]
        seen = []
        for number, (later, state, place, words) in enumerate(steps):
            at = self.ago(days - later)
            seen.append(TrackingEvent(id=f"{parcel.pk}:{number}", at=at, state=state, place=place, note=words))
        yield seen[-1].at
        note_tracking(shipment_id=parcel.pk, events=seen)

    def _meet(self, order: Order, days: float) -> Story:
        yield self.ago(days - 0.1)
        accept_order(seller=order.seller, order_id=order.pk)
        meeting = self.propose(order, order.buyer, in_hours=20)
        yield self.ago(days - 0.2)
        agree_meeting(person=order.seller, meeting_id=meeting.pk)
        yield self.ago(days - 1)
        hand_over(seller=order.seller, order_id=order.pk, code=show_handover_code(buyer=order.buyer, order_id=order.pk))

    def buy(
        self,
        buyer: User,
        thing: Product,
        *,
        ship: bool = False,
        cash: bool = False,
        codes: tuple[str, ...] = (),
        note: str = "",
        quantity: int = 1,
    ) -> Order:
        checkout = open_checkout(
            buyer=buyer,
            lines=self.wanted(thing, quantity),
            pay_by=PayBy.CASH if cash else PayBy.CARD,
            delivery=Delivery.SHIP if ship else Delivery.MEET,
            address_id=address_of(buyer).pk if ship else None,
            voucher_codes=codes,
            note=note,
        )
        if not cash:
            pay_by_test_method(buyer=buyer, checkout_id=checkout.pk, method=CARD)
        return Order.objects.select_related("seller", "buyer").get(checkout=checkout)

    def wanted(self, thing: Product, quantity: int = 1) -> list[Wanted]:
        return [Wanted(variant_id=thing.variants.get(is_active=True).pk, quantity=quantity)]

    def propose(self, order: Order, person: User, *, in_hours: float) -> Any:
        """At the place nearest to the seller, on the full hour."""
        home = order.seller.location
        points = meeting_points(near=LatLng.of(home) if home else None, limit=1)
        starts = (timezone.now() + timedelta(hours=in_hours)).replace(minute=0, second=0, microsecond=0)
        return propose_meeting(
            person=person,
            order_id=order.pk,
            starts_at=starts,
            point_id=points[0].pk if points else None,
            place="" if points else "Marina Mall, fountain",
        )

    def part(self, order: Order, percent: int) -> Money:
        """Whole dirhams, as people say them."""
        return Money(max(1_00, order.total_minor * percent // 100 // 100 * 100), order.currency)

    def many_for(self, thing: Product, least_minor: int) -> int:
        return -(-least_minor // (thing.price_minor or 1))

    def ago(self, days: float) -> datetime:
        """So many days before the present, by day: the hours of longer ago lie between nine and nine, in the same order."""
        exactly = self.anchor - timedelta(days=days)
        recent = self.anchor - timedelta(days=RECENT)
        if exactly > recent:
            return exactly
        there = exactly.astimezone(ZoneInfo(settings.DISPLAY_TIME_ZONE))
        midnight = there.replace(hour=0, minute=0, second=0, microsecond=0)
        awake = midnight + timedelta(hours=9) + (there - midnight) / 2
        return min(awake.astimezone(UTC), recent)


def address_of(person: User) -> Address:
    """Where parcels go, kept on the first of them."""
    known = Address.objects.filter(user=person).first()
    if known is not None:
        return known
    number = person.pk.int % 97
    return add_address(
        user=person,
        phone=str(person.phone or f"+9715000{number:05d}"),
        recipient=person.full_name,
        street=f"{_STREETS[number % len(_STREETS)]} {number + 3}",
        building=person.building_name or "Marina Heights",
        unit=str(number * 13 % 2400 + 101),
        city="Dubai",
        country="AE",
        label="البيت" if person.language == "ar" else "Home",
        instructions="",
    )
