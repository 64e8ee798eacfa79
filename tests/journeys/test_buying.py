"""Somebody buys from a neighbour: paid with the simulator's cards, handed over by a code, and the money is the seller's."""

from collections.abc import Callable

import pytest
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import expect

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from catalog.models import Product
from catalog.tests.factories import ProductFactory, SellerFactory
from core.testing import deliver_everything
from orders.models import Order
from orders.states import OrderState, PaymentAxis
from tests.journeys.people import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def chair(city: None) -> Product:
    layla = SellerFactory(username="layla", full_name="Layla Haddad")
    return ProductFactory(seller=layla, title="Chair of oak", images=0)


@pytest.fixture
def buyer(city: None) -> User:
    return UserFactory(username="omar", full_name="Omar Khan")


@pytest.fixture
def omar(
    visitor: Callable[..., Visitor], chair: Product, buyer: User, stripe_sim: object, front: object, settings: object
) -> Visitor:
    settings.SITE_URL = front.url  # type: ignore[attr-defined] # where the bank sends people back to
    somebody = visitor(locale="en-AE", screen=PHONE)
    somebody.sign_in("omar", PASSWORD)
    return somebody


def go_to_pay(somebody: Visitor, product: Product) -> None:
    somebody.open(f"/l/{product.pk}")
    somebody.click(f'.action-bar a[href="/l/{product.pk}/buy"]')
    somebody.click('#buy button[value="now"]')
    somebody.is_at(r"/checkout\?buy=")
    somebody.click('#checkout button[value="buy"]')
    somebody.is_at(r"/checkout/[^/]+/pay$")


def pay_with(somebody: Visitor, card: str) -> None:
    somebody.click(f'label.choice:has(input[value="{card}"])')
    somebody.click('#main button[value="pay"]')


def test_bought_with_a_card_handed_over_by_the_code_and_earned(omar, visitor, chair):
    go_to_pay(omar, chair)
    pay_with(omar, "pm_card_visa")
    omar.is_at(r"/checkout/[^/]+/done$")
    omar.sees("Thank you, it is paid")
    deliver_everything()

    omar.click('#main a[href^="/orders/"]')
    omar.sees("is safe with us")
    omar.click('form[action$="/code#code-words"] button')
    code = omar.find(".handover-code").inner_text()

    layla = visitor(screen=DESK)
    layla.sign_in("layla", PASSWORD)
    layla.open("/selling/orders")
    layla.click("#orders .order-row")
    layla.find('#main input[name="code"]').fill(code)
    layla.click("#handover button")
    layla.sees("Well sold!")
    layla.sees("is yours")
    deliver_everything()

    order = Order.objects.get()
    assert (order.state, order.payment_state) == (OrderState.COMPLETED, PaymentAxis.RELEASED)
    layla.open("/selling/money")
    expect(layla.find(".balance-parts")).to_contain_text("237.50")


def test_a_declined_card_then_one_whose_bank_asks_who_it_is(omar, chair, stripe_sim):
    go_to_pay(omar, chair)
    pay_with(omar, "pm_card_chargeDeclined")
    omar.sees("That did not go through")
    assert Order.objects.get().state == OrderState.AWAITING_PAYMENT

    pay_with(omar, "pm_card_authenticationRequired")
    omar.page.wait_for_url(f"{stripe_sim.url}/**")
    omar.page.locator("button").first.click()
    omar.is_at(r"/checkout/[^/]+/done$")
    omar.sees("Thank you, it is paid")
    assert Order.objects.get().state == OrderState.CONFIRMED


def test_a_phone_in_arabic_at_night_from_the_cart_to_the_order(visitor, chair, stripe_sim, front, settings):
    settings.SITE_URL = front.url
    UserFactory(username="omar", full_name="عمر خان", language="ar")
    omar = visitor(locale="ar-AE", screen=PHONE)
    omar.page.emulate_media(color_scheme="dark")
    with translation.override("ar"):
        omar.open(f"/l/{chair.pk}/buy")
        omar.click('#buy button[value="cart"]')
        expect(omar.find("#buy [role=status]")).to_be_visible()
        omar.open("/cart")
        omar.click('#main a[href="/login?next=/checkout"]')
        omar.fill(identifier="omar", password=PASSWORD)
        omar.send()
        omar.is_at(r"/checkout$")
        assert omar.page.evaluate("document.documentElement.dir") == "rtl"
        omar.click('#checkout button[value="buy"]')
        omar.is_at(r"/checkout/[^/]+/pay$")
        pay_with(omar, "pm_card_visa")
        omar.is_at(r"/checkout/[^/]+/done$")
        omar.sees(gettext("Thank you, it is paid"))
        omar.click('#main a[href^="/orders/"]')
        omar.is_at(r"/orders/")
        assert omar.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_everything_is_bought_too(visitor, chair, buyer, stripe_sim, front, settings):
    settings.SITE_URL = front.url
    omar = visitor(screen=PHONE, scripts=False)
    omar.sign_in("omar", PASSWORD)
    go_to_pay(omar, chair)
    pay_with(omar, "pm_card_visa")
    omar.is_at(r"/checkout/[^/]+/done$")
    omar.click('#main a[href^="/orders/"]')
    omar.click('form[action$="/code#code-words"] button')
    assert len(omar.find(".handover-code").inner_text().replace(" ", "")) == 6
