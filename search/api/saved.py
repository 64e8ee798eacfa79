"""Saved searches: `/api/v1/search/saved`."""

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from core.rest.etags import IF_MATCH, etag, revision_wanted, with_etag
from core.rest.pagination import CursorPages
from core.rest.query import read_query, refuse_unknown
from core.rest.tagged import TaggedView
from core.rest.views import SoukView
from search import actions, selectors
from search.api.answers import answer
from search.api.asking import question_in
from search.api.serializers import (
    ChangeSavedSearchIn,
    SavedResultsIn,
    SavedSearchOut,
    SaveSearchIn,
    SearchPageOut,
)
from search.models import SavedSearch
from search.rules import PAGE_SIZE
from search.selectors import Asked


class SavedSearches(SoukView):
    permission_classes = (IsAuthenticated,)
    pagination_class = CursorPages

    @extend_schema(operation_id="saved_searches", responses=SavedSearchOut(many=True))
    def get(self, request: Request) -> Response:
        """One's saved searches, newest first."""
        pages = CursorPages()
        page = pages.paginate_queryset(selectors.saved_searches(request.user), request, view=self)
        return pages.get_paginated_response(SavedSearchOut(page, many=True).data)

    @extend_schema(operation_id="save_search", request=SaveSearchIn, responses={201: SavedSearchOut})
    def post(self, request: Request) -> Response:
        """Keep a search and hear of what it finds from now on."""
        body = SaveSearchIn(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        asked = _asked(request, given.pop("question"))
        saved = actions.save_search(user=request.user, asked=asked, **given)
        return _saved(request, selectors.saved_search_of(request.user, saved.pk), status=201)


class SavedSearchDetail(TaggedView):
    guarded = frozenset({"delete"})
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="saved_search", responses=SavedSearchOut)
    def get(self, request: Request, saved_search_id: uuid.UUID) -> Response:
        """One saved search, with its ETag."""
        refuse_unknown(request, set())
        return _saved(request, selectors.saved_search_of(request.user, saved_search_id))

    @extend_schema(
        operation_id="change_saved_search",
        request=ChangeSavedSearchIn,
        parameters=[IF_MATCH],
        responses=SavedSearchOut,
    )
    def patch(self, request: Request, saved_search_id: uuid.UUID) -> Response:
        """Rename it, pause it, ask something else, hear of it sooner or later."""
        body = ChangeSavedSearchIn(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        asked = _asked(request, given.pop("question")) if "question" in given else None
        actions.change_saved_search(
            user=request.user,
            saved_search_id=saved_search_id,
            revision=revision_wanted(request, saved_search_id),
            asked=asked,
            **given,
        )
        return _saved(request, selectors.saved_search_of(request.user, saved_search_id))

    @extend_schema(operation_id="remove_saved_search", parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request, saved_search_id: uuid.UUID) -> Response:
        """Take it off the list. It can be restored for a day."""
        actions.remove_saved_search(user=request.user, saved_search_id=saved_search_id)
        return Response(status=204)


class RestoreSavedSearch(SoukView):
    permission_classes = (IsAuthenticated,)
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="restore_saved_search", request=None, responses=SavedSearchOut)
    def post(self, request: Request, saved_search_id: uuid.UUID) -> Response:
        """Take back a removal."""
        actions.restore_saved_search(user=request.user, saved_search_id=saved_search_id)
        return _saved(request, selectors.saved_search_of(request.user, saved_search_id))


class SavedSearchResults(SoukView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="saved_search_results", parameters=[SavedResultsIn], responses=SearchPageOut)
    def get(self, request: Request, saved_search_id: uuid.UUID) -> Response:
        """What it finds now, as a search answers. Its first page makes what it found until now no news any more."""
        query = read_query(SavedResultsIn, request)
        saved = selectors.saved_search_of(request.user, saved_search_id)
        found = selectors.find(
            selectors.asked_from(saved.asked),
            viewer=request.user,
            size=query.get("per_page", PAGE_SIZE),
            cursor=query.get("cursor"),
            with_facets=False,
            verbatim=True,
        )
        if "cursor" not in query:
            actions.look_at_saved_search(user=request.user, saved_search_id=saved.pk)
        return Response(answer(found, request, None))


def _asked(request: Request, question: dict[str, Any]) -> Asked:
    """What is kept of a question: "under 3000" among its words is the filter as which a search reads it."""
    return selectors.with_its_price(question_in(question), viewer=request.user)


def _saved(request: Request, saved: SavedSearch, status: int = 200) -> Response:
    response = Response(SavedSearchOut(saved).data, status=status)
    return with_etag(request, response, etag(saved.pk, saved.revision))
