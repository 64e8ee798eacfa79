from dataclasses import asdict
from functools import partial

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.exceptions import NotAuthenticated, ValidationError
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from core.errors import NotFound
from core.rest.query import read_query
from core.rest.views import SoukView
from feeds import selectors
from feeds.api.asking import read
from feeds.api.serializers import (
    SORTS_OF,
    CommunityFeedIn,
    DiscoverFeedIn,
    FeedPageOut,
    FollowingFeedIn,
    WhyIn,
    WhyOut,
)
from feeds.rules import place_of
from feeds.serving import noted
from feeds.states import Feed
from places.selectors import neighborhood_with_slug

ATTRIBUTES = OpenApiParameter(
    "attr_{key}",
    {"type": "array", "items": {"type": "string"}},
    description="A filter of the category's schema, one of several values; `attr_{key}_min` and `_max` for numbers and years.",
)

ROUND_THE_MARINA = [
    OpenApiExample(name, value=value, parameter_only=(name, OpenApiParameter.QUERY))
    for name, value in {
        "latitude": 25.0805,
        "longitude": 55.1403,
        "radius_km": 3,
        "category": "furniture",
        "max_price": "500.00",
        "condition": ["new", "good"],
        "sort": "nearest",
    }.items()
]


class CommunityFeed(SoukView):
    """What neighbours sell around a place."""

    permission_classes = (AllowAny,)
    fields = CommunityFeedIn().fields

    @extend_schema(
        operation_id="feeds_community",
        parameters=[CommunityFeedIn, ATTRIBUTES],
        responses=FeedPageOut,
        examples=ROUND_THE_MARINA,
    )
    def get(self, request: Request) -> Response:
        asked = read(self.fields, request, with_attributes=True)
        slug = asked.get("neighborhood")
        ask = partial(
            selectors.community_feed,
            viewer=request.user,
            place=asked.place,
            radius_km=asked.get("radius_km"),
            neighborhood=neighborhood_with_slug(slug) if slug else None,
            filters=selectors.read_filters(**asked.filters),
            sort=asked.get("sort"),
        )
        page = noted(ask, feed=Feed.COMMUNITY, place=asked.place, **asked.page)
        return _answer(request, page)


class DiscoverFeed(SoukView):
    """What sellers show on video, wherever they are."""

    permission_classes = (AllowAny,)
    fields = DiscoverFeedIn().fields

    @extend_schema(operation_id="feeds_discover", parameters=[DiscoverFeedIn, ATTRIBUTES], responses=FeedPageOut)
    def get(self, request: Request) -> Response:
        asked = read(self.fields, request, with_attributes=True)
        ask = partial(
            selectors.discover_feed,
            viewer=request.user,
            place=asked.place,
            filters=selectors.read_filters(**asked.filters),
            sort=asked.get("sort"),
        )
        page = noted(ask, feed=Feed.DISCOVER, place=asked.place, **asked.page)
        return _answer(request, page)


class FollowingFeed(SoukView):
    """What the people whom the reader follows sell, newest first."""

    permission_classes = (IsAuthenticated,)
    fields = FollowingFeedIn().fields

    @extend_schema(operation_id="feeds_following", parameters=[FollowingFeedIn], responses=FeedPageOut)
    def get(self, request: Request) -> Response:
        asked = read(self.fields, request)
        return _answer(request, selectors.following_feed(viewer=request.user, place=asked.place, **asked.page))


class WhyShown(SoukView):
    """Why the reader sees a listing in a feed: each term of the formula with its share, in words."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="feeds_why",
        parameters=[
            OpenApiParameter("feed", str, OpenApiParameter.PATH, enum=Feed.values),
            WhyIn,
        ],
        responses=WhyOut,
    )
    def get(self, request: Request, feed: str) -> Response:
        if feed not in Feed.values:
            raise NotFound
        asked = read_query(WhyIn, request)
        if feed == Feed.FOLLOWING and not request.user.is_authenticated:
            raise NotAuthenticated
        sort = asked.get("sort", "")
        if sort and sort not in SORTS_OF[feed]:
            raise ValidationError({"sort": [_("This feed has no such order.")]})
        why = selectors.why_shown(
            viewer=request.user,
            product_id=asked["listing"],
            feed=Feed(feed),
            sort=sort,
            place=place_of(
                asked.get("latitude", asked.get("location_lat")), asked.get("longitude", asked.get("location_lng"))
            ),
        )
        return Response(
            {
                "listing": why.product.pk,
                "feed": why.feed,
                "sort": why.sort,
                "summary": why.summary,
                "terms": [asdict(reason) for reason in why.reasons],
                "also": why.also,
                "version": why.version,
            }
        )


def _answer(request: Request, page: selectors.Page) -> Response:
    def link(cursor: str | None) -> str | None:
        return cursor and replace_query_param(request.build_absolute_uri(), "cursor", cursor)

    return Response(
        {
            "results": page.items,
            "next": link(page.next_cursor),
            "previous": link(page.previous_cursor),
            "has_more": page.has_more,
        }
    )
