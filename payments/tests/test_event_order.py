"""Looks at the provider come late, twice and in any order: whatever history they are of, one final state comes of it.

A look is what a worker saw when it asked; it may write it down much later, after others who saw more. So the looks of every moment of a
history are written down in random orders, three times each.
"""

import random
from collections.abc import Callable
from contextlib import suppress

import pytest
import stripe
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.tests.factories import UserFactory
from payments.actions import confirm_test_payment, refund_hold, release_hold, run_due_commands, run_due_payouts
from payments.actions.chargebacks import cover_loss, note_dispute
from payments.actions.payout_results import note_bank_payout
from payments.actions.results import note_intent, note_refund
from payments.models import (
    Chargeback,
    LedgerBalance,
    Payment,
    PaymentHold,
    Payout,
    ProviderCommand,
    Refund,
    SellerAccount,
)
from payments.provider import provider
from payments.states import REINSTATED
from payments.tests.money import aed, asked, part

pytestmark = pytest.mark.django_db

Look = Callable[[], object]
CARDS = ("pm_card_visa", "pm_card_mastercard", "pm_card_bypassPending")


class History:
    """One payment and what becomes of it at the provider. `looks` are taken after every step and written down by nobody yet."""

    def __init__(self, stripe_sim, dice: random.Random) -> None:
        self.sim, self.dice, self.looks = stripe_sim, dice, []
        self.payment = asked(
            part(UserFactory(), amount=dice.randrange(50_00, 900_00), commission=dice.randrange(1, 40_00))
        )
        run_due_commands()
        self.payment.refresh_from_db()
        self.intent = self.payment.provider_id

    def see(self, kind: str, pk, thing: str = "") -> None:
        """Look now; write it down some time."""
        if kind == "intent":
            view = provider().intent(self.intent)
            self.looks.append(lambda: note_intent(payment_id=self.payment.pk, view=view))
        elif kind == "refund":
            seen = provider().refund_view(thing)
            self.looks.append(lambda: note_refund(refund_id=pk, view=seen))
        else:
            dispute = provider().dispute(thing)
            self.looks.append(lambda: note_dispute(view=dispute))

    def live(self) -> None:
        self.see("intent", None)
        for _ in range(self.dice.randrange(3)):
            self.confirm("pm_card_chargeDeclined")
        if self.dice.random() < 0.15:
            self.client.v1.payment_intents.cancel(self.intent, {}, {"idempotency_key": f"off:{self.intent}"})
            self.see("intent", None)
            return
        self.confirm(self.dice.choice(CARDS))
        note_intent(payment_id=self.payment.pk, view=provider().intent(self.intent))  # what follows needs it
        if self.dice.random() < 0.6:
            self.refund()
        if self.dice.random() < 0.4:
            self.dispute()

    @property
    def client(self):
        return self.sim.client()

    def confirm(self, card: str) -> None:
        words = {"payment_method": card, "return_url": "http://testserver/"}
        key = {"idempotency_key": f"{self.intent}:{len(self.looks)}"}
        with suppress(stripe.CardError):
            self.client.v1.payment_intents.confirm(self.intent, words, key)
        self.see("intent", None)

    def refund(self) -> None:
        hold = self.payment.holds.get()
        refund = refund_hold(
            reference=hold.reference,
            amount=aed(self.dice.randrange(1, hold.amount_minor)),
            reason="asked",
            requested_by=None,
            by_staff=False,
        )
        command = ProviderCommand.objects.get(subject=f"refund:{refund.pk}")
        made = provider().refund(
            params=command.params,
            intent=self.intent,
            metadata={"command": str(command.pk), "subject": command.subject},
            key=command.idempotency_key,
        )
        self.see("refund", refund.pk, made.id)
        if self.dice.random() < 0.3:
            self.sim.control.refund(made.id, "failed")
            self.see("refund", refund.pk, made.id)
        self.see("intent", None)

    def dispute(self) -> None:
        charge = provider().intent(self.intent).charge
        dispute = self.sim.control.dispute_charge(charge.id)["id"]
        self.see("dispute", None, dispute)
        for verdict in self.dice.choice((("won",), ("lost",), ("lost", "won"))):  # the last: the bank thought again
            self.sim.control.dispute(dispute, verdict)
            self.see("dispute", None, dispute)


