"""An order in plain words, for the one who reads: what happened, and how things stand. In the active language."""

from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.amounts import as_read, one_stop
from core.amounts import money_words as in_words
from core.money import Money
from orders.models import Order, OrderEvent
from orders.rules import cash_back_answer_by
from orders.states import (
    CancelledBecause,
    DisputeAxis,
    FulfilmentAxis,
    OrderState,
    PayBy,
    PaymentAxis,
    Side,
)

Words = str | Promise


@dataclass(frozen=True)
class Told:
    """A line of the timeline as the buyer and as the seller read it. Placeholders are filled from the line's facts."""

    buyer: Words
    seller: Words


# By kind; where it depends on who did it, by "kind.side", which goes before.
EVENTS: dict[str, Told] = {
    "placed": Told(_("You placed the order."), _("The order was placed.")),
    "placed_by_offer": Told(
        _("The offer was accepted. Pay to make the deal."), _("The offer was accepted. It waits for the payment.")
    ),
    "paid": Told(_("You paid {amount}. We hold the money."), _("The buyer paid. We hold the money for you.")),
    "agreed_cash": Told(
        _("You pay {amount} in cash when you get it."), _("The buyer pays {amount} in cash at the hand-over.")
    ),
    "agreed_trade": Told(_("The trade is agreed."), _("The trade is agreed.")),
    "delivery_chosen": Told(_("You chose how you get it."), _("The buyer chose how they get it.")),
    "payment_declined": Told(_("The payment did not go through."), _("A payment of the buyer did not go through.")),
    "cancelled": Told(_("The order was cancelled."), _("The order was cancelled.")),
    "cancelled.buyer": Told(_("You cancelled the order."), _("The buyer cancelled the order.")),
    "cancelled.seller": Told(_("The seller cancelled the order."), _("You cancelled the order.")),
    "cancelled.staff": Told(_("Our staff cancelled the order."), _("Our staff cancelled the order.")),
    "not_paid": Told(
        _("The order was not paid in time and is cancelled."), _("The order was not paid in time and is cancelled.")
    ),
    "called_off_suspended": Told(
        _("It was called off, because somebody in this purchase may not trade at the moment. Nothing was charged."),
        _("It was called off, because somebody in this purchase may not trade at the moment. Nothing was charged."),
    ),
    "party_suspended": Told(
        _("You may not trade at the moment. What you paid for goes on as agreed."),
        _("The buyer may not trade at the moment. It is paid: send it or meet them as agreed, and you are paid."),
    ),
    "party_suspended.seller": Told(
        _(
            "The seller may not trade at the moment. Your money stays with us: if it does not come in time, you get all of it back."
        ),
        _("You may not trade at the moment. What is paid goes on: send it in time, or the buyer gets the money back."),
    ),
    "party_restored": Told(_("You may trade again."), _("The buyer may trade again.")),
    "party_restored.seller": Told(_("The seller may trade again."), _("You may trade again.")),
    "gone": Told(
        _("It was no longer to be had when your payment arrived. You get all of it back."),
        _("The payment arrived after the thing was gone. The buyer gets the money back."),
    ),
    "accepted": Told(_("The seller is preparing it."), _("You took the order on.")),
    "ready": Told(_("It is ready."), _("You said that it is ready.")),
    "dispatched": Told(_("The seller sent it with {carrier}."), _("You sent it with {carrier}.")),
    "tracking": Told(_("The carrier says: {note}"), _("The carrier says: {note}")),
    "delivered": Told(_("It was delivered."), _("It was delivered.")),
    "delivered.buyer": Told(_("You said that you have it."), _("The buyer said that they have it.")),
    "delivered_by_clock": Told(
        _("It counts as delivered now, because its time on the way is over."),
        _("It counts as delivered now, because its time on the way is over."),
    ),
    "handed_over": Told(_("You met, and the seller entered your code."), _("You met, and the buyer's code was right.")),
    "cash_paid": Told(_("You paid {amount} in cash."), _("You were paid {amount} in cash.")),
    "cash_back_said": Told(
        _("The seller says that you have your {amount} back."), _("You said that the buyer has {amount} back.")
    ),
    "cash_back_denied": Told(
        _("You said that you do not have your {amount} back."),
        _("The buyer says that they do not have {amount} back."),
    ),
    "cash_sale_undone": Told(
        _("You said that you have your {amount} back."),
        _("The buyer has {amount} back. You owe us no fee for this sale."),
    ),
    "cash_sale_undone.staff": Told(
        _("Our staff decided that the sale did not stand: the seller owes you {amount}."),
        _("Our staff decided that the sale did not stand: give the buyer {amount} back. You owe us no fee for it."),
    ),
    "cash_back_found": Told(
        _("Our staff found that you have your {amount} back."),
        _("Our staff found that the buyer has {amount} back. You owe us no fee for this sale."),
    ),
    "cash_back_escalated": Told(
        _("You did not say whether you have your {amount} back. Our staff look at it."),
        _("The buyer did not say whether they have {amount} back. Our staff look at it."),
    ),
    "cash_sale_kept": Told(
        _("Our staff found that your {amount} did not go back. The sale stands."),
        _("Our staff found that {amount} did not go back to the buyer. The sale and our fee stand."),
    ),
    "cash_owed": Told(
        _("The seller owes you {amount}. It was paid in cash, so they give it to you, not we."),
        _("You owe the buyer {amount}: give it back in cash. You owe us no fee for it."),
    ),
    "missed": Told(_("It did not arrive."), _("It did not arrive.")),
    "wrong_code": Told(
        _("Somebody entered a wrong hand-over code."), _("A hand-over code that was entered is not right.")
    ),
    "meeting_proposed": Told(_("A meeting was proposed."), _("A meeting was proposed.")),
    "meeting_proposed.buyer": Told(_("You proposed a meeting."), _("The buyer proposed a meeting.")),
    "meeting_proposed.seller": Told(_("The seller proposed a meeting."), _("You proposed a meeting.")),
    "meeting_agreed": Told(_("You agreed to meet."), _("You agreed to meet.")),
    "meeting_declined": Told(_("The meeting was called off."), _("The meeting was called off.")),
    "meeting_declined.buyer": Told(_("You called the meeting off."), _("The buyer called the meeting off.")),
    "meeting_declined.seller": Told(_("The seller called the meeting off."), _("You called the meeting off.")),
    "no_show": Told(_("Somebody did not come."), _("Somebody did not come.")),
    "no_show.buyer": Told(_("You said that the seller did not come."), _("The buyer said that you did not come.")),
    "no_show.seller": Told(_("The seller said that you did not come."), _("You said that the buyer did not come.")),
    "inspection_started": Told(
        _("You have time to look at it. After that the seller is paid."),
        _("The buyer has time to look at it. After that you are paid."),
    ),
    "no_show_contested.buyer": Told(_("You said that you were there."), _("The buyer said that they were there.")),
    "no_show_contested.seller": Told(_("The seller said that they were there."), _("You said that you were there.")),
    "no_show_contested": Told(_("It was said otherwise."), _("It was said otherwise.")),
    "completed": Told(_("The order is complete."), _("The order is complete.")),
    "completed.buyer": Told(_("You confirmed that all is well."), _("The buyer confirmed that all is well.")),
    "released": Told(_("The seller was paid."), _("{amount} is in your balance.")),
    "late": Told(
        _("The seller did not send it in time. You get your money back."),
        _("You did not send it in time. The buyer gets their money back."),
    ),
    "refund_requested": Told(
        _("{amount} is to be given back to you."), _("{amount} is to be given back to the buyer.")
    ),
    "refund_refused": Told(_("A refund was not approved."), _("A refund was not approved.")),
    "refunded": Told(_("{amount} is on its way back to you."), _("{amount} is on its way back to the buyer.")),
    "refund_failed": Told(
        _("A refund did not go through. We are on it."), _("A refund did not go through. We are on it.")
    ),
    "dispute_opened": Told(_("You reported a problem."), _("The buyer reported a problem. Please answer.")),
    "dispute_answered": Told(_("The seller answered."), _("You answered.")),
    "evidence_added": Told(_("Evidence was added."), _("Evidence was added.")),
    "evidence_added.buyer": Told(_("You added evidence."), _("The buyer added evidence.")),
    "evidence_added.seller": Told(_("The seller added evidence."), _("You added evidence.")),
    "dispute_escalated": Told(_("Our staff will decide."), _("Our staff will decide.")),
    "dispute_decided": Told(_("Our staff decided."), _("Our staff decided.")),
    "dispute_appealed": Told(_("The decision was appealed."), _("The decision was appealed.")),
    "appeal_decided": Told(_("The appeal was decided."), _("The appeal was decided.")),
    "dispute_withdrawn": Told(_("You withdrew what you reported."), _("The buyer withdrew what they reported.")),
    "dispute_closed": Told(_("The dispute is closed."), _("The dispute is closed.")),
    "return_asked": Told(_("Please send it back."), _("The buyer is to send it back.")),
    "return_sent": Told(_("You sent it back."), _("The buyer sent it back.")),
    "returned": Told(_("It is back with the seller."), _("You have it back.")),
    "chargeback_opened": Told(
        _("The payment is in dispute with your bank."), _("The buyer's bank disputes the payment.")
    ),
    "chargeback_closed": Told(_("Your bank has decided."), _("The buyer's bank has decided.")),
    "chargeback_reinstated": Told(
        _("Your bank took its decision back: your payment stands."),
        _("The buyer's bank took its decision back: the payment stands."),
    ),
}


