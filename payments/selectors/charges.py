"""Questions about payments and what is held of them."""

from django.db.models import Case, IntegerField, QuerySet, Value, When

from payments.errors import HoldNotFound
from payments.models import Payment, PaymentHold
from payments.states import HoldState


def payments_for(reference: str) -> QuerySet[Payment]:
    """Every attempt to be paid for it, the latest first."""
    return Payment.objects.filter(reference=reference).order_by("-attempt")


def hold_for(reference: str) -> PaymentHold:
    """The hold that counts: the one that was not cancelled, else the latest. Raises HoldNotFound."""
    cancelled_last = Case(When(state=HoldState.CANCELLED, then=Value(1)), default=Value(0), output_field=IntegerField())
    hold = (
        PaymentHold.objects.filter(reference=reference)
        .select_related("payment")
        .order_by(cancelled_last, "-pk")
        .first()
    )
    if hold is None:
        raise HoldNotFound
    return hold
