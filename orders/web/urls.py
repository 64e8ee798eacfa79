from django.urls import path

from orders.states import Side
from orders.web import cart, checkout, delivery, disputes, invoices, lists, order, paying, steps, vouchers

BUYER, SELLER = {"side": Side.BUYER}, {"side": Side.SELLER}

urlpatterns = [
    path("l/<uuid:product_id>/buy", cart.buy, name="buy"),
    path("cart", cart.cart, name="cart"),
    path("cart/accept", cart.accept, name="accept_cart"),
    path("cart/clear", cart.clear, name="clear_cart"),
    path("cart/<uuid:item_id>", cart.change, name="change_cart_item"),
    path("cart/<uuid:item_id>/remove", cart.remove, name="remove_cart_item"),
    path("checkout", checkout.checkout, name="checkout"),
    path("checkout/<uuid:checkout_id>/pay", paying.pay, name="pay"),
    path("checkout/<uuid:checkout_id>/back", paying.back, name="back_from_paying"),
    path("checkout/<uuid:checkout_id>/done", paying.done, name="checkout_done"),
    path("checkout/<uuid:checkout_id>/cancel", paying.cancel, name="cancel_checkout"),
    path("orders", lists.bought, name="my_orders"),
    path("orders/<uuid:order_id>", order.bought_one, name="my_order"),
    path("orders/<uuid:order_id>/cancel", steps.cancel, BUYER, name="cancel_my_order"),
    path("orders/<uuid:order_id>/code", steps.code, name="handover_code"),
    path("orders/<uuid:order_id>/received", steps.received, name="received_order"),
    path("orders/<uuid:order_id>/cash-back/<slug:answer>", steps.answer_cash_back, name="answer_cash_back"),
    path("orders/<uuid:order_id>/meeting", steps.propose_meeting, BUYER, name="propose_meeting"),
    path(
        "orders/<uuid:order_id>/meeting/<uuid:meeting_id>/<slug:answer>",
        steps.answer_meeting,
        BUYER,
        name="answer_meeting",
    ),
    path("orders/<uuid:order_id>/dispute", disputes.dispute, BUYER, name="my_dispute"),
    path("orders/<uuid:order_id>/dispute/<slug:name>", disputes.step, BUYER, name="my_dispute_step"),
    path("orders/<uuid:order_id>/invoices/<uuid:invoice_id>", invoices.invoice, name="invoice"),
    path("orders/<uuid:order_id>/invoices/<uuid:invoice_id>.pdf", invoices.invoice_file, name="invoice_file"),
    path("pay/offer/<uuid:offer_id>", order.pay_for_offer, name="pay_for_offer"),
    path("selling/orders", lists.sold, name="sold_orders"),
    path("selling/orders/<uuid:order_id>", order.sold_one, name="sold_order"),
    path("selling/orders/<uuid:order_id>/accept", steps.accept, name="accept_order"),
    path("selling/orders/<uuid:order_id>/ready", steps.ready, name="ready_order"),
    path("selling/orders/<uuid:order_id>/dispatch", steps.dispatch, name="dispatch_order"),
    path("selling/orders/<uuid:order_id>/handover", steps.hand_over, name="hand_over_order"),
    path("selling/orders/<uuid:order_id>/cancel", steps.cancel, SELLER, name="decline_order"),
    path("selling/orders/<uuid:order_id>/dispute", disputes.dispute, SELLER, name="sold_dispute"),
    path("selling/orders/<uuid:order_id>/dispute/<slug:name>", disputes.step, SELLER, name="sold_dispute_step"),
    path("selling/orders/<uuid:order_id>/refund", steps.refund, name="refund_sold_order"),
    path("selling/orders/<uuid:order_id>/cash-back", steps.say_cash_back, name="say_cash_back"),
    path("selling/orders/<uuid:order_id>/meeting", steps.propose_meeting, SELLER, name="propose_meeting_as_seller"),
    path(
        "selling/orders/<uuid:order_id>/meeting/<uuid:meeting_id>/<slug:answer>",
        steps.answer_meeting,
        SELLER,
        name="answer_meeting_as_seller",
    ),
    path("selling/delivery", delivery.delivery, name="my_delivery"),
    path("selling/vouchers", vouchers.vouchers, name="my_vouchers"),
    path("selling/vouchers/<uuid:voucher_id>/<slug:name>", vouchers.switch, name="switch_voucher"),
]
