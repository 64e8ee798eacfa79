import socket
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import translation

from accounts.tests.factories import UserFactory
from core.errors import NotFound
from core.money import Money
from core.paper import paper
from orders.actions import invoices as actions
from orders.errors import OrderNotFound
from orders.models import Invoice
from orders.printing import invoice_page, invoice_pdf
from orders.selectors.invoices import invoice_of_order, invoices_of
from orders.states import InvoiceKind
from orders.tests.factories import OrderFactory
from payments.models import PaymentHold, Refund, SellerAccount

pytestmark = pytest.mark.django_db


def refund_of(order, minor):
    hold = PaymentHold.objects.get(reference=f"order:{order.pk}")
    return Refund.objects.create(hold=hold, amount_minor=minor, reason="test")


def test_a_paid_order_has_one_receipt_however_often_it_is_asked_for():
    order = OrderFactory(confirmed=True)
    first = actions.issue_invoice(order_id=order.pk)
    assert actions.issue_invoice(order_id=order.pk) == first
    assert first.kind == InvoiceKind.RECEIPT
    assert first.total_minor == order.total_minor
    assert first.vat_minor == 0
    assert first.content["lines"][0]["total"] == "250.00"


def test_a_seller_with_a_tax_number_issues_a_tax_invoice_that_contains_the_tax():
    order = OrderFactory(confirmed=True)
    SellerAccount.objects.create(user=order.seller, tax_number="100123456700003", legal_name="Marina Chairs LLC")
    invoice = actions.issue_invoice(order_id=order.pk)
    assert invoice.kind == InvoiceKind.TAX_INVOICE
    assert (invoice.content["net"], invoice.content["vat"]) == ("238.10", "11.90")
    assert invoice.content["seller"]["name"] == "Marina Chairs LLC"


@pytest.mark.parametrize("traits", [{}, {"cash": True}, {"trade": True}, {"cancelled": True}])
def test_where_no_money_came_there_is_no_document(traits):
    order = OrderFactory(**traits)
    assert actions.issue_invoice(order_id=order.pk) is None
    assert not Invoice.objects.exists()


def test_numbers_of_a_series_have_no_gaps_and_each_seller_counts_alone():
    seller = UserFactory()
    mine = [actions.issue_invoice(order_id=OrderFactory(confirmed=True, seller=seller).pk) for _ in range(3)]
    other = actions.issue_invoice(order_id=OrderFactory(confirmed=True).pk)
    assert [one.number for one in mine] == [1, 2, 3]
    assert other.number == 1
    assert other.series != mine[0].series


def test_a_number_that_was_not_committed_is_given_again():
    seller = UserFactory()
    order = OrderFactory(confirmed=True, seller=seller)
    with transaction.atomic():
        actions.issue_invoice(order_id=order.pk)
        transaction.set_rollback(True)
    assert actions.issue_invoice(order_id=order.pk).number == 1


def test_a_refund_is_noted_once_and_names_what_it_corrects():
    order = OrderFactory(confirmed=True)
    first = actions.issue_invoice(order_id=order.pk)
    refund = refund_of(order, 100_00)
    note = actions.issue_credit_note(refund_id=refund.pk)
    assert actions.issue_credit_note(refund_id=refund.pk) == note
    assert note.corrects == first
    assert note.content["corrects"] == str(first)
    assert note.total_minor == 100_00


def test_a_refund_of_what_has_no_document_has_no_note():
    order = OrderFactory(confirmed=True)
    assert actions.issue_credit_note(refund_id=refund_of(order, 1_00).pk) is None


def test_nobody_rewrites_a_document():
    invoice = actions.issue_invoice(order_id=OrderFactory(confirmed=True).pk)
    for statement in ("UPDATE orders_invoice SET total_minor = 1", "DELETE FROM orders_invoice"):
        with pytest.raises(Exception, match="Cannot"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    invoice.refresh_from_db()
    assert invoice.total_minor == 250_00


def test_the_two_read_it_and_nobody_else():
    order = OrderFactory(confirmed=True)
    invoice = actions.issue_invoice(order_id=order.pk)
    for person in (order.buyer, order.seller):
        assert invoice_of_order(person=person, order_id=order.pk, invoice_id=invoice.pk) == invoice
        assert list(invoices_of(person=person, order_id=order.pk)) == [invoice]
    stranger = UserFactory()
    with pytest.raises(OrderNotFound):
        invoices_of(person=stranger, order_id=order.pk)
    with pytest.raises(NotFound):
        invoice_of_order(person=stranger, order_id=order.pk, invoice_id=invoice.pk)


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_it_is_a_page_and_a_pdf_in_the_readers_language(language, direction):
    invoice = actions.issue_invoice(order_id=OrderFactory(confirmed=True).pk)
    with translation.override(language):
        assert f'dir="{direction}"' in invoice_page(invoice)
        assert invoice_pdf(invoice).startswith(b"%PDF-")


def test_words_of_people_stay_words():
    order = OrderFactory(confirmed=True)
    invoice = actions.issue_invoice(order_id=order.pk)
    invoice.content["lines"][0]["title"] = '<img src="http://elsewhere.example/x.png">'
    assert "<img" not in invoice_page(invoice)


def test_a_document_makes_the_server_ask_nobody():
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0.2)
        url = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/x.png"
        page = f'<html><body><img src="{url}"><img src="file:///etc/hostname"></body></html>'
        assert paper(page).startswith(b"%PDF-")
        with pytest.raises(TimeoutError):
            elsewhere.accept()


@pytest.mark.parametrize(("total", "tax"), [(10500, 500), (1, 0), (11, 1), (10, 0), (105, 5)])
def test_tax_that_is_contained(total, tax):
    assert Money(total, "AED").contained(Decimal(5)) == Money(tax, "AED")
