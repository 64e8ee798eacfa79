"""What may be asked of the feeds, and what they answer. Answers are written from plain rows; their serializers are for the schema."""

from rest_framework import serializers

from accounts.states import SellerType
from catalog.shapes import ProductCardOut
from catalog.states import Condition
from core.rest.serializers import AmountField, LatitudeField, LongitudeField
from feeds.rules import MAX_PAGE_SIZE, PAGE_SIZE
from feeds.shapes import RankingTermOut
from feeds.states import CommunitySort, DiscoverSort, Feed


class _PagedIn(serializers.Serializer):
    cursor = serializers.CharField(
        required=False, help_text="From `next` or `previous` of a page of the same question."
    )
    per_page = serializers.IntegerField(required=False, min_value=1, max_value=MAX_PAGE_SIZE, default=PAGE_SIZE)


class _PlacedIn(_PagedIn):
    latitude = LatitudeField(required=False, help_text="Where the reader is, in degrees. Also `location_lat`.")
    longitude = LongitudeField(required=False, help_text="Also `location_lng`.")
    location_lat = LatitudeField(required=False, help_text="Another name of `latitude`.")
    location_lng = LongitudeField(required=False, help_text="Another name of `longitude`.")


class _FilteredIn(_PlacedIn):
    category = serializers.CharField(required=False, help_text="Slug; what stands below it is included.")
    min_price = AmountField(required=False)
    max_price = AmountField(required=False)
    currency = serializers.CharField(required=False, help_text="Of the prices asked for; AED unless named.")
    condition = serializers.ListField(
        child=serializers.ChoiceField(choices=Condition.choices), required=False, help_text="May be repeated."
    )
    seller_type = serializers.ChoiceField(choices=SellerType.choices, required=False)


class CommunityFeedIn(_FilteredIn):
    radius_km = serializers.FloatField(
        required=False, help_text="Above 0, at most 50; 5 unless given. In a neighborhood: none unless given."
    )
    neighborhood = serializers.CharField(required=False, help_text="Slug. Instead of, or besides, a place.")
    sort = serializers.ChoiceField(
        choices=CommunitySort.choices,
        required=False,
        help_text="`nearest` where there is a place, else `recent`. Equally near: the newest first. `suggested`: by the formula that "
        "`/feeds/{feed}/why` explains, of the hundred nearest and the hundred newest; the list ends with them.",
    )


class DiscoverFeedIn(_FilteredIn):
    sort = serializers.ChoiceField(
        choices=DiscoverSort.choices,
        required=False,
        help_text="`live_first` unless given. `suggested`: by the formula that `/feeds/{feed}/why` explains, of the two hundred "
        "newest; the list ends with them.",
    )


class FollowingFeedIn(_PlacedIn):
    pass


class FeedCardOut(ProductCardOut):
    """A listing in a feed. Its place is the middle of a coarse cell, and the distance is rounded and measured from there."""

    is_live = serializers.BooleanField(help_text="Whether it is shown in a live stream now.")
    viewer_count = serializers.IntegerField()


class FeedPageOut(serializers.Serializer):
    """A page of a feed. There is no total: counting costs more than the page itself."""

    results = FeedCardOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    has_more = serializers.BooleanField()


SORTS_OF: dict[str, list[str]] = {
    Feed.COMMUNITY: CommunitySort.values,
    Feed.DISCOVER: DiscoverSort.values,
    Feed.FOLLOWING: [DiscoverSort.RECENT.value],
}
_SORTS_EXPLAINED = {**dict(CommunitySort.choices), **dict(DiscoverSort.choices)}


class WhyIn(serializers.Serializer):
    listing = serializers.UUIDField(help_text="The listing that is asked about.")
    sort = serializers.ChoiceField(
        choices=list(_SORTS_EXPLAINED.items()),
        required=False,
        help_text="How the feed was sorted, of the sorts that it has; `suggested` unless given (`recent` in following).",
    )
    latitude = LatitudeField(required=False, help_text="Where the reader is, in degrees. Also `location_lat`.")
    longitude = LongitudeField(required=False, help_text="Also `location_lng`.")
    location_lat = LatitudeField(required=False, help_text="Another name of `latitude`.")
    location_lng = LongitudeField(required=False, help_text="Another name of `longitude`.")


class WhyOut(serializers.Serializer):
    """Why a listing stands where it stands, in the reader's language."""

    listing = serializers.UUIDField()
    feed = serializers.ChoiceField(choices=Feed.choices)
    sort = serializers.CharField()
    summary = serializers.CharField()
    terms = RankingTermOut(many=True)
    also = serializers.ListField(child=serializers.CharField(), help_text="What holds besides, in sentences.")
    version = serializers.IntegerField(
        allow_null=True, help_text="Of the weights in force; null where only one thing counts."
    )
