"""What orders do when something else happens."""

from core.events import handles
from orders import actions
from payments.events import PaymentCaptured


@handles(PaymentCaptured)
def confirm_orders_that_are_paid(news: PaymentCaptured) -> None:
    actions.confirm_paid_checkout(payment_id=news.payment_id)
