from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.errors import NotAllowed
from core.money import Money
from payments.actions import (
    cancel_payment,
    confirm_test_payment,
    give_up_command,
    open_payment,
    refund_hold,
    retry_command,
    run_command,
    run_due_commands,
    sync_payment,
)
from payments.models import Payment, ProviderCommand, ProviderCustomer
from payments.rules import HoldPart
from payments.selectors.commands import WaitsBecause, charge_wait
from payments.states import CommandKind, CommandState, PaymentState, RefundState
from payments.tests.stripe import made

pytestmark = pytest.mark.django_db


def opened(reference="checkout:1", amount=29900, order="order:1"):
    part = HoldPart(
        reference=order,
        payee_id=UserFactory().pk,
        amount=Money(amount, "AED"),
        subsidy=Money(0, "AED"),
        commission=Money(4485, "AED"),
    )
    return open_payment(payer=UserFactory(), reference=reference, amount=part.amount, parts=[part])


def too_small():
    part = HoldPart("order:s", UserFactory().pk, Money(100, "AED"), Money(0, "AED"), Money(0, "AED"))
    return open_payment(payer=UserFactory(), reference="checkout:s", amount=part.amount, parts=[part])


def command_of(thing, kind=CommandKind.CREATE_CHARGE):
    return ProviderCommand.objects.get(subject__endswith=f":{thing.pk}", kind=kind)


def let_all_be_due():
    ProviderCommand.objects.update(due_at=timezone.now(), leased_until=None)


def paid(stripe_sim, **words):
    payment = opened(**words)
    assert run_command(command_id=command_of(payment).pk) == CommandState.DONE
    return confirm_test_payment(payment_id=payment.pk, method="pm_card_visa")


def intents(stripe_sim):
    return made(stripe_sim, "payment_intent")


def test_an_opened_payment_gets_its_intent_and_its_payer_is_known(stripe_sim):
    payment = opened()
    assert run_command(command_id=command_of(payment).pk) == CommandState.DONE
    payment.refresh_from_db()
    command = command_of(payment)
    assert payment.provider_id == command.result_id != ""
    assert payment.client_secret
    assert command.attempts == 1
    assert command.done_at
    assert command.leased_until is None
    assert ProviderCustomer.objects.get(pk=payment.payer_id).provider_id.startswith("cus_")
    assert run_command(command_id=command.pk) == CommandState.DONE
    assert intents(stripe_sim) == 1


def test_a_payer_who_is_known_stays_so(stripe_sim):
    first = opened()
    run_command(command_id=command_of(first).pk)
    again = open_payment(
        payer=first.payer,
        reference="checkout:2",
        amount=first.amount,
        parts=[
            HoldPart("order:2", UserFactory().pk, first.amount, Money(0, "AED"), Money(0, "AED")),
        ],
    )
    run_command(command_id=command_of(again).pk)
    assert made(stripe_sim, "customer") == 1


def test_a_card_that_is_declined_leaves_the_payment_open_and_another_pays(stripe_sim):
    payment = opened()
    run_command(command_id=command_of(payment).pk)
    declined = confirm_test_payment(payment_id=payment.pk, method="pm_card_chargeDeclinedInsufficientFunds")
    assert (declined.state, declined.failure_code) == (PaymentState.OPEN, "insufficient_funds")
    assert confirm_test_payment(payment_id=payment.pk, method="pm_card_visa").state == PaymentState.CAPTURED


def test_test_cards_are_for_the_simulator(stripe_sim, settings):
    payment = opened()
    settings.STRIPE = settings.STRIPE | {"api_base": ""}
    with pytest.raises(NotAllowed):
        confirm_test_payment(payment_id=payment.pk, method="pm_card_visa")
    payment.refresh_from_db()
    assert payment.state == PaymentState.OPEN


# The library itself tries three times, but not when it was asked to slow down.
@pytest.mark.parametrize(("fault", "times"), [("drop_connection_after", 3), ("conflict_409", 3), ("rate_limit_429", 1)])
def test_without_an_answer_the_same_key_is_sent_again(stripe_sim, fault, times):
    payment = opened()
    stripe_sim.control.fault(fault, path_prefix="/v1/payment_intents", times=times)
    command = command_of(payment)
    assert run_command(command_id=command.pk) == CommandState.SENT
    assert run_command(command_id=command.pk) == CommandState.SENT  # not due yet
    assert command_of(payment).attempts == 1
    let_all_be_due()
    assert run_due_commands() == 1
    assert command_of(payment).state == CommandState.DONE
    assert intents(stripe_sim) == 1
    assert len({r["key"] for r in stripe_sim.control.requests("/v1/payment_intents") if r["method"] == "POST"}) == 1


