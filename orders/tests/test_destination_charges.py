"""Where the money of a card goes to one seller's own account, a checkout is one seller's."""

import pytest

from accounts.tests.factories import UserFactory
from catalog.models import StockHold
from catalog.tests.factories import ProductFactory
from orders.actions import open_checkout
from orders.models import Checkout, Order
from orders.tests.shopping import wanted
from payments.errors import OneSellerAtATime, SellerTakesNoCard
from payments.models import Payment, ProviderCommand, SellerAccount
from payments.tests.money import seller_ready

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def destination(settings):
    settings.STRIPE = settings.STRIPE | {"funds_flow": "destination"}


def nothing_was_written():
    return not any(table.objects.exists() for table in (Checkout, Order, Payment, ProviderCommand, StockHold))


def test_things_of_two_sellers_are_refused_before_anything_is_written():
    things = [ProductFactory(images=0, seller=seller_ready()) for _ in range(2)]
    with pytest.raises(OneSellerAtATime) as refused:
        open_checkout(buyer=UserFactory(buyer=True), lines=wanted(*things))
    assert refused.value.code == "payments.one_seller_at_a_time"
    assert nothing_was_written()


def test_a_seller_without_an_account_of_their_own_takes_no_card():
    thing = ProductFactory(images=0)
    for account in (None, SellerAccount(user=thing.seller)):
        if account is not None:
            account.save()
        with pytest.raises(SellerTakesNoCard):
            open_checkout(buyer=UserFactory(buyer=True), lines=wanted(thing))
        assert nothing_was_written()


def test_one_seller_with_an_account_is_paid():
    seller = seller_ready()
    things = [ProductFactory(images=0, seller=seller) for _ in range(2)]
    checkout = open_checkout(buyer=UserFactory(buyer=True), lines=wanted(*things))
    assert checkout.payment.funds_flow == "destination"
    assert checkout.orders.count() == 1


def test_in_cash_several_sellers_may_stand_in_one_checkout():
    things = [ProductFactory(images=0) for _ in range(2)]
    checkout = open_checkout(buyer=UserFactory(buyer=True), lines=wanted(*things), pay_by="cash")
    assert checkout.orders.count() == 2
