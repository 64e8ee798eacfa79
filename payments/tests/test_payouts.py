import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.errors import Restricted
from accounts.models import Restriction
from core.models import OutboxEvent
from payments.actions import order_manual_payout, refund_hold, release_hold, request_payout, run_due_payouts
from payments.errors import PayoutsStopped
from payments.models import PaymentHold, Payout, ProviderCommand, Reconciliation, ReconciliationBreak
from payments.rules import next_payout_on, period_of
from payments.selectors import balance_of
from payments.states import CommandKind, PayoutState, Schedule
from payments.tests.money import SHARE, aed, answered, balances, earned, free, seller_ready, staff_with, transferred

pytestmark = pytest.mark.django_db


def test_what_is_due_is_ordered_once():
    seller, other = seller_ready(), seller_ready()
    references = [earned(seller), earned(seller)]
    earned(other, settled=False)
    for _beat in range(2):
        run_due_payouts(at=timezone.now())
    payout = Payout.objects.get()
    assert (payout.seller, payout.amount_minor, payout.fee_minor, payout.state) == (seller, 2 * SHARE, 0, "pending")
    assert set(PaymentHold.objects.filter(payout=payout).values_list("reference", flat=True)) == set(references)
    command = ProviderCommand.objects.get(kind=CommandKind.TRANSFER)
    assert (command.idempotency_key, command.params["amount"]) == (f"tr:{payout.pk}", 2 * SHARE)
    assert command.params["destination"] == seller.seller_account.provider_id
    assert OutboxEvent.objects.filter(name="payments.payout_ordered").count() == 1
    balance = balance_of(seller, "AED")
    assert (balance.available, balance.on_the_way, balance.total_earnings) == (aed(0), aed(2 * SHARE), aed(2 * SHARE))
    assert balances()["payout"] == -2 * SHARE


@pytest.mark.parametrize(
    ("schedule", "at", "next_at", "later"),
    [
        (Schedule.WEEKLY, "2026-11-16T04:00", "2026-11-22T19:59", "2026-11-22T20:00"),  # Monday begins at 20:00 UTC
        (Schedule.MONTHLY, "2026-11-01T04:00", "2026-11-30T19:59", "2026-11-30T20:00"),
    ],
)
def test_each_schedule_pays_once_in_its_period(schedule, at, next_at, later):
    seller = seller_ready(schedule=schedule)
    counts = []
    for moment in (at, next_at, later):
        now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        with time_machine.travel(now, tick=False):
            earned(seller)
            transferred_all()
            run_due_payouts(at=now)
        counts.append(Payout.objects.count())
    assert counts == [1, 1, 2]


def transferred_all():
    for payout in Payout.objects.filter(state=PayoutState.PENDING):
        transferred(payout)


@pytest.mark.parametrize(
    ("schedule", "is_paid", "day"),
    [
        (Schedule.WEEKLY, True, "2026-11-23"),
        (Schedule.WEEKLY, False, "2026-11-21"),
        (Schedule.MONTHLY, True, "2026-12-01"),
        (Schedule.INSTANT, True, "2026-11-21"),
    ],
)
def test_the_day_of_the_next_payout(schedule, is_paid, day):
    now = datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert next_payout_on(schedule, now, is_paid=is_paid).isoformat() == day


def test_periods_follow_the_calendar_of_dubai():
    new_year = datetime(2026, 12, 31, 20, 30, tzinfo=UTC)
    assert [period_of(s, new_year) for s in (Schedule.WEEKLY, Schedule.MONTHLY, Schedule.INSTANT)] == [
        "2026-W53", "2027-01", "2027-01-01T00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "facts",
    [
        {"payouts_enabled": False},
        {"transfers_active": False},
        {"provider_id": ""},
        {"frozen_at": timezone.now()},
        {"deauthorized_at": timezone.now()},
        {"bank_refused_at": timezone.now()},
        {"minimum_minor": 500_00},
    ],
)
def test_sellers_who_cannot_be_paid_now_are_left_out(facts):
    seller = seller_ready(**facts)
    earned(seller)
    run_due_payouts(at=timezone.now())
    assert not Payout.objects.exists()
    assert free(seller) == SHARE


def test_who_may_not_withdraw_is_left_out_until_it_is_lifted():
    seller = seller_ready()
    earned(seller)
    restriction = Restriction.objects.create(user=seller, kind="withdraw")
    with pytest.raises(Restricted):
        request_payout(seller=seller, method="standard")
    assert run_due_payouts(at=timezone.now()).ordered == 0
    restriction.lifted_at = timezone.now()
    restriction.save()
    assert run_due_payouts(at=timezone.now()).ordered == 1


def test_less_than_the_minimum_waits():
    seller = seller_ready()
    earned(seller, 52_49, commission=2_50)
    assert run_due_payouts(at=timezone.now()).ordered == 0
    earned(seller, 1, commission=0)
    assert run_due_payouts(at=timezone.now()).ordered == 1
    assert Payout.objects.get().amount_minor == 50_00


