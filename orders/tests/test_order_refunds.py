import uuid
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.errors import NotAllowed
from core.models import AuditEntry
from core.money import Money
from core.testing import deliver_everything
from orders import errors
from orders.actions import (
    cancel_late,
    cancel_order_by_staff,
    confirm_received,
    note_chargeback_closed,
    note_chargeback_opened,
    open_dispute,
    refund_order,
    release_due,
)
from orders.models import Order
from orders.selectors.watch import money_left_behind, orders_health
from orders.tests.dealing import axes, delivered, held, hold_of, in_cash, refused, sent, timeline, world
from orders.tests.factories import OrderFactory
from orders.tests.shopping import news
from payments.actions import approve_refund, refuse_refund
from payments.errors import RefundTooLarge, RefundTooLate
from payments.models import Chargeback, PaymentHold, Refund
from payments.tests.money import answered, staff_with

pytestmark = pytest.mark.django_db


def aed(minor: int) -> Money:
    return Money(minor, "AED")


def finance():
    person = UserFactory(staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=["refund_order", "cancel_order"]))
    return person


def disputed_by_bank(order: Order, state: str = "open") -> Chargeback:
    return Chargeback.objects.create(
        payment=order.checkout.payment,
        provider_id=f"dp_{uuid.uuid4().hex}",
        amount_minor=order.total_minor,
        currency="AED",
        state=state,
    )


def open_chargeback(order: Order) -> Chargeback:
    chargeback = disputed_by_bank(order)
    note_chargeback_opened(chargeback_id=chargeback.pk, reference=f"checkout:{order.checkout_id}")
    return chargeback


def close_chargeback(order: Order, chargeback: Chargeback, state: str, *, taken: int | None = None) -> None:
    """`taken`: by the bank of what was held, as payments notes it; None: all of it, where it is lost."""
    taken = order.total_minor if taken is None else taken
    if state == "lost":
        is_all = taken == order.total_minor
        PaymentHold.objects.filter(reference=f"order:{order.pk}").update(
            refunded_minor=taken, state="refunded" if is_all else "held"
        )
    Chargeback.objects.filter(pk=chargeback.pk).update(state=state)
    note_chargeback_closed(chargeback_id=chargeback.pk, reference=f"checkout:{order.checkout_id}")


def test_the_seller_gives_a_part_back_and_gets_the_rest():
    order = delivered()
    refund_order(seller=order.seller, order_id=order.pk, amount=aed(40_00), reason="a scratch")
    assert axes(order) == ("confirmed", "held", "delivered", "none")
    assert order.refunded_minor == 40_00
    assert news()[-1] == "orders.order_refunded"
    confirm_received(buyer=order.buyer, order_id=order.pk)
    assert axes(order)[:2] == ("completed", "released")
    line = order.events.get(kind="released")
    assert line.facts["amount"] == "AED 199.50"  # 210.00 less 5 percent of it


def test_all_of_it_before_the_end_ends_the_order():
    order = sent()
    refund_order(seller=order.seller, order_id=order.pk, amount=None)
    assert axes(order) == ("cancelled", "refunded", "dispatched", "none")
    assert order.cancelled_because == "seller"
    assert timeline(order)[-2:] == ["refunded", "cancelled"]


def test_all_of_it_before_it_was_sent_calls_the_order_off():
    order = held(ship=True)
    refund_order(seller=order.seller, order_id=order.pk, amount=None)
    assert axes(order) == ("cancelled", "refunded", "called_off", "none")
    assert order.items.get().product.state == "paused"
    assert order.dispatch_by is None


def test_after_the_end_it_comes_from_the_sellers_balance_and_the_order_stays_complete():
    order = delivered()
    confirm_received(buyer=order.buyer, order_id=order.pk)
    refund_order(seller=order.seller, order_id=order.pk, amount=None)
    assert axes(order) == ("completed", "refunded", "delivered", "none")
    assert Refund.objects.get().after_release


def test_there_is_a_month_and_no_more_than_was_paid():
    order = delivered()
    said = {"seller": order.seller, "order_id": order.pk}
    refused(RefundTooLarge, refund_order, amount=aed(250_01), **said)
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        refused(RefundTooLate, refund_order, amount=aed(1_00), **said)


def test_the_buyer_and_strangers_give_nothing_back():
    order = delivered()
    refused(errors.NotYourSideOfIt, refund_order, seller=order.buyer, order_id=order.pk, amount=None)
    refused(errors.OrderNotFound, refund_order, seller=UserFactory(), order_id=order.pk, amount=None)
    refused(NotAllowed, refund_order, staff=UserFactory(staff=True), order_id=order.pk, amount=None)
    refused(NotAllowed, refund_order, order_id=order.pk, amount=None)


