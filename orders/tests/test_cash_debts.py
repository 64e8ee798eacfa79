import pytest
from django.urls import reverse

from core.models import AuditEntry
from core.testing import browser, client_of, deliver_everything
from moderation.tests.colleagues import colleague
from notifications.models import Notification
from orders import errors
from orders.actions import (
    confirm_cash_back,
    deny_cash_back,
    find_cash_back,
    keep_cash_sale,
    run_cash_back_clocks,
    say_cash_given_back,
    undo_cash_sale,
)
from orders.actions.cash_returns import owe_cash_back
from orders.selectors.watch import cash_back_before_staff
from orders.states import Side
from orders.tests.dealing import axes, refused, sold_for_cash, timeline
from orders.tests.disputing import later
from orders.tests.shopping import aed
from orders.words import money_words
from payments.selectors import audit_ledger
from payments.tests.money import balances

pytestmark = pytest.mark.django_db


def staff():
    return colleague("finance")


def owed(part=None):
    """All of it by our staff, or a part by a dispute."""
    order = sold_for_cash()
    if part is None:
        undo_cash_sale(staff=staff(), order_id=order.pk, reason="broken")
    else:
        owe_cash_back(order, aed(part), side=Side.STAFF, by=None)
    order.refresh_from_db()
    return order


def told(person):
    rows = Notification.objects.filter(user=person, kind="order_refund").order_by("id")
    return [(row.facts["what"], row.facts["amount"]) for row in rows]


@pytest.mark.parametrize("part", [None, 100_00])
def test_whoever_has_it_says_so_and_it_is_over(part):
    order = owed(part)
    amount = part or order.total_minor
    assert order.cash_owed_minor == amount
    books, stands = balances(), axes(order)
    for _ in range(2):
        confirm_cash_back(buyer=order.buyer, order_id=order.pk)
    order.refresh_from_db()
    assert (order.cash_owed_minor, axes(order), balances()) == (0, stands, books)  # we moved nothing of it
    assert timeline(order).count("cash_owed_given") == 1
    deliver_everything()
    said = "AED 250.00" if part is None else "AED 100.00"
    assert told(order.buyer)[-1] == ("cash_owed_given.buyer", said)
    assert told(order.seller)[-1] == ("cash_owed_given.seller", said)
    with later(days=30):
        assert run_cash_back_clocks() == 0
    assert audit_ledger().holds


def test_the_seller_says_it_first_and_the_buyer_says_whether_that_is_so():
    order = owed(100_00)
    for _ in range(2):
        say_cash_given_back(seller=order.seller, order_id=order.pk)
    deliver_everything()
    assert told(order.buyer)[-1] == ("cash_back_said.buyer", "AED 100.00")
    deny_cash_back(buyer=order.buyer, order_id=order.pk)
    order.refresh_from_db()
    assert order.cash_owed_minor == 100_00
    say_cash_given_back(seller=order.seller, order_id=order.pk)
    confirm_cash_back(buyer=order.buyer, order_id=order.pk)
    order.refresh_from_db()
    assert (order.cash_owed_minor, order.payment_state) == (0, "cash_paid")
    assert money_words(order, reader="buyer").endswith("The seller gave you AED 100 of it back.")


def test_both_are_reminded_once_and_then_our_staff_look_at_it():
    order = owed()
    with later(days=4, hours=23):
        assert run_cash_back_clocks() == 0
    with later(days=5):
        assert [run_cash_back_clocks(), run_cash_back_clocks()] == [1, 0]
    with later(days=6, hours=23):
        assert run_cash_back_clocks() == 0
    assert not cash_back_before_staff().exists()
    with later(days=7):
        assert [run_cash_back_clocks(), run_cash_back_clocks()] == [1, 0]
    assert list(cash_back_before_staff()) == [order]
    assert timeline(order)[-1] == "cash_owed_escalated"
    deliver_everything()
    for person, side in ((order.buyer, "buyer"), (order.seller, "seller")):
        what = [name for name, _amount in told(person)]
        assert what[-2:] == [f"cash_owed_due.{side}", f"cash_owed_escalated.{side}"]
    confirm_cash_back(buyer=order.buyer, order_id=order.pk)  # they may still say it
    assert not cash_back_before_staff().exists()


