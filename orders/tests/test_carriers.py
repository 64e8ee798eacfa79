import json
import time
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from core.deliveries import carry_out
from core.models import Delivery
from core.testing import deliver_everything, make_due
from media.models import MediaAsset
from media.states import AssetState, Purpose
from orders import jobs
from orders.actions import cancel_order, dispatch_order, note_booked
from orders.carriers import CarrierRefused, CarrierUnclear, HttpCarrier, Parcel, carrier_named
from orders.carriers.http import sign, signature_fits
from orders.models import Shipment
from orders.tests.carrier_server import KEY, PDF, running_carrier
from orders.tests.dealing import axes, held

pytestmark = pytest.mark.django_db


@pytest.fixture
def carrier(settings, disk):
    with running_carrier() as running:
        settings.ORDERS = settings.ORDERS | {"carrier_url": running.url, "carrier_key": KEY}
        yield running


def port(carrier, *, answers_in: float = 10.0, key: str = KEY) -> HttpCarrier:
    return HttpCarrier(url=carrier.url, key=key, timeout=(3.0, answers_in))


def a_parcel(key: str = "k1") -> Parcel:
    return Parcel(key=key, order_code="SL-1", sender={"name": "Omar"}, recipient={"street": "Al Marsa 12"})


def ordered() -> Shipment:
    """A parcel that the carrier is to be told of."""
    order = held(ship=True)
    return dispatch_order(seller=order.seller, order_id=order.pk, adapter="http", carrier="Carrier", weight_grams=900)


def told(shipment: Shipment) -> Shipment:
    deliver_everything()
    shipment.refresh_from_db()
    return shipment


# --- the port -----------------------------------------------------------------------------------------------------


def test_booking_twice_books_once(carrier):
    first, again = port(carrier).book(a_parcel()), port(carrier).book(a_parcel())
    assert first == again
    assert (first.reference, first.tracking_number) == ("par_1", "TN000001")
    assert len(carrier.parcels) == 1


def test_an_answer_that_was_lost_is_found_by_asking_again(carrier):
    carrier.faults = ["500-after"]
    with pytest.raises(CarrierUnclear):
        port(carrier).book(a_parcel())
    assert port(carrier).book(a_parcel()).reference == "par_1"
    assert len(carrier.parcels) == 1


@pytest.mark.parametrize("fault", ["500", "502", "503", "408", "425", "429", "garbage", "redirect"])
def test_what_says_nothing_is_asked_again(carrier, fault):
    carrier.faults = [fault]
    with pytest.raises(CarrierUnclear):
        port(carrier).book(a_parcel())


@pytest.mark.parametrize("fault", ["400", "403", "404", "409", "422"])
def test_a_no_is_a_no(carrier, fault):
    carrier.faults = [fault]
    with pytest.raises(CarrierRefused) as refusal:
        port(carrier).book(a_parcel())
    assert refusal.value.code == "told_no"


def test_a_server_that_never_answers_is_left(carrier):
    carrier.faults = ["hang"]
    began = time.monotonic()
    with pytest.raises(CarrierUnclear):
        port(carrier, answers_in=0.3).book(a_parcel())
    assert time.monotonic() - began < 10


def test_nobody_there_is_no_answer():
    with pytest.raises(CarrierUnclear):
        HttpCarrier(url="http://127.0.0.1:9", key=KEY).book(a_parcel())


def test_another_key_is_refused(carrier):
    with pytest.raises(CarrierRefused) as refusal:
        port(carrier, key="wrong").track("par_1")
    assert refusal.value.code == "unauthorized"


def test_a_name_of_theirs_stays_within_its_path(carrier):
    with pytest.raises(CarrierRefused):
        port(carrier).track("../../admin?x=")
    assert carrier.requests[-1][1] == "/v1/parcels/..%2F..%2Fadmin%3Fx%3D/events"


