"""Rules of what happens to orders that were made: sent, met, received, quarrelled about, given back."""

import itertools
import random

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import rule

from orders import actions as orders
from orders.carriers import TrackingEvent
from orders.models import Dispute, Shipment
from payments import actions as payments
from payments.models import Refund
from tests.machines.buying import NUMBER
from tests.machines.market import Market, aed, pick, where

_events = itertools.count(1)


class Fulfilling:
    market: Market

    def _confirmed(self, number, **where):
        return pick(self.market.orders(state="confirmed", **where), number)

    @where("confirmed")
    @rule(number=NUMBER, step=st.sampled_from([orders.accept_order, orders.mark_ready]))
    def prepare(self, number, step):
        if order := self._confirmed(number):
            self.market.tried(step, seller=order.seller, order_id=order.pk)

    @where("confirmed")
    @rule(number=NUMBER)
    def send(self, number):
        if order := self._confirmed(number, delivery="ship", fulfilment_state__in=("waiting", "preparing", "ready")):
            how = {"carrier": "Aramex", "tracking_number": "AX1"}
            self.market.tried(orders.dispatch_order, seller=order.seller, order_id=order.pk, **how)

    @where("parcel")
    @rule(number=NUMBER, state=st.sampled_from(["delivered", "delivered", "out_for_delivery", "lost", "returned"]))
    def carry(self, number, state):
        """A carrier says where a parcel is."""
        if shipment := pick(
            list(Shipment.objects.filter(state__in=("in_transit", "out_for_delivery")).order_by("booked_at")), number
        ):
            seen = TrackingEvent(id=f"seen{next(_events)}", at=timezone.now(), state=state)
            self.market.tried(orders.note_tracking, shipment_id=shipment.pk, events=[seen])

    @where("confirmed")
    @rule(number=NUMBER, wrong=st.integers(0, 5))
    def hand_over(self, number, wrong):
        if order := self._confirmed(number, delivery="meet"):
            code = self.market.tried(orders.show_handover_code, buyer=order.buyer, order_id=order.pk)
            if code:
                said = "000000" if wrong == 0 else code
                self.market.tried(orders.hand_over, seller=order.seller, order_id=order.pk, code=said)

    @where("confirmed")
    @rule(number=NUMBER)
    def receive(self, number):
        if order := self._confirmed(number, pay_by="card"):
            self.market.tried(orders.confirm_received, buyer=order.buyer, order_id=order.pk)

    @where("confirmed", "unpaid")
    @rule(number=NUMBER, side=st.sampled_from(["buyer", "seller"]))
    def cancel(self, number, side):
        if order := pick(self.market.orders(state__in=("awaiting_payment", "confirmed")), number):
            self.market.tried(orders.cancel_order, person=getattr(order, side), order_id=order.pk)

    # --- money back -------------------------------------------------------------------------------------------------

    @where("held")
    @rule(number=NUMBER, percent=st.sampled_from([0, 10, 33, 50, 100]), by=st.sampled_from(["seller", "staff"]))
    def give_money_back(self, number, percent, by):
        """`percent` 0: all that is left."""
        if order := pick(self.market.orders(payment_state__in=("held", "released")), number):
            who = {"seller": order.seller} if by == "seller" else {"staff": self.market.team[0]}
            amount = aed(order.total_minor * percent // 100) if percent else None
            self.market.tried(orders.refund_order, order_id=order.pk, amount=amount, **who)

    @where("any_order")
    @rule(number=NUMBER)
    def end_an_order_by_staff(self, number):
        if order := pick(self.market.orders(), number):
            self.market.tried(
                orders.cancel_order_by_staff, staff=self.market.team[0], order_id=order.pk, reason="fraud"
            )

    @where("refund_to_decide")
    @rule(number=NUMBER, who=st.integers(0, 1), agrees=st.booleans())
    def decide_refund(self, number, who, agrees):
        if refund := pick(list(Refund.objects.filter(state="awaiting_approval").order_by("created_at")), number):
            decide, how = (payments.approve_refund, {}) if agrees else (payments.refuse_refund, {"reason": "no"})
            self.market.tried(decide, staff=self.market.team[who], refund_id=refund.pk, **how)

    @where("refund_failed")
    @rule(number=NUMBER)
    def send_a_refund_again(self, number):
        if refund := pick(list(Refund.objects.filter(state="failed").order_by("created_at")), number):
            self.market.tried(payments.retry_refund, staff=self.market.team[0], refund_id=refund.pk)

    # --- disputes ---------------------------------------------------------------------------------------------------

    @where("held")
    @rule(number=NUMBER, percent=st.sampled_from([0, 40, 100]))
    def quarrel(self, number, percent):
        if order := pick(self.market.orders(pay_by__in=("card", "cash"), state__in=("confirmed", "completed")), number):
            wanted = aed(order.total_minor * percent // 100) if percent else None
            how = {"reason": "damaged", "text": "Broken.", "wanted": wanted}
            self.market.tried(orders.open_dispute, buyer=order.buyer, order_id=order.pk, **how)

    def _dispute(self, number, *states) -> Dispute | None:
        found = Dispute.objects.filter(state__in=states).select_related("order__buyer", "order__seller")
        return pick(list(found.order_by("created_at")), number)

    @where("quarrel")
    @rule(number=NUMBER, answer=st.sampled_from(["accepts", "offers", "refuses"]), back=st.booleans())
    def answer_dispute(self, number, answer, back):
        if dispute := self._dispute(number, "open"):
            offered = aed(max(1, dispute.order.total_minor // 4)) if answer == "offers" else None
            how = {"answer": answer, "offered": offered, "needs_return": back}
            self.market.tried(orders.answer_dispute, seller=dispute.order.seller, dispute_id=dispute.pk, **how)

    @where("quarrel", "case_of_staff", "verdict")
    @rule(number=NUMBER, step=st.sampled_from(["take", "escalate", "withdraw", "accept", "send_back"]))
    def buyer_goes_on(self, number, step):
        dispute = self._dispute(number, "open", "under_review", "decided", "awaiting_return")
        if dispute is None:
            return
        tried, buyer, pk = self.market.tried, dispute.order.buyer, dispute.pk
        if step == "take":
            tried(orders.take_settlement, buyer=buyer, dispute_id=pk)
        elif step == "escalate":
            tried(orders.escalate_dispute, person=buyer, dispute_id=pk)
        elif step == "withdraw":
            tried(orders.withdraw_dispute, buyer=buyer, dispute_id=pk)
        elif step == "accept":
            tried(orders.accept_decision, person=buyer, dispute_id=pk)
        else:
            tried(orders.send_back, buyer=buyer, dispute_id=pk, carrier="Aramex", tracking_number="RT1")

    @where("verdict")
    @rule(number=NUMBER, accepts=st.booleans())
    def seller_gets_it_back(self, number, accepts):
        if dispute := self._dispute(number, "awaiting_return"):
            step, how = (orders.confirm_return, {}) if accepts else (orders.reject_return, {"text": "Not mine."})
            self.market.tried(step, seller=dispute.order.seller, dispute_id=dispute.pk, **how)

    @where("verdict")
    @rule(number=NUMBER, side=st.sampled_from(["buyer", "seller"]))
    def appeal(self, number, side):
        if dispute := self._dispute(number, "decided", "awaiting_return"):
            person = getattr(dispute.order, side)
            self.market.tried(orders.appeal_dispute, person=person, dispute_id=dispute.pk, text="No.")

    @where("case_of_staff")
    @rule(
        number=NUMBER, who=st.integers(0, 1), outcome=st.sampled_from(["full", "partial", "none"]), back=st.booleans()
    )
    def decide(self, number, who, outcome, back):
        if dispute := self._dispute(number, "under_review", "appealed"):
            self._decide(dispute, who, outcome, back=back)

    def _decide(self, dispute, who, outcome, *, back=False):
        step = orders.decide_appeal if dispute.state == "appealed" else orders.decide_dispute
        amount = aed(max(1, dispute.order.total_minor // 3)) if outcome == "partial" else None
        how = {"outcome": outcome, "refund": amount, "needs_return": back, "words": "So it is."}
        return self.market.tried(step, staff=self.market.team[who], dispute_id=dispute.pk, **how)

    # --- what the team does with all that is left ----------------------------------------------------------------------

    def clear_the_desk(self, dice: random.Random) -> None:
        for dispute in Dispute.objects.filter(state__in=("under_review", "appealed")).select_related("order"):
            for who in (0, 1):
                if self._decide(dispute, who, dice.choice(["full", "none"])):
                    break
        for refund in Refund.objects.filter(state="awaiting_approval"):
            for who in (0, 1):
                if self.market.tried(payments.approve_refund, staff=self.market.team[who], refund_id=refund.pk):
                    break
                self.market.tried(payments.refuse_refund, staff=self.market.team[who], refund_id=refund.pk, reason="no")
