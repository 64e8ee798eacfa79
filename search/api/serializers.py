"""What may be asked of the search, and what it answers. Answers are written from plain rows; their serializers are for the schema."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts.states import SellerType
from catalog.shapes import ProductCardOut
from catalog.states import Condition, FeedType
from core.rest.serializers import AmountField, LatitudeField, LongitudeField, StrictSerializer
from feeds.shapes import RankingTermOut
from search.rules import MAX_PAGE_SIZE, MOST_PAGES, MOST_SUGGESTIONS, PAGE_SIZE
from search.states import (
    AlertFrequency,
    Availability,
    DistanceBand,
    PriceBand,
    Reading,
    SearchSort,
    SuggestionKind,
)

MOST_ASKED, LONGEST_ASKED = 40, 1000  # parameters of a search in a body, and characters of one


class _PlacedIn(serializers.Serializer):
    latitude = LatitudeField(required=False, help_text="Where the reader is, in degrees. Also `location_lat`.")
    longitude = LongitudeField(required=False, help_text="Also `location_lng`.")
    location_lat = LatitudeField(required=False, help_text="Another name of `latitude`.")
    location_lng = LongitudeField(required=False, help_text="Another name of `longitude`.")


class QuestionIn(_PlacedIn):
    """What a search asks."""

    q = serializers.CharField(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text="Words in English, Arabic or both, model numbers, a brand in either script. At most 200 characters.",
    )
    category = serializers.CharField(required=False, help_text="Slug; what stands below it is included.")
    brand = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Slugs of brands; may be repeated."
    )
    min_price = AmountField(required=False)
    max_price = AmountField(required=False)
    price_band = serializers.ListField(
        child=serializers.ChoiceField(choices=PriceBand.choices),
        required=False,
        help_text="May be repeated. In whole units of `currency`, the upper end not included.",
    )
    currency = serializers.CharField(
        required=False, help_text="Of the prices asked for; AED unless named. Without prices it narrows too."
    )
    condition = serializers.ListField(
        child=serializers.ChoiceField(choices=Condition.choices), required=False, help_text="May be repeated."
    )
    seller_type = serializers.ChoiceField(choices=SellerType.choices, required=False)
    feed_type = serializers.ChoiceField(choices=[*FeedType.choices, ("all", "all")], required=False)
    availability = serializers.ChoiceField(
        choices=[Availability.AVAILABLE, Availability.SOLD],
        required=False,
        help_text="`available` unless given; `sold` shows what was sold.",
    )
    neighborhood = serializers.CharField(required=False, help_text="A neighbourhood's slug.")
    radius_km = serializers.FloatField(
        required=False, help_text="Above 0, at most 50; 5 unless given, where there is a place."
    )
    distance = serializers.ChoiceField(
        choices=DistanceBand.choices, required=False, help_text="The same as a band, instead of `radius_km`."
    )
    anywhere = serializers.BooleanField(
        required=False, help_text="With a place: tell distances, but do not bound them."
    )
    sort = serializers.ChoiceField(
        choices=SearchSort.choices, required=False, help_text="`relevance` where there are words, else `recent`."
    )
    filters = serializers.CharField(
        required=False,
        help_text='All filters as one JSON object: {"condition": ["new"], "attributes": {"year": {"min": 2020}}}.',
    )


class SearchIn(QuestionIn):
    facets = serializers.BooleanField(
        required=False,
        help_text="They cost a little: unless it is said, they are in every answer but those to a cursor.",
    )
    verbatim = serializers.BooleanField(required=False, help_text="Search for exactly these words, whatever they find.")
    page = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_PAGES,
        help_text="By number instead of by cursor: what is put up or sold meanwhile moves what follows.",
    )
    cursor = serializers.CharField(
        required=False, help_text="From `next` or `previous` of a page of the same question."
    )
    per_page = serializers.IntegerField(required=False, min_value=1, max_value=MAX_PAGE_SIZE, default=PAGE_SIZE)


class PieceOut(serializers.Serializer):
    text = serializers.CharField()
    is_match = serializers.BooleanField()


class HighlightsOut(serializers.Serializer):
    """Texts in pieces: joined they are the text, and some of them are matches."""

    title = PieceOut(many=True)
    description = PieceOut(many=True, help_text="An excerpt around the first match; empty without one.")


class SearchHitOut(ProductCardOut):
    """A listing that was found."""

    highlights = HighlightsOut()


class UnderstoodOut(serializers.Serializer):
    """How the words were taken."""

    q = serializers.CharField(help_text="What was searched for.")
    typed = serializers.CharField(help_text="What was asked for. `verbatim=true` searches for just that.")
    reading = serializers.ChoiceField(choices=Reading.choices)
    did_you_mean = serializers.CharField(help_text="A likelier spelling that was not searched for; empty without one.")
    left_out = serializers.ListField(child=serializers.CharField(), help_text="Words that no listing has.")
    max_price = serializers.CharField(
        help_text="What was read as a price (`priced`): up to so much; empty without one."
    )


class MoreOut(serializers.Serializer):
    """What a search that found little would find without some of its words."""

    q = serializers.CharField()
    left_out = serializers.ListField(child=serializers.CharField())
    results = SearchHitOut(many=True)


class FacetChoiceOut(serializers.Serializer):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField(allow_null=True)
    is_chosen = serializers.BooleanField()
    parent = serializers.CharField(help_text="Of a category: the slug above it.")  # type: ignore[assignment]


class FacetOut(serializers.Serializer):
    """A filter with how many listings each choice would leave, under all other filters."""

    name = serializers.CharField(help_text="The parameter's name.")
    label = serializers.CharField()  # type: ignore[assignment]
    takes_many = serializers.BooleanField()
    is_exact = serializers.BooleanField(help_text="Whether everything was counted; else the counts are lower bounds.")
    choices = FacetChoiceOut(many=True)


class SearchPageOut(serializers.Serializer):
    """A page of a search. What is counted is counted among the newest matches, some hundred; `count_is_exact`, and `is_exact` of each
    facet, say whether that was all of them. Beyond, the numbers are lower bounds.
    """

    results = SearchHitOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    count = serializers.IntegerField()
    count_is_exact = serializers.BooleanField()
    understood = UnderstoodOut()
    suggested = serializers.ListField(child=serializers.CharField(), help_text="Other searches that people make.")
    facets = FacetOut(many=True, allow_null=True)
    more = MoreOut(allow_null=True)


class WhyFoundIn(QuestionIn):
    listing = serializers.UUIDField(help_text="The listing that is asked about.")


class WhyFoundOut(serializers.Serializer):
    """Why a listing stands where it does among what a search finds, in the reader's language."""

    listing = serializers.UUIDField()
    sort = serializers.ChoiceField(choices=SearchSort.choices)
    summary = serializers.CharField()
    terms = RankingTermOut(many=True, help_text="None where one thing alone sorts.")
    also = serializers.ListField(child=serializers.CharField(), help_text="What holds besides, in sentences.")
    version = serializers.IntegerField(
        allow_null=True, help_text="Of the weights in force; null where one thing alone sorts."
    )


