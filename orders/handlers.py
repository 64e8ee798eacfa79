"""What orders do when something else happens."""

from accounts.events import PersonRestricted, RestrictionLifted
from core.events import handles, starts_job
from orders import actions, jobs
from orders.events import (
    CashOwed,
    CashSaleUndone,
    DisputeOpened,
    MeetingAgreed,
    MeetingProposed,
    OrderCancelled,
    OrderCompleted,
    OrderConfirmed,
    OrderDelivered,
    OrderDispatched,
    ParcelCalledOff,
    ParcelOrdered,
)
from payments.events import (
    ChargebackClosed,
    ChargebackOpened,
    PaymentCaptured,
    RefundFailed,
    RefundRefused,
    RefundSent,
)


@handles(PaymentCaptured)
def confirm_orders_that_are_paid(news: PaymentCaptured) -> None:
    actions.confirm_paid_checkout(payment_id=news.payment_id)


@handles(RefundSent)
def note_that_a_refund_is_on_its_way(news: RefundSent) -> None:
    actions.note_refund_sent(refund_id=news.refund_id, reference=news.reference)


@handles(RefundFailed)
def note_that_a_refund_came_to_nothing(news: RefundFailed) -> None:
    actions.note_refund_failed(refund_id=news.refund_id, reference=news.reference)


@handles(RefundRefused)
def note_that_a_refund_was_not_approved(news: RefundRefused) -> None:
    actions.note_refund_refused(refund_id=news.refund_id, reference=news.reference)


@handles(OrderConfirmed)
def issue_document_of_what_is_paid(news: OrderConfirmed) -> None:
    actions.issue_invoice(order_id=news.order_id)


@handles(OrderCompleted)
def issue_document_of_what_was_paid_in_cash(news: OrderCompleted) -> None:
    actions.issue_invoice(order_id=news.order_id)


@handles(RefundSent)
def issue_credit_note_of_a_refund(news: RefundSent) -> None:
    actions.issue_credit_note(refund_id=news.refund_id)


@handles(CashSaleUndone)
def issue_credit_note_of_a_cash_sale_undone(news: CashSaleUndone) -> None:
    actions.issue_cash_credit_note(order_id=news.order_id)


@handles(CashOwed)
def issue_credit_note_of_cash_that_is_owed(news: CashOwed) -> None:
    actions.issue_cash_credit_note(order_id=news.order_id)


@handles(ChargebackOpened)
def stop_orders_whose_payment_is_disputed(news: ChargebackOpened) -> None:
    actions.note_chargeback_opened(chargeback_id=news.chargeback_id, reference=news.reference)


@handles(ChargebackClosed)
def go_on_after_the_bank_has_decided(news: ChargebackClosed) -> None:
    actions.note_chargeback_closed(chargeback_id=news.chargeback_id, reference=news.reference)


@handles(OrderCancelled)
def call_off_parcels_of_a_cancelled_order(news: OrderCancelled) -> None:
    actions.call_off_parcels(order_id=news.order_id)


@starts_job(PersonRestricted)
def stop_trade_of_whoever_is_suspended(news: PersonRestricted) -> None:
    actions.follow_standing(user_id=news.user_id)


@starts_job(RestrictionLifted)
def go_on_with_whoever_may_trade_again(news: RestrictionLifted) -> None:
    actions.follow_standing(user_id=news.user_id)


@starts_job(ParcelOrdered)
def book_parcel_with_its_carrier(news: ParcelOrdered) -> None:
    jobs.book_parcel(news.shipment_id)


@starts_job(ParcelCalledOff)
def tell_carrier_that_a_parcel_is_called_off(news: ParcelCalledOff) -> None:
    jobs.cancel_parcel(news.shipment_id)


# --- in the conversation of the two, where they have one ------------------------------------------------------------


@handles(OrderConfirmed)
def say_in_conversation_that_an_order_is_agreed(news: OrderConfirmed) -> None:
    actions.say_of_order(order_id=news.order_id, notice="order_confirmed")


@handles(OrderDispatched)
def say_in_conversation_that_an_order_was_sent(news: OrderDispatched) -> None:
    actions.say_of_order(order_id=news.order_id, notice="order_dispatched")


@handles(OrderDelivered)
def say_in_conversation_that_an_order_was_delivered(news: OrderDelivered) -> None:
    actions.say_of_order(order_id=news.order_id, notice="order_delivered")


@handles(OrderCompleted)
def say_in_conversation_that_an_order_is_complete(news: OrderCompleted) -> None:
    actions.say_of_order(order_id=news.order_id, notice="order_completed")


@handles(OrderCancelled)
def say_in_conversation_that_an_order_is_cancelled(news: OrderCancelled) -> None:
    actions.say_of_order(order_id=news.order_id, notice="order_cancelled")


@handles(MeetingProposed)
def say_in_conversation_that_a_meeting_is_proposed(news: MeetingProposed) -> None:
    actions.say_of_meeting(meeting_id=news.meeting_id, notice="meeting_proposed")


@handles(MeetingAgreed)
def say_in_conversation_that_a_meeting_is_agreed(news: MeetingAgreed) -> None:
    actions.say_of_meeting(meeting_id=news.meeting_id, notice="meeting_agreed")


@handles(DisputeOpened)
def say_in_conversation_that_a_problem_was_reported(news: DisputeOpened) -> None:
    actions.say_of_dispute(dispute_id=news.dispute_id, notice="dispute_opened")
