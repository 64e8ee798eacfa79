import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.testing import client_of, counted_queries, key
from media.states import Purpose
from media.tests.factories import ReadyImageFactory
from orders.actions import note_on_dispute, open_dispute, propose_meeting
from orders.api.disputes import DisputeOut
from orders.api.fulfilment import ShipmentOut
from orders.api.meetings import MeetingOut
from orders.models import Dispute, DisputeEvidence, HandoverCode, Shipment
from orders.shapes import OrderOut
from orders.tests.dealing import axes, delivered, held, sent, world
from orders.tests.disputing import clerk
from places.models import MeetingPoint

pytestmark = pytest.mark.django_db
API = "/api/v1"


def keys_of(serializer):
    return set(serializer().fields)


def refused(client, method, path, body=None, *, status, code, **headers):
    before = world()
    answer = getattr(client, method)(f"{API}/{path}", body or {}, format="json", **headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
    assert world() == before


# --- the seller -------------------------------------------------------------------------------------------------------


def test_the_seller_takes_it_on_has_it_ready_and_sends_it():
    order = held(ship=True)
    seller = client_of(order.seller)
    told = seller.post(f"{API}/seller/orders/{order.pk}/accept").json()
    assert set(told) == keys_of(OrderOut)
    assert told["fulfilment_state"] == "preparing"
    assert seller.post(f"{API}/seller/orders/{order.pk}/ready").json()["fulfilment_state"] == "ready"
    body = {"carrier": "Emirates Post", "tracking_number": "EE1", "tracking_url": "https://post.example/EE1"}
    assert seller.post(f"{API}/seller/orders/{order.pk}/dispatch", body).json()["fulfilment_state"] == "dispatched"
    [parcel] = client_of(order.buyer).get(f"{API}/orders/{order.pk}/shipments").json()
    assert set(parcel) == keys_of(ShipmentOut)
    assert (parcel["tracking_number"], parcel["state"]) == ("EE1", "in_transit")


@pytest.mark.parametrize(
    ("status", "more", "ends"),
    [
        ("processing", {}, "preparing"),
        ("preparing", {}, "preparing"),
        ("ready", {}, "ready"),
        ("shipped", {"carrier": "Post", "tracking_number": "1"}, "dispatched"),
        ("in_transit", {"carrier": "own courier"}, "dispatched"),
        ("cancelled", {"reason": "It broke"}, "called_off"),
    ],
)
def test_shops_say_it_in_one_word(status, more, ends):
    order = held(ship=True)
    answer = client_of(order.seller).patch(f"{API}/seller/orders/{order.pk}/status", {"status": status, **more})
    assert answer.status_code == 200, answer.json()
    assert answer.json()["fulfilment_state"] == ends


def test_a_word_that_nobody_knows_is_refused():
    order = held(ship=True)
    seller = client_of(order.seller)
    refused(
        seller, "patch", f"seller/orders/{order.pk}/status", {"status": "teleported"}, status=400, code="core.invalid"
    )


def test_a_program_cannot_say_that_it_was_delivered():
    order = sent()
    seller = client_of(order.seller)
    refused(
        seller, "patch", f"seller/orders/{order.pk}/status", {"status": "delivered"}, status=400, code="core.invalid"
    )


def test_declining_gives_the_money_back():
    order = held()
    told = client_of(order.seller).post(f"{API}/seller/orders/{order.pk}/decline", {"reason": "It broke"}).json()
    assert (told["state"], told["cancelled_because"]) == ("cancelled", "seller")


@pytest.mark.parametrize("verb", ["accept", "ready", "decline", "dispatch", "handover", "label"])
def test_neither_the_buyer_nor_strangers_act_for_the_seller(verb):
    order = held(ship=True)
    needed = {"code": "123456"}, {"label_id": str(uuid.uuid4())}, {"carrier": "own courier"}
    body = dict(zip(("handover", "label", "dispatch"), needed, strict=True)).get(verb, {})
    for person in (order.buyer, UserFactory()):
        before = world()
        answer = client_of(person).post(f"{API}/seller/orders/{order.pk}/{verb}", body, format="json")
        assert answer.status_code in (403, 404)
        assert world() == before


def test_the_label_is_its_sellers_and_nobody_elses():
    order = held(ship=True)
    asset = ReadyImageFactory(owner=order.seller, purpose=Purpose.LABEL)
    body = {"carrier": "Post", "tracking_number": "1", "label_id": str(asset.pk)}
    assert client_of(order.seller).post(f"{API}/seller/orders/{order.pk}/dispatch", body).status_code == 200
    where = f"{API}/seller/orders/{order.pk}/label"
    assert client_of(order.seller).get(where).json()["url"].startswith("/api/v1/media/private/")
    for person in (order.buyer, UserFactory(), UserFactory(staff=True)):
        assert client_of(person).get(where).status_code == 404
    [parcel] = client_of(order.buyer).get(f"{API}/orders/{order.pk}/shipments").json()
    assert parcel["has_label"] is False


# --- the buyer --------------------------------------------------------------------------------------------------------


def test_the_code_is_shown_with_its_picture_and_kept_by_nobody():
    order = held()
    answer = client_of(order.buyer).post(f"{API}/orders/{order.pk}/handover-code", **key())
    told = answer.json()
    assert len(told["code"]) == 6
    assert told["qr"].startswith("<svg")
    assert answer["Cache-Control"] == "no-store"
    done = client_of(order.seller).post(f"{API}/seller/orders/{order.pk}/handover", {"code": told["code"]})
    assert (done.json()["state"], done.json()["payment_state"]) == ("completed", "released")


def test_a_key_does_not_give_a_guess_back():
    order = held()
    client_of(order.buyer).post(f"{API}/orders/{order.pk}/handover-code")
    seller, same = client_of(order.seller), key()
    for _n in range(5):
        seller.post(f"{API}/seller/orders/{order.pk}/handover", {"code": "abc"}, **same)
    answer = seller.post(f"{API}/seller/orders/{order.pk}/handover", {"code": "abc"}, **same)
    assert (answer.status_code, answer.json()["code"]) == (429, "orders.handover_locked")
    assert int(answer["Retry-After"]) > 800
    assert HandoverCode.objects.get().locked_until is not None


def test_the_buyer_has_it():
    order = delivered()
    assert client_of(order.buyer).post(f"{API}/orders/{order.pk}/received").json()["state"] == "completed"
    other = delivered()
    refused(client_of(other.seller), "post", f"orders/{other.pk}/received", status=403, code="orders.not_your_side")
    refused(client_of(UserFactory()), "post", f"orders/{other.pk}/received", status=404, code="orders.order_not_found")


# --- meetings -----------------------------------------------------------------------------------------------------


def proposal(**more):
    point = MeetingPoint.objects.get(slug="dubai-marina-mall")
    starts_at = timezone.now() + timedelta(hours=5)
    return {"meeting_point_id": str(point.pk), "starts_at": starts_at.isoformat(), **more}


def test_a_meeting_from_the_proposal_to_the_promise():
    order = held()
    answer = client_of(order.buyer).post(f"{API}/orders/{order.pk}/meetings", proposal(note="red cap"), format="json")
    assert answer.status_code == 201, answer.json()
    told = answer.json()
    assert set(told) == keys_of(MeetingOut)
    assert (told["state"], told["is_mine"], told["place"]) == ("proposed", True, "Dubai Marina Mall")
    agreed = client_of(order.seller).post(f"{API}/meetings/{told['id']}/agree").json()
    assert (agreed["state"], agreed["is_mine"]) == ("agreed", False)
    arabic = client_of(order.seller).get(f"{API}/orders/{order.pk}/meetings", headers={"Accept-Language": "ar"})
    assert arabic.json()[0]["place"] == "دبي مارينا مول"
    assert client_of(order.buyer).post(f"{API}/meetings/{told['id']}/decline").json()["state"] == "called_off"


@pytest.mark.parametrize(
    ("body", "attr", "code"),
    [
        ({}, "starts_at", "required"),
        ({"starts_at": "2020-01-01T10:00:00Z", "place": "x"}, "starts_at", "orders.meeting_time_over"),
        ({"starts_at": "2090-01-01T10:00:00Z", "place": "x"}, "starts_at", "orders.meeting_too_far"),
        ({"place": "x", "starts_at": "soon"}, "starts_at", "invalid"),
        ({"at": "x"}, "at", "unknown_field"),
    ],
)
def test_a_meeting_names_what_is_wrong(body, attr, code):
    order = held()
    before = world()
    answer = client_of(order.buyer).post(f"{API}/orders/{order.pk}/meetings", body, format="json")
    assert answer.status_code == 400
    assert (attr, code) in {(e["attr"], e["code"]) for e in answer.json()["errors"]}
    assert world() == before


def test_where_two_meet_is_nobody_elses_to_know():
    order = held()
    meeting = propose_meeting(
        person=order.buyer, order_id=order.pk, starts_at=timezone.now() + timedelta(hours=5), place="Tower 7, flat 12"
    )
    staff = clerk()
    for person in (UserFactory(), staff):
        client = client_of(person)
        assert client.get(f"{API}/orders/{order.pk}/meetings").status_code == 404
        for verb in ("agree", "decline", "no-show", "contest", "cancel-order"):
            assert client.post(f"{API}/meetings/{meeting.pk}/{verb}").status_code == 404
    assert "Tower 7" not in str(client_of(order.seller).get(f"{API}/orders/{order.pk}/events").json())


# --- disputes -----------------------------------------------------------------------------------------------------


def complaint(**more):
    return {"reason": "damaged", "text": "One leg is broken.", **more}


def test_a_dispute_from_the_first_word_to_the_settlement():
    order = delivered()
    picture = ReadyImageFactory(owner=order.buyer, purpose=Purpose.EVIDENCE)
    body = complaint(amount="80.00", picture_ids=[str(picture.pk)])
    answer = client_of(order.buyer).post(f"{API}/orders/{order.pk}/disputes", body, format="json")
    assert answer.status_code == 201, answer.json()
    told = answer.json()
    assert set(told) == keys_of(DisputeOut)
    assert (told["state"], told["wanted"], told["side"]) == ("open", "80.00", "buyer")
    assert told["actions"] == ["evidence", "withdraw"]
    assert told["evidence"][0]["picture"]["url"]
    where = f"{API}/disputes/{told['id']}"
    seller = client_of(order.seller)
    assert seller.get(where).json()["actions"] == ["evidence", "answer"]
    offer = {"answer": "offers", "offered": "30.00", "text": "It was packed well."}
    assert seller.post(f"{where}/answer", offer, format="json").json()["offered"] == "30.00"
    assert "settle" in client_of(order.buyer).get(where).json()["actions"]
    settled = client_of(order.buyer).post(f"{where}/settle").json()
    assert (settled["state"], settled["outcome"], settled["refund"]) == ("closed", "settled", "30.00")
    assert client_of(order.buyer).get(f"{API}/orders/{order.pk}/disputes").json()[0]["id"] == told["id"]


def test_evidence_is_for_the_two_and_notes_of_staff_for_nobody():
    order = delivered()
    dispute = open_dispute(buyer=order.buyer, order_id=order.pk, reason="damaged", text="x")
    Dispute.objects.update(state="under_review")
    note_on_dispute(staff=clerk(), dispute_id=dispute.pk, text="The third this month")
    DisputeEvidence.objects.create(dispute=dispute, side="buyer", author=order.buyer, text="Look at the leg")
    for person in (order.buyer, order.seller):
        told = client_of(person).get(f"{API}/disputes/{dispute.pk}").json()
        assert [piece["text"] for piece in told["evidence"]] == ["Look at the leg"]
        assert "third this month" not in str(told)
        assert "claimed" not in str(told)
    for person in (UserFactory(), clerk()):
        assert client_of(person).get(f"{API}/disputes/{dispute.pk}").status_code == 404


def test_pictures_of_evidence_are_signed_for_who_looks():
    order = delivered()
    picture = ReadyImageFactory(owner=order.buyer, purpose=Purpose.EVIDENCE)
    dispute = open_dispute(buyer=order.buyer, order_id=order.pk, reason="damaged", text="x", picture_ids=[picture.pk])
    url = client_of(order.seller).get(f"{API}/disputes/{dispute.pk}").json()["evidence"][0]["picture"]["url"]
    assert client_of(UserFactory()).get(url).status_code == 403


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("evidence", {"text": "x"}),
        ("answer", {"answer": "refuses"}),
        ("withdraw", {}),
        ("settle", {}),
        ("escalate", {}),
        ("appeal", {"text": "x"}),
        ("accept", {}),
        ("return", {"carrier": "Post", "tracking_number": "1"}),
        ("returned", {}),
        ("return-rejected", {"text": "x"}),
    ],
)
def test_strangers_have_no_say(verb, body):
    order = delivered()
    dispute = open_dispute(buyer=order.buyer, order_id=order.pk, reason="damaged", text="x")
    refused(
        client_of(UserFactory()), "post", f"disputes/{dispute.pk}/{verb}", body,
        status=404, code="orders.dispute_not_found",
    )  # fmt: skip