# --- beside the search itself -----------------------------------------------------------------------------------------


class FiltersIn(serializers.Serializer):
    category = serializers.CharField(required=False, help_text="Only the filters of this category, by its slug.")


class OptionOut(serializers.Serializer):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    parent = serializers.CharField(  # type: ignore[assignment]
        help_text="Of a category the slug above it, of a neighbourhood its city; else empty."
    )


class FilterOut(serializers.Serializer):
    name = serializers.CharField(help_text="As the facet of this filter is called.")
    label = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.ChoiceField(
        choices=["one", "many", "range", "number", "flag", "text"],
        help_text="`one` or `many` of the options; a `range` has two ends, either may be left out; a `text` is compared whole, "
        "in capitals or not.",
    )
    parameters = serializers.ListField(
        child=serializers.CharField(),
        help_text="What to send: one name, or of a range those of the lowest and of the highest value.",
    )
    options = OptionOut(many=True)
    unit = serializers.CharField()
    minimum = serializers.CharField(allow_null=True, help_text="What may be sent; of `radius_km` anything above it.")
    maximum = serializers.CharField(allow_null=True)


class FiltersOut(serializers.Serializer):
    """Everything that a search can be narrowed by."""

    filters = FilterOut(many=True)
    by_category = serializers.DictField(child=FilterOut(many=True), help_text="Of each category, by its slug.")
    sorts = OptionOut(many=True)
    points = serializers.IntegerField(
        help_text="How many different choices there are, brands and neighbourhoods left out."
    )


