"""What a bank decides, and takes back, as the orders that were paid by the card hear of it: with the money in the ledger."""

from datetime import timedelta
from itertools import permutations

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from core.errors import WrongState
from core.models import OutboxEvent
from core.testing import deliver_everything
from orders import errors
from orders.actions import (
    accept_decision,
    answer_dispute,
    cancel_late,
    confirm_received,
    decide_dispute,
    note_chargeback_closed,
    note_chargeback_opened,
    open_dispute,
    release_due,
    run_dispute_clocks,
    withdraw_dispute,
)
from orders.models import Order
from orders.selectors.disputes import open_actions
from orders.states import Side
from orders.tests.dealing import axes, delivered, held, hold_of, sent, timeline, world
from payments.actions import retry_refund
from payments.actions.chargebacks import note_dispute
from payments.models import Chargeback
from payments.ports import DisputeView
from payments.selectors import audit_ledger
from payments.tests.money import staff_with

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@transaction.atomic
def bank(
    order: Order, status: str, *, withdrawn: bool = True, amount: int | None = None, number: int = 1
) -> Chargeback:
    """What the provider says of the bank's dispute about an order's payment."""
    payment = order.checkout.payment
    payment.refresh_from_db()
    return note_dispute(
        view=DisputeView(
            id=f"dp_{number}",
            status=status,
            amount_minor=amount or order.total_minor,
            currency="AED",
            charge_id=payment.charge_id,
            withdrawn=withdrawn,
            reinstated=status == "won",
        )
    )


def clerk() -> User:
    person: User = UserFactory(staff=True)
    person.user_permissions.set(Permission.objects.filter(codename="decide_dispute"))
    return person


def told(order: Order, *statuses: str) -> None:
    for status in statuses:
        bank(order, status)
        deliver_everything()


@pytest.mark.parametrize(("make", "stands"), [(delivered, "delivered"), (sent, "dispatched")])
def test_what_was_sent_goes_on_where_it_stood_when_the_bank_thinks_again(make, stands):
    order = make()
    told(order, "needs_response", "lost")
    assert axes(order) == ("cancelled", "refunded", stands, "closed")
    told(order, "won")
    assert axes(order) == ("confirmed", "held", stands, "closed")
    assert (order.refunded_minor, order.cancelled_at, order.cancelled_because) == (0, None, "")
    assert (hold_of(order).state, hold_of(order).frozen_at) == ("held", None)
    assert timeline(order).count("chargeback_reinstated") == 1
    assert audit_ledger().holds
    with pytest.raises(WrongState):  # it was the bank's, and is nobody's to send again
        retry_refund(staff=staff_with("approve_refund"), refund_id=hold_of(order).refunds.get().pk)
    confirm_received(buyer=order.buyer, order_id=order.pk)
    assert axes(order)[:2] == ("completed", "released")


def test_its_clocks_get_all_the_time_back():
    order = delivered()
    ends = order.inspection_ends_at
    told(order, "needs_response")
    with time_machine.travel(timezone.now() + 20 * DAY, tick=False):
        told(order, "lost")
    with time_machine.travel(timezone.now() + 50 * DAY, tick=False):
        told(order, "won")
        assert release_due() == 0
    order.refresh_from_db()
    assert abs(order.inspection_ends_at - ends - 50 * DAY) < timedelta(minutes=1)
    with time_machine.travel(timezone.now() + 54 * DAY, tick=False):
        assert release_due() == 1


def test_what_was_complete_is_the_sellers_again():
    order = delivered()
    confirm_received(buyer=order.buyer, order_id=order.pk)
    told(order, "needs_response", "lost")
    assert axes(order) == ("completed", "refunded", "delivered", "closed")
    told(order, "won")
    assert axes(order) == ("completed", "released", "delivered", "closed")
    assert (order.refunded_minor, hold_of(order).state) == (0, "released")
    assert audit_ledger().holds