def test_the_minimum_is_what_reaches_the_bank():
    seller = seller_ready(schedule=Schedule.INSTANT, takes_instant=True)
    earned(seller, 51_00, commission=0)  # 49.98 after the fee
    assert run_due_payouts(at=timezone.now()).ordered == 0
    earned(seller, 3, commission=0)
    assert run_due_payouts(at=timezone.now()).ordered == 1
    payout = Payout.objects.get()
    assert (payout.method, payout.fee_minor, payout.net.minor) == ("instant", 1_02, 50_01)


def test_an_instant_schedule_without_such_a_bank_pays_the_ordinary_way():
    seller = seller_ready(schedule=Schedule.INSTANT)
    earned(seller)
    run_due_payouts(at=timezone.now())
    payout = Payout.objects.get()
    assert (payout.method, payout.fee_minor) == ("standard", 0)


def test_after_75_days_money_is_paid_whatever_the_minimum():
    seller = seller_ready(schedule=Schedule.MONTHLY, minimum_minor=10_000_00)
    earned(seller, 10_00, commission=2_00)
    now = timezone.now()
    for days, ordered in ((74, 0), (75, 1), (75, 0)):
        at = now + timedelta(days=days)
        with time_machine.travel(at, tick=False):
            assert run_due_payouts(at=at).ordered == ordered


def test_a_dry_run_orders_nothing_and_says_what_it_would():
    seller = seller_ready()
    earned(seller)
    run = run_due_payouts(at=timezone.now(), dry_run=True)
    assert (run.ordered, run.amounts["AED"], run.payouts[0].seller_id) == (1, SHARE, seller.pk)
    assert not Payout.objects.exists()
    assert not ProviderCommand.objects.filter(kind=CommandKind.TRANSFER).exists()
    assert free(seller) == SHARE


def test_nobody_is_paid_while_the_books_do_not_agree(client):
    seller = seller_ready()
    earned(seller)
    run = Reconciliation.objects.create(since=timezone.now(), until=timezone.now())
    gap = ReconciliationBreak.objects.create(
        run=run, kind="amount", ref="ch_1", currency="AED", expected_minor=299_00, found_minor=297_99
    )
    assert run_due_payouts(at=timezone.now()).is_stopped
    for ask in (
        lambda: request_payout(seller=seller, method="standard"),
        lambda: order_manual_payout(staff=staff_with("add_payout"), seller=seller, amount=aed(1), note=""),
    ):
        with pytest.raises(PayoutsStopped):
            ask()
    with pytest.raises(CommandError, match="do not agree"):
        call_command("run_payouts")
    assert client.get("/readyz").json()["parts"]["payouts"] == "stopped"
    assert not Payout.objects.exists()
    gap.state = "explained"
    gap.save()
    assert run_due_payouts(at=timezone.now()).ordered == 1


def test_one_seller_or_a_few_can_be_paid_alone():
    sellers = [seller_ready() for _number in range(3)]
    for seller in sellers:
        earned(seller)
    assert run_due_payouts(at=timezone.now(), seller=sellers[1]).ordered == 1
    assert Payout.objects.get().seller == sellers[1]
    assert run_due_payouts(at=timezone.now(), limit=1).ordered == 1
    assert Payout.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_pay_everybody_once():
    sellers = [seller_ready() for _number in range(12)]
    for seller in sellers:
        earned(seller)
    now, failed = timezone.now(), []

    def beat() -> None:
        try:
            run_due_payouts(at=now)
        except BaseException as error:  # noqa: BLE001 - told by the test
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=beat) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    run_due_payouts(at=now)  # whatever a batch left to another that gave up
    assert sorted(Payout.objects.values_list("seller_id", flat=True)) == sorted(s.pk for s in sellers)
    assert balances()["payout"] == -12 * SHARE


def test_the_database_takes_a_period_once():
    seller = seller_ready()
    earned(seller)
    run_due_payouts(at=timezone.now())
    payout = Payout.objects.get()
    for facts, name in (
        ({"period": payout.period, "state": PayoutState.PAID}, "payments_payout_once"),
        ({"state": PayoutState.PENDING}, "payments_one_open_payout"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Payout.objects.create(seller=seller, amount_minor=1, currency="AED", **facts)


def test_a_refund_that_comes_back_is_the_sellers_again_after_a_payout():
    seller = seller_ready()
    reference = earned(seller)
    run_due_payouts(at=timezone.now())
    refund = refund_hold(reference=reference, amount=aed(299_00), reason="x", requested_by=None, by_staff=False)
    answered(refund, "failed")
    assert balance_of(seller, "AED").debt == aed(0)
    assert release_hold(reference=reference, at=timezone.now()).state == "released"
