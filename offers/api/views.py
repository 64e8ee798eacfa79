"""Haggling by `/api/v1/offers/…` and `/api/v1/products/{id}/offers`."""

import uuid
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.selectors import product_page
from core.rest.etags import IF_MATCH
from core.rest.pagination import CursorPages
from core.rest.query import read_query
from core.rest.tagged import TaggedView
from core.rest.views import SoukView
from offers import actions, selectors
from offers.api.serializers import (
    CounterOfferIn,
    MakeOfferIn,
    NegotiationOut,
    OffersIn,
    PagingIn,
    RecentOffersOut,
    TermsIn,
    TermsOut,
    negotiation_answer,
)
from offers.models import OfferTerms
from offers.shapes import OfferOut

FIRST_OFFERS = [
    OpenApiExample(
        "Money",
        request_only=True,
        value={
            "product_id": "01912d5e-7c3a-7b1e-9f00-2a4b6c8d0e1f",
            "offered_price": "380.00",
            "message": "I could fetch it today.",
        },
    ),
    OpenApiExample(
        "A trade with some money",
        request_only=True,
        value={
            "product_id": "01912d5e-7c3a-7b1e-9f00-2a4b6c8d0e1f",
            "offer_type": "mixed",
            "offered_price": "100.00",
            "trade_product_id": "01912d5e-7c3a-7b1e-9f00-2a4b6c8d0e20",
        },
    ),
]


def told(request: Request, offer_id: uuid.UUID, *, status: int = 200) -> Response:
    return Response(selectors.shape_for(request.user.pk, offer_id), status=status)


class Offers(SoukView):
    @extend_schema(operation_id="offers_list", parameters=[OffersIn], responses=OfferOut(many=True))
    def get(self, request: Request) -> Response:
        """One's negotiations by their last turn, newest first. Those that ended a month ago are left out."""
        wanted = read_query(OffersIn, request)
        pages = CursorPages()
        found = selectors.offers_of(request.user, as_buyer=wanted["as_buyer"], state=wanted.get("status"))
        page = pages.paginate_queryset(found, request, view=self) or []
        return pages.get_paginated_response(selectors.offer_shape(request.user.pk, page))

    @extend_schema(operation_id="offers_make", request=MakeOfferIn, responses={201: OfferOut}, examples=FIRST_OFFERS)
    def post(self, request: Request) -> Response:
        """Offer money, a trade, or both. It waits 24 hours, unless the seller's terms answer at once."""
        body = MakeOfferIn(data=request.data)
        body.is_valid(raise_exception=True)
        offer = actions.make_offer(buyer=request.user, **body.said())
        response = told(request, offer.pk, status=201)
        response["Location"] = reverse("offer", args=[offer.pk])
        return response


class OfferDetail(SoukView):
    @extend_schema(operation_id="offers_retrieve", responses=OfferOut)
    def get(self, request: Request, offer_id: uuid.UUID) -> Response:
        """One turn of a negotiation of one's own."""
        offer = selectors.offer_of(request.user, offer_id)
        return Response(selectors.offer_shape(request.user.pk, [offer])[0])


class Accept(SoukView):
    """Money will move by it, so the request carries an Idempotency-Key."""

    keyed = frozenset({"post", "patch"})
    bodyless = frozenset({"post", "patch"})

    @extend_schema(operation_id="offers_accept", request=None, responses=OfferOut)
    def post(self, request: Request, offer_id: uuid.UUID) -> Response:
        """Agree: the listing is reserved for the buyer until `payment_due_at`. Again is the same answer."""
        actions.accept_offer(person=request.user, offer_id=offer_id)
        return told(request, offer_id)

    @extend_schema(operation_id="offers_accept_patch", request=None, responses=OfferOut)
    def patch(self, request: Request, offer_id: uuid.UUID) -> Response:
        """The same as POST."""
        return self.post(request, offer_id)


class Decline(SoukView):
    bodyless = frozenset({"post", "patch"})

    @extend_schema(operation_id="offers_decline", request=None, responses=OfferOut)
    def post(self, request: Request, offer_id: uuid.UUID) -> Response:
        """Say no; the negotiation is over."""
        actions.decline_offer(person=request.user, offer_id=offer_id)
        return told(request, offer_id)

    @extend_schema(operation_id="offers_decline_patch", request=None, responses=OfferOut)
    def patch(self, request: Request, offer_id: uuid.UUID) -> Response:
        """The same as POST."""
        return self.post(request, offer_id)


