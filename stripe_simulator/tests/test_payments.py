from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
import stripe

from stripe_simulator.testing import Simulator
from stripe_simulator.tests.conftest import Shop


def declined(shop: Shop, card: str, **more: Any) -> stripe.CardError:
    with pytest.raises(stripe.CardError) as refused:
        shop.paid(card=card, **more)
    return refused.value


@pytest.mark.parametrize(
    ("card", "code", "decline"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ],
)
def test_a_declined_card_leaves_a_failed_charge_and_no_money(
    shop: Shop, sim: Simulator, card: str, code: str, decline: str
):
    error = declined(shop, card)
    intent = shop.api.payment_intents.list().data[0]
    assert (error.http_status, error.code, error.error.decline_code) == (402, code, decline)
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert intent.last_payment_error.code == code
    charge = shop.api.charges.retrieve(str(intent.latest_charge))
    assert (charge.status, charge.paid, charge.balance_transaction) == ("failed", False, None)
    assert shop.entries() == []
    assert [e["type"] for e in sim.control.events()][-2:] == ["charge.failed", "payment_intent.payment_failed"]


def test_after_a_declined_card_another_one_pays(shop: Shop):
    declined(shop, "pm_card_chargeDeclined")
    intent = shop.api.payment_intents.list().data[0]
    paid = shop.api.payment_intents.confirm(
        intent.id, {"payment_method": "pm_card_mastercard", "return_url": "https://souk.example"}
    )
    assert (paid.status, paid.last_payment_error, paid.amount_received) == ("succeeded", None, 29900)
    assert len(shop.api.charges.list({"payment_intent": intent.id}).data) == 2


@pytest.mark.parametrize(
    ("number", "status"),
    [("4242424242424242", "succeeded"), ("4000002760003184", "requires_action"), ("4000000000000259", "succeeded")],
)
def test_card_numbers_behave_like_their_names(shop: Shop, number: str, status: str):
    data: Any = {"type": "card", "card": {"number": number, "exp_month": 12, "exp_year": 2034, "cvc": "123"}}
    asked: Any = {"amount": 5000, "currency": "aed", "confirm": True, "return_url": "https://a.example"}
    assert shop.api.payment_intents.create(asked | {"payment_method_data": data}).status == status


@pytest.mark.parametrize(
    ("amount", "code"), [(199, "amount_too_small"), (0, "parameter_invalid_integer"), (100_000_000, "amount_too_large")]
)
def test_refuses_amounts_that_stripe_refuses(shop: Shop, amount: int, code: str):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.api.payment_intents.create({"amount": amount, "currency": "aed"})
    assert refused.value.code == code
    assert shop.api.payment_intents.list().data == []


def test_refuses_currencies_and_customers_that_are_not_there(shop: Shop):
    with pytest.raises(stripe.InvalidRequestError, match="Invalid currency"):
        shop.api.payment_intents.create({"amount": 500, "currency": "xyz"})
    with pytest.raises(stripe.InvalidRequestError, match="No such customer") as refused:
        shop.api.payment_intents.create({"amount": 500, "currency": "aed", "customer": "cus_none"})
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_confirming_from_a_server_needs_an_address_to_return_to(shop: Shop):
    intent = shop.api.payment_intents.create({"amount": 500, "currency": "aed"})
    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        shop.api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert shop.api.payment_intents.retrieve(intent.id).status == "requires_payment_method"


def test_a_browser_confirms_with_the_publishable_key_and_the_client_secret(shop: Shop, sim: Simulator):
    intent = shop.api.payment_intents.create({"amount": 500, "currency": "aed"})

    def confirm(secret: str) -> int:
        body = f"payment_method=pm_card_visa&client_secret={secret}".encode()
        headers = {"Authorization": "Bearer pk_test_browser"}
        connection = HTTPConnection(urlsplit(sim.url).netloc, timeout=30)
        connection.request("POST", f"/v1/payment_intents/{intent.id}/confirm", body, headers)
        return connection.getresponse().status

    assert confirm("pi_wrong") == 404
    assert confirm(str(intent.client_secret)) == 200
    assert shop.api.payment_intents.retrieve(intent.id).status == "succeeded"


