from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.tests.factories import ProductFactory, SellerFactory
from media.states import Purpose
from media.tests.factories import ReadyImageFactory
from orders.actions import (
    agree_meeting,
    answer_dispute,
    open_dispute,
    propose_meeting,
    send_back,
    show_handover_code,
)
from orders.models import Dispute, Meeting, Order, Shipment, Voucher
from orders.selectors.pages import meeting_points_for
from orders.states import DisputeAxis, DisputeState, FulfilmentAxis, MeetingState, OrderState, PaymentAxis
from orders.tests.factories import OrderFactory
from orders.tests.shopping import aed, bought, paid, the_order
from payments.models import Refund

pytestmark = pytest.mark.django_db


@pytest.fixture
def met(buyer, seller):
    """Paid, to be handed over."""
    return the_order(paid(bought(ProductFactory(seller=seller, title="Oak chair", images=0), buyer=buyer)))


def words(answer):
    return " ".join(answer.content.decode().split())


def sent(buyer, seller, **how):
    return OrderFactory(buyer=buyer, product=ProductFactory(seller=seller), **how)


class TestHandingOver:
    def test_the_code_is_shown_big_and_as_a_picture_and_only_when_asked(self, enter, buyer, met):
        client = enter(buyer)
        page = client.get(f"/orders/{met.pk}")
        assert "handover-code" not in words(page)
        shown = client.post(f"/orders/{met.pk}/code")
        code = show_handover_code(buyer=buyer, order_id=met.pk)
        assert f"{code[:3]} {code[3:]}" in words(shown)
        assert "data:image/svg+xml;base64," in words(shown)
        assert "no-store" in shown["Cache-Control"]

    def test_the_sellers_camera_fills_in_the_code(self, enter, seller, met):
        page = words(enter(seller).get(f"/selling/orders/{met.pk}?code=123456"))
        assert 'value="123456"' in page

    def test_the_right_code_completes_the_order(self, enter, buyer, seller, met):
        code = show_handover_code(buyer=buyer, order_id=met.pk)
        answer = enter(seller).post(
            f"/selling/orders/{met.pk}/handover", {"code": f"{code[:3]} {code[3:]}"}, follow=True
        )
        met.refresh_from_db()
        assert (met.state, met.payment_state) == (OrderState.COMPLETED, PaymentAxis.RELEASED)
        assert "Well sold" in words(answer)

    def test_a_wrong_code_is_said_beside_the_field_and_changes_nothing(self, enter, seller, met):
        answer = enter(seller).post(f"/selling/orders/{met.pk}/handover", {"code": "000000"})
        met.refresh_from_db()
        assert answer.status_code == 422
        assert "handover_errors" in words(answer) or "id_code_errors" in words(answer)
        assert met.fulfilment_state == FulfilmentAxis.WAITING

    def test_the_buyer_cannot_enter_it_and_the_seller_cannot_see_it(self, enter, buyer, seller, met):
        assert enter(seller).post(f"/orders/{met.pk}/code", follow=True).status_code == 404
        assert enter(buyer).post(f"/selling/orders/{met.pk}/handover", {"code": "123456"}).status_code == 404


