import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts.actions import lift_restriction, restrict_person
from accounts.tests.factories import UserFactory
from catalog.models import Product, StockHold
from catalog.states import ProductState
from catalog.tests.factories import ProductFactory
from core.errors import NotAllowed
from core.models import AuditEntry
from core.testing import browser, deliver_everything
from moderation.tests.factories import CaseFactory
from notifications.models import Notification
from orders import errors
from orders.actions import (
    add_to_cart,
    call_off_orders_of,
    cancel_late,
    confirm_received,
    dispatch_order,
    follow_standing,
    open_checkout,
)
from orders.models import CartItem
from orders.selectors import Owner
from orders.tests.dealing import axes, delivered, held, in_cash, refused, sent, timeline
from orders.tests.shopping import bought, captured, wanted
from payments.actions import run_due_payouts
from payments.models import Payment, Payout, Refund
from payments.selectors import audit_ledger, balance_of
from payments.states import PaymentState
from payments.tests.money import earned, seller_ready

pytestmark = pytest.mark.django_db


def suspend(person, *, kind="account"):
    person.refresh_from_db()
    restriction = restrict_person(user=person, kind=kind, reason_en="Fraud", reason_ar="احتيال")
    deliver_everything()
    return restriction


def lift(restriction):
    lift_restriction(restriction=restriction)
    deliver_everything()


def told(person, what):
    return Notification.objects.filter(user=person, facts__what=what).count()


def clerk():
    person = UserFactory(staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=("cancel_order", "view_order")))
    return person


@pytest.mark.parametrize("who", ["buyer", "seller"])
def test_what_is_not_paid_is_called_off_and_for_sale_again(who):
    checkout = bought(buyer=UserFactory(buyer=True))
    order = checkout.orders.get()
    suspend(getattr(order, who))
    order.refresh_from_db()
    assert axes(order) == ("cancelled", "void", "called_off", "none")
    assert order.cancelled_because == "suspended"
    assert timeline(order)[-1] == "called_off_suspended"
    assert not StockHold.objects.filter(released_at=None).exists()
    assert Product.objects.get().state == ProductState.ACTIVE
    assert Payment.objects.get().state == PaymentState.CANCELLED
    other = order.seller if who == "buyer" else order.buyer
    assert told(other, f"cancelled.{'seller' if who == 'buyer' else 'buyer'}") == 1


def test_a_purchase_of_several_sellers_ends_as_a_whole():
    checkout = bought(ProductFactory(images=0), ProductFactory(images=0), buyer=UserFactory(buyer=True))
    first, second = checkout.orders.order_by("pk")
    suspend(second.seller)
    assert axes(first)[0] == axes(second)[0] == "cancelled"


@pytest.mark.parametrize("who", ["buyer", "seller"])
def test_a_deal_in_cash_that_was_not_handed_over_is_called_off(who):
    order = in_cash()
    suspend(getattr(order, who))
    assert axes(order) == ("cancelled", "void", "called_off", "none")
    assert Product.objects.get().state == ProductState.ACTIVE


def test_what_is_paid_goes_on_and_the_other_is_told_once():
    order = held(ship=True)
    before = axes(order)
    suspend(order.seller)
    follow_standing(user_id=order.seller_id)
    assert axes(order) == before
    assert timeline(order).count("party_suspended") == 1
    assert told(order.buyer, "party_suspended.buyer") == 1
    assert told(order.seller, "party_suspended.seller") == 0
    dispatch_order(seller=order.seller, order_id=order.pk, carrier="Aramex", tracking_number="1")
    confirm_received(buyer=order.buyer, order_id=order.pk)
    assert axes(order)[0] == "completed"


def test_what_is_paid_and_never_sent_goes_back_by_its_clock():
    order = held(ship=True, dispatch_by=timezone.now())
    suspend(order.seller)
    assert cancel_late() == 1
    assert axes(order)[1] == "refunded"


def test_a_seller_is_told_that_a_suspended_buyers_order_is_paid():
    order = held()
    suspend(order.buyer)
    assert told(order.seller, "party_suspended.seller") == 1


def test_what_is_lifted_goes_on_and_is_told_once():
    order, cart_owner = held(), UserFactory(buyer=True)
    thing = ProductFactory(images=0, seller=order.seller)
    add_to_cart(owner=Owner(cart_owner), product_id=thing.pk)
    restriction = suspend(order.seller)
    lift(restriction)
    follow_standing(user_id=order.seller_id)
    assert timeline(order)[-2:] == ["party_suspended", "party_restored"]
    assert told(order.buyer, "party_restored.buyer") == 1
    assert CartItem.objects.count() == 1
    open_checkout(buyer=cart_owner, lines=wanted(thing))


def test_of_two_suspensions_the_last_to_end_lets_it_go_on():
    order = held()
    first, second = suspend(order.seller), suspend(order.seller)
    lift(first)
    assert timeline(order)[-1] == "party_suspended"
    lift(second)
    assert timeline(order)[-2:] == ["party_suspended", "party_restored"]