def test_a_publishable_key_makes_nothing(sim: Simulator):
    client = stripe.StripeClient("pk_test_browser", base_addresses={"api": sim.url})
    with pytest.raises(stripe.PermissionError):
        client.v1.customers.create({})


@pytest.mark.parametrize("key", ["sk_live_abcdef", "nonsense"])
def test_keys_that_are_not_of_the_test_mode_are_refused(sim: Simulator, key: str):
    client = stripe.StripeClient(key, base_addresses={"api": sim.url})
    with pytest.raises(stripe.AuthenticationError):
        client.v1.balance.retrieve()


def test_an_intent_can_be_changed_until_it_is_paid(shop: Shop):
    intent = shop.api.payment_intents.create({"amount": 500, "currency": "aed", "metadata": {"a": "1", "b": "2"}})
    changed = shop.api.payment_intents.update(intent.id, {"amount": 700, "metadata": {"a": ""}})
    assert (changed.amount, changed.metadata.to_dict()) == (700, {"b": "2"})
    shop.api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa", "return_url": "https://a.example"})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.api.payment_intents.update(intent.id, {"amount": 900})
    assert refused.value.code == "payment_intent_unexpected_state"
    assert shop.api.payment_intents.update(intent.id, {"metadata": {"c": "3"}}).metadata.to_dict() == {
        "b": "2",
        "c": "3",
    }


def test_a_canceled_intent_cannot_be_paid_and_a_paid_one_not_canceled(shop: Shop):
    intent = shop.api.payment_intents.create({"amount": 500, "currency": "aed"})
    assert shop.api.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"}).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.api.payment_intents.confirm(
            intent.id, {"payment_method": "pm_card_visa", "return_url": "https://a.example"}
        )
    assert refused.value.code == "payment_intent_unexpected_state"
    paid = shop.paid()
    with pytest.raises(stripe.InvalidRequestError) as late:
        shop.api.payment_intents.cancel(paid.id)
    assert late.value.error.payment_intent.status == "succeeded"
    assert len(shop.entries()) == 1


def test_the_fee_is_rounded_half_up(shop: Shop, sim: Simulator):
    sim.control.terms(fee_basis_points=250, fee_fixed=0)
    shop.paid(1020)  # 25.5
    shop.paid(1019)  # 25.475
    assert [fee for _, _, fee in shop.entries()] == [26, 25]


def test_a_charge_can_settle_later_and_says_so(shop: Shop, sim: Simulator):
    sim.control.terms(settle_after=5)
    intent = shop.paid()
    charge = str(intent.latest_charge)
    assert shop.api.charges.retrieve(charge).balance_transaction is None
    assert shop.balance() == (0, 0)
    sim.control.advance(5)
    assert shop.api.charges.retrieve(charge).balance_transaction
    assert sim.control.events("charge.updated")[0]["data"]["previous_attributes"] == {"balance_transaction": None}


def test_money_of_one_card_is_available_at_once(shop: Shop):
    shop.paid(10_000, card="pm_card_bypassPending")
    assert shop.balance() == (9610, 0)


def test_says_when_money_became_available_once_for_a_moment(shop: Shop, sim: Simulator):
    shop.paid(10_000)
    shop.paid(10_000)
    assert sim.control.events("balance.available") == []
    sim.control.advance(days=7)
    told = sim.control.events("balance.available")
    assert [event["data"]["object"]["available"][0]["amount"] for event in told] == [2 * 9610]