def test_what_was_never_held_is_not_given_back():
    cash = in_cash()
    refused(errors.NotConfirmed, refund_order, seller=cash.seller, order_id=cash.pk, amount=None)
    unpaid = OrderFactory()
    refused(errors.NotConfirmed, refund_order, seller=unpaid.seller, order_id=unpaid.pk, amount=None)


def test_staff_give_back_in_the_audit_log():
    order = delivered()
    staff = finance()
    refund_order(staff=staff, order_id=order.pk, amount=aed(10_00), reason="goodwill")
    entry = AuditEntry.objects.get(action="orders.refunded")
    assert (entry.reason, entry.actor_id, entry.after["amount"]) == ("goodwill", staff.pk, "AED 10.00")
    assert order.events.get(kind="refunded").side == "staff"


def test_a_refund_that_fails_is_with_us_again_and_nothing_is_released_meanwhile():
    order = delivered()
    refund_order(seller=order.seller, order_id=order.pk, amount=aed(40_00))
    answered(Refund.objects.get(), "failed", failure="expired_or_canceled_card")
    deliver_everything()
    assert axes(order)[:2] == ("confirmed", "held")
    assert order.refunded_minor == 0
    assert timeline(order)[-1] == "refund_failed"
    with time_machine.travel(timezone.now() + timedelta(days=4), tick=False):
        assert release_due() == 0


def test_a_refund_that_failed_for_good_does_not_keep_the_seller_waiting_for_ever():
    order = delivered()
    refund_order(seller=order.seller, order_id=order.pk, amount=aed(40_00))
    answered(Refund.objects.get(), "failed")
    deliver_everything()
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        assert release_due() == 1
    assert axes(order)[:2] == ("completed", "released")


def test_a_whole_refund_that_fails_leaves_the_order_over_and_its_money_held():
    order = sent()
    refund_order(seller=order.seller, order_id=order.pk, amount=None)
    answered(Refund.objects.get(), "failed")
    deliver_everything()
    assert axes(order)[:2] == ("cancelled", "held")


def test_news_that_comes_twice_is_told_once():
    order = delivered()
    refund_order(seller=order.seller, order_id=order.pk, amount=aed(40_00))
    for _n in range(2):
        answered(Refund.objects.get())
    deliver_everything()
    assert timeline(order).count("refunded") == 1


@pytest.mark.parametrize("make", [held, lambda: held(ship=True)])
def test_staff_cancel_what_was_not_sent(make):
    order = make()
    cancel_order_by_staff(staff=finance(), order_id=order.pk, reason="fraud")
    assert axes(order) == ("cancelled", "refunded", "called_off", "none")
    assert order.cancelled_because == "staff"
    assert AuditEntry.objects.get(action="orders.cancelled_by_staff").reason == "fraud"


def test_a_large_sum_of_a_cancelled_order_waits_for_a_second_person(settings):
    settings.PAYMENTS = settings.PAYMENTS | {"approval_from": 100}
    order, staff = held(), finance()
    cancel_order_by_staff(staff=staff, order_id=order.pk, reason="fraud")
    assert axes(order) == ("cancelled", "held", "called_off", "none")
    refund = Refund.objects.get()
    assert (refund.state, refund.requested_by, refund.note) == ("awaiting_approval", staff, "fraud")
    assert "refund_requested" in timeline(order)
    approve_refund(staff=staff_with("approve_refund"), refund_id=refund.pk)
    answered(Refund.objects.get())
    deliver_everything()
    assert axes(order) == ("cancelled", "refunded", "called_off", "none")
    assert timeline(order).count("refunded") == 1


def test_staff_cancel_what_is_on_its_way_and_what_is_not_paid():
    order = sent()
    cancel_order_by_staff(staff=finance(), order_id=order.pk, reason="fraud")
    assert axes(order) == ("cancelled", "refunded", "dispatched", "none")
    refused(NotAllowed, cancel_order_by_staff, staff=UserFactory(staff=True), order_id=held().pk, reason="x")
    done = delivered()
    confirm_received(buyer=done.buyer, order_id=done.pk)
    refused(errors.CannotCancelNow, cancel_order_by_staff, staff=finance(), order_id=done.pk, reason="x")


# --- the buyer's bank -------------------------------------------------------------------------------------------------