class TestMeeting:
    def tomorrow(self):
        return timezone.now().astimezone() + timedelta(days=1)

    def test_a_safe_place_and_a_time_are_proposed_and_agreed(self, enter, buyer, seller, met):
        point = meeting_points_for(met)[0]
        when = (timezone.now() + timedelta(days=1)).date().isoformat()
        client = enter(buyer)
        assert "Propose a time and a place" in words(client.get(f"/orders/{met.pk}"))
        said = {"on": when, "at": "17:30", "point": str(point.pk), "place": "By the fountain"}
        client.post(f"/orders/{met.pk}/meeting", said)
        meeting = Meeting.objects.get()
        assert (meeting.state, meeting.proposed_by) == (MeetingState.PROPOSED, "buyer")
        enter(seller).post(f"/selling/orders/{met.pk}/meeting/{meeting.pk}/agree")
        meeting.refresh_from_db()
        assert meeting.state == MeetingState.AGREED
        assert "17:30" in words(client.get(f"/selling/orders/{met.pk}"))

    def test_a_time_that_is_over_is_said_beside_the_form(self, enter, buyer, met):
        said = {"on": "2020-01-01", "at": "10:00", "place": "By the fountain"}
        answer = enter(buyer).post(f"/orders/{met.pk}/meeting", said)
        assert answer.status_code == 422
        assert not Meeting.objects.exists()

    def test_ones_own_proposal_is_not_ones_own_to_agree_to(self, enter, buyer, met):
        meeting = propose_meeting(person=buyer, order_id=met.pk, starts_at=self.tomorrow(), place="By the fountain")
        enter(buyer).post(f"/orders/{met.pk}/meeting/{meeting.pk}/agree")
        meeting.refresh_from_db()
        assert meeting.state == MeetingState.PROPOSED

    def test_a_seller_whose_buyer_did_not_come_calls_the_order_off(self, enter, buyer, seller, met):
        missed = Meeting.objects.create(
            order=met,
            proposed_by="buyer",
            place="By the fountain",
            starts_at=timezone.now() - timedelta(days=2),
            state=MeetingState.MISSED,
            missed_by="buyer",
            reported_by="seller",
            reported_at=timezone.now() - timedelta(hours=25),
        )
        Order.objects.filter(pk=met.pk).update(fulfilment_state=FulfilmentAxis.MISSED)
        assert "I was there" in words(enter(buyer).get(f"/orders/{met.pk}"))
        client = enter(seller)
        way = f"/selling/orders/{met.pk}/meeting/{missed.pk}/cancel"
        assert way in words(client.get(f"/selling/orders/{met.pk}"))
        client.post(way)
        met.refresh_from_db()
        assert (met.state, met.cancelled_because) == (OrderState.CANCELLED, "no_show")

    def test_it_can_be_called_off(self, enter, buyer, seller, met):
        meeting = propose_meeting(person=buyer, order_id=met.pk, starts_at=self.tomorrow(), place="By the fountain")
        agree_meeting(person=seller, meeting_id=meeting.pk)
        enter(seller).post(f"/selling/orders/{met.pk}/meeting/{meeting.pk}/decline")
        meeting.refresh_from_db()
        assert meeting.state == MeetingState.CALLED_OFF

    def test_an_answer_that_does_not_exist_is_not_there(self, enter, buyer, met):
        meeting = propose_meeting(person=buyer, order_id=met.pk, starts_at=self.tomorrow(), place="By the fountain")
        assert enter(buyer).post(f"/orders/{met.pk}/meeting/{meeting.pk}/burn").status_code == 404


class TestSending:
    def test_a_seller_takes_it_on_packs_it_and_sends_it(self, enter, buyer, seller):
        order = sent(buyer, seller, confirmed=True, ship=True)
        client = enter(seller)
        for step, state in (("accept", FulfilmentAxis.PREPARING), ("ready", FulfilmentAxis.READY)):
            client.post(f"/selling/orders/{order.pk}/{step}")
            order.refresh_from_db()
            assert order.fulfilment_state == state
        client.post(f"/selling/orders/{order.pk}/dispatch", {"carrier": "Aramex", "tracking_number": "4821"})
        order.refresh_from_db()
        parcel = Shipment.objects.get()
        assert (order.fulfilment_state, parcel.carrier, parcel.tracking_number) == ("dispatched", "Aramex", "4821")

    def test_without_a_number_it_is_refused_in_the_form(self, enter, buyer, seller):
        order = sent(buyer, seller, confirmed=True, ship=True)
        answer = enter(seller).post(f"/selling/orders/{order.pk}/dispatch", {"carrier": "Aramex"})
        assert answer.status_code == 422
        assert not Shipment.objects.exists()

    def test_a_label_goes_with_it(self, enter, buyer, seller):
        order = sent(buyer, seller, confirmed=True, ship=True)
        label = ReadyImageFactory(owner=seller, purpose=Purpose.LABEL)
        said = {"carrier": "Aramex", "tracking_number": "4821", "label_id": str(label.pk)}
        enter(seller).post(f"/selling/orders/{order.pk}/dispatch", said)
        assert Shipment.objects.get().label == label

    def test_the_buyer_has_it_and_all_is_well(self, enter, buyer, seller):
        order = sent(buyer, seller, delivered=True)
        page = words(enter(buyer).get(f"/orders/{order.pk}"))
        assert "I have it, all is well" in page
        assert "data-confirm" in page


