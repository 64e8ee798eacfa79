"""What doors share that a buyer pays at: after the commit the provider is asked, so that the answer has the secret of the card form."""

import uuid
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core.rest.views import SoukView
from orders import selectors
from orders.actions import Put
from orders.actions.charging import hear_of_payment, make_intent
from orders.quotes import Wanted
from orders.selectors import variant_named


class PayingView(SoukView):
    """Its answers name their checkout. What is kept for an Idempotency-Key holds no secret: it is added to every answer anew.

    A request that says how something is handed over that waits to be paid already (`waiting_checkout`) first hears whether it was paid
    meanwhile: before the transaction that keeps the answer, because the provider is asked.
    """

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        told = request.method == "POST" and isinstance(request.data, dict)
        if told and (checkout_id := self.waiting_checkout(request, **kwargs)):
            hear_of_payment(buyer=request.user, checkout_id=checkout_id)

    def waiting_checkout(self, request: Request, **kwargs: Any) -> uuid.UUID | None:
        """The one of which the request says so; None where it says nothing, or opens one."""
        del request, kwargs
        return None

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST" and response.status_code in (200, 201) and isinstance(response.data, dict):
            self._add_payment(request, response)
        return super().finalize_response(request, response, *args, **kwargs)

    def _add_payment(self, request: Request, response: Response) -> None:
        checkout_id = response.data.get("checkout_id") or response.data.get("id")
        checkout = selectors.checkout_of(request.user, uuid.UUID(str(checkout_id)))
        if checkout.payment is not None and response.data.get("payment"):
            payment = make_intent(payment=checkout.payment)
            response.data = {**response.data, "payment": selectors.payment_shape(payment, with_secret=True)}


def checkout_answer(buyer: User, checkout_id: uuid.UUID) -> dict[str, Any]:
    checkout = selectors.checkout_of(buyer, checkout_id)
    return selectors.checkout_shape(checkout, selectors.orders_of_checkout(checkout.pk))


def wanted_of(buyer: User, things: list[Put]) -> list[Wanted]:
    """Raises ProductNotFound, ChooseVariant."""
    return [
        Wanted(variant_id=variant_named(buyer, thing.product_id, thing.variant_id).pk, quantity=thing.quantity)
        for thing in things
    ]
