import re
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import stripe

from stripe_simulator.testing import Simulator
from stripe_simulator.tests.conftest import Shop


class Browser:
    def __init__(self, sim: Simulator) -> None:
        self.netloc = urlsplit(sim.url).netloc

    def open(self, url: str, **form: str) -> tuple[int, str, str]:
        """Status, text, and where it leads."""
        parts = urlsplit(url)
        connection = HTTPConnection(self.netloc, timeout=60)
        method, body = ("POST", urlencode(form)) if form else ("GET", None)
        connection.request(method, f"{parts.path}?{parts.query}", body)
        answer = connection.getresponse()
        found = answer.status, answer.read().decode(), answer.getheader("Location") or ""
        connection.close()
        return found


@pytest.fixture
def browser(sim: Simulator) -> Browser:
    return Browser(sim)


def link(shop: Shop, seller: str) -> str:
    asked: Any = {"account": seller, "type": "account_onboarding"}
    asked |= {"return_url": "https://souk.example/back?a=1", "refresh_url": "https://souk.example/again"}
    return shop.api.account_links.create(asked).url


@pytest.mark.parametrize(("outcome", "enabled"), [("complete", True), ("due", False), ("disabled", False)])
def test_a_person_finishes_onboarding(shop: Shop, browser: Browser, outcome: str, enabled: bool):
    seller = shop.seller("")
    url = link(shop, seller)
    status, text, _ = browser.open(url)
    assert (status, "Finish onboarding" in text) == (200, True)
    assert browser.open(url, outcome=outcome, iban="AE460090000000123456789")[::2] == (
        303,
        "https://souk.example/back?a=1",
    )
    account: Any = shop.api.accounts.retrieve(seller)
    assert account.payouts_enabled == enabled
    if outcome == "complete":
        assert account.external_accounts.data[0].last4 == "6789"
    assert browser.open(url)[::2] == (303, "https://souk.example/again")  # serves once


def test_a_link_grows_old(shop: Shop, sim: Simulator, browser: Browser):
    seller = shop.seller("")
    url = link(shop, seller)
    sim.control.advance(301)
    assert browser.open(url, outcome="complete")[::2] == (303, "https://souk.example/again")
    assert not shop.api.accounts.retrieve(seller).payouts_enabled


def test_an_iban_that_cannot_be_changes_nothing(shop: Shop, browser: Browser):
    seller = shop.seller("")
    assert browser.open(link(shop, seller), outcome="complete", iban="AE1")[0] == 400
    assert not shop.api.accounts.retrieve(seller).details_submitted


@pytest.mark.parametrize(("outcome", "status"), [("authenticate", "succeeded"), ("fail", "requires_payment_method")])
def test_three_d_secure_leads_back_with_its_result(shop: Shop, browser: Browser, outcome: str, status: str):
    intent: Any = shop.paid(card="pm_card_authenticationRequired")
    assert intent.status == "requires_action"
    url = intent.next_action.redirect_to_url.url
    assert "AED 299.00" in browser.open(url)[1]
    _, _, where = browser.open(url, outcome=outcome)
    query = parse_qs(urlsplit(where).query)
    assert query["redirect_status"] == ["succeeded" if outcome == "authenticate" else "failed"]
    assert query["payment_intent"] == [intent.id]
    after = shop.api.payment_intents.retrieve(intent.id)
    assert after.status == status
    assert (after.last_payment_error is None) == (outcome == "authenticate")
    assert browser.open(url, outcome="authenticate")[0] == 409  # only once
    assert len(shop.entries()) == int(outcome == "authenticate")


def test_paying_on_the_page_with_a_card_that_is_declined_and_one_that_pays(shop: Shop, browser: Browser):
    intent: Any = shop.api.payment_intents.create({"amount": 5000, "currency": "aed"})
    url = f"/pages/pay/{intent.client_secret}?return_url=https%3A%2F%2Fsouk.example%2Fdone"
    status, text, _ = browser.open(url)
    assert (status, len(re.findall("<option", text)) > 5) == (200, True)
    assert "Your card was declined" in browser.open(url, card="pm_card_chargeDeclined")[1]
    status, _, where = browser.open(url, card="pm_card_visa")
    assert (status, where.startswith("https://souk.example/done?payment_intent=")) == (303, True)
    assert shop.api.payment_intents.retrieve(intent.id).status == "succeeded"
    assert browser.open(url, card="pm_card_visa")[0] == 303
    assert len(shop.entries()) == 1


def test_a_seller_looks_at_the_payouts(shop: Shop, browser: Browser):
    with pytest.raises(stripe.InvalidRequestError):
        shop.api.accounts.login_links.create(shop.seller(""))
    seller = shop.funded(10_000)
    shop.api.payouts.create({"amount": 4000, "currency": "aed"}, {"stripe_account": seller})
    status, text, _ = browser.open(shop.api.accounts.login_links.create(seller).url)
    assert (status, "AED 60.00 available" in text, "AED 40.00 pending" in text) == (200, True, True)


@pytest.mark.parametrize(
    "path", ["/pages/", "/pages/onboarding/none", "/pages/3ds/pi_1_secret_2", "/pages/pay/pi_1_secret_2"]
)
def test_addresses_that_mean_nothing(browser: Browser, path: str):
    assert browser.open(path)[0] == 404


def test_pages_lead_to_web_addresses_only(shop: Shop, browser: Browser):
    intent: Any = shop.paid(5000)
    assert browser.open(f"/pages/pay/{intent.client_secret}?return_url=javascript:alert(1)")[0] == 400
