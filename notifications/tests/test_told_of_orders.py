from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from core.events import handler_named, read
from core.models import Delivery, OutboxEvent
from core.testing import deliver_everything
from notifications.handlers.payouts import tell_seller_that_a_payout_arrived, tell_seller_what_their_account_needs
from notifications.models import DevMessage, Notification
from notifications.order_words import DISPUTES, MEETINGS, ORDERS, PAYOUTS
from notifications.states import NotificationKind
from notifications.words import words_of
from orders.actions import (
    answer_dispute,
    cancel_late,
    cancel_order,
    confirm_received,
    dispatch_order,
    expire_due_checkouts,
    hand_over,
    open_dispute,
    propose_meeting,
    remind_of_meetings,
    report_no_show,
    show_handover_code,
)
from orders.actions.meetings import agree_meeting
from orders.models import Meeting
from orders.tests.dealing import delivered, held, in_cash, sent
from orders.tests.shopping import bought, the_order
from payments.events import PayoutPaid, SellerAccountChanged
from payments.models import Payout, SellerAccount
from places.models import MeetingPoint

pytestmark = pytest.mark.django_db


def told(person, *, kind: str = "") -> list[str]:
    deliver_everything()
    found = Notification.objects.filter(user=person).order_by("id")
    found = found.filter(kind=kind) if kind else found.exclude(kind=NotificationKind.PRODUCT_SOLD)
    return [n.facts["what"] for n in found]


def words(person) -> list[tuple[str, str]]:
    deliver_everything()
    return [
        (said.title, said.body)
        for n in Notification.objects.filter(user=person).order_by("id")
        for said in [words_of(n.kind, n.facts)]
    ]


def test_both_hear_that_it_is_paid_each_in_their_own_words():
    order = held()
    title = order.items.get().title
    assert told(order.buyer) == ["paid.buyer"]
    assert told(order.seller) == ["paid.seller"]
    [(head, body)] = words(order.seller)
    assert head == f"“{title}” is sold"
    assert "AED 237.50" in body
    [(head, body)] = words(order.buyer)
    assert "AED 250" in body
    assert "237.50" not in head + body  # what a seller gets is not the buyer's to know
    assert "237.50" not in str(Notification.objects.get(user=order.buyer).facts)


def test_each_page_is_the_readers_own():
    order = held()
    told(order.buyer)
    pages = dict(Notification.objects.values_list("user_id", "url"))
    assert pages[order.buyer_id] == f"/orders/{order.pk}"
    assert pages[order.seller_id] == f"/selling/orders/{order.pk}"


def test_the_way_of_a_parcel():
    order = held(ship=True)
    dispatch_order(seller=order.seller, order_id=order.pk, carrier="Emirates Post", tracking_number="EE1")
    assert told(order.buyer) == ["paid.buyer", "sent.buyer"]
    assert "Emirates Post" in words(order.buyer)[-1][1]
    assert "EE1" in words(order.buyer)[-1][1]
    confirm_received(buyer=order.buyer, order_id=order.pk)
    assert told(order.buyer)[-1] == "completed.buyer"
    assert told(order.seller)[-1] == "completed.seller"


def test_a_cash_sale_tells_what_its_fee_is():
    order = in_cash()
    code = show_handover_code(buyer=order.buyer, order_id=order.pk)
    hand_over(seller=order.seller, order_id=order.pk, code=code)
    assert told(order.seller) == ["agreed_cash.seller", "completed_cash.seller"]
    assert "AED 12.50" in words(order.seller)[-1][1]


def test_late_says_why_and_what_comes_back():
    order = held(ship=True, dispatch_by=timezone.now() - timedelta(minutes=1))
    cancel_late()
    assert told(order.buyer)[-2:] in (["cancelled.buyer", "refunded.buyer"], ["refunded.buyer", "cancelled.buyer"])
    heads = dict(words(order.buyer))
    body = next(body for head, body in heads.items() if "cancelled" in head)
    assert body == "It was not sent in time. You get AED 250 back."


def test_a_seller_who_cancels_is_told_as_well():
    order = held()
    cancel_order(person=order.seller, order_id=order.pk)
    assert told(order.seller, kind=NotificationKind.ORDER_CANCELLED) == ["cancelled.seller"]


