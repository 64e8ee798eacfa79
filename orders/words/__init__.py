"""An order in plain words, for the one who reads: what happened, and how things stand. In the active language."""

from datetime import datetime
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
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
from orders.words.lines import EVENTS, Told, Words

__all__ = [
    "EVENTS",
    "Told",
    "Words",
]


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
    if order.cash_owed_minor:
        text += " " + str(_owed(order, buyer=buyer)).format_map(facts)
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
    if not order.cash_owed_minor and order.cash_owed_at is not None:
        return _("The seller gave you {refunded} of it back.") if buyer else _("You gave {refunded} of it back.")
    return _("The seller owes you {refunded} of it.") if buyer else _("You owe the buyer {refunded} of it.")


def _in_cash(order: Order) -> tuple[Words, Words]:
    """We never held it, and never say that we send it back."""
    said = order.cash_back_said_at is not None and not order.cash_owed_minor
    if order.payment_state == PaymentAxis.CASH_PAID:
        if order.dispute_state == DisputeAxis.OPEN:
            return (
                _(
                    "You paid {total} in cash, so we do not hold it. We can decide that the seller gives it back to you."
                ),
                _("You were paid {total} in cash. We can decide that you give it back."),
            )
        if order.cash_back_staff_at is not None and not order.cash_owed_minor:
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
    if said or (order.cash_owed_at is not None and not order.cash_owed_minor):
        return _("The seller gave you {total} back in cash."), _("You gave {total} back in cash. We took no fee.")
    return (
        _("The sale did not stand: the seller owes you {total}. It was paid in cash, so we cannot send it."),
        _("The sale did not stand: you owe the buyer {total}. We took no fee."),
    )


def _owed(order: Order, *, buyer: bool) -> Words:
    """What is to be done about what the seller owes by a decision."""
    if order.cash_owed_unpaid_at is not None:
        then: tuple[Words, Words] = (
            _("They did not give it to you; say so here if they still do."),
            _("You did not give it. Say so here once you did."),
        )
    elif order.cash_back_staff_at is not None:
        then = _("Our staff look at it."), _("Our staff look at it.")
    elif order.cash_back_said_at is not None:
        then = (
            _("They say that you have it: is that so? Say it by {answer_by}."),
            _("You said that they have it. They say whether that is so by {answer_by}."),
        )
    else:
        then = (
            _("Say so when you have it. If nobody does by {answer_by}, our staff look at it."),
            _("Give it to them by {answer_by} and let them say so. After that our staff look at it."),
        )
    return then[0] if buyer else then[1]


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
