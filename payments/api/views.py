"""What a sale would cost."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.selectors import shelf_named
from catalog.shapes import FeePreviewOut, fee_preview
from core.money import Money
from core.rest.query import read_query
from core.rest.views import SoukView
from payments.api.serializers import CalculateFeeIn
from payments.quotes import quote_fee
from payments.rules import check_price


class CalculateFee(SoukView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="fees_calculate", parameters=[CalculateFeeIn], responses=FeePreviewOut)
    def get(self, request: Request) -> Response:
        """The fee of a sale, and which rule of the table decided it. Signed in, one's own tier and rules count."""
        wanted = read_query(CalculateFeeIn, request)
        price = Money.parse(wanted["price"], wanted["currency"].upper())
        check_price(price)
        category = shelf_named(wanted["category"]).category if wanted.get("category") else None
        seller = request.user if request.user.is_authenticated else None
        quote = quote_fee(price=price, channel=wanted["feed_type"], category=category, seller=seller)
        return Response(fee_preview(quote))