def test_finds_payments_by_metadata_group_and_amount(shop: Shop):
    first = shop.paid(5000, metadata={"checkout": "7"}, transfer_group="chk_7")
    shop.paid(6000, metadata={"checkout": "8"}, transfer_group="chk_8")

    def found(query: str) -> list[str]:
        return [hit.id for hit in shop.api.payment_intents.search({"query": query}).data]

    assert found("metadata['checkout']:'7'") == [first.id]
    assert found("metadata['checkout']:'7' AND status:'succeeded' AND amount<5500") == [first.id]
    assert found("metadata['checkout']:'7' AND status:'canceled'") == []
    assert found('transfer_group:"chk_7"') == [first.id]
    assert len(found("status:'succeeded'")) == 2
    with pytest.raises(stripe.InvalidRequestError):
        found("whatever")


def test_search_pages(shop: Shop):
    made = {shop.api.payment_intents.create({"amount": 500, "currency": "aed"}).id for _ in range(5)}
    pages = shop.api.payment_intents.search({"query": "currency:'aed'", "limit": 2})
    assert {hit.id for hit in pages.auto_paging_iter()} == made


def test_expands_what_is_asked_for_and_refuses_the_rest(shop: Shop):
    customer = shop.api.customers.create({"name": "Maha"})
    intent = shop.paid(customer=customer.id, expand=["customer", "latest_charge.balance_transaction"])
    full: Any = intent
    assert (full.customer.name, full.latest_charge.balance_transaction.net) == ("Maha", 28933)
    listed: Any = shop.api.charges.list({"expand": ["data.customer", "data.refunds"]}).data[0]
    assert (listed.customer.name, listed.refunds.data) == ("Maha", [])
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        shop.api.payment_intents.retrieve(intent.id, {"expand": ["amount"]})
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        shop.api.payment_intents.retrieve(intent.id, {"expand": ["mood"]})


def test_lists_page_in_both_directions_and_filter(shop: Shop, sim: Simulator):
    made = []
    for number in range(5):
        made.append(shop.api.customers.create({"email": f"{number % 2}@souk.example"}))
        sim.control.advance(10)
    newest_first = [customer.id for customer in made][::-1]
    api = shop.api.customers
    page = api.list({"limit": 2})
    assert ([c.id for c in page.data], page.has_more) == (newest_first[:2], True)
    page = api.list({"limit": 2, "starting_after": newest_first[1]})
    assert ([c.id for c in page.data], page.has_more) == (newest_first[2:4], True)
    page = api.list({"limit": 3, "starting_after": newest_first[1]})
    assert ([c.id for c in page.data], page.has_more) == (newest_first[2:], False)
    page = api.list({"limit": 2, "ending_before": newest_first[4]})
    assert ([c.id for c in page.data], page.has_more) == (newest_first[2:4], True)
    assert [c.id for c in api.list({"limit": 1}).auto_paging_iter()] == newest_first
    assert len(api.list({"email": "1@souk.example"}).data) == 2
    edges: Any = {"created": {"gte": made[1].created, "lt": made[3].created}}
    assert [c.id for c in api.list(edges).data] == [made[2].id, made[1].id]
    for wrong in ({"limit": 0}, {"limit": 101}, {"starting_after": "cus_none"}):
        with pytest.raises(stripe.InvalidRequestError):
            api.list(wrong)  # type: ignore[arg-type]


def test_objects_of_others_are_not_there(shop: Shop):
    seller = shop.seller()
    customer = shop.api.customers.create({})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.api.customers.retrieve(customer.id, {}, {"stripe_account": seller})
    assert refused.value.code == "resource_missing"
    with pytest.raises(stripe.PermissionError):
        shop.api.balance.retrieve({}, {"stripe_account": "acct_none"})


def test_an_unknown_address_is_refused_in_the_usual_shape(sim: Simulator):
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL") as refused:
        sim.client().raw_request("get", "/v1/horses")
    assert refused.value.http_status == 404
    assert refused.value.request_id


def test_a_payment_that_is_asked_off_session_does_not_wait_for_the_buyer(shop: Shop):
    error = declined(shop, "pm_card_authenticationRequired", off_session=True)
    assert (error.code, shop.entries()) == ("authentication_required", [])
