from django.urls import path

from orders.api import carts, checkouts, invoices, orders, vouchers

urlpatterns = [
    path("cart", carts.Cart.as_view(), name="cart"),
    path("cart/items/<uuid:item_id>", carts.CartItem.as_view(), name="cart-item"),
    path("cart/sync", carts.CartSync.as_view(), name="cart-sync"),
    path("cart/check", carts.CartCheck.as_view(), name="cart-check"),
    path("cart/accept", carts.CartAccept.as_view(), name="cart-accept"),
    path("checkout", checkouts.Checkouts.as_view(), name="checkouts"),
    path("checkout/preview", checkouts.Preview.as_view(), name="checkout-preview"),
    path("checkout/<uuid:checkout_id>", checkouts.CheckoutDetail.as_view(), name="checkout"),
    path("checkout/<uuid:checkout_id>/pay", checkouts.CheckoutPay.as_view(), name="checkout-pay"),
    path("checkout/<uuid:checkout_id>/cancel", checkouts.CheckoutCancel.as_view(), name="checkout-cancel"),
    path("orders", orders.Orders.as_view(), name="orders"),
    path("orders/<uuid:order_id>", orders.OrderDetail.as_view(), name="order"),
    path("orders/<uuid:order_id>/cancel", orders.OrderCancel.as_view(), name="order-cancel"),
    path("orders/<uuid:order_id>/events", orders.OrderEvents.as_view(), name="order-events"),
    path("orders/<uuid:order_id>/invoices", invoices.OrderInvoices.as_view(), name="order-invoices"),
    path(
        "orders/<uuid:order_id>/invoices/<uuid:invoice_id>/pdf",
        invoices.OrderInvoicePdf.as_view(),
        name="order-invoice-pdf",
    ),
    path("seller/orders", orders.SellerOrders.as_view(), name="seller-orders"),
    path("seller/orders/<uuid:order_id>", orders.SellerOrderDetail.as_view(), name="seller-order"),
    path("transactions", orders.Transactions.as_view(), name="transactions"),
    path("transactions/<uuid:order_id>", orders.TransactionDetail.as_view(), name="transaction"),
    path("transactions/<uuid:order_id>/confirm", orders.TransactionConfirm.as_view(), name="transaction-confirm"),
    path("vouchers/validate", vouchers.ValidateVoucher.as_view(), name="vouchers-validate"),
    path("vouchers/available", vouchers.AvailableVouchers.as_view(), name="vouchers-available"),
    path("seller/vouchers", vouchers.SellerVouchers.as_view(), name="seller-vouchers"),
    path("seller/vouchers/<uuid:voucher_id>", vouchers.SellerVoucher.as_view(), name="seller-voucher"),
]
