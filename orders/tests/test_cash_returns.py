import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from core.errors import NotAllowed
from core.models import AuditEntry
from core.testing import browser, deliver_everything
from moderation.tests.colleagues import colleague
from notifications.models import Notification
from orders import errors
from orders.actions import confirm_cash_back, deny_cash_back, say_cash_given_back, undo_cash_sale
from orders.tests.dealing import axes, delivered, in_cash, refused, sold_for_cash, timeline, world
from orders.words import money_words
from payments.selectors import audit_ledger
from payments.tests.money import balances

pytestmark = pytest.mark.django_db
FEE = 12_50


def finance():
    person = UserFactory(staff=True)
    person.user_permissions.set(Permission.objects.filter(codename="refund_order"))
    return person


def test_when_both_say_that_the_cash_went_back_the_commission_does_too():
    order = sold_for_cash()
    assert balances() == {"seller": FEE, "revenue:commission": -FEE}
    say_cash_given_back(seller=order.seller, order_id=order.pk)
    assert balances()["seller"] == FEE  # the seller's word alone moves nothing
    for _ in range(2):
        confirm_cash_back(buyer=order.buyer, order_id=order.pk)
    assert axes(order) == ("completed", "refunded", "handed_over", "none")
    assert order.refunded_minor == order.total_minor
    assert balances() == {}
    assert timeline(order)[-2:] == ["cash_back_said", "cash_sale_undone"]
    assert audit_ledger().holds


def test_nobody_reads_that_we_send_money_that_we_never_held():
    order = sold_for_cash()
    say_cash_given_back(seller=order.seller, order_id=order.pk)
    confirm_cash_back(buyer=order.buyer, order_id=order.pk)
    order.refresh_from_db()
    assert money_words(order, reader="buyer") == "The seller gave you AED 250 back in cash."
    other = sold_for_cash()
    undo_cash_sale(staff=finance(), order_id=other.pk, reason="broken")
    other.refresh_from_db()
    assert "the seller owes you AED 250" in money_words(other, reader="buyer")
    assert "goes back to you" not in money_words(other, reader="buyer")


def test_a_buyer_who_has_it_not_says_so_and_the_fee_stays():
    order = sold_for_cash()
    say_cash_given_back(seller=order.seller, order_id=order.pk)
    deny_cash_back(buyer=order.buyer, order_id=order.pk)
    assert axes(order)[1] == "cash_paid"
    assert balances()["seller"] == FEE
    refused(errors.NothingSaidOfCash, confirm_cash_back, buyer=order.buyer, order_id=order.pk)
    say_cash_given_back(seller=order.seller, order_id=order.pk)  # when it is so
    confirm_cash_back(buyer=order.buyer, order_id=order.pk)
    refused(errors.NoCashToGiveBack, deny_cash_back, buyer=order.buyer, order_id=order.pk)
    assert balances() == {}


def test_each_says_what_is_theirs_to_say():
    order = sold_for_cash()
    refused(errors.NotYourSideOfIt, say_cash_given_back, seller=order.buyer, order_id=order.pk)
    refused(errors.OrderNotFound, say_cash_given_back, seller=UserFactory(), order_id=order.pk)
    refused(errors.NothingSaidOfCash, confirm_cash_back, buyer=order.buyer, order_id=order.pk)
    refused(errors.NothingSaidOfCash, deny_cash_back, buyer=order.buyer, order_id=order.pk)
    say_cash_given_back(seller=order.seller, order_id=order.pk)
    refused(errors.NotYourSideOfIt, confirm_cash_back, buyer=order.seller, order_id=order.pk)
    refused(errors.OrderNotFound, deny_cash_back, buyer=UserFactory(), order_id=order.pk)
    before = world()
    say_cash_given_back(seller=order.seller, order_id=order.pk)
    assert world() == before


@pytest.mark.parametrize("make", [in_cash, delivered])
def test_only_what_was_paid_in_cash_goes_back_in_cash(make):
    order = make()
    refused(errors.NoCashToGiveBack, say_cash_given_back, seller=order.seller, order_id=order.pk)
    refused(errors.NoCashToGiveBack, undo_cash_sale, staff=finance(), order_id=order.pk, reason="x")