def state_of_money() -> dict[str, list]:
    """Everything that must not depend on the order, without ids and moments of our own."""
    return {
        "payments": list(
            Payment.objects.order_by("pk").values_list(
                "pk", "state", "provider_status", "charge_id", "provider_fee_minor"
            )
        ),
        "holds": list(
            PaymentHold.objects.order_by("pk").values_list(
                "pk", "state", "refunded_minor", "commission_returned_minor", "frozen_because"
            )
        ),
        # The bank's may stand in one row or in two; who never saw that it was lost has none that the bank took back.
        "refunds": sorted(
            Refund.objects.exclude(failure_code=REINSTATED)
            .values_list("hold_id", "state", "reason")
            .annotate(amount=Sum("amount_minor"))
        ),
        "chargebacks": list(
            Chargeback.objects.order_by("provider_id").values_list("provider_id", "state", "fee_minor")
        ),
        "ledger": sorted(
            (kind, currency, amount)
            for kind, currency, amount in LedgerBalance.objects.exclude(amount=0).values_list(
                "account__kind", "account__currency", "amount"
            )
        ),
    }


def in_order(looks: list[Look]) -> dict[str, list]:
    """What comes of it, and then as if it had not been."""
    before = transaction.savepoint()
    for look in looks:
        look()
    for refund in Refund.objects.filter(state="failed"):  # as the handler of RefundFailed does
        cover_loss(refund_id=refund.pk)
    state = state_of_money()
    transaction.savepoint_rollback(before)
    return state


@pytest.mark.parametrize(
    ("histories", "orders"), [(8, 6), pytest.param(200, 25, marks=pytest.mark.full)], ids=["some", "200x25"]
)
def test_one_final_state_comes_of_every_order(stripe_sim, histories, orders):
    dice = random.Random(5)
    for number in range(histories):
        history = History(stripe_sim, dice)
        before = transaction.savepoint()
        history.live()
        wanted = in_order(history.looks)
        for _ in range(orders):
            shuffled = history.looks * 3
            dice.shuffle(shuffled)
            assert in_order(shuffled) == wanted, f"history {number}"
        transaction.savepoint_rollback(before)


def believe(payment: Payment, status: str) -> None:
    """What the rank of states is for: without it, the last look counts."""
    Payment.objects.filter(pk=payment.pk).update(provider_status=status)


def test_without_the_rank_the_same_looks_end_anywhere(stripe_sim):
    history = History(stripe_sim, random.Random(5))
    statuses = [provider().intent(history.intent).status]
    history.confirm("pm_card_visa")
    statuses.append(provider().intent(history.intent).status)
    ends = set()
    for seed in range(10):
        order = statuses * 3
        random.Random(seed).shuffle(order)
        for status in order:
            believe(history.payment, status)
        ends.add(Payment.objects.values_list("provider_status", flat=True).get(pk=history.payment.pk))
    assert ends == {"requires_payment_method", "succeeded"}


def test_a_payout_that_the_bank_sent_back_is_not_paid_by_an_older_look(stripe_sim):
    stripe_sim.control.terms(available_after=0)
    seller = UserFactory()
    account = provider().create_account(
        params={"country": "AE"}, metadata={"command": "1", "subject": f"user:{seller.pk}"}, key="acct:1"
    )
    stripe_sim.control.account(account.id)
    SellerAccount.objects.create(
        user=seller, provider_id=account.id, payouts_enabled=True, transfers_active=True, reserve_percent=0
    )
    payment = asked(part(seller, reference="order:1"))
    run_due_commands()
    confirm_test_payment(payment_id=payment.pk, method="pm_card_bypassPending")
    release_hold(reference="order:1", at=timezone.now())
    PaymentHold.objects.update(available_on=timezone.now())
    run_due_payouts(at=timezone.now())
    run_due_commands()
    run_due_commands()
    payout = Payout.objects.get()
    looks = [provider().payout(payout.provider_id, account=account.id)]
    stripe_sim.control.payout(payout.provider_id, "paid")
    looks.append(provider().payout(payout.provider_id, account=account.id))
    stripe_sim.control.payout(payout.provider_id, "failed", failure_code="account_closed")
    looks.append(provider().payout(payout.provider_id, account=account.id))
    for order in ((2, 1, 0), (0, 1, 2), (1, 2, 0), (2, 0, 1)):
        before = transaction.savepoint()
        for number in order * 2:
            note_bank_payout(payout_id=payout.pk, view=looks[number])
        payout.refresh_from_db()
        assert (payout.state, payout.failure_code) == ("failed", "account_closed")
        transaction.savepoint_rollback(before)
