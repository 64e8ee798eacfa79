"""What people are told about orders and their money, by `what`: "sent.buyer" is what the buyer reads when it was sent."""

from collections.abc import Callable

from django.utils.translation import gettext as _

Template = Callable[[], tuple[str, str]]

ORDERS: dict[str, Template] = {
    "paid.buyer": lambda: (
        _("Your order of “{title}” is paid"),
        _("We hold {amount} until you have it. {name} has until {until} to send it or meet you."),
    ),
    "paid.seller": lambda: (
        _("“{title}” is sold"),
        _("{name} paid. You get {payout} when they have it. Send it or meet them by {until}."),
    ),
    "agreed_cash.buyer": lambda: (
        _("You buy “{title}” for cash"),
        _("You pay {amount} when you meet. Agree on a place and a time."),
    ),
    "agreed_cash.seller": lambda: (
        _("“{title}” is sold for cash"),
        _("{name} pays {amount} when you meet. Agree on a place and a time by {until}."),
    ),
    "agreed_trade.buyer": lambda: (_("The trade for “{title}” is agreed"), _("Agree with {name} where to meet.")),
    "agreed_trade.seller": lambda: (_("The trade for “{title}” is agreed"), _("Agree with {name} where to meet.")),
    "accepted.buyer": lambda: (_("“{title}” is being prepared"), _("{name} has taken your order on.")),
    "ready.buyer": lambda: (_("“{title}” is ready"), _("{name} has it ready for you.")),
    "sent.buyer": lambda: (_("“{title}” is on its way"), _("Sent with {carrier}. {tracking}")),
    "delivered.buyer": lambda: (
        _("“{title}” was delivered"),
        _("Look at it. If something is wrong, tell us by {until}: then {name} is paid."),
    ),
    "delivered.seller": lambda: (_("“{title}” was delivered"), _("You are paid on {until} if all is well.")),
    "missed.buyer": lambda: (_("“{title}” could not be delivered"), _("Talk to {name}, or report a problem.")),
    "missed.seller": lambda: (_("“{title}” could not be delivered"), _("Send it again, or talk to {name}.")),
    "completed.buyer": lambda: (_("Your order of “{title}” is complete"), _("Thank you for trading here.")),
    "completed.seller": lambda: (_("“{title}” is complete"), _("{payout} is in your balance.")),
    "completed_cash.seller": lambda: (
        _("“{title}” is complete"),
        _("You were paid {amount} in cash. Our fee of {fee} is taken from your balance."),
    ),
    "completed_trade.seller": lambda: (_("“{title}” is complete"), _("Thank you for trading here.")),
    "party_suspended.buyer": lambda: (
        _("{name} may not trade at the moment"),
        _("Your money for “{title}” stays with us: if it does not come in time, you get all of it back."),
    ),
    "party_suspended.seller": lambda: (
        _("{name} may not trade at the moment"),
        _("“{title}” is paid: send it or meet them as agreed, and you are paid."),
    ),
    "party_restored.buyer": lambda: (_("{name} may trade again"), _("Your order of “{title}” goes on.")),
    "party_restored.seller": lambda: (_("{name} may trade again"), _("The order of “{title}” goes on.")),
    "cancelled.buyer": lambda: (_("Your order of “{title}” is cancelled"), "{why} {back}"),
    "cancelled.seller": lambda: (_("The order of “{title}” is cancelled"), "{why}"),
    "refunded.buyer": lambda: (
        _("{amount} is on its way back to you"),
        _("For “{title}”. Your bank may take some days to show it."),
    ),
    "refunded.seller": lambda: (_("{amount} goes back to {name}"), _("For “{title}”.")),
    "cash_back_said.buyer": lambda: (
        _("Do you have your {amount} back?"),
        _("{name} says that they gave you the money for “{title}” back. Say whether that is so."),
    ),
    "cash_back_denied.seller": lambda: (
        _("{name} does not have the money back"),
        _("They say so of the {amount} for “{title}”. Talk to each other."),
    ),
    "cash_sale_undone.seller": lambda: (
        _("{name} has {amount} back"),
        _("For “{title}”. You owe us no fee for this sale."),
    ),
    "cash_sale_undone_by_staff.buyer": lambda: (
        _("The sale of “{title}” did not stand"),
        _("Our staff decided that {name} owes you {amount}. It was paid in cash, so they give it to you, not we."),
    ),
    "cash_sale_undone_by_staff.seller": lambda: (
        _("The sale of “{title}” did not stand"),
        _("Our staff decided that you owe {name} {amount}. Give it back; our fee for the sale is returned."),
    ),
    "cash_back_unanswered.buyer": lambda: (
        _("Do you have your {amount} back?"),
        _("{name} says so. If you do not answer by {until}, our staff look at it."),
    ),
    "cash_back_escalated.buyer": lambda: (
        _("You have not said whether you have your {amount} back"),
        _("Our staff look at it now. You may still say it."),
    ),
    "cash_back_escalated.seller": lambda: (
        _("{name} has not said whether they have {amount} back"),
        _("Our staff look at it now. Show them what you have, such as a message or a receipt."),
    ),
    "cash_sale_kept.buyer": lambda: (
        _("The sale of “{title}” stands"),
        _("Our staff found that your {amount} did not go back."),
    ),
    "cash_sale_kept.seller": lambda: (
        _("The sale of “{title}” stands"),
        _("Our staff found that {amount} did not go back to {name}. Our fee stays."),
    ),
    "cash_owed.buyer": lambda: (
        _("{name} owes you {amount}"),
        _("For “{title}”. It was paid in cash, so they give it to you, not we."),
    ),
    "cash_owed.seller": lambda: (
        _("You owe {name} {amount}"),
        _("For “{title}”. Give it back in cash; our fee for it is returned."),
    ),
    "cash_owed_due.buyer": lambda: (
        _("Did {name} give you {amount}?"),
        _("They owe it to you for “{title}”. Say so when you have it. After {until} our staff look at it."),
    ),
    "cash_owed_due.seller": lambda: (
        _("Give {name} {amount}"),
        _("You owe it to them for “{title}”. After {until} our staff look at it."),
    ),
    "cash_owed_escalated.buyer": lambda: (
        _("Our staff look at the {amount} that {name} owes you"),
        _("Nobody said that you have it. If you do, you may still say it."),
    ),
    "cash_owed_escalated.seller": lambda: (
        _("Our staff look at the {amount} that you owe {name}"),
        _("Nobody said that they have it. Show what you have, such as a message or a receipt."),
    ),
    "cash_owed_given.buyer": lambda: (_("You have {amount} back"), _("For “{title}”. It is settled.")),
    "cash_owed_given.seller": lambda: (_("{name} has {amount} back"), _("For “{title}”. It is settled.")),
    "cash_owed_unpaid.buyer": lambda: (
        _("{name} did not give you {amount}"),
        _("That is what our staff found about “{title}”. If they still do, say so on the order."),
    ),
    "cash_owed_unpaid.seller": lambda: (
        _("You did not give {name} {amount}"),
        _("That is what our staff found about “{title}”. Give it to them, and say so on the order."),
    ),
    "cash_back_found.buyer": lambda: (
        _("Our staff found that you have your {amount} back"),
        _("For “{title}”. If that is not so, write to us."),
    ),
    "refund_failed.buyer": lambda: (
        _("A refund for “{title}” did not go through"),
        _("Your money is safe with us. We look into it."),
    ),
}

