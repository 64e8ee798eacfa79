"""What orders refuse."""

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, NotFound, Refusal


class OrderNotFound(NotFound):
    code = "orders.order_not_found"


class CheckoutNotFound(NotFound):
    code = "orders.checkout_not_found"


class NotYourSideOfIt(Refusal):
    """The other of the two does this."""

    code = "orders.not_your_side"
    status = 403
    detail = _("This is for the other side of the order to do.")


class OwnThing(Invalid):
    code = "orders.own_thing"
    detail = _("This is your own listing.")