def test_of_what_was_never_sent_the_buyer_gets_the_money():
    order = held()
    told(order, "needs_response", "lost")
    assert axes(order) == ("cancelled", "refunded", "called_off", "closed")
    told(order, "won")
    assert axes(order) == ("cancelled", "refunded", "called_off", "closed")
    refund = hold_of(order).refunds.get(reason="gone")
    assert (refund.state, refund.amount_minor) == ("requested", order.total_minor)
    assert order.items.get().product.state == "paused"
    assert audit_ledger().holds


def test_a_part_that_comes_back_is_part_of_the_order_again():
    order = delivered()
    bank(order, "needs_response", amount=100_00)
    deliver_everything()
    bank(order, "lost", amount=100_00)
    deliver_everything()
    assert (axes(order), order.refunded_minor) == (("confirmed", "held", "delivered", "closed"), 100_00)
    bank(order, "won", amount=100_00)
    deliver_everything()
    assert (axes(order), order.refunded_minor) == (("confirmed", "held", "delivered", "closed"), 0)


@pytest.mark.parametrize("make", [delivered, held])
def test_news_in_any_order_comes_to_the_same(make):
    chargeback_of = {}
    ends = set()
    for news in permutations(("opened", "lost", "won")):
        order = make()
        reference = f"checkout:{order.checkout_id}"
        number = len(chargeback_of) + 1
        chargeback_of[order.pk] = bank(order, "needs_response", number=number)
        bank(order, "lost", number=number)
        bank(order, "won", number=number)
        for name in (*news, *news):
            act = note_chargeback_opened if name == "opened" else note_chargeback_closed
            act(chargeback_id=chargeback_of[order.pk].pk, reference=reference)
        ends.add((*axes(order)[:3], hold_of(order).state, hold_of(order).frozen_at))
    assert len(ends) == 1
    assert ends.pop()[:2] == ("confirmed", "held")  # nobody here had acted on the loss


def test_a_loss_that_is_heard_of_before_the_dispute_ends_the_order_all_the_same():
    order = delivered()
    bank(order, "needs_response")
    chargeback = bank(order, "lost")
    reference = f"checkout:{order.checkout_id}"
    for act in (note_chargeback_closed, note_chargeback_opened, note_chargeback_closed):
        act(chargeback_id=chargeback.pk, reference=reference)
    assert axes(order) == ("cancelled", "refunded", "delivered", "closed")


def test_a_dispute_of_ours_that_the_bank_had_ended_is_before_staff_again():
    order = delivered()
    dispute = open_dispute(buyer=order.buyer, order_id=order.pk, reason="damaged", text="The leg is broken.")
    told(order, "needs_response", "lost")
    dispute.refresh_from_db()
    assert dispute.state == "closed"
    told(order, "won")
    dispute.refresh_from_db()
    assert (dispute.state, dispute.outcome) == ("under_review", "")
    assert axes(order) == ("confirmed", "held", "delivered", "open")
    assert hold_of(order).frozen_because == "dispute"


def test_a_dispute_that_was_settled_before_stays_settled():
    order = delivered()
    dispute = open_dispute(buyer=order.buyer, order_id=order.pk, reason="damaged", text="The leg is broken.")
    withdraw_dispute(buyer=order.buyer, dispute_id=dispute.pk)
    told(order, "needs_response", "lost", "won")
    dispute.refresh_from_db()
    assert (dispute.state, dispute.outcome) == ("closed", "withdrawn")
    assert axes(order)[3] == "closed"


def test_told_twice_it_comes_back_once():
    order = sent()
    told(order, "needs_response", "lost", "won", "won", "lost")
    note_chargeback_closed(chargeback_id=Chargeback.objects.get().pk, reference=f"checkout:{order.checkout_id}")
    assert timeline(order).count("chargeback_reinstated") == 1
    assert OutboxEvent.objects.filter(name="orders.order_reinstated").count() == 1
    assert axes(order)[:2] == ("confirmed", "held")


