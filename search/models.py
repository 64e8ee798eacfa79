"""What is kept to be searched: documents of listings, the words in them, what means the same, and what people looked for."""

from django.contrib.gis.db.models import PointField
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex, OpClass
from django.contrib.postgres.search import SearchQueryField, SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Brand, Category, Product
from core.ids import uuid7
from places.models import Neighborhood
from search.states import AlertFrequency, Availability, FindReason

FOR_SALE = Q(availability=Availability.AVAILABLE)


class SearchDocument(models.Model):
    """A listing as search reads it: a copy that follows the catalogue's events and can be made anew from it at any time.

    It only says what may be found. Whether a viewer sees it, the catalogue's rule says of the listing itself, in the same statement.
    `version` counts the copies; an outside engine has caught up when `copied_version` is the same.
    """

    product = models.OneToOneField(Product, on_delete=models.CASCADE, primary_key=True, related_name="+")
    availability = models.CharField(max_length=10, choices=Availability.choices, default=Availability.NONE)
    words = SearchVectorField()  # made by `analysis`: A title, B brand, model, shelf, C facts, D description
    published_at = models.DateTimeField(default=timezone.now)
    price_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    category = models.ForeignKey(Category, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    brand = models.ForeignKey(Brand, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    condition = models.CharField(max_length=10, blank=True)
    feed_type = models.CharField(max_length=10)
    neighborhood = models.ForeignKey(
        Neighborhood, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    seller_id = models.UUIDField()
    public_location = PointField(geography=True, spatial_index=False, null=True)
    feed_cell = models.BigIntegerField(null=True)
    wide_cell = models.BigIntegerField(null=True)
    # What ranking reads of the listing and its seller (`feeds.ranking.Columns`), as a job last saw it.
    points = models.IntegerField(default=0, db_default=0)
    trust = models.FloatField(default=0.0, db_default=0.0)
    newcomer_since = models.DateTimeField(null=True)
    seller_sales = models.IntegerField(default=0, db_default=0)
    indexed_at = models.DateTimeField(default=timezone.now)
    version = models.BigIntegerField(default=1)
    copied_version = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("search document")
        verbose_name_plural = _("search documents")
        indexes = (
            # Written at once (no fastupdate): jobs write documents, and no search reads through a list of what is not in the index yet.
            GinIndex(fields=["words"], condition=FOR_SALE, name="search_words", fastupdate=False),
            GinIndex(
                fields=["words"],
                condition=Q(availability=Availability.SOLD),
                name="search_sold_words",
                fastupdate=False,
            ),
            models.Index(fields=["-published_at", "-product"], condition=FOR_SALE, name="search_recent"),
            models.Index(fields=["price_minor", "product"], condition=FOR_SALE, name="search_price"),
            models.Index(fields=["category", "-published_at", "-product"], condition=FOR_SALE, name="search_shelf"),
            models.Index(fields=["feed_cell", "-published_at", "-product"], condition=FOR_SALE, name="search_cell"),
            models.Index(
                F("public_location"), F("product").desc(), condition=FOR_SALE, name="search_spot"
            ),  # by expression: Django's PostGIS backend drops the condition otherwise
            models.Index(
                fields=["-published_at", "-product"],
                condition=Q(availability=Availability.SOLD),
                name="search_sold_recent",
            ),
            models.Index(fields=["product"], condition=~Q(version=F("copied_version")), name="search_not_copied"),
        )

    def __str__(self) -> str:
        return str(self.product_id)


class Word(models.Model):
    """A word of titles, brands and shelves as people spell it, folded: what suggestions complete and misspellings turn into."""

    word = models.CharField(max_length=60, primary_key=True)
    lexeme = models.CharField(max_length=60, default="", db_default="")
    sound = models.CharField(max_length=60, default="", db_default="")  # in either script: `sounds.sound`
    # What readers are shown of it (أحذية for احذيه): of the spellings that listings have the most careful, of such the first.
    spelt = models.CharField(max_length=60, default="", db_default="")
    care = models.PositiveSmallIntegerField(default=0, db_default=0)  # `analysis.care`
    # Counted anew by a job: listings for sale that have its lexeme in their titles, brands or shelves, and those of the last
    # `rules.LATELY` that have it anywhere.
    documents = models.PositiveIntegerField(default=1)
    lately = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("known word")
        verbose_name_plural = _("known words")
        # Beginnings of words are found by the index that a text key has anyway (`…_like`).
        indexes = (
            GinIndex(OpClass(F("word"), name="gin_trgm_ops"), name="search_word_alike"),
            GinIndex(models.Func(F("word"), function="search_left_out"), name="search_word_near"),
            models.Index(fields=["sound"], condition=~Q(sound=""), name="search_word_sound"),
        )

    def __str__(self) -> str:
        return self.word


class SynonymSet(models.Model):
    """Words and phrases that mean the same, in whatever language: whoever looks for one finds the others."""

    words = ArrayField(
        models.CharField(max_length=60),
        verbose_name=_("words"),
        help_text=_("Words or short phrases, separated by commas. Spelling variants need no line of their own."),
    )
    one_way_from = models.CharField(
        max_length=60,
        blank=True,
        verbose_name=_("only from"),
        help_text=_("Whoever looks for this finds the words, but not the other way round. Empty: all mean the same."),
    )
    is_active = models.BooleanField(default=True, verbose_name=_("in use"))
    note = models.CharField(max_length=200, blank=True, verbose_name=_("note"))
    updated_at = models.DateTimeField(auto_now=True, verbose_name=_("last changed"))

    class Meta:
        verbose_name = _("synonyms")
        verbose_name_plural = _("synonyms")
        ordering = ("id",)

    def __str__(self) -> str:
        said = ", ".join(self.words)
        return f"{self.one_way_from} → {said}" if self.one_way_from else said


class SearchEntry(models.Model):
    """A search in somebody's own history. `asked` are the parameters beside `q`, as the address has them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="search_entries", db_index=False)
    q = models.CharField(max_length=200)
    folded = models.CharField(max_length=200)
    asked = models.JSONField(default=dict, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("search in a history")
        verbose_name_plural = _("searches in histories")
        constraints = (models.UniqueConstraint(fields=["user", "folded"], name="search_entry_once"),)
        indexes = (models.Index(fields=["user", "-asked_at"], name="search_history"),)

    def __str__(self) -> str:
        return self.q


class PopularSearch(models.Model):
    """What many people looked for lately, everywhere (no neighbourhood) or in one. Written by a job from the counts in Redis."""

    neighborhood = models.ForeignKey(
        Neighborhood,
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        verbose_name=_("neighbourhood"),
    )
    q = models.CharField(max_length=200, verbose_name=_("search"))
    folded = models.CharField(max_length=200)
    score = models.FloatField(verbose_name=_("score"))  # people in the last days, older days counting less
    is_hidden = models.BooleanField(default=False, verbose_name=_("never shown"))
    counted_at = models.DateTimeField(default=timezone.now, verbose_name=_("counted"))

    class Meta:
        verbose_name = _("popular search")
        verbose_name_plural = _("popular searches")
        constraints = (
            models.UniqueConstraint(
                fields=["neighborhood", "folded"], name="search_popular_once", nulls_distinct=False
            ),
        )
        indexes = (
            models.Index(fields=["neighborhood", "-score"], name="search_popular"),
            models.Index(OpClass(F("folded"), name="varchar_pattern_ops"), name="search_popular_begins"),
        )

    def __str__(self) -> str:
        return self.q


class SavedSearch(models.Model):
    """A search that somebody keeps. `asked` are its parameters, as `selectors.parameters` writes them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_searches", db_index=False)
    name = models.CharField(max_length=80)
    asked = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64)  # of what is asked, whatever its order: nobody saves the same twice
    alerts = models.CharField(max_length=8, choices=AlertFrequency.choices, default=AlertFrequency.DAILY)
    paused_at = models.DateTimeField(null=True, blank=True)
    unreadable_at = models.DateTimeField(null=True, blank=True)  # its shelf, brand or neighbourhood is gone
    removed_at = models.DateTimeField(null=True, blank=True)  # can be undone for a day
    looked_at = models.DateTimeField(default=timezone.now)  # when its owner last saw what it finds
    told_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        permissions = (
            ("read_savedsearch", _("Can read somebody’s saved searches, with a reason")),
            ("help_with_savedsearch", _("Can pause and delete somebody’s saved searches")),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["user", "fingerprint"], condition=Q(removed_at=None), name="search_saved_once"
            ),
        )
        indexes = (
            models.Index(fields=["user", "-id"], condition=Q(removed_at=None), name="search_saved"),
            models.Index(fields=["removed_at"], condition=Q(removed_at__isnull=False), name="search_saved_removed"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_watched(self) -> bool:
        """Whether its owner wants to hear of what it finds."""
        return self.alerts != AlertFrequency.OFF and self.paused_at is None and self.removed_at is None


class Watch(models.Model):
    """A saved search as a listing is held against it; there is one while its owner wants to hear.

    A listing that fits has at least one of `keys` (`selectors.watches`), so that one look into their index leaves the few that may
    fit. The other columns are the question's filters; empty ones let everything pass.
    """

    saved_search = models.OneToOneField(SavedSearch, on_delete=models.CASCADE, primary_key=True, related_name="watch")
    user_id = models.UUIDField()
    saved_at = models.DateTimeField()
    at_once = models.BooleanField()
    keys = ArrayField(models.TextField())
    words = SearchQueryField(null=True)
    category_ids = ArrayField(models.BigIntegerField(), default=list)
    brand_ids = ArrayField(models.BigIntegerField(), default=list)
    conditions = ArrayField(models.TextField(), default=list)
    price_bands = ArrayField(models.TextField(), default=list)
    lowest = models.BigIntegerField()
    highest = models.BigIntegerField()
    currency = models.CharField(max_length=3, blank=True)
    seller_type = models.CharField(max_length=10, blank=True)
    feed_type = models.CharField(max_length=10, blank=True)
    neighborhood_id = models.UUIDField(null=True)
    place = PointField(geography=True, spatial_index=False, null=True)
    radius = models.FloatField(null=True)  # metres
    attributes = models.JSONField(default=list)  # as `feeds.selectors.filters.AttributeFilter.vars` has them
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("watched search")
        verbose_name_plural = _("watched searches")
        indexes = (GinIndex(fields=["keys"], name="search_watch_keys"),)

    def __str__(self) -> str:
        return str(self.saved_search_id)


class Find(models.Model):
    """A listing that a saved search found, at a price. The row is why nobody is told the same twice.

    Hundreds are written where many follow the same: without the database's own look at each key (both rows are locked or read in the
    statement that writes), with no index that a job alone would use, and in the order of the indexes there are. Whoever asks for
    the finds of a search names its owner as well; whoever deletes searches deletes their finds.
    """

    saved_search = models.ForeignKey(
        SavedSearch, on_delete=models.DO_NOTHING, related_name="finds", db_index=False, db_constraint=False
    )
    user_id = models.UUIDField()
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    reason = models.CharField(max_length=7, choices=FindReason.choices)
    price_minor = models.BigIntegerField()
    found_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("find of a saved search")
        verbose_name_plural = _("finds of saved searches")
        constraints = (
            models.UniqueConstraint(fields=["product", "saved_search", "price_minor"], name="search_found_once"),
        )
        indexes = (
            models.Index(fields=["user_id"], name="search_finds_of"),
            BrinIndex(fields=["found_at"], name="search_finds_old"),
        )

    def __str__(self) -> str:
        return f"{self.saved_search_id}: {self.product_id}"
