"""An order's four axes, each with its table of moves, and the lives of checkouts, meetings, shipments and disputes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.states import moves


class CheckoutState(models.TextChoices):
    """One act of buying, maybe of several sellers, paid at once."""

    OPEN = "open", _("waiting for payment")
    PAID = "paid", _("paid")  # or agreed, where nothing is paid through us
    CANCELLED = "cancelled", _("cancelled")


CHECKOUT_MOVES = moves(
    {
        CheckoutState.OPEN: (CheckoutState.PAID, CheckoutState.CANCELLED),
    }
)


class OrderState(models.TextChoices):
    AWAITING_PAYMENT = "awaiting_payment", _("waiting for payment")
    CONFIRMED = "confirmed", _("confirmed")
    COMPLETED = "completed", _("completed")
    CANCELLED = "cancelled", _("cancelled")


ORDER_MOVES = moves(
    {
        OrderState.AWAITING_PAYMENT: (OrderState.CONFIRMED, OrderState.CANCELLED),
        OrderState.CONFIRMED: (OrderState.COMPLETED, OrderState.CANCELLED),
        OrderState.CANCELLED: (OrderState.CONFIRMED,),  # a bank had taken the money of what was sent, and gave it back
    }
)


class PaymentAxis(models.TextChoices):
    """How the buyer's money stands."""

    UNPAID = "unpaid", _("not paid")
    HELD = "held", _("paid, held by us")
    RELEASED = "released", _("paid to the seller")
    REFUNDED = "refunded", _("given back")  # all of it; a part shows in refunded_minor
    CASH_DUE = "cash_due", _("cash at the door")
    CASH_PAID = "cash_paid", _("paid in cash")
    NOTHING_DUE = "nothing_due", _("a trade: nothing to pay")
    VOID = "void", _("never paid")


PAYMENT_MOVES = moves(
    {
        PaymentAxis.UNPAID: (PaymentAxis.HELD, PaymentAxis.CASH_DUE, PaymentAxis.VOID),
        PaymentAxis.HELD: (PaymentAxis.RELEASED, PaymentAxis.REFUNDED),
        PaymentAxis.RELEASED: (PaymentAxis.REFUNDED,),
        PaymentAxis.REFUNDED: (PaymentAxis.HELD, PaymentAxis.RELEASED),  # the provider could not carry it out
        PaymentAxis.CASH_DUE: (PaymentAxis.CASH_PAID, PaymentAxis.VOID),
        PaymentAxis.CASH_PAID: (PaymentAxis.REFUNDED,),  # between the two: we never held it, and send none of it
        PaymentAxis.NOTHING_DUE: (PaymentAxis.VOID,),
        PaymentAxis.VOID: (PaymentAxis.REFUNDED,),  # the money came after it was called off, and went back
    }
)


class FulfilmentAxis(models.TextChoices):
    """Where the things are."""

    WAITING = "waiting", _("not begun")
    PREPARING = "preparing", _("being prepared")  # the seller has taken it on
    READY = "ready", _("ready")  # for the carrier or the meeting
    DISPATCHED = "dispatched", _("on its way")
    DELIVERED = "delivered", _("delivered")
    HANDED_OVER = "handed_over", _("handed over")
    MISSED = "missed", _("did not arrive")  # lost, or somebody did not come
    RETURNING = "returning", _("being returned")
    RETURNED = "returned", _("returned")
    CALLED_OFF = "called_off", _("called off")


