import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.tests.factories import ProductFactory
from core.ids import uuid7
from core.testing import counted_queries
from orders.actions.timeline import note_event
from orders.models import Dispute, Meeting, Order, Shipment
from orders.states import Side
from orders.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db


def order(buyer, seller, title="Oak chair", **how):
    return OrderFactory(buyer=buyer, product=ProductFactory(seller=seller, title=title), **how)


def words(answer):
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("address", ["/orders", "/selling/orders"])
def test_strangers_sign_in_first_and_come_back(client, address):
    answer = client.get(address)
    assert (answer.status_code, answer["Location"]) == (302, f"/login?next={address.replace('/', '%2F')}")


def test_a_buyer_sees_what_is_open_and_what_is_over_apart(enter, buyer, seller):
    order(buyer, seller, "Sofa on its way", dispatched=True)
    order(buyer, seller, "Lamp that I have", completed=True)
    order(buyer, seller, "Radio that was not to be", cancelled=True)
    client = enter(buyer)
    assert "Sofa on its way" in words(client.get("/orders"))
    assert "Lamp that I have" in words(client.get("/orders?shown=done"))
    assert "Radio that was not to be" in words(client.get("/orders?shown=cancelled"))
    assert "Lamp that I have" not in words(client.get("/orders"))


def test_a_seller_sees_orders_by_what_is_to_be_done(enter, buyer, seller):
    order(buyer, seller, "To be sent", confirmed=True, ship=True)
    order(buyer, seller, "With a problem", disputed=True)
    order(buyer, seller, "On its way", dispatched=True)
    order(buyer, seller, "Nobody paid yet")
    client = enter(seller)
    shown = {
        tab: words(client.get(f"/selling/orders?shown={tab}")) for tab in ("to_do", "problems", "under_way", "unpaid")
    }
    titles = {
        "to_do": "To be sent",
        "problems": "With a problem",
        "under_way": "On its way",
        "unpaid": "Nobody paid yet",
    }
    for tab, page in shown.items():
        rows = page.split("order-rows")[1]
        assert [title for title in titles.values() if f">{title}" in rows] == [titles[tab]]


def test_an_empty_list_says_what_will_stand_there(enter, buyer):
    client = enter(buyer)
    assert "Your money stays with us so long" in words(client.get("/orders"))
    assert "what you do next" in words(client.get("/selling/orders"))


@pytest.mark.parametrize("address", ["/orders", "/selling/orders?shown=under_way"])
def test_lists_cost_the_same_queries_with_1_and_with_20_orders(enter, buyer, seller, address):
    client = enter(buyer if address == "/orders" else seller)
    order(buyer, seller, dispatched=True)
    client.get(address)
    with counted_queries() as one:
        client.get(address)
    for _n in range(19):
        order(buyer, seller, dispatched=True)
    with counted_queries() as twenty:
        client.get(address)
    assert len(twenty) == len(one)


def test_older_orders_stand_on_the_next_page(enter, buyer, seller):
    for n in range(22):
        order(buyer, seller, f"Chair number {n}", dispatched=True)
    client = enter(buyer)
    first = client.get("/orders").content.decode()
    following = first.split('class="button quiet" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "Chair number 1<" not in first
    assert "Chair number 1<" in client.get(f"/orders{following}").content.decode()


@pytest.mark.parametrize("who", ["stranger", "other_side"])
def test_nobody_but_its_own_side_opens_the_page_of_an_order(enter, buyer, seller, who):
    found = order(buyer, seller, confirmed=True)
    client = enter(UserFactory() if who == "stranger" else seller)
    assert client.get(f"/orders/{found.pk}").status_code == 404
    client = enter(UserFactory() if who == "stranger" else buyer)
    assert client.get(f"/selling/orders/{found.pk}").status_code == 404


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({}, "It is set aside for you until you pay"),
        ({"confirmed": True}, "is safe with us"),
        ({"delivered": True}, "is safe with us until"),
        ({"disputed": True}, "stays with us until this is settled"),
        ({"completed": True}, "All done, and the seller is paid"),
        ({"cancelled": True}, "This order was cancelled"),
        ({"cash": True}, "in cash"),
        ({"trade": True}, "no money changes hands"),
    ],
)
def test_a_buyer_reads_where_the_money_is(enter, buyer, seller, how, said):
    found = order(buyer, seller, **how)
    page = words(enter(buyer).get(f"/orders/{found.pk}"))
    assert said in page
    assert "ommission" not in page


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({}, "Waiting for the buyer to pay"),
        ({"confirmed": True}, "237.50</bdi> waits for you"),
        ({"delivered": True}, "237.50</bdi> is yours on"),
        ({"completed": True}, "237.50</bdi> is yours"),
    ],
)
def test_a_seller_reads_what_they_get(enter, buyer, seller, how, said):
    found = order(buyer, seller, **how)
    page = words(enter(seller).get(f"/selling/orders/{found.pk}"))
    assert said in page
    assert "Our commission" in page