def test_staff_decide_that_the_seller_owes_it_and_it_is_audited():
    order, staff = sold_for_cash(), finance()
    say_cash_given_back(seller=order.seller, order_id=order.pk)
    for _ in range(2):
        undo_cash_sale(staff=staff, order_id=order.pk, reason="not genuine")
    assert axes(order)[:2] == ("completed", "refunded")
    assert balances() == {}
    entry = AuditEntry.objects.get(action="orders.cash_sale_undone")
    assert (entry.reason, entry.actor_id) == ("not genuine", staff.pk)
    assert order.events.get(kind="cash_sale_undone").side == "staff"


def test_not_everybody_of_the_staff_and_nobody_about_their_own():
    order = sold_for_cash()
    refused(NotAllowed, undo_cash_sale, staff=UserFactory(staff=True), order_id=order.pk, reason="x")
    order.seller.user_permissions.set(Permission.objects.filter(codename="refund_order"))
    refused(
        NotAllowed,
        undo_cash_sale,
        staff=type(order.seller).objects.get(pk=order.seller_id),
        order_id=order.pk,
        reason="x",
    )


def test_both_hear_of_it():
    order = sold_for_cash()
    say_cash_given_back(seller=order.seller, order_id=order.pk)
    deny_cash_back(buyer=order.buyer, order_id=order.pk)
    say_cash_given_back(seller=order.seller, order_id=order.pk)
    undo_cash_sale(staff=finance(), order_id=order.pk, reason="x")
    deliver_everything()

    def told(person):
        return [n.facts["what"] for n in Notification.objects.filter(user=person, kind="order_refund").order_by("id")]

    assert sorted(told(order.buyer)) == [
        "cash_back_said.buyer",
        "cash_back_said.buyer",
        "cash_sale_undone_by_staff.buyer",
    ]
    assert sorted(told(order.seller)) == ["cash_back_denied.seller", "cash_sale_undone_by_staff.seller"]


# --- the doors --------------------------------------------------------------------------------------------------------


def test_the_two_settle_it_on_their_pages():
    order = sold_for_cash()
    seller, buyer = browser(order.seller), browser(order.buyer)
    assert "I gave the cash back" in seller.get(f"/selling/orders/{order.pk}").content.decode()
    assert "Do you have your money back?" not in buyer.get(f"/orders/{order.pk}").content.decode()
    assert seller.post(f"/selling/orders/{order.pk}/cash-back").status_code in (302, 303)
    assert "I gave the cash back" not in seller.get(f"/selling/orders/{order.pk}").content.decode()
    assert "Do you have your money back?" in buyer.get(f"/orders/{order.pk}").content.decode()
    assert buyer.post(f"/orders/{order.pk}/cash-back/maybe").status_code == 404
    assert buyer.post(f"/orders/{order.pk}/cash-back/no").status_code in (302, 303)
    seller.post(f"/selling/orders/{order.pk}/cash-back")
    buyer.post(f"/orders/{order.pk}/cash-back/yes")
    assert axes(order)[1] == "refunded"
    assert "gave you AED 250 back in cash" in buyer.get(f"/orders/{order.pk}").content.decode()


def test_finance_decides_in_the_console():
    person = colleague("finance")
    order, client = sold_for_cash(), browser(person)
    page = client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert "The cash sale did not stand" in page
    done = client.post(
        reverse("admin:orders_order_undo_cash_sale", args=[order.pk]), {"undo_cash_sale-reason": "not genuine"}
    )
    assert done.status_code == 302
    assert axes(order)[1] == "refunded"


def test_the_same_by_the_api():
    order = sold_for_cash()
    seller, buyer = APIClient(), APIClient()
    seller.force_authenticate(order.seller)
    buyer.force_authenticate(order.buyer)
    early = buyer.post(f"/api/v1/orders/{order.pk}/cash-back", {"received": True}, format="json")
    assert (early.status_code, early.json()["code"]) == (409, "orders.nothing_said_of_cash")
    assert buyer.post(f"/api/v1/orders/{order.pk}/cash-back", {}, format="json").status_code == 400
    said = seller.post(f"/api/v1/seller/orders/{order.pk}/cash-back").json()
    assert (said["payment_state"], bool(said["cash_back_said_at"])) == ("cash_paid", True)
    no = buyer.post(f"/api/v1/orders/{order.pk}/cash-back", {"received": False}, format="json").json()
    assert no["cash_back_said_at"] is None
    seller.post(f"/api/v1/seller/orders/{order.pk}/cash-back")
    yes = buyer.post(f"/api/v1/orders/{order.pk}/cash-back", {"received": True}, format="json").json()
    assert yes["payment_state"] == "refunded"
    assert "commission" not in str(yes["words"])
