"""Requests are judged by the types of Stripe's own library."""

from typing import Any

import pytest
import stripe

from stripe_simulator.judge import judge
from stripe_simulator.protocol import MisshapenError, decode_form
from stripe_simulator.routing import ROUTES
from stripe_simulator.testing import Simulator, referee
from stripe_simulator.tests.conftest import Shop


def test_reads_fields_as_the_types_they_have():
    text = (
        "amount=29900&currency=aed&automatic_payment_methods[enabled]=true&metadata[checkout]=7&expand[]=customer"
        "&expand[]=latest_charge&off_session=one_off"
    )
    assert judge(decode_form(text), "PaymentIntentCreateParams") == {
        "amount": 29900,
        "currency": "aed",
        "automatic_payment_methods": {"enabled": True},
        "metadata": {"checkout": "7"},
        "expand": ["customer", "latest_charge"],
        "off_session": "one_off",
    }


@pytest.mark.parametrize(
    ("call", "text", "code", "param"),
    [
        ("PaymentIntentCreateParams", "amount=many&currency=aed", "parameter_invalid_integer", "amount"),
        ("PaymentIntentCreateParams", "amount=5", "parameter_missing", "currency"),
        ("PaymentIntentCreateParams", "amount=5&currency=", "parameter_invalid_empty", "currency"),
        ("PaymentIntentCreateParams", "amount=5&currency=aed&bogus=1", "parameter_unknown", "bogus"),
        (
            "PaymentIntentCreateParams",
            "amount=5&currency=aed&automatic_payment_methods[enabled]=perhaps",
            "parameter_invalid_boolean",
            "automatic_payment_methods[enabled]",
        ),
        (
            "PaymentIntentCreateParams",
            "amount=5&currency=aed&transfer_data[destination]=acct_1&transfer_data[fee]=1",
            "parameter_unknown",
            "transfer_data[fee]",
        ),
        ("PaymentIntentCreateParams", "amount=5&currency=aed&expand=customer", "parameter_invalid_array", "expand"),
        ("PaymentIntentCreateParams", "amount=5&currency=aed&idempotency_key=x", "parameter_unknown", "idempotency_key"),
        ("PayoutCreateParams", "amount=5&currency=aed&method=fast", None, "method"),
        ("PayoutCreateParams", "amount=5&currency=aed&application_fee_amount=5", "parameter_unknown", "application_fee_amount"),
        ("TransferCreateParams", "amount[a]=5&currency=aed&destination=acct_1", "parameter_invalid_string", "amount"),
        ("RefundCreateParams", "charge=ch_1&reason=bored", None, "reason"),
        ("AccountExternalAccountCreateParams", "external_account[object]=bank_account&external_account[country]=AE",
         "parameter_missing", "external_account[account_number]"),
    ],
)  # fmt: skip
def test_refuses_what_the_types_do_not_have(call: str, text: str, code: str | None, param: str):
    with pytest.raises(MisshapenError) as refused:
        judge(decode_form(text), call)
    assert (refused.value.code, refused.value.body["param"]) == (code, param)


def test_a_value_and_a_hash_at_once_is_refused():
    with pytest.raises(MisshapenError):
        decode_form("metadata=x&metadata[a]=b")


def test_every_route_names_a_type_that_the_library_has():
    for route in ROUTES:
        with_nothing: dict[str, Any] = {}
        try:
            judge(with_nothing, route.params)
        except MisshapenError as error:
            assert error.code == "parameter_missing", route.template  # noqa: PT017


def test_a_violation_is_written_down_and_the_referee_fails_the_test(shop: Shop, sim: Simulator):
    asked: Any = {"amount": 5000, "currency": "aed", "bogus": 1}
    outer = pytest.raises(AssertionError, match="Received unknown parameter: bogus")
    with outer, referee(sim), pytest.raises(stripe.InvalidRequestError, match="unknown parameter"):
        shop.api.payment_intents.create(asked)
    assert [kept["violation"] for kept in sim.violations()] == ["Received unknown parameter: bogus"]


def test_what_has_no_effect_is_written_down(shop: Shop, sim: Simulator):
    shop.api.payment_intents.create({"amount": 500, "currency": "aed", "description": "a lamp", "radar_options": {}})
    shop.api.payment_intents.create({"amount": 500, "currency": "aed", "radar_options": {"session": "rse_1"}})
    assert sim.ignored() == {"POST /v1/payment_intents radar_options"}


def test_lists_are_not_filtered_by_what_is_not_there(shop: Shop):
    with pytest.raises(stripe.InvalidRequestError, match="does not filter payout by arrival_date"):
        shop.api.payouts.list({"arrival_date": 5})


def test_the_referee_wants_a_key_for_every_post(shop: Shop, sim: Simulator):
    with pytest.raises(AssertionError, match="POST /v1/customers: no Idempotency-Key of ours"), referee(sim):
        shop.api.customers.create({})
    with referee(sim):
        shop.api.customers.create({}, {"idempotency_key": "cus:1"})
        shop.api.customers.list()