class TestCallingOff:
    def test_a_buyer_cancels_before_anything_is_sent(self, enter, buyer, met):
        answer = enter(buyer).post(f"/orders/{met.pk}/cancel", {"reason": "I found another"}, follow=True)
        met.refresh_from_db()
        assert met.state == OrderState.CANCELLED
        assert "The order is cancelled" in words(answer)

    def test_a_seller_calls_off_and_the_money_goes_back(self, enter, seller, met):
        enter(seller).post(f"/selling/orders/{met.pk}/cancel", {"reason": "It broke"})
        met.refresh_from_db()
        assert (met.state, met.payment_state) == (OrderState.CANCELLED, PaymentAxis.REFUNDED)
        assert Refund.objects.get().amount_minor == met.total_minor

    def test_what_is_on_its_way_is_not_called_off(self, enter, buyer, seller):
        order = sent(buyer, seller, dispatched=True)
        client = enter(buyer)
        assert "Cancel the order" not in words(client.get(f"/orders/{order.pk}"))
        assert client.post(f"/orders/{order.pk}/cancel").status_code == 422
        order.refresh_from_db()
        assert order.state == OrderState.CONFIRMED

    def test_a_seller_gives_a_part_back(self, enter, seller, met):
        client = enter(seller)
        client.post(f"/selling/orders/{met.pk}/refund", {"amount": "50.00", "reason": "A scratch"})
        assert Refund.objects.get().amount_minor == 50_00
        assert "Given back" in words(client.get(f"/selling/orders/{met.pk}"))

    def test_more_than_was_paid_is_refused_in_the_form(self, enter, seller, met):
        answer = enter(seller).post(f"/selling/orders/{met.pk}/refund", {"amount": "900.00"})
        assert answer.status_code == 422
        assert not Refund.objects.exists()


class TestDisputes:
    @pytest.fixture
    def kept(self, buyer, seller):
        """Delivered, under inspection, really paid."""
        order = the_order(paid(bought(ProductFactory(seller=seller, images=0), buyer=buyer)))
        Order.objects.filter(pk=order.pk).update(
            fulfilment_state=FulfilmentAxis.DELIVERED,
            delivered_at=timezone.now(),
            inspection_ends_at=timezone.now() + timedelta(days=3),
        )
        return order

    def test_a_buyer_says_what_is_wrong_with_pictures(self, enter, buyer, kept):
        picture = ReadyImageFactory(owner=buyer, purpose=Purpose.EVIDENCE)
        client = enter(buyer)
        assert "Your money is safe meanwhile" in words(client.get(f"/orders/{kept.pk}/dispute"))
        said = {"reason": "damaged", "text": "A leg is broken.", "wanted": "100.00", "pictures": [str(picture.pk)]}
        answer = client.post(f"/orders/{kept.pk}/dispute", said)
        made = Dispute.objects.get()
        assert answer["Location"] == f"/orders/{kept.pk}/dispute"
        assert (made.reason, made.wanted_minor, made.evidence.count()) == ("damaged", 100_00, 1)
        kept.refresh_from_db()
        assert kept.dispute_state == DisputeAxis.OPEN
        assert "A leg is broken." in words(client.get(answer["Location"]))

    def test_too_little_said_stands_beside_the_fields(self, enter, buyer, kept):
        answer = enter(buyer).post(f"/orders/{kept.pk}/dispute", {"wanted": "9999"})
        assert answer.status_code == 422
        assert "Choose what is wrong" in words(answer)
        assert not Dispute.objects.exists()

    def test_more_than_was_paid_cannot_be_wanted_back(self, enter, buyer, kept):
        answer = enter(buyer).post(
            f"/orders/{kept.pk}/dispute", {"reason": "other", "text": "All bad.", "wanted": "999"}
        )
        assert answer.status_code == 422
        assert not Dispute.objects.exists()

    @pytest.fixture
    def on(self, buyer, kept):
        return open_dispute(
            buyer=buyer, order_id=kept.pk, reason="damaged", text="A leg is broken.", wanted=aed(100_00)
        )

    def test_the_seller_answers_and_the_buyer_takes_the_offer(self, enter, buyer, seller, kept, on):
        client = enter(seller)
        assert "A leg is broken." in words(client.get(f"/selling/orders/{kept.pk}/dispute"))
        said = {"answer": "offers", "amount": "60", "text": "It can be glued."}
        client.post(f"/selling/orders/{kept.pk}/dispute/answer", said)
        client = enter(buyer)
        page = words(client.get(f"/orders/{kept.pk}/dispute"))
        assert "AED 60 back, and you keep the thing" in page
        assert "It can be glued." in page
        client.post(f"/orders/{kept.pk}/dispute/settle")
        on.refresh_from_db()
        assert (on.state, Refund.objects.get().amount_minor) == (DisputeState.CLOSED, 60_00)

    def test_a_seller_who_disagrees_brings_it_to_staff(self, enter, seller, kept, on):
        enter(seller).post(f"/selling/orders/{kept.pk}/dispute/answer", {"answer": "refuses", "text": "It was whole."})
        on.refresh_from_db()
        assert on.state == DisputeState.UNDER_REVIEW

    def test_both_may_add_what_helps(self, enter, seller, kept, on):
        client = enter(seller)
        client.post(f"/selling/orders/{kept.pk}/dispute/evidence", {"text": "See the picture in our chat."})
        assert "See the picture in our chat." in words(client.get(f"/selling/orders/{kept.pk}/dispute"))

    def test_the_buyer_takes_it_back(self, enter, buyer, kept, on):
        enter(buyer).post(f"/orders/{kept.pk}/dispute/withdraw")
        on.refresh_from_db()
        assert on.state == DisputeState.CLOSED

    def test_what_came_back_is_not_it(self, enter, buyer, seller, kept, on):
        answer_dispute(seller=seller, dispute_id=on.pk, answer="accepts", needs_return=True)
        client = enter(seller)
        assert "/dispute/reject" not in words(client.get(f"/selling/orders/{kept.pk}/dispute"))
        send_back(buyer=buyer, dispute_id=on.pk, carrier="Aramex", tracking_number="A1")
        assert "/dispute/reject" in words(client.get(f"/selling/orders/{kept.pk}/dispute"))
        assert client.post(f"/selling/orders/{kept.pk}/dispute/reject", {"text": ""}).status_code == 422
        client.post(f"/selling/orders/{kept.pk}/dispute/reject", {"text": "A box of stones."})
        on.refresh_from_db()
        assert on.state == DisputeState.UNDER_REVIEW
        assert "A box of stones." in words(client.get(f"/selling/orders/{kept.pk}/dispute"))

    def test_neither_does_what_is_the_others(self, enter, buyer, seller, kept, on):
        enter(seller).post(f"/selling/orders/{kept.pk}/dispute/withdraw")
        enter(buyer).post(f"/orders/{kept.pk}/dispute/answer", {"answer": "accepts"})
        on.refresh_from_db()
        assert (on.state, on.seller_answer) == (DisputeState.OPEN, "")

    def test_a_stranger_reads_nothing(self, enter, kept, on):
        client = enter(UserFactory())
        assert client.get(f"/orders/{kept.pk}/dispute").status_code == 404
        assert client.post(f"/orders/{kept.pk}/dispute/withdraw").status_code == 404

    def test_without_a_dispute_the_seller_is_led_to_the_order(self, enter, seller, kept):
        answer = enter(seller).get(f"/selling/orders/{kept.pk}/dispute")
        assert answer["Location"] == f"/selling/orders/{kept.pk}"