class Withdraw(SoukView):
    bodyless = frozenset({"post", "patch"})

    @extend_schema(operation_id="offers_withdraw", request=None, responses=OfferOut)
    def post(self, request: Request, offer_id: uuid.UUID) -> Response:
        """Take back what one said last; the negotiation is over."""
        actions.withdraw_offer(person=request.user, offer_id=offer_id)
        return told(request, offer_id)

    @extend_schema(operation_id="offers_withdraw_patch", request=None, responses=OfferOut)
    def patch(self, request: Request, offer_id: uuid.UUID) -> Response:
        """The same as POST."""
        return self.post(request, offer_id)


class Counter(SoukView):
    @extend_schema(operation_id="offers_counter", request=CounterOfferIn, responses={201: OfferOut})
    def post(self, request: Request, offer_id: uuid.UUID) -> Response:
        """Answer with another number, as a new turn, which is the answer here. The other has 24 hours."""
        body = CounterOfferIn(data=request.data)
        body.is_valid(raise_exception=True)
        answered = selectors.offer_of(request.user, offer_id)
        turn = actions.counter_offer(person=request.user, offer_id=offer_id, **body.said(answered.currency))
        response = told(request, turn.pk, status=201)
        response["Location"] = reverse("offer", args=[turn.pk])
        return response

    @extend_schema(operation_id="offers_counter_patch", request=CounterOfferIn, responses={201: OfferOut})
    def patch(self, request: Request, offer_id: uuid.UUID) -> Response:
        """The same as POST."""
        return self.post(request, offer_id)


class ProductOffers(SoukView):
    @extend_schema(operation_id="products_offers", parameters=[PagingIn], responses=NegotiationOut(many=True))
    def get(self, request: Request, product_id: uuid.UUID) -> Response:
        """Every negotiation about a listing of one's own, whole, the last spoken first."""
        read_query(PagingIn, request)
        product = selectors.own_product(request.user, product_id)
        pages = CursorPages()
        last = pages.paginate_queryset(selectors.negotiations_on(product), request, view=self) or []
        turns = selectors.turns_of([offer.negotiation_id for offer in last])
        return pages.get_paginated_response(
            [negotiation_answer(pk, selectors.offer_shape(request.user.pk, said)) for pk, said in turns.items()]
        )


class RecentOffers(SoukView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="products_offers_recent", responses=RecentOffersOut)
    def get(self, request: Request, product_id: uuid.UUID) -> Response:
        """The last 20 offers that buyers made, as chips; none unless the seller shows them."""
        product = product_page(viewer=request.user, product_id=product_id)
        chips = selectors.recent_offers(product.pk, viewer=request.user)
        shows = selectors.terms_of(product.pk).shows_offers
        return Response({"shows_offers": shows, "results": [selectors.chip(offer) for offer in chips]})


class ProductTerms(TaggedView):
    @extend_schema(operation_id="products_offer_terms", responses=TermsOut)
    def get(self, request: Request, product_id: uuid.UUID) -> Response:
        """How one takes offers for a listing of one's own."""
        product = selectors.own_product(request.user, product_id)
        return Response(terms_answer(selectors.terms_of(product.pk)))

    @extend_schema(operation_id="products_set_offer_terms", parameters=[IF_MATCH], request=TermsIn, responses=TermsOut)
    def patch(self, request: Request, product_id: uuid.UUID) -> Response:
        """Change that, for the offers that come from now on."""
        body = TermsIn(data=request.data)
        body.is_valid(raise_exception=True)
        terms = actions.set_terms(seller=request.user, product_id=product_id, **body.validated_data)
        return Response(terms_answer(terms))


def terms_answer(terms: OfferTerms) -> dict[str, Any]:
    return {
        "takes_offers": terms.takes_offers,
        "takes_trades": terms.takes_trades,
        "floor_percent": terms.floor_percent,
        "auto_accept_percent": terms.auto_accept_percent,
        "shows_offers": terms.shows_offers,
    }
