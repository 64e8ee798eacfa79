from datetime import UTC, datetime, timedelta

import pytest

from payments.errors import ProviderRefused, ProviderSavedFailure, ProviderUnclear
from payments.provider import provider
from payments.provider.flows import ONE_SELLER
from payments.tests.stripe import made

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
BANK = {
    "object": "bank_account",
    "country": "AE",
    "currency": "aed",
    "account_number": "AE070331234567890123456",
}


def said(command, subject="payment:1"):
    return {"command": command, "subject": subject}


@pytest.fixture(params=["separate", "destination"])
def flow(request, settings, stripe_sim):
    settings.STRIPE = settings.STRIPE | {"funds_flow": request.param}
    return request.param


@pytest.fixture
def seller(stripe_sim):
    account = provider().create_account(params={"country": "AE"}, metadata=said("acct-1", "user:1"), key="acct:1")
    stripe_sim.control.account(account.id, external_account=BANK)
    return account.id


def charge_words(seller, amount=29900, **other):
    part = {"reference": "order:1", "payee": "1", "amount": amount, "subsidy": 0, "commission": 4485}
    return {
        "payment": "1",
        "payer": "1",
        "reference": "checkout:1",
        "amount": amount,
        "currency": "AED",
        "description": "A lamp",
        "parts": [part],
        "destination": seller,
        **other,
    }


def charged(seller, amount=29900):
    customer = provider().create_customer(metadata=said("cus-1"), key="cus:1")
    return provider().charge(params=charge_words(seller, amount), customer=customer, metadata=said("pi-1"), key="pi:1")


def paid(seller, amount=29900, method="pm_card_visa"):
    intent = charged(seller, amount)
    return provider().confirm(intent.id, method=method, return_url="http://testserver/back")


def test_a_charge_is_paid_and_its_fee_is_known(flow, seller):
    view = paid(seller)
    assert (view.status, view.amount_minor, view.currency) == ("succeeded", 29900, "AED")
    assert view.client_secret
    assert view.charge.method == {"brand": "visa", "last4": "4242"}
    assert view.charge.fee_minor > 0
    assert view.charge.available_on > datetime.now(UTC)
    assert bool(view.charge.transfer_id) == (flow == "destination")
    assert provider().intent(view.id) == view


def test_the_same_key_makes_one_thing(flow, seller, stripe_sim):
    first, second = charged(seller), charged(seller)
    assert first.id == second.id
    assert made(stripe_sim, "payment_intent") == 1


def test_what_a_lost_answer_made_is_found_by_its_command(flow, seller):
    view = paid(seller)
    customer = provider().find_customer(command="cus-1", since=LONG_AGO)
    assert provider().find_charge(customer=customer, command="pi-1") == view
    assert provider().find_charge(customer=customer, command="pi-2") is None
    assert provider().find_account(command="acct-1", since=LONG_AGO).id == seller
    assert provider().find_customer(command="other", since=LONG_AGO) is None
    refund = provider().refund(
        params={"amount": 1000, "currency": "AED"}, intent=view.id, metadata=said("re-1"), key="re:1"
    )
    assert provider().find_refund(intent=view.id, command="re-1").id == refund.id
    assert provider().find_refund(intent=view.id, command="re-2") is None


def test_money_goes_to_the_seller_and_to_their_bank(flow, seller, stripe_sim):
    paid(seller)
    stripe_sim.control.advance(days=8)
    words = {"amount": 25415, "currency": "AED", "destination": seller, "top_up": 0}
    sent = provider().pay_seller(params=words, metadata=said("tr-1", "payout:1"), key="tr:1")
    if flow == "separate":
        assert sent.amount_minor == 25415
        assert sent.destination == seller
        assert sent.destination_payment_id
        assert provider().find_transfer(group="payout:1", command="tr-1").id == sent.id
        assert provider().transfer(sent.id).id == sent.id
    else:
        assert (sent.id, sent.amount_minor) == ("there:payout:1", 25415)
    stripe_sim.control.advance(days=8)
    out = provider().pay_out(
        params={"amount": 25415, "currency": "AED", "method": "standard"},
        account=seller,
        metadata=said("po-1", "payout:1"),
        key="po:1",
    )
    assert (out.amount_minor, out.method) == (25415, "standard")
    assert provider().find_payout(account=seller, command="po-1", since=LONG_AGO).id == out.id
    stripe_sim.control.payout(out.id, "paid")
    assert provider().payout(out.id, account=seller).status == "paid"
    assert provider().payout(out.id, account=seller).bank_last4 == "3456"


