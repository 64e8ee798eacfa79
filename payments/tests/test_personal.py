import json

import orjson
import pytest
from django.db import transaction

from accounts.ports import erasers, erasure_blockers, exporters
from accounts.tests.factories import UserFactory
from payments.actions import refund_hold, request_payout
from payments.models import LedgerEntry, Payment, Payout
from payments.tests.money import aed, answered, banked, captured, earned, part, seller_ready, transferred

pytestmark = pytest.mark.django_db
FILES = ["payments", "refunds", "seller_account", "sales", "payouts"]


def told(person):
    """As it stands in the file that they download."""
    files = dict(exporters()["payments"](person))
    assert list(files) == [f"payments/{name}.json" for name in FILES]
    return {name: json.loads(orjson.dumps(files[f"payments/{name}.json"], default=str)) for name in FILES}


@pytest.fixture
def buyer():
    return UserFactory()


@pytest.fixture
def paid_out():
    """A seller to whom everything was paid."""
    seller = seller_ready(legal_name="Layla Trading", tax_number="100200300400003")
    earned(seller)
    banked(transferred(request_payout(seller=seller, method="standard")))
    return seller


def test_a_buyer_is_told_what_they_paid_and_got_back(buyer):
    seller = seller_ready()
    payment = captured(part(seller, amount=299_00, reference="order:a"), payer=buyer)
    answered(refund_hold(reference="order:a", amount=aed(100_00), reason="agreed", requested_by=None, by_staff=False))
    mine = told(buyer)
    [paid] = mine["payments"]
    assert (paid["id"], paid["amount"], paid["currency"], paid["state"]) == (
        str(payment.pk),
        "299.00",
        "AED",
        "captured",
    )
    assert paid["card"] == {"brand": "visa", "last4": "4242"}
    [refund] = mine["refunds"]
    assert (refund["for"], refund["amount"], refund["state"]) == ("order:a", "100.00", "succeeded")
    assert (mine["seller_account"], mine["sales"], mine["payouts"]) == (None, [], [])
    assert told(seller)["payments"] == told(seller)["refunds"] == []
    assert [(sale["for"], sale["given_back"]) for sale in told(seller)["sales"]] == [("order:a", "100.00")]


def test_a_seller_is_told_how_they_are_paid_and_what_they_were_paid(paid_out):
    mine = told(paid_out)
    assert mine["seller_account"]["tax_number"] == "100200300400003"
    assert mine["seller_account"]["bank_last4"] == "6789"
    [sale] = mine["sales"]
    assert (sale["paid"], sale["commission"], sale["my_share"], sale["state"]) == (
        "299.00",
        "44.85",
        "254.15",
        "released",
    )
    [payout] = mine["payouts"]
    assert (payout["amount"], payout["state"], payout["bank_last4"]) == ("254.15", "paid", "6789")


def test_nothing_of_others_is_told(buyer, paid_out):
    captured(part(paid_out, reference="order:b"), payer=buyer)
    stranger = UserFactory()
    assert told(stranger) == {"payments": [], "refunds": [], "seller_account": None, "sales": [], "payouts": []}
    assert "4242" not in json.dumps(told(paid_out))
    assert "6789" not in json.dumps(told(buyer))


def test_erasing_forgets_card_and_bank_and_leaves_the_books(buyer, paid_out):
    payment = captured(part(paid_out, reference="order:c"), payer=buyer)
    Payment.objects.filter(pk=payment.pk).update(receipt_url="https://pay.test/r/1", client_secret="pi_secret")
    lines = LedgerEntry.objects.count()
    with transaction.atomic():
        assert erasers()["payments"](buyer) == {"payments": 1, "seller_accounts": 0, "payouts": 0}
        assert erasers()["payments"](paid_out) == {"payments": 0, "seller_accounts": 1, "payouts": 1}
    payment.refresh_from_db()
    assert (payment.method, payment.receipt_url, payment.client_secret) == ({}, "", "")
    assert (payment.amount_minor, payment.state) == (299_00, "captured")
    account = paid_out.seller_account
    account.refresh_from_db()
    assert (account.bank_last4, account.bank_name, account.legal_name, account.tax_number) == ("", "", "", "")
    assert account.provider_id
    assert Payout.objects.get().bank_last4 == ""
    assert LedgerEntry.objects.count() == lines


def test_whose_money_is_under_way_is_not_erased(buyer, paid_out):
    assert erasure_blockers(paid_out) == []
    captured(part(paid_out, reference="order:d"), payer=buyer)
    assert erasure_blockers(paid_out)
