import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.errors import Restricted, Suspended
from accounts.models import Restriction
from accounts.tests.factories import UserFactory
from core.errors import NotAllowed, WrongState
from core.models import AuditEntry, OutboxEvent
from core.testing import counted_queries
from payments.actions import (
    approve_payout,
    change_payout_settings,
    charge_cash_commission,
    freeze_hold,
    freeze_payouts,
    note_account,
    note_bank_payout,
    note_command_refused,
    note_transfer,
    order_manual_payout,
    refund_hold,
    refuse_payout,
    release_hold,
    request_payout,
    return_cash_commission,
    run_due_payouts,
    thaw_payouts,
)
from payments.errors import (
    InstantNotOffered,
    NotEnoughToPayOut,
    NotReadyForPayouts,
    PayoutOpen,
    PayoutsFrozen,
    PayoutsStopped,
    PayoutTooSmall,
    ProviderSaysOtherwise,
    SecondPersonNeeded,
)
from payments.models import (
    PaymentHold,
    Payout,
    ProviderCommand,
    Reconciliation,
    ReconciliationBreak,
    SellerAccount,
)
from payments.ports import AccountView, PayoutView, TransferView
from payments.rules import next_payout_on, payout_fee, period_of
from payments.selectors import balance_of, balances_of, may_take_cash
from payments.states import CommandKind, PayoutState, Schedule
from payments.tests.money import (
    aed,
    answered,
    balances,
    banked,
    captured,
    clawed_back,
    earned,
    part,
    seller_ready,
    staff_with,
    transferred,
)

pytestmark = pytest.mark.django_db
SHARE = 254_15


def free(seller):
    return balance_of(seller, "AED").available.minor


def account_view(seller, **facts):
    account = seller.seller_account
    said = {
        "id": account.provider_id,
        "charges_enabled": True,
        "payouts_enabled": True,
        "transfers_active": True,
        "bank_last4": "6789",
        "bank_name": "Emirates NBD",
    }
    return AccountView(**(said | facts))


# What a seller has


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


# Paying by schedule


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


# On the way


def test_a_payout_goes_to_the_sellers_account_and_from_there_to_the_bank():
    seller = seller_ready(takes_instant=True)
    earned(seller)
    payout = request_payout(seller=seller)
    for _again in range(2):
        payout = transferred(payout)
    assert (payout.state, payout.destination_payment_id) == (PayoutState.PROCESSING, f"py_{payout.pk.hex}")
    command = ProviderCommand.objects.get(kind=CommandKind.PAY_OUT)
    assert (command.account, command.params["amount"]) == (seller.seller_account.provider_id, payout.net.minor)
    assert balances() == {
        "clearing": 299_00 - payout.net.minor,
        "revenue:commission": -44_85,
        "revenue:instant_fee": -payout.fee_minor,
    }
    banked(payout, "in_transit")
    for _again in range(2):
        payout = banked(payout)
    assert payout.state == PayoutState.PAID
    assert banked(payout, "pending").state == PayoutState.PAID
    assert OutboxEvent.objects.filter(name="payments.payout_paid").count() == 1
    balance = balance_of(seller, "AED")
    assert (balance.on_the_way, balance.total_earnings) == (aed(0), aed(SHARE))


def test_what_the_provider_says_of_a_transfer_must_fit():
    seller = seller_ready()
    earned(seller)
    payout = request_payout(seller=seller, method="standard")
    before = balances()
    other = TransferView(id="tr_other", amount_minor=1, destination="acct_1")
    with pytest.raises(ProviderSaysOtherwise):
        note_transfer(payout_id=payout.pk, view=other)
    assert balances() == before
    transferred(payout)
    with pytest.raises(ProviderSaysOtherwise):
        note_transfer(payout_id=payout.pk, view=replace(other, amount_minor=SHARE))
    with pytest.raises(ProviderSaysOtherwise):
        note_bank_payout(payout_id=payout.pk, view=PayoutView(id="po_1", status="paid", amount_minor=1))
    payout.refresh_from_db()
    assert (payout.state, payout.transfer_id) == (PayoutState.PROCESSING, f"tr_{payout.pk.hex}")


def test_a_transfer_that_is_refused_never_left():
    seller = seller_ready()
    earned(seller)
    run_due_payouts(at=timezone.now())
    for _again in range(2):
        note_command_refused(command=ProviderCommand.objects.get(kind=CommandKind.TRANSFER), code="insufficient_funds")
    payout = Payout.objects.get()
    assert (payout.state, payout.failure_code) == (PayoutState.FAILED, "insufficient_funds")
    assert free(seller) == SHARE
    assert not PaymentHold.objects.exclude(payout=None).exists()
    assert run_due_payouts(at=timezone.now()).ordered == 1