def test_the_buyers_request_for_money_is_a_dispute():
    order = delivered()
    body = {"amount": "50.00", "reason": "damaged", "text": "A scratch"}
    answer = client_of(order.buyer).post(f"{API}/transactions/{order.pk}/refund", body, format="json", **key())
    assert answer.status_code == 200, answer.json()
    dispute = Dispute.objects.get()
    assert (dispute.reason, dispute.wanted_minor, dispute.text) == ("damaged", 50_00, "A scratch")
    assert axes(order)[3] == "open"


def test_the_seller_gives_money_back_once_for_a_key():
    order = delivered()
    seller, same = client_of(order.seller), key()
    for _n in range(2):
        answer = seller.post(f"{API}/transactions/{order.pk}/refund", {"amount": "50.00"}, format="json", **same)
        assert answer.json()["refunded"] == "50.00", answer.json()
    refused(
        seller, "post", f"transactions/{order.pk}/refund", {"amount": "50.00"},
        status=400, code="core.idempotency_key_required",
    )  # fmt: skip


@pytest.mark.parametrize("amount", ["0", "250.01", "1.005", "lots"])
def test_an_amount_that_is_none_is_named(amount):
    order = delivered()
    answer = client_of(order.buyer).post(f"{API}/orders/{order.pk}/disputes", complaint(amount=amount), format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "amount"


def test_lists_of_an_order_cost_the_same_however_long():
    order = sent()
    buyer = client_of(order.buyer)

    def cost(path):
        with counted_queries() as queries:
            assert buyer.get(f"{API}/orders/{order.pk}/{path}").status_code == 200
        return len(queries)

    def fill(count):
        for _n in range(count):
            Shipment.objects.create(order=order, carrier="Post")
            Dispute.objects.create(order=order, reason="other", text="x", wanted_minor=1, state="closed")

    fill(1)
    few = cost("shipments"), cost("disputes")
    fill(19)
    assert (cost("shipments"), cost("disputes")) == few
    meet = held()
    buyer = client_of(meet.buyer)
    order = meet
    propose_meeting(person=meet.buyer, order_id=meet.pk, starts_at=timezone.now() + timedelta(hours=3), place="x")
    few = cost("meetings")
    for _n in range(19):
        propose_meeting(person=meet.buyer, order_id=meet.pk, starts_at=timezone.now() + timedelta(hours=3), place="x")
    assert cost("meetings") == few