def check_kind(kind: str) -> None:
    """A line without words would be shown to nobody. Raises LookupError."""
    if kind not in EVENTS:
        msg = f"orders.words.EVENTS has no words for {kind!r}"
        raise LookupError(msg)


def event_words(line: OrderEvent, *, reader: Side | str) -> str:
    """A line of the timeline for the buyer or the seller; staff read what the one reads who did not do it."""
    text = _text(line, reader)
    facts = {name: as_read(value) for name, value in line.facts.items()}
    return line.kind.replace("_", " ") if text is None else one_stop(text.format_map(_Facts(facts)))


def event_facts(line: OrderEvent, *, reader: Side | str) -> dict[str, Any]:
    """Those facts of a line that the reader's words name: what a seller was paid is no fact for the buyer."""
    named = {name for _literal, name, _spec, _conversion in Formatter().parse(_text(line, reader) or "") if name}
    return {name: value for name, value in line.facts.items() if name in named}


def _text(line: OrderEvent, reader: Side | str) -> str | None:
    """None for a kind that a newer release wrote."""
    told = EVENTS.get(f"{line.kind}.{line.side}") or EVENTS.get(line.kind)
    if reader == Side.STAFF:  # "The seller sent it", "The buyer paid"
        reader = Side.BUYER if line.side == Side.SELLER else Side.SELLER
    return None if told is None else str(told.buyer if reader == Side.BUYER else told.seller)


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


