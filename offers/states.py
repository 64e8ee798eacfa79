"""The life of an offer."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.states import moves

CARD = "offer"  # as messaging knows our cards


class OfferKind(models.TextChoices):
    CASH = "cash", _("money")
    TRADE = "trade", _("trade")  # one of the buyer's own listings
    MIXED = "mixed", _("trade and money")


class OfferState(models.TextChoices):
    PENDING = "pending", _("waiting for an answer")
    COUNTERED = "countered", _("countered")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")
    EXPIRED = "expired", _("expired")
    SUPERSEDED = "superseded", _("overtaken")  # the thing was sold to somebody else, or taken away


OFFER_MOVES = moves(
    {
        OfferState.PENDING: (
            OfferState.COUNTERED,
            OfferState.ACCEPTED,
            OfferState.DECLINED,
            OfferState.WITHDRAWN,
            OfferState.EXPIRED,
            OfferState.SUPERSEDED,
        ),
        # not paid in time, or its order was cancelled, or the thing was taken down by moderation while it waited for payment
        OfferState.ACCEPTED: (OfferState.EXPIRED, OfferState.SUPERSEDED),
    }
)


class Side(models.TextChoices):
    BUYER = "buyer", _("buyer")
    SELLER = "seller", _("seller")


class Ending(models.TextChoices):
    """Why an offer ended without a person's answer."""

    FLOOR = "floor", _("below what the seller considers")
    TIME = "time", _("nobody answered in time")
    NOT_PAID = "not_paid", _("not paid in time")
    SOLD = "sold", _("sold to somebody else")
    UNLISTED = "unlisted", _("the listing was taken away")
    BLOCKED = "blocked", _("the two no longer talk to each other")
    CALLED_OFF = "called_off", _("its order was cancelled")
