from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import NotVerified, Suspended
from accounts.tests.factories import BlockFactory, UserFactory
from catalog.models import ProductVariant, StockHold
from catalog.tests.factories import CategoryFactory, ProductFactory, SellerFactory
from core.errors import Refusal
from orders import errors
from orders.actions import cancel_unpaid, confirm_paid_checkout, expire_due_checkouts, open_checkout
from orders.models import Checkout, Order, VoucherUse
from orders.quotes import Wanted
from orders.tests.factories import VoucherFactory
from orders.tests.shopping import bought, captured, everything, home_of, news, paid, stocked, the_order, wanted
from payments.models import PaymentHold, Refund

pytestmark = pytest.mark.django_db


def refused(refusal: type[Refusal], **said):
    before = everything()
    with pytest.raises(refusal) as caught:
        open_checkout(**said)
    assert everything() == before
    return caught.value


# --- opening ----------------------------------------------------------------------------------------------------------


def test_buying_now_sets_the_thing_aside_and_asks_for_the_money():
    product, buyer = ProductFactory(images=0), UserFactory()
    checkout = bought(product, buyer=buyer)
    order = the_order(checkout)
    product.refresh_from_db()
    assert product.state == "reserved"
    hold = StockHold.objects.get()
    assert (hold.reference, hold.expires_at) == (f"order:{order.pk}", None)
    assert (order.state, order.payment_state, order.fulfilment_state) == ("awaiting_payment", "unpaid", "waiting")
    assert (order.items_minor, order.total_minor, order.commission_minor, order.payout_minor) == (
        250_00,
        250_00,
        12_50,
        237_50,
    )
    assert order.inspection_hours == 72
    assert checkout.payment.amount_minor == 250_00
    part = PaymentHold.objects.get()
    assert (part.reference, part.payee, part.commission_minor) == (f"order:{order.pk}", product.seller, 12_50)
    assert checkout.expires_at - timezone.now() > timedelta(minutes=14)
    assert news() == ["orders.order_placed"]
    assert [e.kind for e in order.events.all()] == ["placed"]


def test_a_line_keeps_the_words_of_the_listing_as_they_were():
    product = ProductFactory(title="Oak chair", attributes={"material": "oak"})
    order = the_order(bought(product))
    product.title = "Pine chair"
    product.save()
    item = order.items.get()
    assert item.title == "Oak chair"
    assert item.snapshot["attributes"] == {"material": "oak"}
    assert item.snapshot["cover"]["id"] == str(product.cover_id)


def test_things_of_two_sellers_become_two_orders_under_one_payment():
    chair, lamp = ProductFactory(images=0), ProductFactory(images=0, price_minor=80_00)
    checkout = bought(chair, lamp)
    assert {order.seller for order in checkout.orders.all()} == {chair.seller, lamp.seller}
    assert checkout.total_minor == checkout.payment.amount_minor == 330_00
    assert PaymentHold.objects.filter(payment=checkout.payment).count() == 2


def test_several_pieces_of_a_variant_cost_its_own_price():
    product = stocked(5)
    ProductVariant.objects.update(price_minor=120_00)
    checkout = open_checkout(buyer=UserFactory(), lines=wanted(product, quantity=3))
    assert checkout.total_minor == 360_00
    product.refresh_from_db()
    assert product.state == "active"


def test_luxury_is_looked_at_for_fourteen_days():
    root = CategoryFactory(slug="fine_things", is_luxury=True)
    product = ProductFactory(images=0, category=CategoryFactory(slug="fine_bags", parent=root))
    order = the_order(bought(product))
    assert order.is_luxury
    assert order.inspection_hours == 14 * 24


def test_an_address_is_copied_and_stays_as_it_was():
    buyer = UserFactory()
    home = home_of(buyer)
    order = the_order(bought(buyer=buyer, delivery="ship", address_id=home.pk))
    home.street = "Somewhere else"
    home.save()
    assert order.address["street"] == "Al Marsa Street 12"
    assert order.address["phone"] == "+971501234567"


