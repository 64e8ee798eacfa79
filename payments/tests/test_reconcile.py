"""What the provider's books and ours do not agree on is found and called by its name, and nothing else is."""

import itertools
import random
from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.errors import NotAllowed, WrongState
from core.models import OutboxEvent
from payments.actions import (
    confirm_test_payment,
    explain_break,
    post,
    reconcile,
    refund_hold,
    run_due_commands,
    run_due_payouts,
)
from payments.actions.matching import working_days_before
from payments.actions.posting import Line
from payments.errors import ExplanationNeeded
from payments.models import LedgerBalance, Payout, ProviderCommand, ReconciliationBreak, SellerAccount
from payments.selectors import payouts_are_stopped
from payments.states import (
    OF_THE_AUDIT,
    AccountKind,
    BreakKind,
    BreakState,
    CommandKind,
    CommandState,
    PayoutState,
    Postings,
)
from payments.tests.money import aed, asked, part, staff_with

pytestmark = pytest.mark.django_db
_keys = itertools.count(1)
PRICE = 299_00


def key():
    return {"idempotency_key": f"test:{next(_keys)}"}


class Day:
    """A day at the provider, and hands that falsify one of the two books."""

    def __init__(self, stripe_sim):
        self.sim, self.client = stripe_sim, stripe_sim.client()
        stripe_sim.control.terms(available_after=0)
        self.seller = UserFactory()
        self.account = self.client.v1.accounts.create(
            {
                "country": "AE",
                "controller": {
                    "fees": {"payer": "application"},
                    "losses": {"payments": "application"},
                    "stripe_dashboard": {"type": "express"},
                },
                "capabilities": {"transfers": {"requested": True}, "card_payments": {"requested": True}},
            },
            key(),
        ).id
        stripe_sim.control.account(self.account)
        SellerAccount.objects.create(
            user=self.seller, provider_id=self.account, payouts_enabled=True, transfers_active=True, reserve_percent=0
        )
        self.payout()  # so that the account is looked at

    def clean(self, payments):
        """Payments, of which some are given back in part."""
        opened = [asked(part(UserFactory())) for _ in range(payments)]
        run_due_commands(limit=1000)
        for number, payment in enumerate(opened):
            confirm_test_payment(payment_id=payment.pk, method="pm_card_bypassPending")
            if number % 3 == 0:
                refund_hold(
                    reference=payment.holds.get().reference,
                    amount=aed(50_00 + number),
                    reason="asked",
                    requested_by=None,
                    by_staff=False,
                )
        run_due_commands(limit=1000)

    def run(self):
        now = timezone.now() + timedelta(minutes=1)
        reconcile(since=now - timedelta(days=1), until=now, grace=timedelta(0))
        return ReconciliationBreak.objects.filter(state=BreakState.OPEN)

    def charge(self):
        intent = self.client.v1.payment_intents.create(
            {
                "amount": PRICE,
                "currency": "aed",
                "confirm": True,
                "payment_method": "pm_card_bypassPending",
                "return_url": "http://testserver/",
                "automatic_payment_methods": {"enabled": True},
                "expand": ["latest_charge.balance_transaction"],
            },
            key(),
        )
        charge = intent.latest_charge
        return charge.id, charge.balance_transaction.fee

    def write(self, charge, amount=PRICE, fee=0):
        """As the capture of a payment would be posted."""
        post(
            kind=Postings.CAPTURE,
            ref=charge,
            lines=[
                Line(AccountKind.CLEARING, "", aed(amount)),
                Line(AccountKind.HOLD, f"order:{charge}", aed(-amount)),
            ],
        )
        if fee:
            post(
                kind=Postings.PROVIDER_FEE,
                ref=charge,
                lines=[
                    Line(AccountKind.EXPENSE, "provider_fees", aed(fee)),
                    Line(AccountKind.CLEARING, "", aed(-fee)),
                ],
            )

    def payout(self, **facts):
        said = {
            "seller": self.seller,
            "amount_minor": 100_00,
            "currency": "AED",
            "state": PayoutState.PAID,
            "transferred_at": timezone.now(),
        }
        return Payout.objects.create(**(said | facts))

    # One hand for each kind of break.

    def not_in_ledger(self, _dice):
        self.charge()

    def not_at_provider(self, _dice):
        self.write(f"ch_lost{next(_keys)}")

    def amount(self, dice):
        charge, fee = self.charge()
        self.write(charge, PRICE + dice.choice((-1, 1)), fee)

    def fee(self, dice):
        charge, fee = self.charge()
        self.write(charge, PRICE, fee + dice.choice((-1, 1)))

    def duplicate(self, _dice):
        """A transfer that was made twice for one command."""
        command = ProviderCommand.objects.create(
            kind=CommandKind.TRANSFER, subject="payout:x", params={}, idempotency_key=f"tr:{next(_keys)}"
        )
        words = {
            "amount": 10_00,
            "currency": "aed",
            "destination": self.account,
            "metadata": {"command": str(command.pk)},
        }
        first, second = (self.client.v1.transfers.create(words, key()) for _ in range(2))
        ProviderCommand.objects.filter(pk=command.pk).update(state=CommandState.DONE, result_id=first.id)
        for made in (first, second):
            self.payout(transfer_id=made.id, destination_payment_id=made.destination_payment)
        post(
            kind=Postings.TRANSFER,
            ref=first.id,
            lines=[
                Line(AccountKind.CLEARING, "", aed(-10_00)),
                Line(AccountKind.EXPENSE, "losses", aed(10_00)),
            ],
        )

    def unknown_payout(self, dice):
        self.client.v1.payouts.create(
            {"amount": dice.randrange(1_00, 9_00), "currency": "aed"}, key() | {"stripe_account": self.account}
        )

    def in_transit(self, _dice):
        self.payout(state=PayoutState.PROCESSING, transferred_at=timezone.now() - timedelta(days=12))

    def balance(self, dice):
        """Money that moved in the ledger alone, for a reason that no line of the provider could have."""
        post(
            kind=Postings.ADJUSTMENT,
            ref=f"by hand {next(_keys)}",
            lines=[
                Line(AccountKind.CLEARING, "", aed(amount := dice.randrange(1, 99))),
                Line(AccountKind.EQUITY, "", aed(-amount)),
            ],
        )


