"""What orders refuse before the money is there: carts, checkouts, vouchers."""

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, NotFound, Refusal, TooMany


class OrderNotFound(NotFound):
    code = "orders.order_not_found"


class CheckoutNotFound(NotFound):
    code = "orders.checkout_not_found"


class NotYourSideOfIt(Refusal):
    """The other of the two does this."""

    code = "orders.not_your_side"
    status = 403
    detail = _("This is for the other side of the order to do.")


# --- carts ------------------------------------------------------------------------------------------------------------


class CartItemNotFound(NotFound):
    code = "orders.cart_item_not_found"


class CartFull(Refusal):
    code = "orders.cart_full"
    detail = _("At most {limit} different things fit into a cart.")


class CartEmpty(Refusal):
    code = "orders.cart_empty"
    detail = _("There is nothing in the cart.")


class CartChanged(Refusal):
    """Something costs another price, or is not to be had as it was: the person looks at it first. `GET /cart/check` tells what."""

    code = "orders.cart_changed"
    title = _("Something changed")
    detail = _("Something in the cart changed since you looked. Look at it again before you buy.")


class TooManyPieces(Invalid):
    code = "orders.too_many_pieces"
    attr = "quantity"
    detail = _("At most {limit} of one thing fit into an order.")


# --- buying -----------------------------------------------------------------------------------------------------------


class OwnThing(Invalid):
    code = "orders.own_thing"
    detail = _("“{title}” is your own listing.")


class NotToBeHad(Refusal):
    """Sold, taken off show, its seller away, or one of the two blocked the other: which, nobody is told."""

    code = "orders.not_to_be_had"
    title = _("Not to be had")
    detail = _("“{title}” is not to be had any more.")


class Reserved(Refusal):
    code = "orders.reserved"
    title = _("Reserved")
    detail = _("“{title}” is reserved for somebody else right now.")


class FewerLeft(Refusal):
    code = "orders.fewer_left"
    title = _("Fewer are left")
    detail = _("Of “{title}” only {available} are left.")


class ChooseVariant(Invalid):
    code = "orders.choose_variant"
    attr = "variant_id"
    detail = _("“{title}” comes in several variants. Say which one you mean.")


class MixedCurrencies(Invalid):
    code = "orders.mixed_currencies"
    detail = _("Things that are priced in different currencies are paid for apart.")


class AddressNeeded(Invalid):
    code = "orders.address_needed"
    attr = "address_id"
    detail = _("Say where it should be delivered.")


class SellerDoesNotShip(Refusal):
    """They only meet. `seller`: their username."""

    code = "orders.seller_does_not_ship"
    attr = "delivery"
    detail = _("{name} sends no parcels. You can meet them, or buy their things apart.")


class NotDeliveryTerms(Invalid):
    """Its amounts contradict each other; `attr` names the field."""

    code = "orders.not_delivery_terms"
    detail = _("{why}")


class NotInCash(Invalid):
    """Cash changes hands when the thing does."""

    code = "orders.not_in_cash"
    attr = "pay_by"
    detail = _("What a carrier brings is paid by card.")


class SellerTakesNoCash(Refusal):
    """They do not want it, or owe us commission of earlier cash sales."""

    code = "orders.seller_takes_no_cash"
    attr = "pay_by"
    detail = _("This seller cannot take cash at the moment. Pay by card.")


class CashOrdersOpen(Refusal):
    """What is bought in cash is kept from everybody else for days, and nobody has paid for it."""

    code = "orders.cash_orders_open"
    attr = "pay_by"
    detail = _("You may have {most} cash orders open at a time. Meet for one of them first, or pay by card.")


class CashAfterNoShows(Refusal):
    code = "orders.cash_after_no_shows"
    attr = "pay_by"
    detail = _("You did not come to {missed} meetings in the last {days} days. Pay by card.")


class PayByCardOrCash(Invalid):
    code = "orders.pay_by_card_or_cash"
    attr = "pay_by"
    detail = _("There is something to pay: by card or in cash.")


class NoteTooLong(Invalid):
    code = "orders.note_too_long"
    attr = "note"
    detail = _("At most {limit} characters fit here.")


class AlreadyPaying(Refusal):
    """A payment for the same things is on its way at the bank; a second one could take the money twice."""

    code = "orders.already_paying"
    title = _("A payment is on its way")
    detail = _("A payment of yours for this is being carried out. Wait for it to end.")


class AlreadyPaid(Refusal):
    code = "orders.already_paid"
    detail = _("This is paid.")


class CheckoutOver(Refusal):
    """Cancelled, or its time ran out: its things are for sale again."""

    code = "orders.checkout_over"
    title = _("Too late")
    detail = _("The time to pay is over. Begin again.")


class NothingToPay(Refusal):
    code = "orders.nothing_to_pay"
    detail = _("Nothing is paid by card here.")


class CannotCancelNow(Refusal):
    code = "orders.cannot_cancel_now"
    detail = _("The order is on its way or over, so it cannot be cancelled. Report a problem instead.")


class TooManyCheckouts(TooMany):
    code = "orders.too_many_checkouts"
    detail = _("You began many purchases in a short time. Try again later.")


# --- vouchers ---------------------------------------------------------------------------------------------------------


class VoucherNotFound(NotFound):
    code = "orders.voucher_not_found"
    attr = "voucher_code"
    detail = _("There is no such voucher.")


class VoucherNotNow(Refusal):
    """Not yet, no longer, or switched off."""

    code = "orders.voucher_not_now"
    attr = "voucher_code"
    detail = _("The voucher {code} is not in force now.")


class VoucherUsedUp(Refusal):
    code = "orders.voucher_used_up"
    attr = "voucher_code"
    detail = _("The voucher {code} has been used up.")


class VoucherUsedByYou(Refusal):
    code = "orders.voucher_used_by_you"
    attr = "voucher_code"
    detail = _("You have used the voucher {code} as often as it goes.")


class VoucherBelowMinimum(Refusal):
    code = "orders.voucher_below_minimum"
    attr = "voucher_code"
    detail = _("The voucher {code} counts from {minimum} {currency} on.")


class VoucherElsewhere(Refusal):
    """Another shop's, or in another currency."""

    code = "orders.voucher_elsewhere"
    attr = "voucher_code"
    detail = _("The voucher {code} does not count for what you are buying.")


class VouchersDoNotCombine(Invalid):
    code = "orders.vouchers_do_not_combine"
    attr = "voucher_code"
    detail = _("One voucher of each shop and one of ours count at once.")


class VoucherCodeTaken(Refusal):
    code = "orders.voucher_code_taken"
    attr = "code"
    detail = _("There is a voucher with this code already.")


class NotAVoucherCode(Invalid):
    code = "orders.not_a_voucher_code"
    attr = "code"
    detail = _("A code is 3 to 30 letters, digits and hyphens.")


class NotAVoucher(Invalid):
    """Its numbers contradict each other; `attr` names the field."""

    code = "orders.not_a_voucher"
    detail = _("{why}")


class VoucherWasUsed(Refusal):
    """What people were promised stays as it was; it can be switched off."""

    code = "orders.voucher_was_used"
    detail = _("Somebody has used this voucher. Switch it off instead, or change its end and limits.")


class TooManyVouchers(Refusal):
    code = "orders.too_many_vouchers"
    detail = _("At most {limit} vouchers of a shop are kept.")