MEETINGS: dict[str, Template] = {
    "proposed": lambda: (
        _("{name} proposes to meet"),
        _("{place}, {until}, for “{title}”. Agree or say another time."),
    ),
    "agreed": lambda: (_("You meet {name}"), _("{place}, {until}, for “{title}”.")),
    "comes_up.buyer": lambda: (
        _("You meet {name} soon"),
        _("{place}, {until}. Show the code only when you have “{title}” in your hands."),
    ),
    "comes_up.seller": lambda: (
        _("You meet {name} soon"),
        _("{place}, {until}. Enter the code of {name} to be paid for “{title}”."),
    ),
    "called_off": lambda: (_("{name} called the meeting off"), _("For “{title}”. Propose another time.")),
    "missed": lambda: (
        _("{name} says that you did not come"),
        _("For “{title}”. If that is not so, say it within 24 hours."),
    ),
}

DISPUTES: dict[str, Template] = {
    "opened.seller": lambda: (
        _("{name} reported a problem with “{title}”"),
        _("Answer by {until}. Until it is settled your money is held."),
    ),
    "opened_cash.seller": lambda: (
        _("{name} reported a problem with “{title}”"),
        _(
            "Answer by {until}, or our staff decide on what they say. It was paid in cash: you may have to give it back."
        ),
    ),
    "answered.buyer": lambda: (_("{name} answered about “{title}”"), _("Look at what they say and decide.")),
    "escalated": lambda: (
        _("Our staff decide about “{title}”"),
        _("You can still show evidence. We decide by {until}."),
    ),
    "decided": lambda: (_("Decided about “{title}”"), _("Read why, and what you can do.")),
    "appealed": lambda: (_("The decision about “{title}” was appealed"), _("Somebody else of our staff looks at it.")),
    "return_asked.buyer": lambda: (_("Send “{title}” back"), _("By {until}. Then you get {amount}.")),
    "return_asked.seller": lambda: (_("“{title}” comes back to you"), _("{name} has until {until} to send it.")),
    "return_sent.seller": lambda: (
        _("“{title}” is on its way back"),
        _("Say when you have it, by {until}. Then {name} gets {amount}."),
    ),
    "closed": lambda: (_("The dispute about “{title}” is closed"), "{outcome}"),
    "chargeback.seller": lambda: (
        _("The bank of {name} disputes the payment of “{title}”"),
        _("Do not send it now. Nothing moves until the bank has decided."),
    ),
    "reinstated.buyer": lambda: (
        _("Your bank took its decision about “{title}” back"),
        _("Your payment stands. If something is wrong with the order, look at it here."),
    ),
    "reinstated.seller": lambda: (
        _("The bank of {name} took its decision about “{title}” back"),
        _("The payment stands, and the order goes on."),
    ),
}

