import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.tests.factories import UserFactory
from core.errors import NotAllowed
from core.models import AuditEntry
from core.testing import browser, deliver_everything
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
from orders.selectors.watch import cash_back_before_staff
from orders.tasks import run_clocks
from orders.tests.dealing import axes, refused, sold_for_cash, timeline, world
from orders.tests.disputing import later
from orders.words import money_words
from payments.tests.money import balances

pytestmark = pytest.mark.django_db
FEE = 12_50


def said_back():
    order = sold_for_cash()
    say_cash_given_back(seller=order.seller, order_id=order.pk)
    order.refresh_from_db()
    return order


def finance():
    person = UserFactory(staff=True)
    person.user_permissions.set(Permission.objects.filter(codename="refund_order"))
    return person


def told(person):
    rows = Notification.objects.filter(user=person, kind="order_refund").order_by("id")
    return [row.facts["what"] for row in rows]


def test_a_silent_buyer_is_reminded_once_and_then_our_staff_look_at_it():
    order = said_back()
    with later(days=4, hours=23):
        assert run_cash_back_clocks() == 0
    with later(days=5):
        assert [run_cash_back_clocks(), run_cash_back_clocks()] == [1, 0]
    with later(days=6, hours=23):
        assert run_cash_back_clocks() == 0
    with later(days=7):
        assert [run_cash_back_clocks(), run_cash_back_clocks()] == [1, 0]
    order.refresh_from_db()
    assert timeline(order)[-1] == "cash_back_escalated"
    assert axes(order)[1] == "cash_paid"
    assert balances()["seller"] == FEE  # silence moves no money: the commission would be talked away
    assert list(cash_back_before_staff()) == [order]
    deliver_everything()
    assert told(order.buyer) == [
        "cash_back_said.buyer",
        "cash_back_unanswered.buyer",
        "cash_back_escalated.buyer",
    ]
    assert told(order.seller) == ["cash_back_escalated.seller"]


def test_beat_runs_it():
    order = said_back()
    with later(days=8):
        run_clocks()
    order.refresh_from_db()
    assert order.cash_back_staff_at is not None
    assert order.cash_back_reminded_at is None  # nobody came by in time: no reminder of a time that is over


@pytest.mark.parametrize("answer", [confirm_cash_back, deny_cash_back])
def test_whoever_answered_is_asked_no_more(answer):
    order = said_back()
    answer(buyer=order.buyer, order_id=order.pk)
    before = world()
    with later(days=30):
        assert run_cash_back_clocks() == 0
    assert world() == before


def test_what_is_said_again_has_its_whole_time_again():
    order = said_back()
    with later(days=6):
        run_cash_back_clocks()
        deny_cash_back(buyer=order.buyer, order_id=order.pk)
        say_cash_given_back(seller=order.seller, order_id=order.pk)
    with later(days=8):
        assert run_cash_back_clocks() == 0
    with later(days=11):
        assert run_cash_back_clocks() == 1  # the reminder


@pytest.mark.parametrize("answer", [confirm_cash_back, deny_cash_back])
def test_the_buyer_may_still_say_it_while_our_staff_look(answer):
    order = said_back()
    with later(days=7):
        run_cash_back_clocks()
        answer(buyer=order.buyer, order_id=order.pk)
    assert not cash_back_before_staff().exists()
    assert axes(order)[1] == ("refunded" if answer is confirm_cash_back else "cash_paid")


def test_staff_find_that_it_is_back():
    order, staff = said_back(), finance()
    find_cash_back(staff=staff, order_id=order.pk, reason="a receipt signed by both")
    assert axes(order)[1] == "refunded"
    assert balances() == {}
    assert timeline(order)[-1] == "cash_back_found"
    assert "gave you AED 250 back in cash" in money_words(order, reader="buyer")
    assert AuditEntry.objects.get(action="orders.cash_back_found").reason == "a receipt signed by both"
    deliver_everything()
    assert told(order.buyer)[-1] == "cash_back_found.buyer"
    assert told(order.seller)[-1] == "cash_sale_undone.seller"
    refused(errors.NoCashToGiveBack, find_cash_back, staff=staff, order_id=order.pk, reason="again")


def test_staff_find_that_it_is_not():
    order, staff = said_back(), finance()
    keep_cash_sale(staff=staff, order_id=order.pk, reason="no trace of it")
    assert axes(order)[1] == "cash_paid"
    assert balances()["seller"] == FEE
    assert timeline(order)[-1] == "cash_sale_kept"
    assert AuditEntry.objects.get(action="orders.cash_sale_kept").actor_id == staff.pk
    deliver_everything()
    assert (told(order.buyer)[-1], told(order.seller)[-1]) == ("cash_sale_kept.buyer", "cash_sale_kept.seller")
    refused(errors.NothingSaidOfCash, keep_cash_sale, staff=staff, order_id=order.pk, reason="again")


@pytest.mark.parametrize("act", [find_cash_back, keep_cash_sale])
def test_only_staff_who_may_and_never_about_their_own(act):
    order = said_back()
    refused(NotAllowed, act, staff=UserFactory(staff=True), order_id=order.pk, reason="x")
    order.seller.user_permissions.set(Permission.objects.filter(codename="refund_order"))
    seller = type(order.seller).objects.get(pk=order.seller_id)
    refused(NotAllowed, act, staff=seller, order_id=order.pk, reason="x")
    refused(errors.NothingSaidOfCash, act, staff=finance(), order_id=sold_for_cash().pk, reason="x")


def test_undoing_it_all_the_same_says_that_it_is_owed():
    order = said_back()
    undo_cash_sale(staff=finance(), order_id=order.pk, reason="broken")
    order.refresh_from_db()
    assert "owes you AED 250" in money_words(order, reader="buyer")
    assert not cash_back_before_staff().exists()


# --- the doors --------------------------------------------------------------------------------------------------------


def test_the_page_says_until_when_and_what_then():
    order = said_back()
    page = browser(order.buyer).get(f"/orders/{order.pk}").content.decode()
    assert "If you say nothing, our staff look at it." in page
    with later(days=7):
        run_cash_back_clocks()
        page = browser(order.buyer).get(f"/orders/{order.pk}").content.decode()
        assert "You have not answered in time" in page
        assert "Yes, I have it" in page


def test_the_desk_lists_it_and_decides():
    person = colleague("finance")
    order, other = said_back(), said_back()
    with later(days=7):
        run_cash_back_clocks()
    deny_cash_back(buyer=other.buyer, order_id=other.pk)
    client = browser(person)
    listed = client.get(reverse("admin:orders_order_changelist") + "?cash_back=yes").content.decode()
    assert order.code in listed
    assert other.code not in listed
    page = client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert "The buyer has the cash back" in page
    done = client.post(
        reverse("admin:orders_order_keep_cash_sale", args=[order.pk]), {"keep_cash_sale-reason": "no trace of it"}
    )
    assert done.status_code == 302
    assert "cash_sale_kept" in timeline(order)
