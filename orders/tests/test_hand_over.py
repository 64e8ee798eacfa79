from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.models import StockHold
from orders import errors, proofs
from orders.actions import hand_over, propose_meeting, show_handover_code
from orders.models import HandoverCode, Meeting, OrderEvent
from orders.states import DisputeAxis, FulfilmentAxis
from orders.tests.dealing import axes, held, hold_of, in_cash, refused, timeline, world
from orders.tests.factories import OrderFactory
from orders.tests.shopping import news
from payments.models import LedgerEntry
from places.models import MeetingPoint

pytestmark = pytest.mark.django_db


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_the_code_is_derived_and_stored_nowhere():
    order = held()
    code = show_handover_code(buyer=order.buyer, order_id=order.pk)
    assert len(code) == 6
    assert code.isdecimal()
    assert show_handover_code(buyer=order.buyer, order_id=order.pk) == code
    row = HandoverCode.objects.values().get()
    assert code not in str(row)
    assert not OrderEvent.objects.filter(facts__icontains=code).exists()


def test_another_key_makes_another_code(settings):
    order = held()
    row = HandoverCode.objects.create(order=order, nonce="ab" * 16)
    here = proofs.handover_code(order.pk, row.nonce)
    settings.ORDER_CODE_KEY = "another key"
    assert proofs.handover_code(order.pk, row.nonce) != here


def test_codes_are_spread_evenly():
    codes = {proofs.handover_code(UserFactory.build().id, proofs.new_nonce()) for _n in range(500)}
    assert len(codes) > 495
    assert len({code[0] for code in codes}) == 10


def test_only_the_buyer_of_a_confirmed_order_sees_it():
    order = held()
    refused(errors.NotYourSideOfIt, show_handover_code, buyer=order.seller, order_id=order.pk)
    refused(errors.OrderNotFound, show_handover_code, buyer=UserFactory(), order_id=order.pk)
    unpaid = OrderFactory()
    refused(errors.NotConfirmed, show_handover_code, buyer=unpaid.buyer, order_id=unpaid.pk)


def test_what_a_carrier_brings_has_no_code():
    order = held(ship=True)
    refused(errors.NoCodeForThis, show_handover_code, buyer=order.buyer, order_id=order.pk)
    refused(errors.NoCodeForThis, hand_over, seller=order.seller, order_id=order.pk, code="123456")


def test_the_right_code_releases_the_hold_at_once():
    order = held()
    code = show_handover_code(buyer=order.buyer, order_id=order.pk)
    hand_over(seller=order.seller, order_id=order.pk, code=f" {code[:3]} {code[3:]} ")
    assert axes(order) == ("completed", "released", "handed_over", "none")
    hold = hold_of(order)
    assert hold.state == "released"
    assert hold.released_at == order.completed_at
    assert HandoverCode.objects.get().used_at is not None
    assert timeline(order)[-3:] == ["handed_over", "released", "completed"]
    assert news()[-2:] == ["orders.order_delivered", "orders.order_completed"]


def test_again_is_the_same_answer_and_changes_nothing():
    order = held()
    code = show_handover_code(buyer=order.buyer, order_id=order.pk)
    hand_over(seller=order.seller, order_id=order.pk, code=code)
    before = world()
    assert hand_over(seller=order.seller, order_id=order.pk, code=code).state == "completed"
    assert world() == before


def test_wrong_codes_are_counted_and_five_lock_it_for_a_while():
    order = held()
    code = show_handover_code(buyer=order.buyer, order_id=order.pk)
    for left in (4, 3, 2, 1):
        with pytest.raises(errors.WrongHandoverCode) as refusal:
            hand_over(seller=order.seller, order_id=order.pk, code=wrong(code))
        assert refusal.value.facts["left"] == left
    with pytest.raises(errors.HandoverLocked) as locked:
        hand_over(seller=order.seller, order_id=order.pk, code=wrong(code))
    assert 890 < locked.value.retry_after <= 901
    with pytest.raises(errors.HandoverLocked):
        hand_over(seller=order.seller, order_id=order.pk, code=code)
    assert axes(order) == ("confirmed", "held", "waiting", "none")
    assert timeline(order).count("wrong_code") == 5
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        hand_over(seller=order.seller, order_id=order.pk, code=code)
    assert axes(order)[0] == "completed"


def test_nobody_guesses_a_code_that_was_never_shown():
    order = held()
    with pytest.raises(errors.WrongHandoverCode):
        hand_over(seller=order.seller, order_id=order.pk, code="000000")
    assert HandoverCode.objects.get().tries == 1


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦"])
def test_what_is_no_code_is_a_wrong_one(code):
    order = held()
    with pytest.raises(errors.WrongHandoverCode):
        hand_over(seller=order.seller, order_id=order.pk, code=code)


def test_only_the_seller_enters_it():
    order = held()
    code = show_handover_code(buyer=order.buyer, order_id=order.pk)
    refused(errors.NotYourSideOfIt, hand_over, seller=order.buyer, order_id=order.pk, code=code)
    refused(errors.OrderNotFound, hand_over, seller=UserFactory(), order_id=order.pk, code=code)


@pytest.mark.parametrize("dispute", [DisputeAxis.OPEN, DisputeAxis.CHARGEBACK])
def test_nothing_is_released_while_the_two_disagree(dispute):
    order = held(dispute_state=dispute)
    refused(errors.InDispute, hand_over, seller=order.seller, order_id=order.pk, code="123456")


def test_a_cash_sale_is_sold_and_paid_by_the_code_and_its_commission_owed():
    order = in_cash()
    assert StockHold.objects.get().committed_at is None
    code = show_handover_code(buyer=order.buyer, order_id=order.pk)
    hand_over(seller=order.seller, order_id=order.pk, code=code)
    assert axes(order) == ("completed", "cash_paid", "handed_over", "none")
    assert StockHold.objects.get().committed_at is not None
    order.items.get().product.refresh_from_db()
    assert order.items.get().product.state == "sold"
    owed = LedgerEntry.objects.get(account__code=f"seller:{order.seller_id}:AED")
    assert owed.amount == order.commission_minor > 0
    assert timeline(order)[-3:] == ["handed_over", "cash_paid", "completed"]


def test_a_trade_sells_both_things():
    order = OrderFactory(trade=True)
    hold = StockHold.objects.get()
    assert hold.committed_at is None
    code = show_handover_code(buyer=order.buyer, order_id=order.pk)
    hand_over(seller=order.seller, order_id=order.pk, code=code)
    assert axes(order) == ("completed", "nothing_due", "handed_over", "none")
    hold.refresh_from_db()
    assert hold.committed_at is not None
    assert not LedgerEntry.objects.exists()


def test_the_agreed_meeting_counts_as_kept():
    order = held()
    point = MeetingPoint.objects.first()
    propose_meeting(
        person=order.buyer, order_id=order.pk, point_id=point.pk, starts_at=timezone.now() + timedelta(hours=5)
    )
    code = show_handover_code(buyer=order.buyer, order_id=order.pk)
    hand_over(seller=order.seller, order_id=order.pk, code=code)
    assert Meeting.objects.get().state == "kept"


def test_a_second_try_after_somebody_did_not_come_may_still_be_made():
    order = held(fulfilment_state=FulfilmentAxis.MISSED)
    code = show_handover_code(buyer=order.buyer, order_id=order.pk)
    hand_over(seller=order.seller, order_id=order.pk, code=code)
    assert axes(order) == ("completed", "released", "handed_over", "none")