PAYOUTS: dict[str, Template] = {
    "paid": lambda: (_("{amount} was paid to your bank"), "{bank}"),
    "failed": lambda: (
        _("A payout of {amount} did not go through"),
        _("The money is back in your balance. Look at your bank details."),
    ),
    "needs": lambda: (
        _("Your payment account needs something"),
        _("Until it is there we cannot pay you. It takes a few minutes."),
    ),
    "ready": lambda: (_("Your payment account is ready"), _("From now on we can pay you.")),
}

WHY: dict[str, Callable[[], str]] = {
    "not_paid": lambda: _("It was not paid in time."),
    "buyer": lambda: _("The buyer changed their mind."),
    "seller": lambda: _("The seller could not deliver."),
    "late": lambda: _("It was not sent in time."),
    "no_show": lambda: _("Somebody did not come."),
    "gone": lambda: _("It was no longer to be had."),
    "staff": lambda: _("Our staff cancelled it."),
    "chargeback": lambda: _("The payment was disputed with the bank."),
    "suspended": lambda: _("Somebody in this purchase may not trade at the moment. Nothing was charged."),
}

OUTCOMES: dict[str, Callable[[], str]] = {
    "full": lambda: _("All money goes back to the buyer."),
    "partial": lambda: _("{amount} goes back to the buyer."),
    "none": lambda: _("No money goes back."),
    "settled": lambda: _("The two agreed: {amount} goes back to the buyer."),
    "withdrawn": lambda: _("The buyer took it back."),
    "full_cash": lambda: _("The seller gives all the cash back to the buyer."),
    "partial_cash": lambda: _("The seller gives {amount} in cash back to the buyer."),
    "settled_cash": lambda: _("The two agreed: the seller gives {amount} in cash back to the buyer."),
}


def back(amount: str) -> str:
    """What a buyer reads of the money of a cancelled order."""
    return _("You get {amount} back.").format(amount=amount) if amount else ""