def test_meetings_are_told_the_other_in_their_language():
    order = held()
    point = MeetingPoint.objects.get(slug="dubai-marina-mall")
    meeting = propose_meeting(
        person=order.buyer, order_id=order.pk, starts_at=timezone.now() + timedelta(hours=2), point_id=point.pk
    )
    assert told(order.seller)[-1] == "proposed"
    assert "proposed" not in told(order.buyer)
    with translation.override("ar"):
        assert "دبي مارينا مول" in words(order.seller)[-1][1]
    agree_meeting(person=order.seller, meeting_id=meeting.pk)
    remind_of_meetings()
    assert told(order.buyer)[-2:] == ["agreed", "comes_up.buyer"]
    assert told(order.seller)[-1] == "comes_up.seller"
    Meeting.objects.update(starts_at=timezone.now() - timedelta(hours=1))
    report_no_show(person=order.buyer, meeting_id=meeting.pk)
    assert told(order.seller)[-1] == "missed"


def test_a_dispute_from_both_sides():
    order = delivered()
    dispute = open_dispute(buyer=order.buyer, order_id=order.pk, reason="damaged", text="The leg")
    assert told(order.seller)[-1] == "opened.seller"
    answer_dispute(seller=order.seller, dispute_id=dispute.pk, answer="refuses")
    assert told(order.buyer, kind="dispute") == ["answered.buyer", "escalated"]
    assert told(order.seller, kind="dispute") == ["opened.seller", "escalated"]
    assert "The leg" not in str(Notification.objects.filter(kind="dispute").values_list("facts", flat=True))


def test_money_news_is_mailed_with_a_way_out():
    order = held()
    deliver_everything()
    mail = DevMessage.objects.get(to=order.seller.email, subject__contains="is sold")
    assert "unsubscribe" in mail.body
    assert f"/selling/orders/{order.pk}" in mail.body


def test_nothing_is_told_twice():
    order = sent()
    first = told(order.buyer)
    for row in OutboxEvent.objects.filter(name__startswith="orders."):
        for delivery in Delivery.objects.filter(event=row, handler__startswith="notifications."):
            handler = handler_named(delivery.handler)
            assert handler is not None
            handler.call(read(row))
    assert told(order.buyer) == first


def test_a_payout_and_what_an_account_needs():
    order = held()
    seller = order.seller
    account = SellerAccount.objects.update_or_create(
        user=seller, defaults={"provider_id": "acct_1", "requirements": ["individual.dob"], "bank_last4": "1234"}
    )[0]
    payout = Payout.objects.create(seller=seller, amount_minor=100_00, fee_minor=2_00, currency="AED", state="paid")
    for _n in range(2):
        tell_seller_that_a_payout_arrived(PayoutPaid(payout_id=payout.pk))
        tell_seller_what_their_account_needs(SellerAccountChanged(user_id=seller.pk))
    assert told(seller, kind="payout") == ["paid", "needs"]
    assert "AED 98 " in next(head for head, _body in words(seller) if "bank" in head)
    account.requirements, account.payouts_enabled = [], True
    account.save()
    tell_seller_what_their_account_needs(SellerAccountChanged(user_id=seller.pk))
    assert told(seller, kind="payout")[-1] == "ready"


def test_every_wording_has_no_gap_that_nobody_fills():
    facts = dict.fromkeys(
        ("title", "name", "amount", "payout", "fee", "carrier", "tracking", "bank", "place_en"), "x"
    ) | {"until": timezone.now().isoformat(), "why": "late", "back": "AED 1", "outcome": "full"}
    by_kind = {"order_news": ORDERS, "meeting": MEETINGS, "dispute": DISPUTES, "payout": PAYOUTS}
    for kind, templates in by_kind.items():
        for what in templates:
            said = words_of(kind, facts | {"what": what})
            assert said.title
            assert said.body
            assert "{" not in said.title + said.body


def test_an_unpaid_order_that_ends_is_no_news():
    order = the_order(bought())
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        expire_due_checkouts()
    assert told(order.buyer) == []
    assert told(order.seller) == []


def test_when_to_meet_is_told_in_the_markets_time():
    facts = {"what": "agreed", "name": "Layla", "place_en": "Marina Mall", "title": "Chair"}
    said = words_of("meeting", facts | {"until": "2026-11-21T12:00:00+00:00"})
    assert "21 November, 16:00" in said.body