def test_of_two_disputes_about_one_payment_the_last_lets_the_order_go():
    order = delivered()
    bank(order, "needs_response", amount=50_00)
    bank(order, "needs_response", amount=60_00, number=2)
    deliver_everything()
    bank(order, "won", amount=50_00)
    deliver_everything()
    assert axes(order)[3] == "chargeback"
    assert hold_of(order).frozen_because == "chargeback"
    bank(order, "won", amount=60_00, number=2)
    deliver_everything()
    assert axes(order) == ("confirmed", "held", "delivered", "closed")


# --- clocks that stood ------------------------------------------------------------------------------------------------


def test_every_clock_of_a_dispute_gets_the_time_back_that_the_bank_took():
    order = delivered()
    dispute = open_dispute(buyer=order.buyer, order_id=order.pk, reason="damaged", text="The leg is broken.")
    due, ends = dispute.answer_by, order.inspection_ends_at
    with time_machine.travel(timezone.now() + DAY, tick=False):
        told(order, "needs_response")
    with time_machine.travel(timezone.now() + 31 * DAY, tick=False):
        assert run_dispute_clocks() == 0
        told(order, "won")
        assert run_dispute_clocks() == 0
        dispute.refresh_from_db()
        assert abs(dispute.answer_by - due - 30 * DAY) < timedelta(minutes=1)
        withdraw_dispute(buyer=order.buyer, dispute_id=dispute.pk)
    order.refresh_from_db()
    assert abs(order.inspection_ends_at - ends - 31 * DAY) < timedelta(minutes=1)  # of ours and of the bank's, once


def test_a_dispute_taken_back_while_the_bank_looks_costs_no_time():
    order = delivered()
    ends = order.inspection_ends_at
    dispute = open_dispute(buyer=order.buyer, order_id=order.pk, reason="damaged", text="The leg is broken.")
    with time_machine.travel(timezone.now() + DAY, tick=False):
        told(order, "needs_response")
        withdraw_dispute(buyer=order.buyer, dispute_id=dispute.pk)
    with time_machine.travel(timezone.now() + 11 * DAY, tick=False):
        told(order, "won")
        assert (release_due(), cancel_late()) == (0, 0)
    order.refresh_from_db()
    assert abs(order.inspection_ends_at - ends - 11 * DAY) < timedelta(minutes=1)


def test_nothing_is_settled_here_while_the_bank_decides_about_the_same_money():
    order = delivered()
    dispute = open_dispute(buyer=order.buyer, order_id=order.pk, reason="damaged", text="The leg is broken.")
    told(order, "needs_response")
    dispute.refresh_from_db()
    dispute.order.refresh_from_db()
    assert open_actions(dispute, Side.SELLER) == ["evidence"]
    assert open_actions(dispute, Side.BUYER) == ["evidence", "withdraw"]
    before = world()
    for act in (
        lambda: answer_dispute(seller=order.seller, dispute_id=dispute.pk, answer="accepts"),
        lambda: accept_decision(person=order.seller, dispute_id=dispute.pk),
    ):
        with pytest.raises(errors.WithTheBank):
            act()
    assert world() == before


def test_staff_decide_when_the_bank_has():
    order = delivered()
    dispute = open_dispute(buyer=order.buyer, order_id=order.pk, reason="damaged", text="The leg is broken.")
    answer_dispute(seller=order.seller, dispute_id=dispute.pk, answer="refuses")
    told(order, "needs_response")
    before = world()
    with pytest.raises(errors.WithTheBank):
        decide_dispute(staff=clerk(), dispute_id=dispute.pk, outcome="full", words="Broken.")
    assert world() == before
    told(order, "won")
    decide_dispute(staff=clerk(), dispute_id=dispute.pk, outcome="full", words="Broken.")
