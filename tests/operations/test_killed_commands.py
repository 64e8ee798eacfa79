"""kill -9 of those who carry out provider commands, at random moments and at every named point: the provider then has exactly what was
ordered, and so has the ledger. Without the keys, the same kills make doubles.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.tests.factories import UserFactory
from payments.actions import run_due_payouts
from payments.models import LedgerTransaction, Payment, Payout, ProviderCommand, SellerAccount
from payments.states import CommandKind, CommandState, PayoutState, Postings
from payments.tests.money import asked, earned, part
from stripe_simulator.testing import KEY, Process, running_simulator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

ROOT = Path(__file__).resolve().parents[2]
WORKER = [sys.executable, "-m", "tests.operations.command_worker"]
POINTS = ("leased", "sending", "answered", "noted", "recorded", "failed", "looked")
MADE = {
    CommandKind.CREATE_CHARGE: "payment_intent",
    CommandKind.TRANSFER: "transfer",
    CommandKind.PAY_OUT: "payout",
}


class Crew:
    """Two workers at a time; one that died is replaced at once."""

    def __init__(self, nursery: subprocess.Popen) -> None:
        self._nursery = nursery
        self.alive: list[int] = []

    def hire(self, dies_at: str = "") -> int:
        self._nursery.stdin.write(f"{dies_at}\n")
        self._nursery.stdin.flush()
        worker = int(self._nursery.stdout.readline())
        self.alive.append(worker)
        return worker

    def fill_up(self) -> None:
        self.alive = [worker for worker in self.alive if runs(worker)]
        while len(self.alive) < 2:
            self.hire()

    def kill_one(self, dice: random.Random) -> bool:
        worker = dice.choice(self.alive)
        try:
            os.kill(worker, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True


def runs(worker: int) -> bool:
    try:
        os.kill(worker, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def crew(stripe: Process, *arguments: str) -> Iterator[Crew]:
    to = {name: quote(str(value), safe="") for name, value in connection.settings_dict.items() if name != "OPTIONS"}
    surroundings = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"postgis://{to['USER']}:{to['PASSWORD']}@{to['HOST']}:{to['PORT']}/{to['NAME']}",
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_API_BASE": stripe.url,
        "STRIPE_TIMEOUT": "20",
    }
    nursery = subprocess.Popen(  # noqa: S603
        [*WORKER, *arguments], cwd=ROOT, env=surroundings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    team = Crew(nursery)
    try:
        yield team
    finally:
        for worker in team.alive:
            if runs(worker):
                os.kill(worker, signal.SIGKILL)
        nursery.kill()
        nursery.wait()


@pytest.fixture
def stripe(settings) -> Iterator[Process]:
    with running_simulator(available_after=0) as running:
        settings.STRIPE = settings.STRIPE | {"secret_key": KEY, "api_base": running.url}
        yield running


def order_things(stripe: Process, number: int) -> None:
    """A third of `number` charges, a third transfers, after each of which a payout to a bank follows."""
    client, each = stripe.client(), number // 3
    stripe.control.terms(fee_fixed=0, fee_basis_points=0)
    client.v1.payment_intents.create(
        {
            "amount": each * 300_00,
            "currency": "aed",
            "confirm": True,
            "payment_method": "pm_card_bypassPending",
            "return_url": "http://testserver/",
            "automatic_payment_methods": {"enabled": True},
        }
    )
    payer = UserFactory()
    for _ in range(each):
        seller = UserFactory()
        account = client.v1.accounts.create(
            {
                "country": "AE",
                "controller": {
                    "fees": {"payer": "application"},
                    "losses": {"payments": "application"},
                    "stripe_dashboard": {"type": "express"},
                },
                "capabilities": {"transfers": {"requested": True}, "card_payments": {"requested": True}},
            }
        )
        stripe.control.account(account.id)
        SellerAccount.objects.create(
            user=seller, provider_id=account.id, payouts_enabled=True, transfers_active=True, reserve_percent=0
        )
        earned(seller)
        asked(part(seller), payer=payer)
    # Those of `earned` were answered for by the test itself.
    of_test = Payment.objects.filter(state="captured").values_list("pk", flat=True)
    ProviderCommand.objects.filter(subject__in=[f"payment:{pk}" for pk in of_test]).update(state=CommandState.FAILED)
    run_due_payouts(at=timezone.now())


def let_leases_run_out() -> None:
    """As if the minutes had gone by after which what a dead worker held is taken up again."""
    with transaction.atomic():
        ProviderCommand.objects.filter(state__in=(CommandState.PENDING, CommandState.SENT)).update(
            due_at=timezone.now()
        )


def waiting() -> int:
    return ProviderCommand.objects.filter(state__in=(CommandState.PENDING, CommandState.SENT)).count()


def carry_out(stripe: Process, *, kills: int, points: tuple[str, ...] = (), arguments: tuple[str, ...] = ()) -> int:
    """Until nothing waits any more, killing meanwhile; how many were killed."""
    dice, killed, end = random.Random(4), 0, time.monotonic() + 3600
    with crew(stripe, *arguments) as team:
        for point in points:
            killed += dies_at(point, team, stripe)
        let_leases_run_out()
        last = time.monotonic()
        while waiting():
            assert time.monotonic() < end, sorted(
                ProviderCommand.objects.exclude(state="done").values_list("kind", "state", "error")
            )
            team.fill_up()
            time.sleep(dice.uniform(0.02, 0.15))
            if killed < kills + len(points):
                killed += team.kill_one(dice)
            if time.monotonic() - last > 0.5:
                let_leases_run_out()
                last = time.monotonic()
    return killed


def dies_at(point: str, team: Crew, stripe: Process) -> bool:
    """One worker alone, until it passes that point."""
    if point == "failed":
        stripe.control.fault("error_500_saved", method="POST", times=1, skip=1)
    let_leases_run_out()
    worker, end = team.hire(point), time.monotonic() + 60
    while runs(worker):
        assert time.monotonic() < end, f"nobody passed {point}"
        let_leases_run_out()
        time.sleep(0.1)
    return True


def made_by_command(stripe: Process) -> dict[str, Counter[str]]:
    """What the provider has, by kind and by the command that it names."""
    client = stripe.client()
    found: dict[str, Counter[str]] = {kind: Counter() for kind in MADE.values()}
    for thing in client.v1.payment_intents.list({"limit": 100}).auto_paging_iter():
        found["payment_intent"][thing.metadata.to_dict().get("command", "")] += 1
    for thing in client.v1.transfers.list({"limit": 100}).auto_paging_iter():
        found["transfer"][thing.metadata.to_dict().get("command", "")] += 1
    for account in SellerAccount.objects.values_list("provider_id", flat=True):
        for thing in client.v1.payouts.list({"limit": 100}, {"stripe_account": account}).auto_paging_iter():
            found["payout"][thing.metadata.to_dict().get("command", "")] += 1
    found["payment_intent"].pop("", None)  # the money that the test put there
    return found


def ordered(kind: str) -> Counter[str]:
    done = ProviderCommand.objects.filter(kind=kind, state=CommandState.DONE)
    return Counter(str(pk) for pk in done.values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("number", "kills"), [(60, 6), pytest.param(3000, 40, marks=pytest.mark.full)], ids=["some", "3000"]
)
def test_whoever_is_killed_everything_is_done_exactly_once(stripe, number, kills):
    order_things(stripe, number)
    for kind, seed in (("error_500_saved", 1), ("drop_connection_after", 2)):
        stripe.control.fault(kind, method="POST", probability=0.05, times=number, seed=seed)

    stripe.control.fault("slow", method="POST", probability=0.5, seconds=0.1, times=number, seed=3)

    killed = carry_out(stripe, kills=kills, points=POINTS)

    stripe.control.clear_faults()
    assert killed >= kills + len(POINTS)
    made = made_by_command(stripe)
    assert {kind: made[MADE[kind]] for kind in MADE} == {kind: ordered(kind) for kind in MADE}
    assert [sum(counted.values()) for counted in made.values()] == [number // 3] * 3
    assert not ProviderCommand.objects.filter(state=CommandState.PARKED).exists()
    assert Payout.objects.filter(state=PayoutState.PROCESSING).exclude(provider_id="").count() == number // 3
    assert LedgerTransaction.objects.filter(kind=Postings.TRANSFER).count() == number // 3
    assert Payment.objects.filter(state="open").exclude(client_secret="").count() == number // 3


def test_without_keys_the_same_kills_make_doubles(stripe):
    order_things(stripe, 60)
    stripe.control.fault("drop_connection_after", method="POST", probability=0.3, times=60, seed=2)
    carry_out(stripe, kills=6, arguments=("--without-keys",))
    stripe.control.clear_faults()
    assert max(max(counted.values()) for counted in made_by_command(stripe).values()) > 1