@pytest.mark.parametrize("was_paid", [False, True])
def test_what_the_bank_sends_back_is_the_sellers_and_is_taken_back_to_us(was_paid):
    seller = seller_ready(takes_instant=True)
    earned(seller)
    payout = transferred(request_payout(seller=seller))
    if was_paid:
        banked(payout)
    for _again in range(2):
        payout = banked(payout, "failed", failure="account_closed")
    assert (payout.state, payout.failure_code) == (PayoutState.FAILED, "account_closed")
    assert free(seller) == SHARE
    assert OutboxEvent.objects.filter(name="payments.payout_failed").count() == 1
    command = ProviderCommand.objects.get(kind=CommandKind.CLAW_BACK)
    assert (command.params["transfer"], command.params["amount"]) == (payout.transfer_id, payout.net.minor)
    for _again in range(2):
        clawed_back(payout)
    assert balances() == {"clearing": 299_00, "seller": -SHARE, "revenue:commission": -44_85}


def test_an_order_to_the_bank_that_is_refused_is_like_a_bank_that_sends_it_back():
    seller = seller_ready()
    earned(seller)
    transferred(request_payout(seller=seller, method="standard"))
    note_command_refused(command=ProviderCommand.objects.get(kind=CommandKind.PAY_OUT), code="no_external_account")
    assert Payout.objects.get().state == PayoutState.FAILED
    assert free(seller) == SHARE


def test_no_schedule_pays_a_bank_that_refused_and_another_bank_gets_it_at_once():
    seller = seller_ready()
    earned(seller)
    run_due_payouts(at=timezone.now())
    failed = banked(transferred(Payout.objects.get()), "failed")
    assert run_due_payouts(at=timezone.now()).ordered == 0
    note_account(user_id=seller.pk, view=account_view(seller, bank_name="ADCB", bank_last4="1234"))
    again = Payout.objects.exclude(pk=failed.pk).get()
    assert (again.retries, again.amount_minor, again.bank_last4) == (failed, SHARE, "1234")
    assert run_due_payouts(at=timezone.now()).ordered == 0
    note_account(user_id=seller.pk, view=account_view(seller, bank_name="ADCB", bank_last4="1234"))
    assert Payout.objects.count() == 2


def test_what_a_seller_may_do_follows_the_provider():
    seller = UserFactory()
    view = AccountView(
        id="acct_1", charges_enabled=False, payouts_enabled=False, transfers_active=False, requirements=("external_account",)
    )  # fmt: skip
    for _again in range(2):
        note_account(user_id=seller.pk, view=view)
    account = SellerAccount.objects.get(pk=seller.pk)
    assert (account.provider_id, account.requirements) == ("acct_1", ["external_account"])
    assert OutboxEvent.objects.filter(name="payments.seller_account_changed").count() == 1
    with pytest.raises(ProviderSaysOtherwise):
        note_account(user_id=seller.pk, view=AccountView("acct_2", True, True, True))


# Asked for


def test_asking_pays_all_that_is_free():
    seller = seller_ready(takes_instant=True)
    earned(seller)
    payout = request_payout(seller=seller)
    assert (payout.amount_minor, payout.fee_minor, payout.net.minor) == (SHARE, 5_08, 249_07)
    with pytest.raises(PayoutOpen):
        request_payout(seller=seller)
    assert Payout.objects.count() == 1


@pytest.mark.parametrize(
    ("facts", "amount", "refusal"),
    [
        ({"takes_instant": False}, 299_00, InstantNotOffered),
        ({"payouts_enabled": False}, 299_00, NotReadyForPayouts),
        ({"frozen_at": timezone.now()}, 299_00, PayoutsFrozen),
        ({}, 0, NotEnoughToPayOut),
        ({}, 51_00, PayoutTooSmall),
    ],
)
def test_refuses_what_cannot_be_paid_at_once(facts, amount, refusal):
    seller = seller_ready(**({"takes_instant": True} | facts))
    if amount:
        earned(seller, amount, commission=0)
    with pytest.raises(refusal):
        request_payout(seller=seller)
    assert not Payout.objects.exists()
    assert free(seller) == amount


def test_a_suspended_seller_asks_in_vain():
    seller = seller_ready(takes_instant=True)
    earned(seller)
    seller.suspended_at = timezone.now()
    seller.save()
    with pytest.raises(Suspended):
        request_payout(seller=seller)
    assert not Payout.objects.exists()


