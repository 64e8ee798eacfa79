"""The lines of a timeline, as each of the two reads them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
    "cash_owed_given": Told(
        _("You said that you have the {amount} that the seller owed you."),
        _("The buyer has the {amount} that you owed them."),
    ),
    "cash_owed_given.staff": Told(
        _("Our staff found that you have the {amount} that the seller owed you."),
        _("Our staff found that the buyer has the {amount} that you owed them."),
    ),
    "cash_owed_escalated": Told(
        _("Nobody said that you have the {amount} that the seller owes you. Our staff look at it."),
        _("Nobody said that the buyer has the {amount} that you owe them. Our staff look at it."),
    ),
    "cash_owed_unpaid": Told(
        _("Our staff found that the seller did not give you the {amount} that they owe you."),
        _("Our staff found that you did not give the buyer the {amount} that you owe them."),
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
