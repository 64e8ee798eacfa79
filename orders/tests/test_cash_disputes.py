from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from catalog.tests.factories import ProductFactory
from core.money import Money
from core.testing import browser, deliver_everything
from notifications.models import Notification
from orders import errors
from orders.actions import (
    accept_decision,
    add_evidence,
    answer_dispute,
    appeal_dispute,
    confirm_return,
    decide_appeal,
    decide_dispute,
    open_checkout,
    open_dispute,
    run_dispute_clocks,
    say_cash_given_back,
    send_back,
    take_settlement,
    undo_cash_sale,
    withdraw_dispute,
)
from orders.selectors import seller_takes_cash
from orders.tests.dealing import axes, in_cash, refused, sold_for_cash, timeline
from orders.tests.disputing import later
from orders.tests.shopping import everything, wanted
from orders.words import money_words
from payments.models import LedgerTransaction
from payments.selectors import audit_ledger
from payments.tests.money import balances

pytestmark = pytest.mark.django_db
FEE = 12_50


def aed(minor):
    return Money(minor, "AED")


def clerk():
    person = UserFactory(staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=("decide_dispute", "refund_order")))
    return person


def opened(order=None, **said):
    order = order or sold_for_cash()
    return open_dispute(buyer=order.buyer, order_id=order.pk, **({"reason": "damaged", "text": "It broke."} | said))


def decided(outcome="full", order=None, **said):
    dispute = opened(order)
    answer_dispute(seller=dispute.order.seller, dispute_id=dispute.pk, answer="refuses")
    return decide_dispute(staff=clerk(), dispute_id=dispute.pk, outcome=outcome, words="We looked at it.", **said)


def carried_out(outcome="full", order=None, **said):
    dispute = decided(outcome, order, **said)
    with later(days=8):
        run_dispute_clocks()
    dispute.refresh_from_db()
    dispute.order.refresh_from_db()
    return dispute


# --- opening --------------------------------------------------------------------------------------------------------


def test_a_buyer_reports_a_problem_after_the_hand_over():
    dispute = opened()
    order = dispute.order
    assert axes(order) == ("completed", "cash_paid", "handed_over", "open")
    assert dispute.answer_by - dispute.created_at == timedelta(days=3)
    assert "we do not hold it" in money_words(order, reader="buyer")
    assert timeline(order)[-1] == "dispute_opened"
    for person in (order.buyer, order.seller):
        assert add_evidence(person=person, dispute_id=dispute.pk, text="See here.")
    deliver_everything()
    words = Notification.objects.filter(user=order.seller, kind="dispute").first()
    assert words.facts["what"] == "opened_cash.seller"


@pytest.mark.parametrize(("luxury", "days"), [(False, 3), (True, 14)])
def test_there_is_as_much_time_as_others_have_to_look(luxury, days):
    order = sold_for_cash(is_luxury=luxury)
    with later(days=days, minutes=5):
        refused(errors.TooLateToDispute, opened, order=order)
    with later(days=days, minutes=-5):
        assert opened(order)


def test_before_the_hand_over_it_is_called_off_instead():
    refused(errors.CancelInstead, opened, order=in_cash())


def test_strangers_and_sellers_report_nothing():
    order = sold_for_cash()
    said = {"reason": "damaged", "text": "x"}
    refused(errors.NotYourSideOfIt, open_dispute, buyer=order.seller, order_id=order.pk, **said)
    refused(errors.OrderNotFound, open_dispute, buyer=UserFactory(), order_id=order.pk, **said)


def test_meanwhile_the_cash_is_settled_in_the_dispute_alone():
    dispute = opened()
    order = dispute.order
    refused(errors.InDispute, say_cash_given_back, seller=order.seller, order_id=order.pk)
    refused(errors.InDispute, undo_cash_sale, staff=clerk(), order_id=order.pk, reason="x")
    refused(errors.InDispute, opened, order=order)


def test_who_reports_a_problem_has_not_got_the_cash_back():
    order = sold_for_cash()
    say_cash_given_back(seller=order.seller, order_id=order.pk)
    opened(order)
    order.refresh_from_db()
    assert order.cash_back_said_at is None