# --- how things stand -------------------------------------------------------------------------------------------------


def in_money(amount: Money) -> str:
    """As lines of the timeline keep it, for `as_read`."""
    return f"{amount.currency} {amount.amount:,}"


def order_words(order: Order, *, reader: Side | str) -> str:
    """The order's axis in a few words."""
    if order.state == OrderState.CANCELLED and order.cancelled_because:
        return str(_("cancelled: {why}")).format(why=CancelledBecause(order.cancelled_because).label)
    if order.state == OrderState.AWAITING_PAYMENT and reader == Side.BUYER:
        return str(_("waiting for your payment"))
    return str(OrderState(order.state).label)


def fulfilment_words(order: Order, *, reader: Side | str) -> str:
    """The axis of the things themselves, in a sentence for the reader."""
    buyer = reader == Side.BUYER
    if order.state == OrderState.AWAITING_PAYMENT:
        return str(_("Nothing is sent before it is paid."))
    words: dict[str, tuple[Words, Words]] = {
        FulfilmentAxis.WAITING: (
            _("The seller has until {dispatch_by} to send it or meet you."),
            _("Send it or meet the buyer by {dispatch_by}."),
        ),
        FulfilmentAxis.PREPARING: (
            _("The seller is preparing it, until {dispatch_by} at the latest."),
            _("Send it or meet the buyer by {dispatch_by}."),
        ),
        FulfilmentAxis.READY: (_("It is ready for you."), _("It is ready. Hand it over by {dispatch_by}.")),
        FulfilmentAxis.DISPATCHED: (_("It is on its way to you."), _("It is on its way to the buyer.")),
        FulfilmentAxis.DELIVERED: (_("It was delivered to you."), _("It was delivered.")),
        FulfilmentAxis.HANDED_OVER: (_("You have it."), _("The buyer has it.")),
        FulfilmentAxis.MISSED: (_("It did not arrive."), _("It did not arrive.")),
        FulfilmentAxis.RETURNING: (_("It is on its way back."), _("It is on its way back to you.")),
        FulfilmentAxis.RETURNED: (_("It is back with the seller."), _("You have it back.")),
        FulfilmentAxis.CALLED_OFF: (_("Nothing will be sent."), _("Nothing is to be sent.")),
    }
    for_buyer, for_seller = words[FulfilmentAxis(order.fulfilment_state)]
    return str(for_buyer if buyer else for_seller).format_map(_Facts(dispatch_by=moment_words(order.dispatch_by)))


