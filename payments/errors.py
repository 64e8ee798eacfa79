"""What payments refuses."""

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, NotFound, Refusal


class NoFeeRule(Refusal):
    """The operator's table has no line for this sale; the seeded catch-all was switched off."""

    code = "payments.no_fee_rule"
    status = 503
    detail = _("No fee is set for such a sale yet. Please tell us.")


class FeeTableHasNoEnd(Refusal):
    """Without a rule for everything, some sale would have no fee."""

    code = "payments.fee_table_has_no_end"
    detail = _("One active rule must fit every sale: without channel, category, tier and seller.")


class AmountMustBePositive(Invalid):
    code = "payments.amount_must_be_positive"
    attr = "price"
    detail = _("Send a price above zero.")


class ProviderError(Exception):
    """The provider did not do it. Never a refusal to a person: doors say `ProviderAway`, or on a page why the card was declined."""

    def __init__(self, message: str = "", *, code: str = "", decline_code: str = "") -> None:
        super().__init__(message or code)
        self.code = code
        self.decline_code = decline_code


class ProviderUnclear(ProviderError):  # noqa: N818 - a kind of it
    """No answer: it may have happened. The same words may be sent again with the same key."""


class ProviderSavedFailure(ProviderError):  # noqa: N818 - a kind of it
    """It answers this key with a failure of its own, for good: look, then ask with another key."""


class ProviderRefused(ProviderError):  # noqa: N818 - a kind of it
    """It will never do this as asked; `code` says why."""


class ProviderAway(Refusal):
    code = "payments.provider_away"
    status = 503
    title = _("Not available right now")
    detail = _("The payment service is not answering. Nothing was charged twice; try again shortly.")


class PaymentNotFound(NotFound):
    code = "payments.payment_not_found"


class PayoutNotFound(NotFound):
    code = "payments.payout_not_found"


class RefundNotFound(NotFound):
    code = "payments.refund_not_found"


class HoldNotFound(NotFound):
    code = "payments.hold_not_found"


class ProviderSaysOtherwise(ProviderError):  # noqa: N818 - a kind of it
    """What it tells does not fit what we asked for: nothing is written, a person must look."""


class AlreadyCaptured(Refusal):
    code = "payments.already_captured"
    title = _("Already paid")
    detail = _("This is paid already, so it cannot be called off. It can be refunded.")


class NotCaptured(Refusal):
    code = "payments.not_captured"
    detail = _("This is not paid, so there is nothing to give back.")


class HoldNotCaptured(Refusal):
    code = "payments.hold_not_captured"
    detail = _("This is not paid yet, so there is nothing to release.")


class HoldGivenBack(Refusal):
    code = "payments.hold_given_back"
    detail = _("All of this was given back to the buyer.")


class HoldFrozen(Refusal):
    code = "payments.hold_frozen"
    detail = _("This money is frozen until the case about it is decided.")


class RefundTooLarge(Refusal):
    code = "payments.refund_too_large"
    attr = "amount"
    detail = _("At most {left} {currency} can still be given back.")


class RefundTooLate(Refusal):
    code = "payments.refund_too_late"
    detail = _("Refunds end {days} days after the payment. Our team can still help.")


class SecondPersonNeeded(Refusal):
    """Four eyes: who asked does not decide."""

    code = "payments.second_person_needed"
    status = 403
    detail = _("Somebody else must decide about what you asked for.")


class CashDebtTooLarge(Refusal):
    code = "payments.cash_debt_too_large"
    detail = _("You owe commission of earlier cash sales. Once it is paid you can take cash again.")


class PayoutsFrozen(Refusal):
    code = "payments.payouts_frozen"
    detail = _("Payouts to you are on hold while our team looks at your account.")


class NotReadyForPayouts(Refusal):
    code = "payments.not_ready_for_payouts"
    title = _("Set up payouts first")
    detail = _("Tell our payment service who you are and where to be paid, then we can pay you out.")


class InstantNotOffered(Refusal):
    code = "payments.instant_not_offered"
    attr = "method"
    detail = _("Your bank does not take instant payouts.")


class NotEnoughToPayOut(Refusal):
    code = "payments.not_enough_to_pay_out"
    attr = "amount"
    detail = _("There is not that much to pay out.")


class PayoutTooSmall(Refusal):
    code = "payments.payout_too_small"
    detail = _("Payouts start at {minimum} {currency} after the fee.")


class MinimumPayoutTooHigh(Invalid):
    """With such a minimum somebody would hardly ever be paid; what they earn should not gather with us."""

    code = "payments.minimum_payout_too_high"
    attr = "minimum"
    detail = _("Choose {most} {currency} at most. What you earn should not wait with us for longer.")


class PayoutOpen(Refusal):
    code = "payments.payout_open"
    detail = _("A payout is on its way already.")


class PayoutsStopped(Refusal):
    code = "payments.payouts_stopped"
    status = 503
    detail = _("Payouts are on hold for a short while. Your money is safe; please try again later.")


class BadEvent(Invalid):
    """Not signed by the provider for this endpoint, altered, or too old."""

    code = "payments.bad_event"
    detail = _("This is not an event that our payment provider signed just now.")


class EventTooLarge(Invalid):
    code = "payments.event_too_large"
    status = 413
    detail = _("An event is at most 1 MB.")


class ChargebackNotFound(NotFound):
    code = "payments.chargeback_not_found"


class ChargebackClosed(Refusal):
    code = "payments.chargeback_closed"
    detail = _("The bank has decided this. Nothing can be added.")


class BreakNotFound(NotFound):
    code = "payments.break_not_found"


class ExplanationNeeded(Invalid):
    code = "payments.explanation_needed"
    attr = "explanation"
    detail = _("Say in a sentence why the books differ.")


class OwnMoney(Refusal):
    """Staff move nobody's money to or from themselves."""

    code = "payments.own_money"
    status = 403
    detail = _("This is your own money. Somebody else has to do it.")


class OneSellerAtATime(Refusal):
    """With destination charges a payment is one seller's: what is bought of several is paid in as many payments."""

    code = "payments.one_seller_at_a_time"
    detail = _("Things of several sellers cannot be paid together here. Buy from one seller first, then from the next.")


class SellerTakesNoCard(Refusal):
    """With destination charges the money goes to the seller's own account at the provider, which this one has not opened."""

    code = "payments.seller_takes_no_card"
    detail = _("This seller cannot be paid by card yet. Ask them, or buy it another way.")
