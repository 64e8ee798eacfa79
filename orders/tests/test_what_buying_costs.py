"""What a purchase asks of the database. Every statement is one more time that others wait for a listing's row."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory
from catalog.models import ProductVariant
from catalog.tests.factories import CategoryFactory, ProductFactory
from orders.actions import confirm_paid_checkout, open_checkout
from orders.tests.shopping import captured, stocked, wanted
from payments.actions import note_intent
from payments.models import Payment
from payments.tests.money import seen

pytestmark = pytest.mark.django_db
OPENING, NOTING, CONFIRMING = 22, 9, 16


@pytest.fixture
def asked(django_capture_on_commit_callbacks):
    """`asked(call)`: how many statements it takes with what follows its commit, and how many savepoints within its transaction."""

    def count(call):
        with CaptureQueriesContext(connection) as queries, django_capture_on_commit_callbacks(execute=True):
            call()
        words = [query["sql"].split(maxsplit=1)[0] for query in queries]
        savepoints = words.count("SAVEPOINT")
        return len(words) - savepoints - words.count("RELEASE"), savepoints

    return count


def things(sellers, each=1):
    made = []
    for _ in range(sellers):
        first = stocked(5, category=CategoryFactory())
        made += [first, *(stocked(5, seller=first.seller) for _ in range(each - 1))]
    return made


def opened(products):
    return open_checkout(buyer=UserFactory(), lines=wanted(*products))


@pytest.mark.parametrize(("sellers", "each"), [(1, 1), (1, 4), (2, 1), (5, 3)])
def test_opening_costs_the_same_for_one_thing_and_for_many(asked, sellers, each):
    buyer, lines = UserFactory(), wanted(*things(sellers, each))
    statements, savepoints = asked(lambda: open_checkout(buyer=buyer, lines=lines))
    assert statements <= OPENING
    assert savepoints == 1  # of the test's own transaction


@pytest.mark.parametrize(("sellers", "each"), [(1, 1), (1, 4), (2, 1), (5, 3)])
def test_so_does_the_money_that_came(asked, sellers, each):
    payment = opened(things(sellers, each)).payment
    view = seen(payment, fee=1_00)
    statements, savepoints = asked(lambda: note_intent(payment_id=payment.pk, view=view))
    assert statements <= NOTING
    assert savepoints == 0
    assert Payment.objects.get().provider_fee_minor == 1_00


@pytest.mark.parametrize(("sellers", "each"), [(1, 1), (1, 4), (2, 1), (5, 3)])
def test_so_does_confirming(asked, sellers, each):
    checkout = opened(things(sellers, each))
    payment = captured(checkout)
    statements, savepoints = asked(lambda: confirm_paid_checkout(payment_id=payment.pk))
    assert statements <= CONFIRMING
    assert savepoints == 1
    assert set(checkout.orders.values_list("state", "payment_state")) == {("confirmed", "held")}
    assert set(ProductVariant.objects.values_list("stock", flat=True)) == {4}


def test_the_last_piece_of_one_seller_costs_what_becomes_of_its_listing(asked):
    buyer, product = UserFactory(), ProductFactory(images=0)
    assert asked(lambda: open_checkout(buyer=buyer, lines=wanted(product)))[0] <= OPENING + 2  # reserved, told
    payment = captured(buyer.checkouts.get())
    assert asked(lambda: confirm_paid_checkout(payment_id=payment.pk))[0] <= CONFIRMING + 3  # sold, told, no edit waits
