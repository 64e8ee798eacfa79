"""Rules of buyers: carts and checkouts, offers, cards of every kind."""

import random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from offers.actions import accept_offer, counter_offer, decline_offer, make_offer, withdraw_offer
from offers.models import Offer
from orders import actions as orders
from orders.quotes import Wanted
from orders.selectors import Owner
from orders.states import Delivery, PayBy, Source
from payments.models import Payment
from tests.machines.market import Market, aed, pick, where

NUMBER = st.integers(0, 23)
GOOD_CARDS = ("pm_card_visa", "pm_card_bypassPending")
CARDS = st.sampled_from(
    [
        *GOOD_CARDS,
        *GOOD_CARDS,
        "pm_card_chargeDeclinedInsufficientFunds",
        "pm_card_authenticationRequired",
        "pm_card_refundFail",
        "pm_card_pendingRefund",
        "pm_card_createDispute",
    ]
)
VOUCHERS = st.sampled_from([[], [], ["SHOP10"], ["HOUSE"], ["SHOP10", "HOUSE"]])
KINDS = st.sampled_from(["cash", "cash", "trade", "mixed"])
WAYS = st.sampled_from([Delivery.MEET, Delivery.SHIP])
BY = st.sampled_from([PayBy.CARD, PayBy.CARD, PayBy.CARD, PayBy.CASH])


class Buying:
    market: Market

    @rule(
        who=st.integers(0, 2),
        what=st.lists(st.tuples(st.integers(0, 4), st.integers(1, 2)), min_size=1, max_size=3),
        way=WAYS,
        by=BY,
        vouchers=VOUCHERS,
    )
    def buy(self, who, what, way, by, vouchers):
        self._check_out(who, self._wanted(what), way=way, by=by, vouchers=vouchers)

    @rule(
        who=st.integers(0, 2),
        what=st.lists(st.tuples(st.integers(0, 4), st.integers(1, 2)), min_size=1, max_size=3),
        way=WAYS,
        vouchers=VOUCHERS,
        card=st.sampled_from(GOOD_CARDS),
    )
    def buy_and_pay(self, who, what, way, vouchers, card):
        """As most do."""
        checkout = self._check_out(who, self._wanted(what), way=way, by=PayBy.CARD, vouchers=vouchers)
        if checkout:
            self.market.tried(orders.pay_by_test_method, buyer=checkout.buyer, checkout_id=checkout.pk, method=card)

    @rule(
        who=st.integers(0, 2),
        what=st.lists(st.tuples(st.integers(0, 4), st.integers(1, 3)), min_size=1, max_size=3),
        way=WAYS,
        vouchers=VOUCHERS,
    )
    def fill_a_cart_and_check_out(self, who, what, way, vouchers):
        market, buyer = self.market, self.market.buyers[who]
        for number, quantity in what:
            product = market.shelf[number]
            market.tried(orders.add_to_cart, owner=Owner(user=buyer), product_id=product.pk, quantity=quantity)
        market.tried(orders.accept_cart_changes, owner=Owner(user=buyer))
        self._check_out(who, None, way=way, by=PayBy.CARD, vouchers=vouchers, source=Source.CART)

    def _wanted(self, what):
        shelf = self.market.shelf
        return [Wanted(shelf[number].variants.get().pk, quantity) for number, quantity in dict(what).items()]

    def _check_out(self, who, lines, *, way, by, vouchers, **more: Any):
        market = self.market
        home = market.homes[who].pk if way == Delivery.SHIP else None
        return market.tried(
            orders.open_checkout,
            buyer=market.buyers[who],
            lines=lines,
            pay_by=by,
            delivery=way,
            address_id=home,
            voucher_codes=vouchers,
            **more,
        )

    @where("open_checkout")
    @rule(number=NUMBER, card=CARDS)
    def pay(self, number, card):
        if checkout := pick(self.market.open_checkouts(), number):
            self.market.tried(orders.pay_by_test_method, buyer=checkout.buyer, checkout_id=checkout.pk, method=card)

    @where("intent")
    @rule(number=NUMBER, card=CARDS)
    def pay_and_close_the_window(self, number, card):
        """The browser pays, and never comes back to us."""
        payments = list(Payment.objects.exclude(provider_id="").exclude(state="captured").order_by("created_at"))
        if payment := pick(payments, number):
            self.market.confirm_in_browser(payment, card)

    @where("open_checkout")
    @rule(number=NUMBER)
    def come_back_from_the_card_form(self, number):
        if checkout := pick(self.market.open_checkouts(), number):
            self.market.tried(orders.settle_checkout, buyer=checkout.buyer, checkout_id=checkout.pk)

    @where("open_checkout")
    @rule(number=NUMBER)
    def call_a_checkout_off(self, number):
        if checkout := pick(self.market.open_checkouts(), number):
            self.market.tried(orders.cancel_unpaid, checkout_id=checkout.pk, person=checkout.buyer)

    @where("unpaid")
    @rule(number=NUMBER, way=WAYS, by=BY)
    def choose_how_to_pay(self, number, way, by):
        market = self.market
        if order := pick(market.orders(state="awaiting_payment"), number):
            home = market.homes[market.buyers.index(order.buyer)].pk if way == Delivery.SHIP else None
            how = {"delivery": way, "address_id": home, "pay_by": by}
            market.tried(orders.prepare_to_pay, buyer=order.buyer, order_id=order.pk, **how)

    # --- offers -----------------------------------------------------------------------------------------------------

    @rule(
        who=st.integers(0, 2),
        what=st.integers(0, 4),
        percent=st.integers(40, 100),
        kind=st.sampled_from(["cash", "cash", "trade", "mixed"]),
    )
    def offer(self, who, what, percent, kind):
        market = self.market
        product = market.shelf[what]
        how: dict[str, Any] = {"kind": kind}
        if kind != "trade":
            how["amount"] = aed(product.price_minor * percent // 100)
        if kind != "cash":
            how["trade_product_id"] = market.things[who].pk
        market.tried(make_offer, buyer=market.buyers[who], product_id=product.pk, **how)

    @where("offer")
    @rule(number=NUMBER, percent=st.integers(50, 100), seed=NUMBER)
    def answer_an_offer(self, number, percent, seed):
        offers = list(Offer.objects.filter(state="pending").select_related("buyer", "seller").order_by("created_at"))
        offer = pick(offers, number)
        if offer is None:
            return
        other = offer.seller if offer.made_by == "buyer" else offer.buyer
        answer = random.Random(seed).choice(["accept", "accept", "accept", "counter", "decline", "withdraw"])
        tried = self.market.tried
        if answer == "accept":
            tried(accept_offer, person=other, offer_id=offer.pk)
        elif answer == "counter":
            amount = aed(offer.asked_minor * percent // 100)
            tried(counter_offer, person=other, offer_id=offer.pk, amount=amount)
        elif answer == "decline":
            tried(decline_offer, person=other, offer_id=offer.pk)
        else:
            tried(withdraw_offer, person=offer.buyer, offer_id=offer.pk)
