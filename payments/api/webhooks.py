"""The two bells of the provider: its own events, and those of the sellers' accounts. Its signature is all the proof they ask for."""

from typing import ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from payments import actions
from payments.api.serializers import ReceivedOut
from payments.errors import EventTooLarge, ProviderAway, ProviderError

LARGEST = 1024 * 1024  # bytes

SIGNED = OpenApiParameter(
    "Stripe-Signature",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="`t=…,v1=…`: HMAC-SHA256 of time and body. Good for five minutes.",
)


class _Bell(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()  # the provider rings as often as it must
    endpoint: ClassVar[str]

    def ring(self, request: Request) -> Response:
        if int(request.headers.get("Content-Length") or 0) > LARGEST:
            raise EventTooLarge
        try:
            event_id = actions.receive_event(
                payload=request._request.body,  # as it was signed, byte by byte
                signature=request.headers.get("Stripe-Signature", ""),
                endpoint=self.endpoint,
            )
        except ProviderError as error:
            raise ProviderAway from error
        return Response({"received": event_id})


class StripeWebhook(_Bell):
    endpoint = "platform"

    @extend_schema(
        operation_id="webhooks_stripe",
        parameters=[SIGNED],
        request={"application/json": OpenApiTypes.OBJECT},
        responses=ReceivedOut,
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Stripe's events of the platform. Answered at once, looked into afterwards."""
        return self.ring(request)


class StripeConnectWebhook(_Bell):
    endpoint = "connect"

    @extend_schema(
        operation_id="webhooks_stripe_connect",
        parameters=[SIGNED],
        request={"application/json": OpenApiTypes.OBJECT},
        responses=ReceivedOut,
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Stripe's events of sellers' accounts. Answered at once, looked into afterwards."""
        return self.ring(request)