def test_a_failure_that_was_saved_is_asked_again_with_another_key(stripe_sim):
    payment = opened()
    stripe_sim.control.fault("error_500_saved", path_prefix="/v1/payment_intents", times=1, effect=False)
    command = command_of(payment)
    assert run_command(command_id=command.pk) == CommandState.DONE
    keys = [r["key"] for r in stripe_sim.control.requests("/v1/payment_intents") if r["method"] == "POST"]
    assert keys[-1] == f"{command.idempotency_key}:a2"
    assert intents(stripe_sim) == 1


def test_what_was_done_before_a_saved_failure_is_found_and_not_done_again(stripe_sim):
    payment = opened()
    stripe_sim.control.fault("error_500_saved", path_prefix="/v1/payment_intents", times=1, effect=True)
    command = command_of(payment)
    assert run_command(command_id=command.pk) == CommandState.DONE
    assert intents(stripe_sim) == 1
    payment.refresh_from_db()
    assert payment.client_secret


def test_a_payer_who_could_not_be_made_known_at_once_is_asked_again_too(stripe_sim):
    payment = opened()
    stripe_sim.control.fault("error_500_saved", path_prefix="/v1/customers", times=1, effect=True)
    assert run_command(command_id=command_of(payment).pk) == CommandState.DONE
    assert made(stripe_sim, "customer") == 1


def test_while_it_fails_each_round_waits_longer_and_in_the_end_a_person_must_look(stripe_sim):
    payment = opened()
    stripe_sim.control.fault(
        "error_500_saved", path_prefix="/v1/payment_intents", method="POST", times=50, effect=False
    )
    command = command_of(payment)
    waits = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert run_command(command_id=command.pk) == CommandState.PENDING  # of two keys
        while (command := command_of(payment)).state == CommandState.PENDING:
            assert charge_wait(payment).because == WaitsBecause.FAILED
            waits.append((command.due_at - timezone.now()).total_seconds())
            clock.move_to(command.due_at)
            run_command(command_id=command.pk)
    assert waits == [2, 5, 15, 30, 60, 120]
    assert command.state == CommandState.PARKED
    assert charge_wait(payment).because == WaitsBecause.PARKED
    assert intents(stripe_sim) == 0


def test_what_moves_money_waits_before_another_key_because_it_may_still_be_under_way(stripe_sim):
    paid(stripe_sim)
    refund = refund_hold(
        reference="order:1", amount=Money(10000, "AED"), reason="asked", requested_by=None, by_staff=False
    )
    command = command_of(refund, CommandKind.REFUND)
    stripe_sim.control.fault("error_500_saved", path_prefix="/v1/refunds", times=1, effect=True)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert run_command(command_id=command.pk) == CommandState.PENDING
        assert run_command(command_id=command.pk) == CommandState.PENDING
        assert command_of(refund, CommandKind.REFUND).due_at == timezone.now() + timedelta(minutes=2)
        clock.shift(timedelta(minutes=2))
        assert run_command(command_id=command.pk) == CommandState.DONE
    assert made(stripe_sim, "refund") == 1


def test_after_a_day_it_looks_before_it_asks(stripe_sim):
    payment = opened()
    stripe_sim.control.fault("drop_connection_after", path_prefix="/v1/payment_intents", times=3)
    command = command_of(payment)
    assert run_command(command_id=command.pk) == CommandState.SENT
    stripe_sim.control.prune_keys()
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=True):
        assert run_command(command_id=command.pk) == CommandState.DONE
    assert intents(stripe_sim) == 1


def test_what_the_provider_refuses_fails_and_calls_the_payment_off(stripe_sim):
    payment = too_small()
    assert run_command(command_id=command_of(payment).pk) == CommandState.FAILED
    payment.refresh_from_db()
    assert payment.state == PaymentState.CANCELLED
    assert payment.failure_code == "amount_too_small"