def test_cash_is_agreed_at_once_and_the_thing_stays_set_aside():
    product = ProductFactory(images=0)
    checkout = bought(product, pay_by="cash")
    order = the_order(checkout)
    assert (checkout.state, checkout.payment) == ("paid", None)
    assert (order.state, order.payment_state) == ("confirmed", "cash_due")
    assert order.dispatch_by is not None
    product.refresh_from_db()
    assert product.state == "reserved"
    assert news() == ["orders.order_placed", "orders.order_confirmed"]


def test_beginning_again_calls_off_what_one_began_before():
    product, buyer = ProductFactory(images=0), UserFactory()
    first = bought(product, buyer=buyer)
    second = bought(product, buyer=buyer)
    first.refresh_from_db()
    assert first.state == "cancelled"
    assert second.state == "open"
    assert StockHold.objects.filter(released_at=None).count() == 1


# --- what is refused --------------------------------------------------------------------------------------------------


def test_nobody_buys_their_own_thing():
    product = ProductFactory(images=0)
    refused(errors.OwnThing, buyer=product.seller, lines=wanted(product))


def test_what_somebody_else_is_buying_is_reserved():
    product = ProductFactory(images=0)
    bought(product)
    refusal = refused(errors.Reserved, buyer=UserFactory(), lines=wanted(product))
    assert refusal.facts["title"] == product.title


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "paused"},
        {"state": "sold"},
        {"state": "removed"},
        {"hidden_at": timezone.now()},
        {"seller__suspended": True},
        {"seller__is_active": False},
    ],
)
def test_what_is_off_show_is_not_to_be_had(changes):
    product = ProductFactory(images=0, **changes)
    refused(errors.NotToBeHad, buyer=UserFactory(), lines=wanted(product))


@pytest.mark.parametrize("who", ["buyer", "seller"])
def test_two_with_a_block_between_them_do_not_trade_and_are_not_told_why(who):
    product, buyer = ProductFactory(images=0), UserFactory()
    pair = (buyer, product.seller) if who == "buyer" else (product.seller, buyer)
    BlockFactory(blocker=pair[0], blocked=pair[1])
    refused(errors.NotToBeHad, buyer=buyer, lines=wanted(product))


def test_more_than_there_is_is_refused_with_the_number():
    refusal = refused(errors.FewerLeft, buyer=UserFactory(), lines=wanted(stocked(2), quantity=3))
    assert refusal.facts["available"] == 2


def test_one_line_that_cannot_be_had_refuses_all():
    refused(
        errors.NotToBeHad,
        buyer=UserFactory(),
        lines=wanted(ProductFactory(images=0), ProductFactory(images=0, state="paused")),
    )


def test_currencies_do_not_mix():
    refused(
        errors.MixedCurrencies,
        buyer=UserFactory(),
        lines=wanted(ProductFactory(images=0), ProductFactory(images=0, currency="USD")),
    )


def test_a_stranger_to_us_does_not_buy():
    product = ProductFactory(images=0)
    refused(NotVerified, buyer=UserFactory(unproven=True), lines=wanted(product))
    refused(Suspended, buyer=UserFactory(suspended=True), lines=wanted(product))


def test_cash_is_not_for_carriers_and_a_carrier_wants_an_address():
    product, buyer = ProductFactory(images=0), UserFactory()
    home = home_of(buyer)
    refused(errors.NotInCash, buyer=buyer, lines=wanted(product), pay_by="cash", delivery="ship", address_id=home.pk)
    refused(errors.AddressNeeded, buyer=buyer, lines=wanted(product), delivery="ship")


def test_nobody_ships_to_another_persons_address():
    product = ProductFactory(images=0)
    before = everything()
    with pytest.raises(Refusal) as caught:
        open_checkout(buyer=UserFactory(), lines=wanted(product), delivery="ship", address_id=home_of(UserFactory()).pk)
    assert caught.value.code == "accounts.address_not_found"
    assert everything() == before


def test_a_variant_that_never_was_is_not_to_be_had():
    refused(errors.NotToBeHad, buyer=UserFactory(), lines=[Wanted(variant_id=UserFactory().pk)])