class TestVouchers:
    def test_a_seller_makes_one_and_switches_it_off(self, enter, seller):
        client = enter(seller)
        said = {"code": "eid-10", "kind": "percent", "worth": "10", "person_limit": "1", "is_listed": "on"}
        client.post("/selling/vouchers", said)
        made = Voucher.objects.get()
        assert (made.code, made.seller, made.percent) == ("EID-10", seller, 10)
        assert "10 % off" in words(client.get("/selling/vouchers"))
        client.post(f"/selling/vouchers/{made.pk}/stop")
        made.refresh_from_db()
        assert not made.is_active
        client.post(f"/selling/vouchers/{made.pk}/drop")
        assert not Voucher.objects.exists()

    def test_a_code_that_is_taken_is_said_beside_it(self, enter, seller):
        client = enter(seller)
        said = {"code": "EID", "kind": "fixed", "worth": "25", "person_limit": "1"}
        client.post("/selling/vouchers", said)
        answer = client.post("/selling/vouchers", said)
        assert answer.status_code == 422
        assert "id_code_errors" in words(answer)
        assert Voucher.objects.get().amount_minor == 25_00

    def test_those_of_others_stay_as_they_are(self, enter, seller):
        enter(seller).post("/selling/vouchers", {"code": "MINE", "kind": "fixed", "worth": "25", "person_limit": "1"})
        made = Voucher.objects.get()
        enter(SellerFactory()).post(f"/selling/vouchers/{made.pk}/stop")
        made.refresh_from_db()
        assert made.is_active