def money_words(order: Order, *, reader: Side | str) -> str:
    """Where the buyer's money is and what has to happen before it moves, for the reader. The buyer never reads of commission."""
    buyer = reader == Side.BUYER
    facts = _Facts(
        total=in_words(order.total),
        payout=in_words(order.payout),
        refunded=in_words(Money(order.refunded_minor, order.currency)),
        until=moment_words(order.inspection_ends_at),
        pay_until=moment_words(order.expires_at),
        answer_by=moment_words(cash_back_answer_by(order)),
        days=max(1, order.inspection_hours // 24),
    )
    for_buyer, for_seller = _money(order)
    text = str(for_buyer if buyer else for_seller).format_map(facts)
    if 0 < order.refunded_minor < order.total_minor:
        text += " " + str(_given_back(order, buyer=buyer)).format_map(facts)
    return one_stop(text)


def _money(order: Order) -> tuple[Words, Words]:
    state = PaymentAxis(order.payment_state)
    if state == PaymentAxis.HELD:
        return _held(order)
    if order.pay_by == PayBy.CASH and state in (PaymentAxis.CASH_PAID, PaymentAxis.REFUNDED):
        return _in_cash(order)
    told: dict[PaymentAxis, tuple[Words, Words]] = {
        PaymentAxis.UNPAID: (
            _("Pay {total} by {pay_until}, or somebody else may buy it."),
            _("The buyer has until {pay_until} to pay. You get {payout} of it."),
        ),
        PaymentAxis.RELEASED: (_("You paid {total}. The seller has the money."), _("{payout} is in your balance.")),
        PaymentAxis.REFUNDED: (
            _("All of the {total} goes back to you."),
            _("The buyer gets all of the money back."),
        ),
        PaymentAxis.CASH_DUE: (
            _("You pay {total} in cash when you get it. Show the code only when you have it in your hands."),
            _("You get {total} in cash. Our fee is taken from your balance then."),
        ),
        PaymentAxis.NOTHING_DUE: (_("A trade: nothing to pay."), _("A trade: nothing to pay.")),
        PaymentAxis.VOID: (_("Nothing was paid."), _("Nothing was paid.")),
    }
    return told[state]


def _given_back(order: Order, *, buyer: bool) -> Words:
    """Of a part. What was paid in cash the seller gives back, and we do not see it."""
    if order.pay_by != PayBy.CASH:
        return _("{refunded} of it was given back.")
    return _("The seller owes you {refunded} of it.") if buyer else _("You owe the buyer {refunded} of it.")


def _in_cash(order: Order) -> tuple[Words, Words]:
    """We never held it, and never say that we send it back."""
    said = order.cash_back_said_at is not None
    if order.payment_state == PaymentAxis.CASH_PAID:
        if order.dispute_state == DisputeAxis.OPEN:
            return (
                _(
                    "You paid {total} in cash, so we do not hold it. We can decide that the seller gives it back to you."
                ),
                _("You were paid {total} in cash. We can decide that you give it back."),
            )
        if order.cash_back_staff_at is not None:
            return (
                _(
                    "You paid {total} in cash. The seller says that you have it back. Our staff look at it; you may still say it."
                ),
                _("You said that the buyer has {total} back. They have not answered, so our staff look at it."),
            )
        if said:
            return (
                _(
                    "You paid {total} in cash. The seller says that you have it back: is that so? Say it by {answer_by}."
                ),
                _(
                    "You said that the buyer has {total} back. Our fee is returned when they say so too, by {answer_by}."
                ),
            )
        return _("You paid {total} in cash."), _("You were paid {total} in cash.")
    if said:
        return _("The seller gave you {total} back in cash."), _("You gave {total} back in cash. We took no fee.")
    return (
        _("The sale did not stand: the seller owes you {total}. It was paid in cash, so we cannot send it."),
        _("The sale did not stand: you owe the buyer {total}. We took no fee."),
    )


def _held(order: Order) -> tuple[Words, Words]:
    if order.dispute_state == DisputeAxis.CHARGEBACK:
        return (
            _("Your bank is looking at the payment of {total}. Nothing moves until it has decided."),
            _("The buyer's bank disputes the payment. Your {payout} waits until it has decided."),
        )
    if order.dispute_state == DisputeAxis.OPEN:
        return (
            _("We hold your {total} until the dispute is settled."),
            _("Your {payout} is held until the dispute is settled."),
        )
    if order.inspection_ends_at is not None and order.fulfilment_state in (
        FulfilmentAxis.DELIVERED,
        FulfilmentAxis.HANDED_OVER,
    ):
        return (
            _("We hold your {total} until {until}. If something is wrong, tell us before then."),
            _("Your {payout} is held until {until}, so that the buyer can look at it. Then it is yours."),
        )
    if order.inspection_hours and order.delivery == "ship":
        return (
            _("We hold your {total}. The seller is paid {days} days after you have it, if all is well."),
            _("The buyer paid. You get {payout} once they have it and {days} days are over."),
        )
    return (
        _("We hold your {total}. The seller is paid when you hand them your code."),
        _("The buyer paid. You get {payout} when you enter their code."),
    )


def dispute_words(order: Order, *, reader: Side | str) -> str:
    """Whether the two agree; empty while there never was a dispute."""
    if order.dispute_state == DisputeAxis.NONE:
        return ""
    if order.dispute_state == DisputeAxis.OPEN and reader == Side.SELLER:
        return str(_("The buyer reported a problem"))
    return str(DisputeAxis(order.dispute_state).label)


def pay_by_words(order: Order) -> str:
    return str(PayBy(order.pay_by).label)


def moment_words(at: datetime | None) -> str:
    """A moment as people in the market's time zone read it."""
    if at is None:
        return "…"
    return date_format(timezone.localtime(at, ZoneInfo(settings.DISPLAY_TIME_ZONE)), "j F, H:i")