def fund(day):
    """Money in the seller's account that may be sent out without us."""
    charge, fee = day.charge()
    day.write(charge, PRICE, fee)
    made = day.client.v1.transfers.create({"amount": 280_00, "currency": "aed", "destination": day.account}, key())
    day.payout(transfer_id=made.id, destination_payment_id=made.destination_payment)
    post(
        kind=Postings.TRANSFER,
        ref=made.id,
        lines=[
            Line(AccountKind.CLEARING, "", aed(-280_00)),
            Line(AccountKind.EXPENSE, "losses", aed(280_00)),
        ],
    )


@pytest.fixture
def day(stripe_sim):
    return Day(stripe_sim)


LINES = [kind for kind in BreakKind if kind not in (BreakKind.BALANCE, *OF_THE_AUDIT)]


@pytest.mark.parametrize("each", [2, pytest.param(25, marks=pytest.mark.full)])
def test_every_break_is_found_and_called_by_its_name(day, each):
    day.clean(each * 2)
    for _ in range(1 + each // 20):
        fund(day)
    assert list(day.run()) == [], list(day.run().values_list("kind", "ref", "expected_minor", "found_minor"))
    dice = random.Random(8)
    injected = [kind for kind in LINES for _ in range(each)]
    dice.shuffle(injected)
    for kind in injected:
        getattr(day, kind.value)(dice)

    assert Counter(day.run().values_list("kind", flat=True)) == {kind.value: each for kind in LINES}
    assert day.run().count() == len(injected)  # the same rows, however often it is looked

    for number in range(each):
        day.balance(dice)
        found = day.run().get(kind=BreakKind.BALANCE)
        assert found.found_minor != found.expected_minor
        explain_break(staff=staff_with("explain_break"), break_id=found.pk, explanation=f"By hand, number {number}.")


def test_a_clean_day_has_none_and_payouts_go_on(day):
    day.clean(4)
    assert not day.run().exists()
    assert not payouts_are_stopped()
    call_command("reconcile_stripe", "--grace", "0")


def test_balances_alone_would_not_see_what_cancels_out(day):
    """Why lines are compared: one charge too many there and one too many here, of the same amount."""
    day.clean(1)
    _, fee = day.charge()
    day.write("ch_of_nobody", PRICE, fee)
    theirs = day.client.v1.balance.retrieve().to_dict()
    ours = LedgerBalance.objects.get(account__code="clearing:AED").amount
    assert sum(part["amount"] for part in theirs["available"] + theirs["pending"]) == ours
    assert set(day.run().values_list("kind", flat=True)) == {BreakKind.NOT_IN_LEDGER, BreakKind.NOT_AT_PROVIDER}


def test_what_is_unexplained_stops_payouts_until_somebody_explains_it(day):
    day.charge()
    found = day.run().get()
    assert payouts_are_stopped()
    assert OutboxEvent.objects.filter(name="payments.books_differ").count() == 1
    assert run_due_payouts(at=timezone.now()).is_stopped
    with pytest.raises(CommandError):
        call_command("reconcile_stripe", "--grace", "0")
    with pytest.raises(NotAllowed):
        explain_break(staff=UserFactory(is_staff=True), break_id=found.pk, explanation="A test of Stripe's support.")
    staff = staff_with("explain_break")
    with pytest.raises(ExplanationNeeded):
        explain_break(staff=staff, break_id=found.pk, explanation=" hm ")
    assert payouts_are_stopped()
    explain_break(staff=staff, break_id=found.pk, explanation="A test of Stripe's support.")
    assert not payouts_are_stopped()
    assert not day.run().exists()  # it is not asked again
    with pytest.raises(WrongState):
        explain_break(staff=staff, break_id=found.pk, explanation="A test of Stripe's support.")


def test_what_was_late_mends_by_itself(day):
    charge, fee = day.charge()
    found = day.run().get()
    day.write(charge, PRICE, fee)
    assert not day.run().exists()
    found.refresh_from_db()
    assert found.state == BreakState.MENDED


def test_what_is_younger_than_the_grace_is_no_break_and_no_difference(day):
    day.charge()
    now = timezone.now()
    reconcile(since=now - timedelta(days=1), until=now + timedelta(minutes=1))
    assert not ReconciliationBreak.objects.exists()


def test_five_working_days_go_round_the_weekend():
    friday = timezone.datetime(2026, 11, 20, 12, tzinfo=timezone.get_default_timezone())
    assert working_days_before(friday).date().isoformat() == "2026-11-13"
