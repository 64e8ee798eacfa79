"""A seller's account at the payment provider."""

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.rest.views import SoukView
from payments import actions
from payments.api.serializers import OnboardingOut, SellerAccountOut
from payments.selectors import seller_account

BACK_TO = "/selling/money/onboarding"


class Onboarding(SoukView):
    bodyless = frozenset({"post"})
    unkeyed = (
        None  # the answer is good for minutes, and the provider is asked, which is never done within a transaction
    )

    @extend_schema(operation_id="payouts_onboarding", request=None, responses=OnboardingOut)
    def post(self, request: Request) -> Response:
        """Where to tell the payment provider who you are and where to be paid. The address is good once, for some minutes.

        Asking again is safe: there is one account for each seller. The provider sends people back to the pages of this site.
        """
        back = f"{settings.SITE_URL}{BACK_TO}"
        url = actions.start_onboarding(
            seller=request.user, return_url=f"{back}?returned=1", refresh_url=f"{back}?stale=1"
        )
        return Response({"url": url})


class PayoutAccount(SoukView):
    @extend_schema(operation_id="payouts_account", responses=SellerAccountOut)
    def get(self, request: Request) -> Response:
        """Whether you can be paid out, and what the provider still wants to know of you."""
        return Response(SellerAccountOut(seller_account(request.user)).data)
