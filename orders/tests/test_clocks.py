from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from catalog.models import StockHold
from core.testing import counted_queries
from orders.actions import cancel_late, clocks, deliver_overdue, mark_ready, release_due
from orders.actions.completing import complete
from orders.models import Order
from orders.states import DisputeAxis, FulfilmentAxis
from orders.tasks import run_clocks
from orders.tests.dealing import axes, delivered, held, hold_of, in_cash, sent, timeline, world
from orders.tests.shopping import news
from payments.actions import freeze_hold

pytestmark = pytest.mark.django_db
PAST = timedelta(minutes=1)


def ago(**span):
    return timezone.now() - timedelta(**span)


@pytest.mark.parametrize("stands", [FulfilmentAxis.WAITING, FulfilmentAxis.PREPARING, FulfilmentAxis.READY])
def test_what_was_not_sent_in_time_is_called_off_and_given_back(stands):
    order = held(ship=True, fulfilment_state=stands, dispatch_by=ago(minutes=1))
    assert cancel_late() == 1
    assert axes(order) == ("cancelled", "refunded", "called_off", "none")
    assert order.cancelled_because == "late"
    assert hold_of(order).state == "refunded"
    assert "late" in timeline(order)
    order.items.get().product.refresh_from_db()
    assert order.items.get().product.state == "paused"  # its seller looks at it before it is for sale again
    assert cancel_late() == 0


def test_three_days_are_counted_from_the_payment():
    order = held()
    assert order.dispatch_by - order.confirmed_at == timedelta(days=3)
    with time_machine.travel(order.dispatch_by - PAST, tick=False):
        assert cancel_late() == 0
    with time_machine.travel(order.dispatch_by + PAST, tick=False):
        assert cancel_late() == 1


def test_a_cash_sale_that_nobody_met_for_ends_without_money():
    order = in_cash(dispatch_by=ago(minutes=1))
    assert cancel_late() == 1
    assert axes(order) == ("cancelled", "void", "called_off", "none")
    assert StockHold.objects.get().released_at is not None


def test_what_did_not_arrive_is_given_back_when_its_time_is_over():
    order = sent(fulfilment_state=FulfilmentAxis.MISSED, arrive_by=ago(minutes=1))
    early = sent(fulfilment_state=FulfilmentAxis.MISSED)
    assert cancel_late() == 1
    assert axes(order) == ("cancelled", "refunded", "called_off", "none")
    assert axes(early)[0] == "confirmed"


def test_another_try_has_a_time_of_its_own():
    order = sent(fulfilment_state=FulfilmentAxis.MISSED, dispatch_by=ago(days=9), arrive_by=ago(minutes=1))
    mark_ready(seller=order.seller, order_id=order.pk)
    assert cancel_late() == 0
    assert axes(order) == ("confirmed", "held", "ready", "none")
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1), tick=False):
        assert cancel_late() == 1


@pytest.mark.parametrize("dispute", [DisputeAxis.OPEN, DisputeAxis.CHARGEBACK])
def test_every_clock_stands_while_the_two_disagree(dispute):
    held(dispatch_by=ago(days=1), dispute_state=dispute)
    sent(arrive_by=ago(days=1), dispute_state=dispute)
    delivered(inspection_ends_at=ago(days=1), dispute_state=dispute)
    before = world()
    run_clocks()
    assert world() == before


def test_what_is_on_its_way_for_too_long_counts_as_delivered():
    order = sent(arrive_by=ago(minutes=1))
    assert deliver_overdue() == 1
    assert axes(order) == ("confirmed", "held", "delivered", "none")
    assert order.inspection_ends_at - order.delivered_at == timedelta(days=3)
    assert timeline(order)[-1] == "delivered_by_clock"
    assert deliver_overdue() == 0


def test_a_hold_is_released_when_the_time_to_look_is_over():
    order = delivered()
    assert release_due() == 0
    with time_machine.travel(order.inspection_ends_at + PAST, tick=False):
        assert release_due() == 1
        assert release_due() == 0
    assert axes(order) == ("completed", "released", "delivered", "none")
    assert hold_of(order).state == "released"
    assert news().count("orders.order_completed") == 1


def test_one_frozen_hold_keeps_none_of_the_others_waiting():
    frozen, free = (delivered(inspection_ends_at=ago(minutes=minutes)) for minutes in (9, 1))
    freeze_hold(reference=f"order:{frozen.pk}", because="look")
    assert release_due(limit=1) == 1
    assert axes(free)[0] == "completed"
    assert axes(frozen)[0] == "confirmed"


def test_a_fault_of_ours_with_one_order_keeps_none_of_the_others_waiting(monkeypatch):
    broken, sound = (delivered(inspection_ends_at=ago(minutes=minutes)) for minutes in (9, 1))

    def complete_but_one(order, **how):
        if order.pk == broken.pk:
            Order.objects.filter(pk=order.pk).update(completed_at=timezone.now())
            raise ZeroDivisionError
        return complete(order, **how)

    monkeypatch.setattr(clocks, "complete", complete_but_one)
    assert release_due() == 1
    assert (axes(sound)[0], axes(broken)[0]) == ("completed", "confirmed")
    broken.refresh_from_db()
    assert broken.completed_at is None  # nothing half-written
    monkeypatch.undo()
    assert release_due() == 1


def test_everything_due_in_one_turn_of_the_task():
    orders = [
        held(ship=True, dispatch_by=ago(minutes=1)),
        sent(arrive_by=ago(minutes=1)),
        delivered(inspection_ends_at=ago(minutes=1)),
    ]
    run_clocks()
    assert [axes(order)[2] for order in orders] == ["called_off", "delivered", "delivered"]
    before = world()
    run_clocks()
    assert world() == before


def test_looking_for_what_is_due_costs_the_same_however_much_is_not():
    held()
    with counted_queries() as few:
        run_clocks()
    for _n in range(3):
        delivered()
    with counted_queries() as many:
        run_clocks()
    assert len(few) == len(many)
    assert Order.objects.count() == 4