# --- paying -----------------------------------------------------------------------------------------------------------


def test_a_payment_confirms_the_orders_and_sells_the_things():
    product = ProductFactory(images=0)
    checkout = paid(bought(product))
    order = the_order(checkout)
    product.refresh_from_db()
    assert checkout.state == "paid"
    assert (order.state, order.payment_state, product.state) == ("confirmed", "held", "sold")
    assert order.dispatch_by - order.confirmed_at == timedelta(days=3)
    assert news() == ["orders.order_placed", "orders.order_confirmed"]
    assert [e.kind for e in order.events.all()] == ["placed", "paid"]


def test_hearing_of_a_payment_twice_changes_nothing():
    checkout = paid(bought())
    before = everything()
    confirm_paid_checkout(payment_id=checkout.payment_id)
    assert everything() == before


def test_a_payment_that_is_not_captured_confirms_nothing():
    checkout = bought()
    assert confirm_paid_checkout(payment_id=checkout.payment_id) is None
    checkout.refresh_from_db()
    assert checkout.state == "open"


def test_money_that_comes_after_the_end_goes_back_by_itself():
    product = ProductFactory(images=0)
    checkout = bought(product)
    assert cancel_unpaid(checkout_id=checkout.pk)
    payment = captured(checkout)
    confirm_paid_checkout(payment_id=payment.pk)
    confirm_paid_checkout(payment_id=payment.pk)
    order = the_order(checkout)
    assert (order.state, order.payment_state, order.refunded_minor) == ("cancelled", "refunded", 250_00)
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.reason) == (250_00, "gone")
    product.refresh_from_db()
    assert product.state == "active"


def test_of_two_things_one_that_was_taken_down_meanwhile_is_refunded_and_the_other_sold():
    chair, lamp = ProductFactory(images=0), ProductFactory(images=0, price_minor=80_00)
    checkout = bought(chair, lamp)
    lamp.hidden_at = timezone.now()
    lamp.save()
    paid(checkout)
    by_seller = {order.seller_id: order for order in checkout.orders.all()}
    assert by_seller[chair.seller_id].state == "confirmed"
    gone = by_seller[lamp.seller_id]
    assert (gone.state, gone.payment_state, gone.cancelled_because) == ("cancelled", "refunded", "gone")
    assert Refund.objects.get().amount_minor == 80_00
    assert sorted(news()[2:]) == ["orders.order_cancelled", "orders.order_confirmed", "orders.order_refunded"]


# --- vouchers ---------------------------------------------------------------------------------------------------------


def test_a_voucher_of_ours_lowers_what_is_paid_and_not_what_the_seller_gets():
    product = ProductFactory(images=0, price_minor=200_00)
    VoucherFactory(code="WELCOME")
    checkout = bought(product, voucher_codes=["welcome"])
    order = the_order(checkout)
    assert (order.total_minor, order.platform_discount_minor) == (180_00, 20_00)
    assert (order.commission_minor, order.payout_minor) == (10_00, 190_00)
    part = PaymentHold.objects.get()
    assert (part.amount_minor, part.subsidy_minor, part.share_minor) == (180_00, 20_00, 190_00)


def test_a_shops_voucher_lowers_what_the_shop_gets_and_the_fee_with_it():
    product = ProductFactory(images=0, price_minor=200_00)
    VoucherFactory(code="MYSHOP", shop=product.seller)
    order = the_order(bought(product, voucher_codes=["MYSHOP"]))
    assert (order.total_minor, order.shop_discount_minor, order.commission_minor) == (180_00, 20_00, 9_00)
    assert order.payout_minor == 171_00


def test_ours_is_divided_over_the_orders_to_the_last_fils():
    sellers = [ProductFactory(images=0, price_minor=minor) for minor in (33_33, 33_33, 33_34)]
    VoucherFactory(code="TEN", fixed=10_01)
    checkout = bought(*sellers, voucher_codes=["TEN"])
    parts = [order.platform_discount_minor for order in checkout.orders.all()]
    assert sum(parts) == 10_01
    assert max(parts) - min(parts) <= 1
    assert checkout.total_minor == 100_00 - 10_01