def test_news_of_a_suspension_that_comes_after_its_end_changes_nothing():
    checkout = bought(buyer=UserFactory(buyer=True))
    order = checkout.orders.get()
    lift_restriction(restriction=restrict_person(user=order.seller, kind="account", reason_en="x", reason_ar="x"))
    deliver_everything()
    assert axes(order)[0] == "awaiting_payment"
    assert timeline(order) == ["placed"]


def test_who_may_only_not_sell_keeps_what_was_agreed():
    unpaid, agreed = bought(buyer=UserFactory(buyer=True)).orders.get(), in_cash()
    for order in (unpaid, agreed):
        suspend(order.seller, kind="sell")
    assert axes(unpaid)[0] == "awaiting_payment"
    assert axes(agreed)[0] == "confirmed"


def test_what_is_complete_is_left_alone():
    order = confirm_received(buyer=(there := delivered()).buyer, order_id=there.pk)
    before = timeline(order)
    suspend(order.seller)
    assert timeline(order) == before


def test_money_that_comes_after_the_suspension_goes_back_by_itself():
    checkout = bought(buyer=UserFactory(buyer=True))
    order = checkout.orders.get()
    suspend(order.seller)
    captured(checkout)
    deliver_everything()
    assert axes(order)[1] == "refunded"
    assert audit_ledger().holds


def test_payouts_of_a_suspended_seller_stand_still_and_go_on_after_it():
    seller = seller_ready()
    earned(seller)
    restriction = suspend(seller)
    seller.refresh_from_db()
    assert run_due_payouts(at=timezone.now()).ordered == 0
    assert balance_of(seller, "AED").next_payout_on is None
    assert "Your payouts stand still" in browser(seller).get("/selling/money").content.decode()
    lift(restriction)
    assert run_due_payouts(at=timezone.now()).ordered == 1
    assert run_due_payouts(at=timezone.now()).ordered == 0
    assert Payout.objects.count() == 1


def test_staff_call_off_at_once_what_was_not_sent_and_leave_the_rest():
    order = held(ship=True)
    other = held(product=ProductFactory(images=0, seller=order.seller))
    on_its_way = sent(product=ProductFactory(images=0, seller=order.seller))
    stranger = held()
    suspend(order.seller)
    staff = clerk()
    for expected in (2, 0):  # again does nothing
        assert call_off_orders_of(staff=staff, person_id=order.seller_id, reason="Stolen goods").orders == expected
    assert axes(order)[:3] == axes(other)[:3] == ("cancelled", "refunded", "called_off")
    assert axes(on_its_way)[:2] == axes(stranger)[:2] == ("confirmed", "held")
    assert Refund.objects.count() == 2
    assert AuditEntry.objects.filter(action="orders.cancelled_by_staff", reason="Stolen goods").count() == 2
    assert audit_ledger().holds


def test_what_suspended_buyers_paid_can_be_called_off_as_well():
    order = held()
    suspend(order.buyer)
    assert call_off_orders_of(staff=clerk(), person_id=order.buyer_id, reason="A stolen card").orders == 1
    assert axes(order)[1] == "refunded"


def test_only_who_may_cancel_and_only_of_whoever_is_suspended():
    order = held()
    refused(errors.PersonNotSuspended, call_off_orders_of, staff=clerk(), person_id=order.seller_id, reason="x")
    suspend(order.seller)
    refused(NotAllowed, call_off_orders_of, staff=UserFactory(staff=True), person_id=order.seller_id, reason="x")


def test_the_console_leads_from_the_case_to_one_button():
    order = held()
    suspend(order.seller)
    client = browser(UserFactory(is_staff=True, is_superuser=True))
    page = reverse("admin:orders_order_suspended", args=[order.seller_id])
    assert page in client.get(reverse("admin:accounts_user_change", args=[order.seller_id])).content.decode()
    shown = client.get(page).content.decode()
    assert order.code in shown
    assert "Call them off" in shown
    assert client.post(page, {"reason": ""}).status_code == 422
    assert axes(order)[0] == "confirmed"
    assert client.post(page, {"reason": "Stolen goods"}).status_code == 302
    assert axes(order)[0] == "cancelled"
    assert "Call them off" not in client.get(page).content.decode()


def test_the_page_of_the_case_leads_there_while_the_person_is_suspended():
    order = held()
    boss = UserFactory(is_staff=True, is_superuser=True)
    client, link = browser(boss), reverse("admin:orders_order_suspended", args=[order.seller_id])
    case = CaseFactory(target_kind="account", target_id=order.seller_id, author=order.seller)
    page = reverse("admin:moderation_case_change", args=[case.pk])
    assert link not in client.get(page).content.decode()
    suspend(order.seller)
    assert link in client.get(page).content.decode()


def test_whoever_may_not_read_orders_does_not_reach_it():
    order = held()
    page = reverse("admin:orders_order_suspended", args=[order.seller_id])
    assert browser(UserFactory(is_staff=True)).get(page).status_code == 403
