import itertools
import threading
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.health import beat_heart
from core.models import Heartbeat
from payments.actions import refund_hold, request_payout, run_due_payouts, seal_ledger
from payments.models import LedgerSeal, LedgerTransaction, Payout
from payments.selectors import audit_ledger, cover
from payments.tasks import audit_ledger as nightly
from payments.tasks import check_payouts, run_instant_payouts, run_payouts
from payments.tasks import seal_ledger as seal_task
from payments.tests.money import aed, captured, earned, part, seller_ready

pytestmark = pytest.mark.django_db


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def some_life() -> None:
    captured(part(UserFactory(), reference="order:held"))
    refund_hold(reference="order:held", amount=aed(1_00), reason="x", requested_by=None, by_staff=False)
    seller = seller_ready()
    earned(seller)
    request_payout(seller=seller, method="standard")


def test_a_ledger_with_a_life_holds():
    some_life()
    verdict = audit_ledger()
    assert (verdict.faults, verdict.sealed, verdict.unsealed) == ([], 0, verdict.transactions)
    assert seal_ledger(limit=3) == 3
    while seal_ledger(limit=3):
        pass
    verdict = audit_ledger()
    assert (verdict.faults, verdict.sealed, verdict.unsealed) == ([], verdict.transactions, 0)
    links = list(LedgerSeal.objects.order_by("position"))
    assert [link.position for link in links] == list(range(1, len(links) + 1))
    assert all(b.previous_hash == a.hash for a, b in itertools.pairwise(links))


TAMPERING = {
    "UPDATE payments_ledgerentry SET amount = amount + 1 WHERE id = (SELECT max(id) FROM payments_ledgerentry)": "comes to",
    "UPDATE payments_ledgerentry SET amount = -amount WHERE transaction_id = (SELECT min(id::text)::uuid FROM"
    " payments_ledgertransaction)": "its lines",
    "UPDATE payments_ledgerbalance SET amount = amount - 1": "its lines",
    "UPDATE payments_ledgertransaction SET note = 'x' WHERE kind = 'release'": "chain breaks",
    "UPDATE payments_ledgerseal SET hash = repeat('0', 64) WHERE position = 2": "chain breaks",
    "DELETE FROM payments_ledgerseal WHERE position = 2": "chain breaks",
    "UPDATE payments_paymenthold SET state = 'released', released_at = now()"
    " WHERE reference = 'order:held'": "posted_otherwise: hold:order:held",
    "UPDATE payments_payout SET state = 'processing'": "posted_otherwise: payout:",
    "UPDATE payments_refund SET state = 'succeeded'": "posted_otherwise: refund:",
}


@pytest.mark.parametrize("tampering", TAMPERING)
def test_whatever_was_changed_behind_our_back_is_found(tampering):
    some_life()
    seal_ledger()
    run("SET CONSTRAINTS ALL IMMEDIATE")
    for table in ("entry", "transaction", "balance", "seal"):
        run(f"ALTER TABLE payments_ledger{table} DISABLE TRIGGER USER")
    run(tampering)
    faults = audit_ledger().faults
    assert any(TAMPERING[tampering] in fault for fault in faults), faults
    with pytest.raises(CommandError, match="does not hold"):
        call_command("audit_ledger", stderr=open("/dev/null", "w"))  # noqa: PTH123, SIM115


def test_the_command_says_that_it_holds(capsys):
    some_life()
    call_command("audit_ledger")
    assert "The ledger holds." in capsys.readouterr().out


def test_the_cover_is_what_nobody_is_owed():
    some_life()
    assert cover() == {"AED": 44_85}  # our commission


@pytest.mark.django_db(transaction=True)
def test_sealers_at_once_make_one_chain():
    for _number in range(4):
        captured(part(UserFactory()))

    def sealer() -> None:
        seal_ledger(limit=2)
        seal_ledger(limit=2)
        connection.close()

    threads = [threading.Thread(target=sealer) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal_task()
    verdict = audit_ledger()
    assert (verdict.faults, verdict.sealed) == ([], LedgerTransaction.objects.count())


def readyz(client):
    return client.get("/readyz").json()["parts"]


def test_a_late_payout_shows(client, capsys):
    seller = seller_ready()
    earned(seller)
    run_due_payouts(at=timezone.now())
    assert readyz(client)["payouts"] == "ok"
    call_command("check_payouts")
    Payout.objects.update(created_at=timezone.now() - timedelta(hours=3))
    assert readyz(client)["payouts"] == "late"
    with pytest.raises(CommandError, match="late"):
        call_command("check_payouts")
    assert str(Payout.objects.get().pk) in capsys.readouterr().err
    check_payouts()


def test_a_day_without_payouts_shows(client):
    run_payouts()
    run_instant_payouts()
    assert readyz(client)["payouts"] == "ok"
    Heartbeat.objects.filter(name="payouts").update(beat_at=timezone.now() - timedelta(hours=27))
    assert readyz(client)["payouts"] == "late"


def test_a_night_in_which_the_ledger_did_not_hold_shows(client):
    nightly()
    assert readyz(client)["ledger"] == "ok"
    Heartbeat.objects.filter(name="ledger audit").update(beat_at=timezone.now() - timedelta(hours=27))
    assert readyz(client)["ledger"] == "not proven"
    some_life()
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE payments_ledgerbalance DISABLE TRIGGER USER")
    run("UPDATE payments_ledgerbalance SET amount = amount - 1")
    nightly()
    assert readyz(client)["ledger"] == "not proven"


def test_operators_can_watch(client):
    some_life()
    beat_heart("payouts")
    text = client.get("/metrics").content.decode()
    for line in (
        'souk_payouts{state="pending"} 1.0',
        'souk_ledger_cover_minor{currency="AED"} 4485.0',
        'souk_payouts_late{kind="all"} 0.0',
    ):
        assert line in text


def test_payouts_by_hand(capsys):
    seller, other = seller_ready(), seller_ready()
    earned(seller)
    earned(other)
    call_command("run_payouts", "--dry-run")
    assert "2 payouts would be paid: 508.30 AED" in capsys.readouterr().out
    assert not Payout.objects.exists()
    call_command("run_payouts", "--seller", str(seller.pk))
    assert Payout.objects.get().seller == seller
    call_command("run_payouts", "--limit", "5")
    assert "1 payouts ordered: 254.15 AED" in capsys.readouterr().out
    with pytest.raises(CommandError, match="nobody"):
        call_command("run_payouts", "--seller", "01912d5e-7c3a-7b1e-9f00-2a4b6c8d0e1f")