def test_staff_find_that_it_was_given():
    order = owed()
    for _ in range(1):
        find_cash_back(staff=staff(), order_id=order.pk, reason="a receipt")
    order.refresh_from_db()
    assert order.cash_owed_minor == 0
    assert AuditEntry.objects.filter(action="orders.cash_given", reason="a receipt").count() == 1
    assert money_words(order, reader="buyer") == "The seller gave you AED 250 back in cash."


def test_staff_find_that_it_was_not_given_and_no_clock_runs_any_more():
    order, person = owed(), staff()
    with later(days=8):
        run_cash_back_clocks()
        for _ in range(2):
            keep_cash_sale(staff=person, order_id=order.pk, reason="nothing to show")
    assert not cash_back_before_staff().exists()
    order.refresh_from_db()
    assert (order.cash_owed_minor, order.payment_state) == (250_00, "refunded")
    assert timeline(order).count("cash_owed_unpaid") == 1
    assert AuditEntry.objects.filter(action="orders.cash_not_given").count() == 1
    assert "They did not give it to you" in money_words(order, reader="buyer")
    with later(days=60):
        assert run_cash_back_clocks() == 0
    deliver_everything()
    assert told(order.seller)[-1][0] == "cash_owed_unpaid.seller"
    say_cash_given_back(seller=order.seller, order_id=order.pk)  # after all
    confirm_cash_back(buyer=order.buyer, order_id=order.pk)
    order.refresh_from_db()
    assert order.cash_owed_minor == 0


def test_a_part_and_then_the_rest_is_owed_in_one():
    order = owed(100_00)
    undo_cash_sale(staff=staff(), order_id=order.pk, reason="the rest too")
    order.refresh_from_db()
    assert order.cash_owed_minor == 250_00
    other = owed(100_00)
    confirm_cash_back(buyer=other.buyer, order_id=other.pk)
    undo_cash_sale(staff=staff(), order_id=other.pk, reason="the rest too")
    other.refresh_from_db()
    assert other.cash_owed_minor == 150_00


def test_each_says_what_is_theirs_to_say_and_strangers_nothing():
    order, other = owed(), sold_for_cash()
    refused(errors.NotYourSideOfIt, confirm_cash_back, buyer=order.seller, order_id=order.pk)
    refused(errors.OrderNotFound, confirm_cash_back, buyer=other.buyer, order_id=order.pk)
    refused(errors.NothingSaidOfCash, deny_cash_back, buyer=order.buyer, order_id=order.pk)
    refused(errors.NothingSaidOfCash, confirm_cash_back, buyer=other.buyer, order_id=other.pk)


def test_by_the_api_it_is_read_by_both_and_said_by_the_buyer():
    order = owed(100_00)
    for person, path in ((order.buyer, "orders"), (order.seller, "seller/orders")):
        answer = client_of(person).get(f"/api/v1/{path}/{order.pk}").json()
        assert answer["cash_owed"] == "100.00"
        assert answer["cash_back_answer_by"] is not None
    said = client_of(order.buyer).post(f"/api/v1/orders/{order.pk}/cash-back", {"received": True}).json()
    assert said["cash_owed"] is None
    assert said["cash_back_answer_by"] is None


def test_on_the_pages_it_stands_for_both_and_ends_by_one_button():
    order = owed(100_00)
    seller = browser(order.seller).get(f"/selling/orders/{order.pk}").content.decode()
    assert "Only if the buyer has the AED 100 that you owe them" in seller.replace("\u200f", "")
    buyer = browser(order.buyer)
    page = buyer.get(f"/orders/{order.pk}").content.decode()
    assert "The seller owes you AED 100 in cash" in page
    assert "I got it" in page
    assert "Given back" not in page
    buyer.post(f"/orders/{order.pk}/cash-back/yes")
    order.refresh_from_db()
    assert order.cash_owed_minor == 0
    assert "I got it" not in buyer.get(f"/orders/{order.pk}").content.decode()


def test_in_the_console_it_is_listed_and_ended():
    order = owed()
    with later(days=8):
        run_cash_back_clocks()
    client = browser(staff())
    listed = client.get(reverse("admin:orders_order_changelist") + "?cash_back=yes").content.decode()
    assert order.code in listed
    client.post(
        reverse("admin:orders_order_find_cash_back", args=[order.pk]), {"find_cash_back-reason": "They wrote it."}
    )
    order.refresh_from_db()
    assert order.cash_owed_minor == 0