def test_without_an_address_there_is_only_the_manual_one():
    assert carrier_named("http") is None
    manual = carrier_named("manual")
    assert manual is not None
    assert not manual.tracks
    assert (manual.label("x"), manual.track("x"), manual.cancel("x", key="k")) == (None, [], None)


@pytest.mark.parametrize(
    ("body", "key", "at", "fits"),
    [
        (b"{}", KEY, 0, True),
        (b"{ }", KEY, 0, False),
        (b"{}", "other", 0, False),
        (b"{}", KEY, -299, True),
        (b"{}", KEY, -301, False),
        (b"{}", KEY, 301, False),
    ],
)
def test_signatures(body, key, at, fits):
    now = 1_800_000_000
    assert signature_fits(sign(b"{}", key=key, at=now + at), body, key=KEY, now=now) is fits


@pytest.mark.parametrize("header", ["", "t=,v1=", "v1=abc", "t=1800000000", "t=1800000000,v1=", "t=x,v1=y"])
def test_what_is_no_signature(header):
    assert not signature_fits(header, b"{}", key=KEY, now=1_800_000_000)
    assert not signature_fits(header, b"{}", key="", now=1_800_000_000)


# --- what the house does with it ----------------------------------------------------------------------------------


def test_a_parcel_is_booked_after_the_commit_with_its_label(carrier):
    shipment = ordered()
    assert carrier.requests == []
    assert axes(shipment.order)[2] == "ready"
    told(shipment)
    assert (shipment.carrier_reference, shipment.tracking_number) == ("par_1", "TN000001")
    [parcel] = carrier.parcels.values()
    assert parcel["body"]["key"] == str(shipment.pk)
    assert parcel["body"]["recipient"]["street"] == "Al Marsa Street 12"
    label = MediaAsset.objects.get(pk=shipment.label_id)
    assert (label.state, label.purpose, label.owner) == (AssetState.READY, Purpose.LABEL, shipment.order.seller)
    assert label.byte_size == len(PDF)


def test_ordering_again_while_it_waits_is_the_same_parcel(carrier):
    shipment = ordered()
    order = shipment.order
    assert dispatch_order(seller=order.seller, order_id=order.pk, adapter="http").pk == shipment.pk
    told(shipment)
    assert len(carrier.parcels) == 1


def test_a_carrier_that_is_down_is_asked_until_it_answers(carrier):
    carrier.faults = ["500-after", "503"]
    shipment = ordered()
    for _try in range(3):
        make_due()
        for delivery in Delivery.objects.filter(state="pending").order_by("id"):
            carry_out(delivery.pk)
    shipment.refresh_from_db()
    assert shipment.carrier_reference == "par_1"
    assert len(carrier.parcels) == 1


def test_a_parcel_that_the_carrier_refuses_is_sent_another_way(carrier):
    carrier.faults = ["422"]
    shipment = told(ordered())
    assert shipment.state == "cancelled"
    order = shipment.order
    dispatch_order(seller=order.seller, order_id=order.pk, carrier="Post", tracking_number="1")
    assert axes(order)[2] == "dispatched"


def test_the_order_follows_what_the_carrier_sees(carrier):
    shipment = told(ordered())
    carrier.saw("par_1", "2026-11-02T09:00:00Z", "in_transit", "Collected")
    assert jobs.poll_carriers() == 1
    assert axes(shipment.order)[2] == "dispatched"
    assert jobs.poll_carriers() == 0  # not again within the hour
    carrier.saw("par_1", "2026-11-03T09:00:00Z", "delivered")
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        assert jobs.poll_carriers() == 1
    assert axes(shipment.order)[2] == "delivered"
    with time_machine.travel(timezone.now() + timedelta(hours=4), tick=False):
        assert jobs.poll_carriers() == 0