def test_a_use_is_counted_and_given_back_when_nothing_comes_of_it():
    voucher = VoucherFactory(total_limit=1)
    checkout = bought(voucher_codes=[voucher.code])
    voucher.refresh_from_db()
    assert voucher.used == 1
    refused(
        errors.VoucherUsedUp, buyer=UserFactory(), lines=wanted(ProductFactory(images=0)), voucher_codes=[voucher.code]
    )
    cancel_unpaid(checkout_id=checkout.pk)
    voucher.refresh_from_db()
    assert voucher.used == 0
    assert VoucherUse.objects.get().released_at is not None


def test_a_person_uses_a_voucher_as_often_as_it_says():
    voucher, buyer = VoucherFactory(person_limit=1), UserFactory()
    bought(buyer=buyer, voucher_codes=[voucher.code])
    refused(errors.VoucherUsedByYou, buyer=buyer, lines=wanted(ProductFactory(images=0)), voucher_codes=[voucher.code])


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"is_active": False}, errors.VoucherNotNow),
        ({"starts_at": timezone.now() + timedelta(days=1)}, errors.VoucherNotNow),
        ({"ends_at": timezone.now() - timedelta(hours=1)}, errors.VoucherNotNow),
        ({"currency": "USD"}, errors.VoucherElsewhere),
        ({"minimum_minor": 250_01}, errors.VoucherBelowMinimum),
    ],
)
def test_a_voucher_that_does_not_count_here_is_refused(fields, refusal):
    voucher = VoucherFactory(**fields)
    refused(refusal, buyer=UserFactory(), lines=wanted(ProductFactory(images=0)), voucher_codes=[voucher.code])


def test_another_shops_voucher_and_two_of_ours_are_refused():
    product = ProductFactory(images=0)
    theirs = VoucherFactory(shop=SellerFactory())
    said = {"buyer": UserFactory(), "lines": wanted(product)}
    refused(errors.VoucherElsewhere, **said, voucher_codes=[theirs.code])
    refused(errors.VouchersDoNotCombine, **said, voucher_codes=[VoucherFactory().code, VoucherFactory().code])
    refused(errors.VoucherNotFound, **said, voucher_codes=["NOSUCH"])


def test_a_capped_voucher_takes_no_more_and_never_all():
    product = ProductFactory(images=0, price_minor=500_00)
    capped = VoucherFactory(percent="50.00", cap_minor=30_00)
    assert the_order(bought(product, voucher_codes=[capped.code])).platform_discount_minor == 30_00
    whole = VoucherFactory(percent="100.00")
    order = the_order(bought(ProductFactory(images=0, price_minor=50_00), voucher_codes=[whole.code]))
    assert order.total_minor == 2_00


def test_a_shops_voucher_below_the_smallest_fee_leaves_the_seller_nothing_but_no_debt():
    product = ProductFactory(images=0, price_minor=10_00)
    voucher = VoucherFactory(shop=product.seller, percent="95.00")
    order = the_order(bought(product, voucher_codes=[voucher.code]))
    assert (order.total_minor, order.commission_minor, order.payout_minor) == (2_00, 2_00, 0)


# --- the end of time --------------------------------------------------------------------------------------------------


def test_what_nobody_paid_in_time_is_for_sale_again():
    product = ProductFactory(images=0)
    checkout = bought(product)
    assert expire_due_checkouts() == 0
    Checkout.objects.update(expires_at=timezone.now())
    assert expire_due_checkouts() == 1
    checkout.refresh_from_db()
    product.refresh_from_db()
    order = Order.objects.get()
    assert (checkout.state, product.state) == ("cancelled", "active")
    assert (order.state, order.payment_state, order.fulfilment_state) == ("cancelled", "void", "called_off")
    assert (order.cancelled_because, checkout.payment.state) == ("not_paid", "cancelled")
    assert news()[-1] == "orders.order_cancelled"
