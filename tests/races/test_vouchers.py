"""Buyers against each other for the last use of a voucher.

`judge_voucher` looks at everything that a round may leave behind; the controls take a guard away and show that it then finds something.
"""

import threading
from functools import partial

import pytest
from django.db import transaction
from django.db.models import F, Sum

from accounts.tests.factories import UserFactory
from catalog.models import Product
from catalog.tests.factories import ProductFactory
from core.errors import Refusal
from orders.actions import open_checkout
from orders.models import Checkout, Voucher, VoucherUse
from orders.tests.factories import VoucherFactory
from tests.races.crowd import at_once
from tests.races.sales import LATE, wanted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.mark.parametrize(("buyers", "rounds"), [(12, 3), pytest.param(32, 50, marks=pytest.mark.full)])
def test_of_many_who_use_the_last_of_a_voucher_exactly_one_does(buyers, rounds):
    crowd = UserFactory.create_batch(buyers)
    for _ in range(rounds):
        voucher = VoucherFactory(total_limit=1)
        things = [ProductFactory(images=0) for _ in crowd]
        answers = at_once(
            [
                partial(open_checkout, buyer=buyer, lines=wanted(thing), voucher_codes=[voucher.code])
                for buyer, thing in zip(crowd, things, strict=True)
            ]
        )
        judge_voucher(answers, voucher)
        assert sum(isinstance(answer, Checkout) for answer in answers) == 1
        for answer, thing in zip(answers, things, strict=True):
            assert Product.objects.get(pk=thing.pk).state == ("reserved" if isinstance(answer, Checkout) else "active")


def judge_voucher(answers, voucher):
    wild = [a for a in answers if isinstance(a, BaseException) and not (isinstance(a, Refusal) and a.code in LATE)]
    assert wild == []
    voucher = Voucher.objects.get(pk=voucher.pk)
    uses = VoucherUse.objects.filter(voucher=voucher, released_at=None)
    assert voucher.used == uses.count() <= (voucher.total_limit or 10**9)
    by_person = uses.values_list("user").annotate(n=Sum(F("discount_minor") * 0 + 1)).values_list("n", flat=True)
    assert all(n <= voucher.person_limit for n in by_person)


def test_one_person_at_many_windows_uses_a_voucher_once():
    buyer, voucher = UserFactory(), VoucherFactory(person_limit=1)
    things = [ProductFactory(images=0) for _ in range(8)]
    answers = at_once(
        [partial(open_checkout, buyer=buyer, lines=wanted(thing), voucher_codes=[voucher.code]) for thing in things]
    )
    refused = [a.code for a in answers if isinstance(a, Refusal)]
    assert set(refused) == {"orders.voucher_used_by_you"}
    assert len(refused) == 7
    assert Voucher.objects.get().used == 1


def test_control_with_a_voucher_counted_by_reading_first_it_is_used_twice(monkeypatch):
    voucher = VoucherFactory(total_limit=1)
    together = threading.Barrier(2)

    def use_by_reading(quote, *, buyer, checkout, at):
        for row, off in quote.vouchers:
            together.wait(timeout=30)
            VoucherUse.objects.create(voucher=row, user=buyer, checkout=checkout, discount_minor=off, used_at=at)
            Voucher.objects.filter(pk=row.pk).update(used=row.used + 1)

    monkeypatch.setattr("orders.actions.opening.use_vouchers", use_by_reading)
    answers = at_once(
        [
            partial(open_checkout, buyer=buyer, lines=wanted(ProductFactory(images=0)), voucher_codes=[voucher.code])
            for buyer in UserFactory.create_batch(2)
        ]
    )
    assert sum(isinstance(answer, Checkout) for answer in answers) == 2
    with pytest.raises(AssertionError):
        judge_voucher(answers, voucher)


def test_control_without_the_condition_the_database_refuses_one_use_too_many():
    voucher = VoucherFactory(total_limit=1)
    Voucher.objects.filter(pk=voucher.pk).update(used=F("used") + 1)
    with pytest.raises(Exception, match="orders_voucher_not_overused"), transaction.atomic():
        Voucher.objects.filter(pk=voucher.pk).update(used=F("used") + 1)
