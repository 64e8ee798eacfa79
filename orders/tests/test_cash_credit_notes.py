import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.tests.factories import UserFactory
from core.testing import deliver_everything
from orders.actions import (
    answer_dispute,
    confirm_cash_back,
    deny_cash_back,
    issue_cash_credit_note,
    open_dispute,
    say_cash_given_back,
    take_settlement,
    undo_cash_sale,
)
from orders.models import Invoice
from orders.states import InvoiceKind
from orders.tests.dealing import held, in_cash, sold_for_cash
from orders.tests.shopping import aed
from payments.models import SellerAccount

pytestmark = pytest.mark.django_db


def finance():
    person = UserFactory(staff=True)
    person.user_permissions.set(Permission.objects.filter(codename="refund_order"))
    return person


def papers(order):
    return list(Invoice.objects.filter(order=order).order_by("id").values_list("kind", "total_minor", "number"))


def given_back(order):
    say_cash_given_back(seller=order.seller, order_id=order.pk)
    confirm_cash_back(buyer=order.buyer, order_id=order.pk)


def test_a_cash_sale_that_is_undone_takes_its_receipt_back_once():
    order = sold_for_cash()
    deliver_everything()
    assert papers(order) == [("receipt", 250_00, 1)]
    given_back(order)
    deliver_everything()
    assert papers(order) == [("receipt", 250_00, 1), ("credit_note", 250_00, 1)]
    for _ in range(2):
        assert issue_cash_credit_note(order_id=order.pk) is None
    note = Invoice.objects.get(order=order, kind=InvoiceKind.CREDIT_NOTE)
    assert note.content["corrects"] == str(note.corrects)


def test_a_tax_invoice_is_taken_back_with_its_tax():
    order = sold_for_cash()
    SellerAccount.objects.create(user=order.seller, tax_number="100123456700003", legal_name="Marina Chairs LLC")
    deliver_everything()
    undo_cash_sale(staff=finance(), order_id=order.pk, reason="broken")
    deliver_everything()
    note = Invoice.objects.get(order=order, kind=InvoiceKind.CREDIT_NOTE)
    assert (note.content["net"], note.content["vat"], note.vat_minor) == ("238.10", "11.90", 11_90)


def test_numbers_have_no_gaps():
    seller = UserFactory()
    orders = [sold_for_cash() for _ in range(2)]
    for order in orders:
        given_back(order)
    deliver_everything()
    assert [papers(order)[-1] for order in orders] == [("credit_note", 250_00, 1)] * 2  # each seller's series is theirs
    assert not Invoice.objects.filter(issuer=seller).exists()


def test_a_part_is_noted_and_then_the_rest():
    order = sold_for_cash()
    dispute = open_dispute(buyer=order.buyer, order_id=order.pk, reason="damaged", text="It broke.")
    answer_dispute(seller=order.seller, dispute_id=dispute.pk, answer="offers", offered=aed(100_00))
    take_settlement(buyer=order.buyer, dispute_id=dispute.pk)
    deliver_everything()
    assert papers(order) == [("receipt", 250_00, 1), ("credit_note", 100_00, 1)]
    undo_cash_sale(staff=finance(), order_id=order.pk, reason="the rest too")
    deliver_everything()
    assert papers(order)[1:] == [("credit_note", 100_00, 1), ("credit_note", 150_00, 2)]


def test_in_whatever_order_the_news_arrive():
    order = sold_for_cash()
    given_back(order)
    issue_cash_credit_note(order_id=order.pk)  # before the news that it was paid
    deliver_everything()
    assert papers(order) == [("receipt", 250_00, 1), ("credit_note", 250_00, 1)]


def test_what_stands_has_no_note():
    order = sold_for_cash()
    say_cash_given_back(seller=order.seller, order_id=order.pk)
    deny_cash_back(buyer=order.buyer, order_id=order.pk)
    deliver_everything()
    for other in (order, in_cash(), held()):
        assert issue_cash_credit_note(order_id=other.pk) is None
    assert not Invoice.objects.filter(kind=InvoiceKind.CREDIT_NOTE).exists()


def test_both_read_it_as_page_and_pdf_and_nobody_else():
    order = sold_for_cash()
    given_back(order)
    deliver_everything()
    note = Invoice.objects.get(order=order, kind=InvoiceKind.CREDIT_NOTE)
    for person, home in ((order.buyer, "orders"), (order.seller, "selling/orders")):
        client = Client()
        client.force_login(person, backend="accounts.backends.IdentifierBackend")
        assert str(note) in client.get(f"/{home}/{order.pk}").content.decode()
        page = client.get(f"/orders/{order.pk}/invoices/{note.pk}")
        assert "Given back" in page.content.decode()
        assert client.get(f"/orders/{order.pk}/invoices/{note.pk}.pdf").content.startswith(b"%PDF-")
    client = Client()
    client.force_login(UserFactory(), backend="accounts.backends.IdentifierBackend")
    assert client.get(f"/orders/{order.pk}/invoices/{note.pk}").status_code == 404
