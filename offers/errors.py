"""Why haggling says no."""

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, NotAllowed, NotFound, Refusal, TooMany


class OfferNotFound(NotFound):
    """There is none, or it is between two other people."""

    code = "offers.offer_not_found"
    detail = _("There is no such offer of yours or to you.")


class OwnListing(Refusal):
    code = "offers.own_listing"
    status = 403
    attr = "product_id"
    detail = _("This listing is yours.")


class TakesNoOffers(Refusal):
    code = "offers.takes_no_offers"
    attr = "product_id"
    detail = _("This seller takes no offers for this listing.")


class TakesNoTrades(Refusal):
    code = "offers.takes_no_trades"
    attr = "trade_product_id"
    detail = _("This seller takes no trades for this listing.")


class AlreadyHaggling(Refusal):
    """A product rule: one live offer per buyer and listing. `offer_id` is the one that lives."""

    code = "offers.already_haggling"
    attr = "product_id"
    detail = _("An offer of yours for this listing is still open. Answer or withdraw that one first.")


class ChooseVariant(Invalid):
    code = "offers.choose_variant"
    attr = "variant_id"
    detail = _("This listing comes in several variants. Say which one you mean.")


class NothingOffered(Invalid):
    code = "offers.nothing_offered"
    attr = "offered_price"
    detail = _("Say how much you offer.")


class NoTradeNamed(Invalid):
    code = "offers.no_trade_named"
    attr = "trade_product_id"
    detail = _("Say which listing you would trade.")


class NotInThisKind(Invalid):
    """Money in a plain trade, or a listing in an offer of money."""

    code = "offers.not_in_this_kind"
    detail = _("An offer of this kind has no such part.")


class AmountNotPositive(Invalid):
    code = "offers.amount_not_positive"
    attr = "offered_price"
    detail = _("An offer is above zero.")


class AmountAboveAsked(Invalid):
    """A product rule: an offer is not above the asking price."""

    code = "offers.amount_above_asked"
    attr = "offered_price"
    detail = _("The price is {asked} {currency}. An offer is not above it.")


class AmountNotAboveFee(Invalid):
    """A product rule: an amount is not at or below its own fee."""

    code = "offers.amount_not_above_fee"
    attr = "offered_price"
    detail = _("At {amount} {currency} the fee of {fee} would leave the seller nothing.")


class WrongCurrency(Invalid):
    code = "offers.wrong_currency"
    attr = "currency"
    detail = _("This listing is priced in {currency}.")


class CounterNotHigher(Invalid):
    code = "offers.counter_not_higher"
    attr = "counter_price"
    detail = _("The buyer offers {amount} {currency} already. Ask for more, or accept.")


class CounterNotLower(Invalid):
    code = "offers.counter_not_lower"
    attr = "counter_price"
    detail = _("The seller asks for {amount} {currency} already. Offer less, or accept.")


class MessageTooLong(Invalid):
    code = "offers.message_too_long"
    attr = "message"
    detail = _("At most {limit} characters fit here.")


class NotYourThing(Invalid):
    """What is traded is a listing of the buyer's that is for sale, and in the end another than the one asked for."""

    code = "offers.not_your_thing"
    attr = "trade_product_id"
    detail = _("What is traded is a listing of the buyer's that is for sale now.")


class TradedThingGone(Refusal):
    code = "offers.traded_thing_gone"
    detail = _("The thing that was offered in trade is not to be had any more.")


class TooManyTurns(Refusal):
    """Ours: ten turns, then somebody has to say yes or no."""

    code = "offers.too_many_turns"
    detail = _("After {limit} turns it is time to accept or decline.")


class NotYourTurn(NotAllowed):
    """Whoever made the pending turn waits for the other's answer."""

    code = "offers.not_your_turn"
    detail = _("It is the other's turn to answer.")


class OnlyItsMakerWithdraws(NotAllowed):
    code = "offers.only_its_maker_withdraws"
    detail = _("Only whoever made an offer withdraws it. You can decline it.")


class NoLongerWaiting(Refusal):
    code = "offers.no_longer_waiting"
    detail = _("This offer is {state} and waits for no answer.")


class TooLate(Refusal):
    code = "offers.too_late"
    detail = _("The time for an answer is over.")


class ReservedForAnother(Refusal):
    code = "offers.reserved_for_another"
    title = _("Reserved")
    detail = _("The listing is reserved for somebody else. This offer waits, and its clock stands still.")


class PriceFell(Refusal):
    """Nobody pays more than is asked."""

    code = "offers.price_fell"
    detail = _("The price has fallen to {asked} {currency}, which is below this offer.")


class OtherNotThere(Refusal):
    """Suspended, erased, or blocked by one of the two: which, nobody is told."""

    code = "offers.other_not_there"
    detail = _("The other person cannot trade with you now.")


class FloorAboveAcceptance(Invalid):
    code = "offers.floor_above_acceptance"
    attr = "floor_percent"
    detail = _("What you decline lies below what you accept.")


class NotAPercentage(Invalid):
    code = "offers.not_a_percentage"
    detail = _("A number from 1 to {limit}.")


class TooManyOffers(TooMany):
    """5 a day for newcomers, 40 an hour for everybody else."""

    code = "offers.too_many_offers"
    detail = _("You have made many offers in a short time. Try again later.")