FULFILMENT_MOVES = moves(
    {
        FulfilmentAxis.WAITING: (
            FulfilmentAxis.PREPARING,
            FulfilmentAxis.READY,
            FulfilmentAxis.DISPATCHED,
            FulfilmentAxis.HANDED_OVER,
            FulfilmentAxis.MISSED,
            FulfilmentAxis.CALLED_OFF,
        ),
        FulfilmentAxis.PREPARING: (
            FulfilmentAxis.READY,
            FulfilmentAxis.DISPATCHED,
            FulfilmentAxis.HANDED_OVER,
            FulfilmentAxis.MISSED,
            FulfilmentAxis.CALLED_OFF,
        ),
        FulfilmentAxis.READY: (
            FulfilmentAxis.DISPATCHED,
            FulfilmentAxis.HANDED_OVER,
            FulfilmentAxis.MISSED,
            FulfilmentAxis.CALLED_OFF,
        ),
        FulfilmentAxis.DISPATCHED: (
            FulfilmentAxis.DELIVERED,
            FulfilmentAxis.HANDED_OVER,
            FulfilmentAxis.MISSED,
            FulfilmentAxis.RETURNING,
        ),
        FulfilmentAxis.MISSED: (
            FulfilmentAxis.READY,  # they try again
            FulfilmentAxis.DELIVERED,
            FulfilmentAxis.HANDED_OVER,
            FulfilmentAxis.CALLED_OFF,
            FulfilmentAxis.RETURNED,
        ),
        FulfilmentAxis.DELIVERED: (FulfilmentAxis.RETURNING, FulfilmentAxis.RETURNED),
        FulfilmentAxis.HANDED_OVER: (FulfilmentAxis.RETURNING, FulfilmentAxis.RETURNED),
        FulfilmentAxis.RETURNING: (FulfilmentAxis.RETURNED, FulfilmentAxis.DELIVERED, FulfilmentAxis.HANDED_OVER),
    }
)


class DisputeAxis(models.TextChoices):
    """Whether the two agree."""

    NONE = "none", _("no dispute")
    OPEN = "open", _("in dispute")
    CLOSED = "closed", _("dispute closed")
    CHARGEBACK = "chargeback", _("in dispute with the bank")


DISPUTE_AXIS_MOVES = moves(
    {
        DisputeAxis.NONE: (DisputeAxis.OPEN, DisputeAxis.CHARGEBACK),
        DisputeAxis.OPEN: (DisputeAxis.CLOSED, DisputeAxis.CHARGEBACK),
        DisputeAxis.CLOSED: (DisputeAxis.OPEN, DisputeAxis.CHARGEBACK),  # appealed, or another
        DisputeAxis.CHARGEBACK: (DisputeAxis.CLOSED, DisputeAxis.OPEN),
    }
)


class DisputeState(models.TextChoices):
    """One dispute of a buyer about an order."""

    OPEN = "open", _("the seller is to answer")
    UNDER_REVIEW = "under_review", _("we are looking at it")
    AWAITING_RETURN = "awaiting_return", _("to be sent back first")
    DECIDED = "decided", _("decided")
    APPEALED = "appealed", _("appealed")
    CLOSED = "closed", _("closed")  # settled, withdrawn, or decided and final


DISPUTE_MOVES = moves(
    {
        DisputeState.OPEN: (DisputeState.UNDER_REVIEW, DisputeState.AWAITING_RETURN, DisputeState.CLOSED),
        DisputeState.UNDER_REVIEW: (DisputeState.DECIDED, DisputeState.AWAITING_RETURN, DisputeState.CLOSED),
        DisputeState.AWAITING_RETURN: (
            DisputeState.DECIDED,
            DisputeState.UNDER_REVIEW,  # what came back is not what was sent
            DisputeState.APPEALED,
            DisputeState.CLOSED,
        ),
        DisputeState.DECIDED: (DisputeState.APPEALED, DisputeState.CLOSED),
        DisputeState.APPEALED: (DisputeState.CLOSED, DisputeState.AWAITING_RETURN),
        DisputeState.CLOSED: (DisputeState.UNDER_REVIEW,),  # a second person did not agree to the refund
    }
)


class DisputeReason(models.TextChoices):
    NOT_RECEIVED = "not_received", _("it never came")
    NOT_AS_DESCRIBED = "not_as_described", _("it is not as described")
    DAMAGED = "damaged", _("it is damaged")
    NOT_AUTHENTIC = "not_authentic", _("it is not genuine")
    WRONG_ITEM = "wrong_item", _("it is something else")
    CHANGED_MIND = "changed_mind", _("I do not want it any more")
    OTHER = "other", _("something else")


class DisputeOutcome(models.TextChoices):
    FULL = "full", _("all money back")
    PARTIAL = "partial", _("a part of the money back")
    NONE = "none", _("no money back")
    SETTLED = "settled", _("the two agreed")
    WITHDRAWN = "withdrawn", _("the buyer took it back")


class SellerAnswer(models.TextChoices):
    """What a seller says to a dispute."""

    ACCEPTS = "accepts", _("agrees")
    OFFERS = "offers", _("offers a part")
    REFUSES = "refuses", _("disagrees")