def test_a_disputed_payment_stops_its_orders():
    order = delivered()
    chargeback = open_chargeback(order)
    assert axes(order) == ("confirmed", "held", "delivered", "chargeback")
    assert hold_of(order).frozen_because == "chargeback"
    before = world()
    note_chargeback_opened(chargeback_id=chargeback.pk, reference=f"checkout:{order.checkout_id}")
    assert world() == before


def test_won_goes_on():
    order = delivered()
    close_chargeback(order, open_chargeback(order), "won")
    assert axes(order) == ("confirmed", "held", "delivered", "closed")
    assert hold_of(order).frozen_at is None
    with time_machine.travel(timezone.now() + timedelta(days=4), tick=False):
        assert release_due() == 1


def test_the_time_that_the_bank_took_is_given_back():
    order, waits = delivered(), held(ship=True)
    ends, due = order.inspection_ends_at, waits.dispatch_by
    chargebacks = [open_chargeback(order), open_chargeback(waits)]
    with time_machine.travel(timezone.now() + timedelta(days=30), tick=False):
        close_chargeback(order, chargebacks[0], "won")
        close_chargeback(waits, chargebacks[1], "won")
        assert (release_due(), cancel_late()) == (0, 0)
    order.refresh_from_db()
    waits.refresh_from_db()
    assert abs(order.inspection_ends_at - ends - timedelta(days=30)) < timedelta(minutes=1)
    assert abs(waits.dispatch_by - due - timedelta(days=30)) < timedelta(minutes=1)


def test_a_part_that_the_bank_took_leaves_the_order_the_rest():
    order = delivered()
    close_chargeback(order, open_chargeback(order), "lost", taken=100_00)
    assert axes(order) == ("confirmed", "held", "delivered", "closed")
    assert (order.refunded_minor, hold_of(order).frozen_at) == (100_00, None)
    with time_machine.travel(timezone.now() + timedelta(days=4), tick=False):
        assert release_due() == 1


def test_lost_ends_a_dispute_of_ours_as_well():
    order = delivered()
    dispute = open_dispute(buyer=order.buyer, order_id=order.pk, reason="damaged", text="The leg is broken.")
    close_chargeback(order, open_chargeback(order), "lost")
    dispute.refresh_from_db()
    assert (dispute.state, dispute.outcome, dispute.answer_by) == ("closed", "full", None)
    assert axes(order) == ("cancelled", "refunded", "delivered", "closed")


@pytest.mark.parametrize(("make", "ends"), [(held, "called_off"), (sent, "dispatched")])
def test_lost_ends_what_was_not_complete_and_releases_nothing(make, ends):
    order = make()
    close_chargeback(order, open_chargeback(order), "lost")
    assert axes(order) == ("cancelled", "refunded", ends, "closed")
    assert (order.cancelled_because, order.refunded_minor) == ("chargeback", order.total_minor)


def test_news_of_other_payments_is_nobodys():
    order = delivered()
    chargeback = disputed_by_bank(order)
    before = world()
    note_chargeback_opened(chargeback_id=chargeback.pk, reference="top-up:7")
    note_chargeback_closed(chargeback_id=chargeback.pk, reference=f"checkout:{uuid.uuid4()}")
    assert world() == before


# --- money that nothing sends back ------------------------------------------------------------------------------------


def test_a_refund_that_the_second_person_refuses_leaves_an_order_that_is_found(settings):
    settings.PAYMENTS = settings.PAYMENTS | {"approval_from": 100}
    order, staff = held(), finance()
    cancel_order_by_staff(staff=staff, order_id=order.pk, reason="fraud")
    assert not money_left_behind().exists()  # it waits for the second person, whom the desk calls
    refuse_refund(staff=staff_with("approve_refund"), refund_id=Refund.objects.get().pk, reason="why?")
    deliver_everything()
    assert list(money_left_behind()) == [order]
    assert orders_health() == "ok"
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1), tick=False):
        assert orders_health() == "money not given back"
        refund_order(staff=staff, order_id=order.pk, amount=None, reason="again")
        assert orders_health() == "ok"  # it waits for somebody's word again
        approve_refund(staff=staff_with("approve_refund"), refund_id=Refund.objects.latest("id").pk)
        answered(Refund.objects.latest("id"))
        deliver_everything()
        assert orders_health() == "ok"
    assert axes(order)[:2] == ("cancelled", "refunded")


def test_a_refund_of_a_cancelled_order_that_fails_is_found_too_and_nothing_else_is():
    order = sent()
    refund_order(seller=order.seller, order_id=order.pk, amount=None)
    held(), delivered(), in_cash()
    assert not money_left_behind().exists()
    answered(Refund.objects.get(), "failed")
    deliver_everything()
    assert list(money_left_behind()) == [order]
