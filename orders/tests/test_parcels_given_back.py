import pytest
from django.utils import translation

from accounts.tests.factories import AddressFactory, UserFactory
from catalog.tests.factories import ProductFactory
from core.money import Money
from orders.actions import (
    answer_dispute,
    cancel_order,
    confirm_return,
    issue_credit_note,
    issue_invoice,
    open_dispute,
    refund_order,
    send_back,
)
from orders.printing import invoice_page, invoice_pdf
from orders.states import Delivery, FulfilmentAxis
from orders.tests.dealing import hold_of, put
from orders.tests.factories import DeliveryTermsFactory
from orders.tests.shopping import bought, paid, the_order
from payments.models import Refund

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    """A lamp for AED 100 and its parcel for AED 15, paid."""
    buyer = UserFactory(buyer=True)
    lamp = ProductFactory(images=0, price_minor=100_00)
    DeliveryTermsFactory(seller=lamp.seller)
    home = AddressFactory(user=buyer)
    return the_order(paid(bought(lamp, buyer=buyer, delivery=Delivery.SHIP, address_id=home.pk)))


def given_back(order):
    hold = hold_of(order)
    refund = Refund.objects.get()
    return refund.amount_minor, hold.left_minor, hold.commission_returned_minor == hold.commission_minor


@pytest.mark.parametrize("side", ["buyer", "seller"])
def test_a_cancelled_order_gives_its_delivery_back(order, side):
    cancel_order(person=getattr(order, side), order_id=order.pk)
    assert given_back(order) == (115_00, 0, True)


def test_the_seller_gives_all_back_with_its_delivery(order):
    refund_order(order_id=order.pk, amount=None, seller=order.seller)
    assert given_back(order) == (115_00, 0, True)


def conceded(order, *, needs_return=False, **how):
    order = put(order, fulfilment_state=FulfilmentAxis.DELIVERED)
    dispute = open_dispute(buyer=order.buyer, order_id=order.pk, reason="damaged", text="The shade is torn.", **how)
    return answer_dispute(seller=order.seller, dispute_id=dispute.pk, answer="accepts", needs_return=needs_return)


def test_a_dispute_that_the_seller_concedes_gives_its_delivery_back(order):
    conceded(order)
    assert given_back(order) == (115_00, 0, True)


def test_after_a_return_the_delivery_is_given_back_too(order):
    dispute = conceded(order, needs_return=True)
    assert not Refund.objects.exists()
    send_back(buyer=order.buyer, dispute_id=dispute.pk, carrier="Aramex", tracking_number="123")
    confirm_return(seller=order.seller, dispute_id=dispute.pk)
    assert given_back(order) == (115_00, 0, True)


def test_a_part_is_what_was_agreed(order):
    conceded(order, wanted=Money(40_00, "AED"))
    assert given_back(order) == (40_00, 75_00, False)


def test_documents_show_the_delivery_and_add_up(order):
    receipt = issue_invoice(order_id=order.pk)
    told = receipt.content
    assert (told["items"], told["delivery"], told["total"], receipt.total_minor) == (
        "100.00",
        "15.00",
        "115.00",
        115_00,
    )
    with translation.override("en"):
        page = " ".join(invoice_page(receipt).split())
    assert "Delivery</th><td" in page
    assert invoice_pdf(receipt).startswith(b"%PDF")
    cancel_order(person=order.buyer, order_id=order.pk)
    note = issue_credit_note(refund_id=Refund.objects.get().pk)
    assert note.total_minor == 115_00