def test_a_transfer_is_taken_back(seller, stripe_sim):
    paid(seller)
    stripe_sim.control.advance(days=8)
    words = {"amount": 25415, "currency": "AED", "destination": seller}
    sent = provider().pay_seller(params=words, metadata=said("tr-1", "payout:1"), key="tr:1")
    back = provider().claw_back(params={"transfer": sent.id, "amount": 415}, metadata=said("trr-1"), key="trr:1")
    assert back.reversed_minor == 415
    assert provider().find_claw_back(transfer=sent.id, command="trr-1").id == back.id
    assert provider().find_claw_back(transfer=sent.id, command="trr-2") is None
    assert provider().transfer(sent.id).reversed_minor == 415


def test_a_voucher_of_ours_is_added_with_the_payout_of_destination_charges(seller, settings):
    settings.STRIPE = settings.STRIPE | {"funds_flow": "destination"}
    customer = provider().create_customer(metadata=said("cus-1"), key="cus:1")
    words = charge_words(seller)
    words["parts"][0]["subsidy"] = 5000  # more than the commission: nothing is left for a fee
    intent = provider().charge(params=words, customer=customer, metadata=said("pi-1"), key="pi:1")
    provider().confirm(intent.id, method="pm_card_bypassPending", return_url="http://testserver/back")
    view = provider().balance(account=seller)
    assert view.pending.get("AED", 0) + view.available.get("AED", 0) == 29900


def test_destination_charges_are_of_one_seller(seller, settings):
    settings.STRIPE = settings.STRIPE | {"funds_flow": "destination"}
    words = charge_words(seller)
    for wrong in (
        {**words, "parts": words["parts"] * 2},
        {**words, "destination": ""},
    ):
        with pytest.raises(ProviderRefused) as refused:
            provider().charge(params=wrong, customer="cus_1", metadata=said("pi-1"), key="pi:1")
        assert refused.value.code == ONE_SELLER


def test_an_account_is_ours_to_pay_out_by_hand(seller, stripe_sim):
    view = provider().account(seller)
    assert view.payouts_enabled
    assert view.transfers_active
    assert view.bank_last4 == "3456"
    updates = [r for r in stripe_sim.control.requests("/v1/balance_settings") if r["method"] == "POST"]
    assert updates[0]["params"]["payments"]["payouts"]["schedule"]["interval"] == "manual"
    assert (
        provider()
        .onboarding_url(account=seller, return_url="http://testserver/a", refresh_url="http://testserver/b")
        .startswith("http")
    )


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("timeout_after", ProviderUnclear),
        ("drop_connection_after", ProviderUnclear),
        ("conflict_409", ProviderUnclear),
        ("rate_limit_429", ProviderUnclear),
        ("error_500_saved", ProviderSavedFailure),
        ("error_500_unsaved", ProviderSavedFailure),
    ],
)
def test_what_goes_wrong_is_one_of_three_things(stripe_sim, settings, fault, error):
    settings.STRIPE = settings.STRIPE | {"timeout": 0.5}
    stripe_sim.control.fault(fault, path_prefix="/v1/customers", times=3, seconds=2)
    with pytest.raises(error):
        provider().create_customer(metadata=said("cus-1"), key="cus:1")


def test_a_refusal_says_why(seller):
    with pytest.raises(ProviderRefused) as refused:
        provider().intent("pi_of_nobody")
    assert refused.value.code == "resource_missing"
    with pytest.raises(ProviderRefused) as refused:
        paid(seller, method="pm_card_chargeDeclinedInsufficientFunds")
    assert (refused.value.code, refused.value.decline_code) == ("card_declined", "insufficient_funds")
    with pytest.raises(ProviderRefused) as refused:
        provider().create_customer(metadata=said("other"), key="cus:1")
    assert refused.value.code == "idempotency_error"


def test_without_a_key_nothing_is_asked(settings):
    settings.STRIPE = settings.STRIPE | {"secret_key": ""}
    with pytest.raises(ProviderUnclear) as unclear:
        provider().intent("pi_1")
    assert unclear.value.code == "no_key"


def test_the_books_are_read_page_by_page(seller, stripe_sim):
    paid(seller)
    lines = list(provider().balance_lines(since=LONG_AGO, until=datetime.now(UTC) + timedelta(days=1)))
    assert [(line.type, line.amount) for line in lines] == [("charge", 29900)]
    assert lines[0].net == lines[0].amount - lines[0].fee
    balance = provider().balance()
    assert balance.pending["AED"] == lines[0].net
