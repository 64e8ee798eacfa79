"""What a seller asks for a parcel, by `/api/v1/seller/delivery`."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.rest.etags import IF_MATCH
from core.rest.tagged import TaggedView
from orders import actions, selectors
from orders.api.serializers import DeliveryTermsIn
from orders.shapes import DeliveryTermsOut

EXAMPLES = [
    OpenApiExample(
        "AED 15, free from AED 200",
        request_only=True,
        value={"ships": True, "parcel": "15.00", "free_from": "200.00"},
    ),
    OpenApiExample("Only from hand to hand", request_only=True, value={"ships": False}),
]


class SellerDelivery(TaggedView):
    @extend_schema(operation_id="seller_delivery", responses=DeliveryTermsOut)
    def get(self, request: Request) -> Response:
        """Whether one sends parcels and what one costs. While nothing was said, it is in the price."""
        return Response(selectors.delivery_shape(selectors.own_delivery_terms(request.user)))

    @extend_schema(
        operation_id="seller_delivery_change",
        parameters=[IF_MATCH],
        request=DeliveryTermsIn,
        responses=DeliveryTermsOut,
        examples=EXAMPLES,
    )
    def put(self, request: Request) -> Response:
        """Say it anew, for what is bought from now on."""
        body = DeliveryTermsIn(data=request.data)
        body.is_valid(raise_exception=True)
        terms = actions.change_delivery_terms(seller=request.user, **body.said())
        return Response(selectors.delivery_shape(terms))