class SuggestionsIn(serializers.Serializer):
    q = serializers.CharField(trim_whitespace=False, help_text="At least two letters; typing mistakes are forgiven.")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MOST_SUGGESTIONS, default=MOST_SUGGESTIONS)


class SuggestionOut(serializers.Serializer):
    kind = serializers.ChoiceField(choices=SuggestionKind.choices)
    text = serializers.CharField()
    slug = serializers.CharField(help_text="Of a category or brand, else empty.")
    username = serializers.CharField(help_text="Of a seller, else empty.")


class SuggestionListOut(serializers.Serializer):
    results = SuggestionOut(many=True)


class TrendingIn(serializers.Serializer):
    neighborhood = serializers.CharField(required=False, help_text="Slug; everywhere without it.")


class TrendOut(serializers.Serializer):
    q = serializers.CharField()
    score = serializers.FloatField(
        help_text="People who looked for it in the last seven days, older days counting less."
    )


class TrendingOut(serializers.Serializer):
    """The most looked for in the last seven days, counted every hour."""

    results = TrendOut(many=True)


class QuestionField(serializers.DictField):
    """Parameters of `GET /search` in a body. What they say is read by `search.api.asking.question_in`."""

    child = serializers.JSONField()

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        said: dict[str, Any] = super().to_internal_value(data)
        if len(said) > MOST_ASKED or any(len(str(value)) > LONGEST_ASKED for value in said.values()):
            raise serializers.ValidationError(_("That is more than a search has."))
        return said


class TrackIn(StrictSerializer):
    """A search that somebody made. Signed in, it also goes into their history."""

    q = serializers.CharField(trim_whitespace=False)
    neighborhood = serializers.CharField(required=False, help_text="Slug: where they looked from.")
    asked = QuestionField(required=False, help_text="The other parameters of the search, for the history.")


class HistoryOut(serializers.Serializer):
    id = serializers.UUIDField()
    q = serializers.CharField()
    asked = serializers.DictField(help_text="The other parameters of the search.")
    asked_at = serializers.DateTimeField()


# --- saved searches ---------------------------------------------------------------------------------------------------


class SaveSearchIn(StrictSerializer):
    """A search to be kept."""

    question = QuestionField(
        help_text='Parameters of `GET /search`: {"q": "sofa", "condition": ["good"], "max_price": "800"}. '
        "A place is kept to about 100 metres.",
    )
    name = serializers.CharField(required=False, max_length=80, help_text="Called by what it asks unless named.")
    alerts = serializers.ChoiceField(choices=AlertFrequency.choices, required=False, help_text="`daily` unless given.")


class ChangeSavedSearchIn(StrictSerializer):
    """What is given is changed. Another question begins anew."""

    question = QuestionField(required=False)
    name = serializers.CharField(required=False, allow_blank=True, max_length=80)
    alerts = serializers.ChoiceField(choices=AlertFrequency.choices, required=False)
    is_paused = serializers.BooleanField(required=False)


class SavedSearchOut(serializers.Serializer):
    """A saved search of one's own."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    question = serializers.DictField(source="asked", help_text="Parameters of `GET /search`.")
    alerts = serializers.ChoiceField(choices=AlertFrequency.choices)
    is_paused = serializers.BooleanField()
    is_readable = serializers.BooleanField(help_text="False where its category, brand or neighbourhood is gone.")
    new_count = serializers.IntegerField(help_text="Listings that it found since one last looked at its results.")
    looked_at = serializers.DateTimeField()
    told_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    revision = serializers.IntegerField(help_text="Send it back as If-Match, as it stands in ETag.")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        instance.is_paused = instance.paused_at is not None
        instance.is_readable = instance.unreadable_at is None
        return super().to_representation(instance)


class SavedResultsIn(StrictSerializer):
    cursor = serializers.CharField(required=False)
    per_page = serializers.IntegerField(required=False, min_value=1, max_value=MAX_PAGE_SIZE, default=PAGE_SIZE)