class Side(models.TextChoices):
    BUYER = "buyer", _("buyer")
    SELLER = "seller", _("seller")
    STAFF = "staff", _("staff")
    SYSTEM = "system", _("system")


class Delivery(models.TextChoices):
    """How the things change hands."""

    MEET = "meet", _("hand-over in person")
    SHIP = "ship", _("delivery")


class PayBy(models.TextChoices):
    CARD = "card", _("card")
    CASH = "cash", _("cash on delivery")
    NOTHING = "nothing", _("nothing")  # a trade of things alone


class Source(models.TextChoices):
    CART = "cart", _("cart")
    BUY_NOW = "buy_now", _("bought at once")
    OFFER = "offer", _("accepted offer")


class CancelledBecause(models.TextChoices):
    NOT_PAID = "not_paid", _("not paid in time")
    BUYER = "buyer", _("the buyer changed their mind")
    SELLER = "seller", _("the seller could not deliver")
    LATE = "late", _("not sent in time")
    NO_SHOW = "no_show", _("somebody did not come")
    GONE = "gone", _("it was no longer to be had")
    STAFF = "staff", _("cancelled by our staff")
    CHARGEBACK = "chargeback", _("the payment was disputed with the bank")
    SUSPENDED = "suspended", _("somebody in it may not trade at the moment")


class MeetingState(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    AGREED = "agreed", _("agreed")
    REPLACED = "replaced", _("another time was proposed")
    KEPT = "kept", _("took place")
    MISSED = "missed", _("somebody did not come")
    CALLED_OFF = "called_off", _("called off")


MEETING_MOVES = moves(
    {
        MeetingState.PROPOSED: (MeetingState.AGREED, MeetingState.REPLACED, MeetingState.CALLED_OFF, MeetingState.KEPT),
        MeetingState.AGREED: (
            MeetingState.REPLACED,
            MeetingState.KEPT,
            MeetingState.MISSED,
            MeetingState.CALLED_OFF,
        ),
        MeetingState.MISSED: (MeetingState.KEPT,),
    }
)


class ShipmentState(models.TextChoices):
    BOOKED = "booked", _("announced to the carrier")
    IN_TRANSIT = "in_transit", _("on its way")
    OUT_FOR_DELIVERY = "out_for_delivery", _("arrives today")
    DELIVERED = "delivered", _("delivered")
    FAILED = "failed", _("could not be delivered")
    CANCELLED = "cancelled", _("cancelled")


SHIPMENT_MOVES = moves(
    {
        ShipmentState.BOOKED: (
            ShipmentState.IN_TRANSIT,
            ShipmentState.OUT_FOR_DELIVERY,
            ShipmentState.DELIVERED,
            ShipmentState.FAILED,
            ShipmentState.CANCELLED,
        ),
        ShipmentState.IN_TRANSIT: (
            ShipmentState.OUT_FOR_DELIVERY,
            ShipmentState.DELIVERED,
            ShipmentState.FAILED,
        ),
        ShipmentState.OUT_FOR_DELIVERY: (
            ShipmentState.IN_TRANSIT,
            ShipmentState.DELIVERED,
            ShipmentState.FAILED,
        ),
        ShipmentState.FAILED: (ShipmentState.IN_TRANSIT, ShipmentState.OUT_FOR_DELIVERY, ShipmentState.DELIVERED),
    }
)


class Change(models.TextChoices):
    """What became of a line in a cart since its person last saw it."""

    PRICE = "price", _("another price")
    FEWER = "fewer", _("fewer are left")
    RESERVED = "reserved", _("reserved for somebody else")
    GONE = "gone", _("no longer to be had")
    OWN = "own", _("your own listing")


class VoucherKind(models.TextChoices):
    PERCENT = "percent", _("percent")
    FIXED = "fixed", _("fixed amount")


class Funder(models.TextChoices):
    """Who pays for a voucher."""

    SHOP = "shop", _("the shop")
    PLATFORM = "platform", _("the platform")


class InvoiceKind(models.TextChoices):
    RECEIPT = "receipt", _("receipt")
    TAX_INVOICE = "tax_invoice", _("tax invoice")
    CREDIT_NOTE = "credit_note", _("credit note")