def test_an_address_is_shown_where_something_is_sent(enter, buyer, seller):
    found = order(buyer, seller, confirmed=True, ship=True)
    assert "Al Marsa Street 12" in words(enter(seller).get(f"/selling/orders/{found.pk}"))
    assert "It is with the carrier" in words(enter(seller).get(f"/selling/orders/{found.pk}"))


def test_what_happened_stands_newest_first_and_notes_of_staff_do_not(enter, buyer, seller):
    found = order(buyer, seller, confirmed=True)
    note_event(found, "placed", Side.BUYER)
    note_event(found, "paid", Side.BUYER, amount="AED 250.00")
    note_event(found, "refund_refused", Side.STAFF, is_internal=True)
    page = words(enter(buyer).get(f"/orders/{found.pk}"))
    assert page.index("You paid AED 250") < page.index("You placed the order")
    assert "A refund was not approved" not in page


def test_parcels_and_meetings_are_shown(enter, buyer, seller):
    sent = order(buyer, seller, dispatched=True)
    Shipment.objects.create(
        order=sent, carrier="Aramex", tracking_number="4821 993", tracking_url="https://aramex.com/1"
    )
    assert "4821 993" in words(enter(buyer).get(f"/orders/{sent.pk}"))
    met = order(buyer, seller, confirmed=True)
    Meeting.objects.create(order=met, proposed_by=Side.SELLER, place="By the fountain", starts_at=timezone.now())
    page = words(enter(buyer).get(f"/orders/{met.pk}"))
    assert "By the fountain" in page
    assert "I will be there" in page
    assert "Waiting for the other side to agree" in words(enter(seller).get(f"/selling/orders/{met.pk}"))


def test_a_page_costs_the_same_queries_with_1_and_with_20_lines_of_history(enter, buyer, seller):
    found = order(buyer, seller, confirmed=True)
    note_event(found, "placed", Side.BUYER)
    client = enter(buyer)
    client.get(f"/orders/{found.pk}")
    with counted_queries() as one:
        client.get(f"/orders/{found.pk}")
    for _n in range(19):
        note_event(found, "ready", Side.SELLER)
    with counted_queries() as twenty:
        client.get(f"/orders/{found.pk}")
    assert len(twenty) == len(one) <= 24


def test_the_menu_counts_what_waits_for_somebody(enter, buyer, seller):
    order(buyer, seller, delivered=True)
    order(buyer, seller, confirmed=True)
    found = order(buyer, seller, disputed=True)
    Dispute.objects.create(order=found, reason="damaged", text="It is broken.", wanted_minor=250_00)
    assert "One waits for you" in words(enter(buyer).get("/me"))
    assert "2 wait for you" in words(enter(seller).get("/me"))


def test_arabic_reads_from_right_to_left(enter, buyer, seller):
    found = order(buyer, seller, confirmed=True)
    page = enter(buyer).get(f"/orders/{found.pk}?lang=ar").content.decode()
    assert '<html lang="ar" dir="rtl"' in page


def test_an_accepted_offer_leads_its_buyer_to_paying_and_then_to_the_order(enter, buyer, seller):
    offer_id = uuid7()
    found = order(buyer, seller, source_reference=f"offer:{offer_id}")
    client = enter(buyer)
    assert client.get(f"/pay/offer/{offer_id}")["Location"] == f"/checkout/{found.checkout_id}/pay"
    other = uuid7()
    done = order(buyer, seller, confirmed=True, source_reference=f"offer:{other}")
    assert client.get(f"/pay/offer/{other}")["Location"] == f"/orders/{done.pk}"
    assert enter(seller).get(f"/pay/offer/{offer_id}").status_code == 404


def test_a_seller_reads_nothing_to_get_of_what_was_all_given_back(enter, buyer, seller):
    found = order(buyer, seller, completed=True)
    page = words(enter(seller).get(f"/selling/orders/{found.pk}"))
    assert "<dt>You get</dt>" in page
    assert "Given back" not in page
    Order.objects.filter(pk=found.pk).update(refunded_minor=50_00)
    page = words(enter(seller).get(f"/selling/orders/{found.pk}"))
    assert "<dt>You were to get</dt>" in page
    assert "our commission on it goes back too" in page
    Order.objects.filter(pk=found.pk).update(refunded_minor=found.total_minor)
    page = words(enter(seller).get(f"/selling/orders/{found.pk}"))
    assert '<dt>You get</dt><dd><span class="price ">0 ' in page
    assert "Our commission" not in page
