from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from core.testing import counted_queries
from payments.actions import charge_cash_commission, freeze_hold, refund_hold, return_cash_commission, run_due_payouts
from payments.models import Payout
from payments.selectors import balance_of, balances_of, may_take_cash
from payments.tests.money import SHARE, aed, captured, earned, free, part, seller_ready

pytestmark = pytest.mark.django_db


def test_a_balance_tells_what_is_free_and_why_the_rest_is_not():
    seller = seller_ready(reserve_percent=10)
    captured(part(seller))
    earned(seller)
    earned(seller, settled=False)
    frozen = earned(seller)
    freeze_hold(reference=frozen, because="dispute")
    balance = balance_of(seller, "AED")
    assert balance.pending == aed(3 * SHARE)  # held; not settled; frozen
    assert balance.reserved == aed(25_42)
    assert balance.available == aed(SHARE - 25_42)
    assert balance.total_earnings == aed(3 * SHARE)
    assert (balance.on_the_way, balance.debt) == (aed(0), aed(0))
    assert balance_of(seller, "EGP").available.minor == 0


def test_a_reserve_is_kept_after_its_sale_was_paid_out_and_free_after_a_month():
    seller = seller_ready(reserve_percent=10)
    earned(seller)
    now = timezone.now()
    run_due_payouts(at=now)
    assert Payout.objects.get().amount_minor == SHARE - 25_42
    assert balance_of(seller, "AED").reserved == aed(25_42)
    assert free(seller) == 0
    with time_machine.travel(now + timedelta(days=31)):
        balance = balance_of(seller, "AED")
        assert (balance.reserved, balance.available) == (aed(0), aed(25_42))


def test_a_refund_of_what_was_paid_out_is_a_debt_that_the_next_sale_covers():
    seller = seller_ready()
    reference = earned(seller)
    run_due_payouts(at=timezone.now())
    refund_hold(reference=reference, amount=aed(299_00), reason="dispute", requested_by=None, by_staff=False)
    balance = balance_of(seller, "AED")
    assert (balance.debt, balance.available) == (aed(SHARE), aed(0))
    earned(seller, 400_00, commission=60_00)
    balance = balance_of(seller, "AED")
    assert (balance.debt, balance.available) == (aed(0), aed(340_00 - SHARE))


def test_commission_of_cash_sales_is_a_debt_with_a_limit(settings):
    seller = seller_ready()
    assert may_take_cash(seller, "AED")
    for _again in range(2):
        charge_cash_commission(seller=seller, reference="order:c1", commission=aed(150_00))
    assert balance_of(seller, "AED").debt == aed(150_00)
    assert may_take_cash(seller, "AED")
    charge_cash_commission(seller=seller, reference="order:c2", commission=aed(50_00))
    assert not may_take_cash(seller, "AED")
    for _again in range(2):
        return_cash_commission(reference="order:c2")
    assert may_take_cash(seller, "AED")
    assert return_cash_commission(reference="order:none") is None
    assert charge_cash_commission(seller=seller, reference="order:free", commission=aed(0)) is None
    earned(seller)
    assert free(seller) == SHARE - 150_00
    seller.seller_account.cash_debt_limit_minor = 0
    seller.seller_account.save()
    assert not may_take_cash(seller, "EGP")


def test_balances_of_many_are_one_statement():
    sellers = [seller_ready() for _number in range(20)]
    for seller in sellers:
        earned(seller)
    for wanted in ([sellers[0]], sellers):
        with counted_queries() as queries:
            found = balances_of([(s.pk, "AED") for s in wanted], at=timezone.now())
        assert len(queries) == 1
        assert {b.available.minor for b in found.values()} == {SHARE}
    with counted_queries() as queries:
        balance_of(sellers[0], "AED")
    assert len(queries) == 3