def test_a_sale_that_was_undone_is_not_disputed():
    order = sold_for_cash()
    undo_cash_sale(staff=clerk(), order_id=order.pk, reason="x")
    refused(errors.TooLateToDispute, opened, order=order)


# --- how it ends ----------------------------------------------------------------------------------------------------


def test_all_of_it_is_owed_and_the_whole_commission_returned():
    order = carried_out("full").order
    assert axes(order) == ("completed", "refunded", "handed_over", "closed")
    assert order.refunded_minor == order.total_minor
    assert balances() == {}
    assert timeline(order)[-2:] == ["dispute_closed", "cash_owed"]
    assert "the seller owes you AED 250." in money_words(order, reader="buyer")
    assert audit_ledger().holds


def test_a_part_is_owed_with_its_part_of_the_commission():
    order = carried_out("partial", refund=aed(100_00)).order
    assert axes(order) == ("completed", "cash_paid", "handed_over", "closed")
    assert order.refunded_minor == 100_00
    assert balances() == {"seller": FEE - 5_00, "revenue:commission": -FEE + 5_00}
    assert " The seller owes you AED 100 of it. Say so when you have it." in money_words(order, reader="buyer")
    undo_cash_sale(staff=clerk(), order_id=order.pk, reason="the rest too")
    assert balances() == {}
    assert LedgerTransaction.objects.filter(kind="cash_commission_back").count() == 2
    assert audit_ledger().holds


def test_none_of_it_changes_nothing():
    order = carried_out("none").order
    assert axes(order) == ("completed", "cash_paid", "handed_over", "closed")
    assert balances()["seller"] == FEE
    refused(errors.DisputedBefore, opened, order=order)


def test_the_seller_agrees():
    dispute = opened()
    answer_dispute(seller=dispute.order.seller, dispute_id=dispute.pk, answer="accepts")
    assert axes(dispute.order) == ("completed", "refunded", "handed_over", "closed")
    assert dispute.order.events.get(kind="cash_owed").side == "system"
    assert balances() == {}


def test_the_two_agree_on_a_part():
    dispute = opened()
    answer_dispute(seller=dispute.order.seller, dispute_id=dispute.pk, answer="offers", offered=aed(50_00))
    take_settlement(buyer=dispute.order.buyer, dispute_id=dispute.pk)
    assert axes(dispute.order)[1] == "cash_paid"
    assert dispute.order.refunded_minor == 50_00
    assert balances()["seller"] == FEE - 2_50


def test_silence_of_the_seller_brings_it_before_our_staff():
    dispute = opened()
    with later(days=3, minutes=1):
        assert run_dispute_clocks() == 1
    dispute.refresh_from_db()
    assert dispute.state == "under_review"
    assert balances()["seller"] == FEE


def test_it_comes_back_first():
    dispute = decided("full", needs_return=True)
    order = dispute.order
    assert balances()["seller"] == FEE
    send_back(buyer=order.buyer, dispute_id=dispute.pk, carrier="By hand")
    confirm_return(seller=order.seller, dispute_id=dispute.pk)
    assert axes(order) == ("completed", "refunded", "returned", "closed")
    assert balances() == {}


def test_who_lost_appeals_and_somebody_else_has_the_last_word():
    dispute = decided("full")
    refused(errors.OnlyTheLoserAppeals, appeal_dispute, person=dispute.order.buyer, dispute_id=dispute.pk, text="x")
    appeal_dispute(person=dispute.order.seller, dispute_id=dispute.pk, text="It was whole.")
    decide_appeal(staff=clerk(), dispute_id=dispute.pk, outcome="none", words="It was whole.")
    assert axes(dispute.order) == ("completed", "cash_paid", "handed_over", "closed")
    assert balances()["seller"] == FEE


def test_who_lost_may_accept_at_once():
    dispute = decided("full")
    accept_decision(person=dispute.order.seller, dispute_id=dispute.pk)
    assert axes(dispute.order)[1] == "refunded"


