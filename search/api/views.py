import uuid
from dataclasses import asdict

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from core.middleware import caller_ip
from core.rest.pagination import CursorPages
from core.rest.query import read_query
from core.rest.views import SoukView, SoukViewSet
from places.selectors import neighborhood_with_slug
from search import actions, selectors
from search.api.answers import answer
from search.api.asking import asked_by, read, remembered_in
from search.api.serializers import (
    FiltersIn,
    FiltersOut,
    HistoryOut,
    SearchIn,
    SearchPageOut,
    SuggestionListOut,
    SuggestionsIn,
    TrackIn,
    TrendingIn,
    TrendingOut,
    WhyFoundIn,
    WhyFoundOut,
)
from search.errors import PageAndCursor
from search.models import SearchEntry
from search.rules import MOST_SUGGESTIONS, PAGE_SIZE

ATTRIBUTES = OpenApiParameter(
    "attr_{key}",
    {"type": "array", "items": {"type": "string"}},
    description="A filter of the category's schema, one of several values; `attr_{key}_min` and `_max` for numbers and years.",
)


class Search(SoukView):
    """Find listings by words, by filters, or by both."""

    permission_classes = (AllowAny,)
    fields = SearchIn().fields

    @extend_schema(operation_id="search", parameters=[SearchIn, ATTRIBUTES], responses=SearchPageOut)
    def get(self, request: Request) -> Response:
        values = read(self.fields, request)
        cursor, number = values.get("cursor"), values.get("page")
        if cursor and number:
            raise PageAndCursor
        size = values.get("per_page", PAGE_SIZE)
        offset = 0 if number is None else (number - 1) * size
        found = selectors.find(
            asked_by(values),
            viewer=request.user,
            size=size,
            cursor=cursor,
            offset=offset,
            with_facets=values.get("facets", cursor is None),
            verbatim=values.get("verbatim", False),
        )
        return Response(answer(found, request, number))


class WhyFound(SoukView):
    """Why a search finds a listing where it does: each term of the formula with its share, in words."""

    permission_classes = (AllowAny,)
    fields = WhyFoundIn().fields

    @extend_schema(operation_id="search_why", parameters=[WhyFoundIn, ATTRIBUTES], responses=WhyFoundOut)
    def get(self, request: Request) -> Response:
        """Send what the search sent, with `understood.q` of its answer as `q`."""
        values = read(self.fields, request)
        if "listing" not in values:
            raise ValidationError({"listing": [ErrorDetail(_("This field is required."), code="required")]})
        question = selectors.read_question(asked_by(values))
        why = selectors.why_found(question, viewer=request.user, product_id=values["listing"])
        return Response(
            {
                "listing": why.product.pk,
                "sort": question.sort,
                "summary": why.summary,
                "terms": [asdict(reason) for reason in why.reasons],
                "also": why.also,
                "version": why.version,
            }
        )


class SearchFilters(SoukView):
    """What a search can be narrowed by, with every choice."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="search_filters", parameters=[FiltersIn], responses=FiltersOut)
    def get(self, request: Request) -> Response:
        query = read_query(FiltersIn, request)
        return Response(asdict(selectors.search_schema(query.get("category", ""))))


class SearchSuggestions(SoukView):
    """What somebody who is still typing may mean."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="search_suggestions", parameters=[SuggestionsIn], responses=SuggestionListOut)
    def get(self, request: Request) -> Response:
        query = read_query(SuggestionsIn, request)
        found = selectors.suggestions(query["q"], viewer=request.user, limit=query.get("limit", MOST_SUGGESTIONS))
        return Response({"results": [asdict(one) for one in found]})


class TrendingSearches(SoukView):
    """What many people look for, everywhere or in a neighbourhood."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="search_trending", parameters=[TrendingIn], responses=TrendingOut)
    def get(self, request: Request) -> Response:
        slug = read_query(TrendingIn, request).get("neighborhood")
        hood = neighborhood_with_slug(slug) if slug else None
        found = selectors.trending(neighborhood_id=hood.pk if hood else None)
        return Response({"results": [{"q": one.q, "score": round(one.score, 2)} for one in found]})


class TrackSearch(SoukView):
    """Count a search that was made, and remember it for whoever is signed in."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="search_track", request=TrackIn, responses={204: None})
    def post(self, request: Request) -> Response:
        body = TrackIn(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        asked, verbatim = remembered_in(said.get("asked", {}) | {"q": said["q"]})
        selectors.read_question(asked)  # what no search takes is in nobody's history
        hood = neighborhood_with_slug(said["neighborhood"]) if said.get("neighborhood") else None
        user = request.user if request.user.is_authenticated else None
        actions.track_search(q=said["q"], user=user, address=caller_ip(request), neighborhood=hood)
        if user is not None:
            actions.remember_search(user=user, asked=asked, verbatim=verbatim)
        return Response(status=204)


class NewestAskedFirst(CursorPages):
    ordering = ("-asked_at", "-id")


class SearchHistoryViewSet(SoukViewSet):
    """One's own searches, for oneself alone."""

    permission_classes = (IsAuthenticated,)
    queryset = SearchEntry.objects.none()
    serializer_class = HistoryOut
    pagination_class = NewestAskedFirst
    lookup_value_converter = "uuid"

    @extend_schema(operation_id="search_history", responses=HistoryOut(many=True))
    def list(self, request: Request) -> Response:
        """One's own searches, the last one first."""
        page = self.paginate_queryset(selectors.history_of(request.user))
        return self.get_paginated_response(HistoryOut(page, many=True).data)

    @extend_schema(operation_id="search_history_empty", request=None, responses={204: None})
    def empty(self, request: Request) -> Response:
        """Forget all of one's own searches."""
        actions.forget_all_searches(user=request.user)
        return Response(status=204)

    @extend_schema(operation_id="search_history_forget", request=None, responses={204: None})
    def destroy(self, request: Request, entry_id: uuid.UUID) -> Response:
        """Forget one of one's own searches."""
        actions.forget_search(user=request.user, entry_id=entry_id)
        return Response(status=204)