def test_after_many_tries_a_person_must_look(stripe_sim):
    payment = opened()
    command = command_of(payment)
    ProviderCommand.objects.filter(pk=command.pk).update(attempts=39)
    stripe_sim.control.fault("drop_connection_after", path_prefix="/v1/payment_intents", times=3)
    assert run_command(command_id=command.pk) == CommandState.PARKED
    parked = command_of(payment)
    assert parked.error
    assert run_due_commands() == 0

    stranger, staff = UserFactory(), UserFactory(is_superuser=True)
    with pytest.raises(NotAllowed):
        retry_command(staff=stranger, command_id=command.pk)
    assert command_of(payment).state == CommandState.PARKED
    retry_command(staff=staff, command_id=command.pk)
    assert run_command(command_id=command.pk) == CommandState.DONE
    assert intents(stripe_sim) == 1


def test_what_is_given_up_is_taken_back(stripe_sim):
    payment = opened()
    command = command_of(payment)
    ProviderCommand.objects.filter(pk=command.pk).update(attempts=39)
    stripe_sim.control.fault("timeout_before", path_prefix="/v1/payment_intents", times=3, seconds=0)
    stripe_sim.control.fault("drop_connection_after", path_prefix="/v1/payment_intents", times=3)
    run_command(command_id=command.pk)
    give_up_command(staff=UserFactory(is_superuser=True), command_id=command.pk, reason="The buyer left.")
    payment.refresh_from_db()
    assert (command_of(payment).state, payment.state) == (CommandState.FAILED, PaymentState.CANCELLED)


def test_a_payment_that_is_called_off_before_it_was_asked_for_is_never_asked_for(stripe_sim):
    payment = opened()
    cancel_payment(reference="checkout:1")
    assert run_command(command_id=command_of(payment, CommandKind.CANCEL_CHARGE).pk) == CommandState.DONE
    assert command_of(payment).state == CommandState.FAILED
    assert run_command(command_id=command_of(payment).pk) == CommandState.FAILED
    assert intents(stripe_sim) == 0


def test_a_payment_that_is_called_off_is_cancelled_there_too(stripe_sim):
    payment = opened()
    run_command(command_id=command_of(payment).pk)
    cancel_payment(reference="checkout:1")
    assert run_command(command_id=command_of(payment, CommandKind.CANCEL_CHARGE).pk) == CommandState.DONE
    payment = sync_payment(payment_id=payment.pk)
    assert (payment.state, payment.provider_status) == (PaymentState.CANCELLED, "canceled")


def test_money_that_came_while_it_was_called_off_is_captured(stripe_sim):
    payment = opened()
    run_command(command_id=command_of(payment).pk)
    payment.refresh_from_db()
    client = stripe_sim.client()
    client.v1.payment_intents.confirm(
        payment.provider_id,
        {"payment_method": "pm_card_visa", "return_url": "http://testserver/"},
        {"idempotency_key": "by-the-browser"},
    )
    cancel_payment(reference="checkout:1")
    assert run_command(command_id=command_of(payment, CommandKind.CANCEL_CHARGE).pk) == CommandState.DONE
    assert Payment.objects.get(pk=payment.pk).state == PaymentState.CAPTURED


def test_a_refund_is_carried_out_once(stripe_sim):
    payment = paid(stripe_sim)
    refund = refund_hold(
        reference="order:1", amount=Money(10000, "AED"), reason="asked", requested_by=None, by_staff=False
    )
    command = command_of(refund, CommandKind.REFUND)
    stripe_sim.control.fault("drop_connection_after", path_prefix="/v1/refunds", times=3)
    assert run_command(command_id=command.pk) == CommandState.SENT
    let_all_be_due()
    assert run_command(command_id=command.pk) == CommandState.DONE
    refund.refresh_from_db()
    assert refund.state in (RefundState.PENDING, RefundState.SUCCEEDED)
    assert sync_payment(payment_id=payment.pk).state == PaymentState.CAPTURED
    assert made(stripe_sim, "refund") == 1


def test_the_words_of_a_command_never_change(stripe_sim):
    command = command_of(opened())
    with pytest.raises(DatabaseError, match="Cannot update"):
        ProviderCommand.objects.filter(pk=command.pk).update(params={"amount": 1})