def test_taken_back_it_is_as_before():
    dispute = opened()
    withdraw_dispute(buyer=dispute.order.buyer, dispute_id=dispute.pk)
    assert axes(dispute.order) == ("completed", "cash_paid", "handed_over", "closed")
    assert balances()["seller"] == FEE
    assert opened(dispute.order)


def test_both_read_who_owes_what():
    order = carried_out("partial", refund=aed(100_00)).order
    deliver_everything()
    rows = Notification.objects.filter(user=order.buyer, kind__in=("dispute", "order_refund")).order_by("id")
    said = {row.facts["what"]: row.facts for row in rows}
    assert said["closed"]["outcome"] == "partial_cash"
    assert said["cash_owed.buyer"]["amount"] == "AED 100.00"


# --- what stands behind it --------------------------------------------------------------------------------------------


def test_who_lost_twice_takes_no_cash_for_a_while():
    thing = ProductFactory(images=0)
    seller, buyer = thing.seller, UserFactory(buyer=True)
    more = [ProductFactory(images=0, seller=seller) for _ in range(2)]
    carried_out("full", sold_for_cash(product=more[0]))
    assert seller_takes_cash(seller, "AED")
    carried_out("partial", sold_for_cash(product=more[1]), refund=aed(1_00))
    with later(days=8):  # a decision is carried out when the time to appeal is over
        assert not seller_takes_cash(seller, "AED")
        before = everything()
        with pytest.raises(errors.SellerTakesNoCash):
            open_checkout(buyer=buyer, lines=wanted(thing), pay_by="cash")
        assert everything() == before
        assert open_checkout(buyer=buyer, lines=wanted(thing))
    with later(days=99):
        assert seller_takes_cash(seller, "AED")


def test_what_the_two_agreed_on_is_held_against_nobody():
    seller = UserFactory()
    for _ in range(2):
        dispute = opened(sold_for_cash(product=ProductFactory(images=0, seller=seller)))
        answer_dispute(seller=dispute.order.seller, dispute_id=dispute.pk, answer="accepts")
    assert seller_takes_cash(seller, "AED")


# --- the doors --------------------------------------------------------------------------------------------------------


def test_the_page_says_what_we_can_do_and_what_not():
    order = sold_for_cash()
    client = browser(order.buyer)
    page = client.get(f"/orders/{order.pk}").content.decode()
    assert "we do not hold the money" in page
    assert f"/orders/{order.pk}/dispute" in page
    form = client.get(f"/orders/{order.pk}/dispute").content.decode()
    assert "We cannot send it ourselves" in form
    assert "Your money is safe meanwhile" not in form
    sent = {"reason": "damaged", "text": "It broke.", "wanted": "250.00"}
    assert client.post(f"/orders/{order.pk}/dispute", sent).status_code == 302
    page = client.get(f"/orders/{order.pk}/dispute").content.decode()
    assert "Sent. The seller is to answer." in page
    assert axes(order)[3] == "open"


def test_when_the_time_is_over_the_page_says_so():
    order = sold_for_cash()
    with later(days=4):
        page = browser(order.buyer).get(f"/orders/{order.pk}").content.decode()
    assert "The time to report a problem is over." in page
    assert f"/orders/{order.pk}/dispute" not in page


def test_before_the_hand_over_the_page_warns():
    order = in_cash()
    page = browser(order.buyer).get(f"/orders/{order.pk}").content.decode()
    assert "Look at it before you pay." in page


def test_the_same_by_the_api():
    order = sold_for_cash()
    buyer = APIClient()
    buyer.force_authenticate(order.buyer)
    assert buyer.get(f"/api/v1/orders/{order.pk}").json()["dispute_until"]
    said = {"reason": "damaged", "text": "It broke."}
    answer = buyer.post(f"/api/v1/orders/{order.pk}/disputes", said, format="json")
    assert answer.status_code == 201
    assert answer.json()["wanted"] == "250.00"
    again = buyer.post(f"/api/v1/orders/{order.pk}/disputes", said, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "orders.in_dispute")
