"""Sales that race each other, and what a round of them may leave behind."""

from django.db import transaction
from django.db.models import Sum

from catalog.models import Product, ProductVariant, StockHold
from core.errors import Refusal
from core.models import OutboxEvent
from orders.actions import confirm_paid_checkout, open_checkout
from orders.models import Checkout, Order
from orders.quotes import Wanted
from payments.actions import note_intent
from payments.models import LedgerEntry, Payment, PaymentHold
from payments.tests.money import seen

# What somebody who came too late may hear. Anything else that comes out of a round is a bug.
LATE = {"orders.reserved", "orders.not_to_be_had", "orders.voucher_used_up", "offers.reserved_for_another"}
LATE |= {"catalog.not_for_sale", "catalog.out_of_stock"}


def wanted(product):
    return [Wanted(variant_id=product.variants.get().pk)]


def buy(buyer, lines, **said):
    """Open a checkout, have the card charged and confirm it, as three transactions of one person."""
    checkout = open_checkout(buyer=buyer, lines=lines, **said)
    pay(checkout)
    return checkout


def pay(checkout):
    with transaction.atomic():
        payment = note_intent(payment_id=checkout.payment_id, view=seen(Payment.objects.get(pk=checkout.payment_id)))
    confirm_paid_checkout(payment_id=payment.pk)


def judge(answers, product, *, pieces=1):
    """No more sold than there was, coded refusals, and nothing half-written."""
    wild = [a for a in answers if isinstance(a, BaseException) and not (isinstance(a, Refusal) and a.code in LATE)]
    assert wild == []
    assert None not in answers  # somebody still waits for a lock
    product = Product.objects.get(pk=product.pk)
    orders = list(Order.objects.filter(items__product=product))
    confirmed = [order for order in orders if order.state == "confirmed"]
    open_ones = [order for order in orders if order.state == "awaiting_payment"]
    stock = ProductVariant.objects.get(product=product).stock
    assert 0 <= stock == pieces - len([o for o in confirmed if o.payment_state == "held"])
    assert len(confirmed) + len(open_ones) <= pieces
    held = StockHold.objects.filter(variant__product=product, released_at=None, committed_at=None)
    assert (held.aggregate(n=Sum("quantity"))["n"] or 0) + stock <= pieces + len(open_ones)
    assert held.count() == len(open_ones) + len([o for o in confirmed if o.payment_state == "cash_due"])
    sold = StockHold.objects.filter(variant__product=product, committed_at__isnull=False)
    assert sorted(hold.reference for hold in sold) == sorted(
        order.source_reference or f"order:{order.pk}" for order in confirmed if order.payment_state == "held"
    )
    assert product.state == ("sold" if stock == 0 else "reserved" if held.count() == stock else "active")
    _judge_money(orders)


def _judge_money(orders):
    for order in orders:
        checkout = Checkout.objects.get(pk=order.checkout_id)
        assert (checkout.state, order.state) in {
            ("open", "awaiting_payment"),
            ("paid", "confirmed"),
            ("paid", "cancelled"),
            ("cancelled", "cancelled"),
        }
        if order.pay_by == "card":
            hold = PaymentHold.objects.get(reference=f"order:{order.pk}")
            assert (order.payment_state, hold.state) in {
                ("unpaid", "pending"),
                ("held", "held"),
                ("void", "cancelled"),
                ("refunded", "refunded"),
            }
    assert (LedgerEntry.objects.aggregate(n=Sum("amount"))["n"] or 0) == 0
    told = OutboxEvent.objects.filter(name="orders.order_confirmed").values_list("payload__order_id", flat=True)
    assert len(told) == len(set(told))


# --- controls: the same rounds with a guard taken away are found out --------------------------------------------------


def read_without_lock(variant_ids, *, joined=()):
    rows = ProductVariant.objects.select_related("product__seller", "product__category")
    return list(rows.filter(pk__in=set(variant_ids)))
