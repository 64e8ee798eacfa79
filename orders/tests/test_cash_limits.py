from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.tests.factories import ProductFactory
from orders import errors
from orders.actions import cancel_order, hand_over, open_checkout, prepare_to_pay, show_handover_code
from orders.models import Meeting
from orders.tests.dealing import in_cash
from orders.tests.shopping import bought, everything, the_order, wanted
from payments.actions import change_payout_settings
from payments.selectors import may_take_cash

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer():
    return UserFactory(buyer=True)


def buy(buyer, *things):
    return open_checkout(buyer=buyer, lines=wanted(*(things or (ProductFactory(images=0),))), pay_by="cash")


def refused(refusal, act):
    before = everything()
    with pytest.raises(refusal) as said:
        act()
    assert everything() == before
    return said.value


def missed(buyer, **facts):
    """A meeting to which the buyer did not come."""
    now = timezone.now()
    said = {"missed_by": "buyer", "reported_by": "seller", "reported_at": now} | facts
    order = in_cash()
    type(order).objects.filter(pk=order.pk).update(buyer=buyer, state="cancelled", cancelled_at=now)
    return Meeting.objects.create(
        order=order, proposed_by="seller", place="The fountain", starts_at=now, state="missed", **said
    )


def test_three_cash_orders_may_be_open_at_once(buyer):
    for _ in range(3):
        buy(buyer)
    said = refused(errors.CashOrdersOpen, lambda: buy(buyer))
    assert (said.code, said.at) == ("orders.cash_orders_open", "pay_by")
    assert bought(buyer=buyer).state == "open"  # by card they may


def test_a_cart_of_several_sellers_counts_each(buyer):
    buy(buyer)
    things = [ProductFactory(images=0) for _ in range(3)]
    refused(errors.CashOrdersOpen, lambda: buy(buyer, *things))
    assert buy(buyer, *things[:2]).orders.count() == 2


def test_what_was_handed_over_or_called_off_counts_no_more(buyer):
    orders = [the_order(buy(buyer)) for _ in range(3)]
    code = show_handover_code(buyer=buyer, order_id=orders[0].pk)
    hand_over(seller=orders[0].seller, order_id=orders[0].pk, code=code)
    buy(buyer)
    refused(errors.CashOrdersOpen, lambda: buy(buyer))
    cancel_order(person=buyer, order_id=orders[1].pk)
    buy(buyer)


def test_an_order_that_waits_for_a_card_is_not_turned_into_a_fourth(buyer):
    waiting = the_order(bought(buyer=buyer))
    for _ in range(3):
        buy(buyer)
    refused(errors.CashOrdersOpen, lambda: prepare_to_pay(buyer=buyer, order_id=waiting.pk, pay_by="cash"))


def test_other_peoples_cash_orders_are_theirs(buyer):
    for _ in range(4):
        in_cash()
    assert buy(buyer)


def test_who_did_not_come_twice_pays_by_card_for_a_while(buyer):
    missed(buyer)
    the_order(buy(buyer))
    missed(buyer)
    said = refused(errors.CashAfterNoShows, lambda: buy(buyer))
    assert said.code == "orders.cash_after_no_shows"
    with time_machine.travel(timezone.now() + timedelta(days=91), tick=False):
        assert buy(buyer)


def test_what_was_the_sellers_fault_or_is_contested_is_not_held_against_the_buyer(buyer):
    missed(buyer)
    missed(buyer, missed_by="seller")
    missed(buyer, contested_at=timezone.now())
    assert buy(buyer)


def test_a_seller_may_want_no_cash(buyer):
    thing = ProductFactory(images=0)
    assert may_take_cash(thing.seller, "AED")
    change_payout_settings(seller=thing.seller, takes_cash=False)
    refused(errors.SellerTakesNoCash, lambda: buy(buyer, thing))
    change_payout_settings(seller=thing.seller, schedule="weekly")
    assert not may_take_cash(thing.seller, "AED")  # what is not said stays
    change_payout_settings(seller=thing.seller, takes_cash=True)
    assert buy(buyer, thing)