def test_the_fee_of_an_instant_payout_is_rounded_half_up():
    assert [payout_fee(aed(n), "instant").minor for n in (24, 25, 74, 75, 100_00)] == [0, 1, 1, 2, 2_00]
    assert payout_fee(aed(100_00), "standard") == aed(0)


# By the team


def test_the_team_pays_some_of_it_and_much_needs_two():
    seller = seller_ready()
    earned(seller, 1000_00, commission=150_00)
    one, two = staff_with("add_payout", "approve_payout"), staff_with("approve_payout")
    with pytest.raises(NotAllowed):
        order_manual_payout(staff=staff_with(), seller=seller, amount=aed(10_00), note="")
    small = order_manual_payout(staff=one, seller=seller, amount=aed(10_00), note="Rent")
    assert (small.state, free(seller)) == (PayoutState.PENDING, 840_00)
    transferred(small)
    with pytest.raises(NotEnoughToPayOut):
        order_manual_payout(staff=one, seller=seller, amount=aed(840_01), note="")
    large = order_manual_payout(staff=one, seller=seller, amount=aed(500_00), note="Rent")
    assert (large.state, free(seller)) == (PayoutState.AWAITING_APPROVAL, 840_00)
    with pytest.raises(SecondPersonNeeded):
        approve_payout(staff=one, payout_id=large.pk)
    with pytest.raises(NotAllowed):
        approve_payout(staff=staff_with(), payout_id=large.pk)
    large.refresh_from_db()
    assert large.state == PayoutState.AWAITING_APPROVAL
    assert run_due_payouts(at=timezone.now()).ordered == 0  # one at a time
    approve_payout(staff=two, payout_id=large.pk)
    assert free(seller) == 340_00
    with pytest.raises(WrongState):
        refuse_payout(staff=two, payout_id=large.pk, reason="no")
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {
        "payments.payout_ordered",
        "payments.payout_approved",
    }


def test_a_second_person_may_refuse_a_payout():
    seller = seller_ready()
    earned(seller, 1000_00, commission=150_00)
    payout = order_manual_payout(staff=staff_with("add_payout"), seller=seller, amount=aed(500_00), note="")
    refuse_payout(staff=staff_with("approve_payout"), payout_id=payout.pk, reason="Not agreed")
    payout.refresh_from_db()
    assert (payout.state, free(seller)) == (PayoutState.REFUSED, 850_00)


def test_the_database_wants_two_people_for_payouts_too():
    seller = seller_ready()
    earned(seller, 1000_00, commission=150_00)
    payout = order_manual_payout(staff=staff_with("add_payout"), seller=seller, amount=aed(500_00), note="")
    for change, name in (
        ("state = 'pending', approved_by_id = requested_by_id", "payments_payout_four_eyes"),
        ("state = 'pending'", "payments_payout_approved"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE payments_payout SET {change} WHERE id = %s", [payout.pk])  # noqa: S608


def test_frozen_payouts_wait_until_they_are_thawed():
    seller = seller_ready()
    earned(seller)
    with pytest.raises(NotAllowed):
        freeze_payouts(staff=staff_with(), seller=seller, reason="?")
    person = staff_with("freeze_payouts")
    for _again in range(2):
        freeze_payouts(staff=person, seller=seller, reason="Two cards of one name")
    assert run_due_payouts(at=timezone.now()).ordered == 0
    assert balance_of(seller, "AED").next_payout_on is None
    thaw_payouts(staff=person, seller=seller, reason="Explained")
    assert run_due_payouts(at=timezone.now()).ordered == 1
    assert list(AuditEntry.objects.values_list("action", flat=True).order_by("id")) == [
        "payments.payouts_frozen", "payments.payouts_thawed",
    ]  # fmt: skip


def test_settings_stay_where_nothing_is_said():
    seller = UserFactory()
    change_payout_settings(seller=seller, schedule=Schedule.MONTHLY, minimum=aed(100_00), tax_number="100123456700003")
    account = change_payout_settings(seller=seller, legal_name="Layla Trading")
    assert (account.schedule, account.minimum_minor, account.tax_number, account.legal_name) == (
        "monthly", 100_00, "100123456700003", "Layla Trading",
    )  # fmt: skip


def test_a_refund_that_comes_back_is_the_sellers_again_after_a_payout():
    seller = seller_ready()
    reference = earned(seller)
    run_due_payouts(at=timezone.now())
    refund = refund_hold(reference=reference, amount=aed(299_00), reason="x", requested_by=None, by_staff=False)
    answered(refund, "failed")
    assert balance_of(seller, "AED").debt == aed(0)
    assert release_hold(reference=reference, at=timezone.now()).state == "released"