def test_a_carrier_that_does_not_answer_a_poll_keeps_nobody_waiting(carrier):
    first, second = told(ordered()), told(ordered())
    carrier.saw("par_1", "2026-11-02T09:00:00Z", "in_transit")
    carrier.saw("par_2", "2026-11-02T09:00:00Z", "in_transit")
    carrier.faults = ["500"]
    assert jobs.poll_carriers() == 1
    for shipment in (first, second):
        shipment.refresh_from_db()
    assert sorted([first.state, second.state]) == ["booked", "in_transit"]


def test_a_cancelled_order_calls_its_parcel_off(carrier):
    shipment = told(ordered())
    order = shipment.order
    cancel_order(person=order.buyer, order_id=order.pk)
    told(shipment)
    assert shipment.state == "cancelled"
    assert carrier.parcels["par_1"]["cancelled"]


def test_called_off_while_it_was_being_booked(carrier):
    shipment = ordered()
    order = shipment.order
    booking = port(carrier).book(jobs._parcel(shipment))
    cancel_order(person=order.buyer, order_id=order.pk)
    deliver_everything()
    note_booked(shipment_id=shipment.pk, booking=booking)
    deliver_everything()
    assert carrier.parcels["par_1"]["cancelled"]


def test_what_is_on_its_way_already_is_not_called_back(carrier):
    shipment = told(ordered())
    carrier.saw("par_1", "2026-11-02T09:00:00Z", "in_transit")
    jobs.cancel_parcel(shipment.pk)
    assert not carrier.parcels["par_1"]["cancelled"]


# --- the carrier rings --------------------------------------------------------------------------------------------


def ring(api, body: dict, *, key: str = KEY, at: float | None = None):
    raw = json.dumps(body).encode()
    header = sign(raw, key=key, at=int(at or time.time()))
    url = "/api/v1/webhooks/carriers/http"
    return api.post(url, raw, content_type="application/json", headers={"X-Carrier-Signature": header})


SEEN = {"id": "e1", "at": "2026-11-02T09:00:00Z", "state": "in_transit", "place": "Dubai", "note": "Collected"}


def test_signed_news_moves_the_order_once(carrier, api):
    shipment = told(ordered())
    for _n in range(2):
        answer = ring(api, {"parcel": "par_1", "events": [SEEN]})
        assert answer.status_code == 204
    assert axes(shipment.order)[2] == "dispatched"
    shipment.refresh_from_db()
    assert len(shipment.history) == 1


def test_news_in_the_wrong_order_ends_the_same(carrier, api):
    shipment = told(ordered())
    delivered = SEEN | {"id": "e2", "at": "2026-11-03T09:00:00Z", "state": "delivered"}
    ring(api, {"parcel": "par_1", "events": [delivered]})
    ring(api, {"parcel": "par_1", "events": [SEEN]})
    assert axes(shipment.order)[2] == "delivered"


def test_news_that_is_not_signed_changes_nothing(carrier, api):
    shipment = told(ordered())
    body = {"parcel": "par_1", "events": [SEEN]}
    for answer in (ring(api, body, key="other"), ring(api, body, at=time.time() - 400)):
        assert (answer.status_code, answer.json()["code"]) == (403, "orders.wrong_carrier_signature")
    plain = api.post("/api/v1/webhooks/carriers/http", body, format="json")
    assert plain.status_code == 403
    shipment.refresh_from_db()
    assert (shipment.state, shipment.history) == ("booked", [])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"parcel": "par_9", "events": [SEEN]}, 404),
        ({"parcel": "par_1", "events": [{"id": "e1"}]}, 400),
        ({"parcel": "par_1"}, 400),
        ({"events": [SEEN]}, 404),
    ],
)
def test_signed_nonsense_is_told_so(carrier, api, body, status):
    told(ordered())
    assert ring(api, body).status_code == status


def test_words_that_we_do_not_know_are_left_out(carrier, api):
    shipment = told(ordered())
    assert ring(api, {"parcel": "par_1", "events": [SEEN | {"state": "x_rayed"}]}).status_code == 204
    shipment.refresh_from_db()
    assert shipment.history == []
