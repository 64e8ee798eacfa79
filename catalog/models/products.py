"""A listing, its pictures and its places."""

import pgtrigger
from django.contrib.gis.db.models import PointField
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models.shelves import Brand, Category
from catalog.states import Condition, FeedType, ProductState
from core.ids import uuid7
from core.money import Money
from core.states import known_state
from media.models import MediaAsset
from places.models import Neighborhood

# The predicates of the hot indexes below.
LISTED = Q(state=ProductState.ACTIVE, hidden_at=None)

NEARBY = LISTED & Q(feed_type=FeedType.COMMUNITY)


class Product(models.Model):
    """A listing. Its exact place is for the parties of a paid pick-up only; everybody else gets `public_location`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    seller = models.ForeignKey(User, on_delete=models.PROTECT, related_name="products", verbose_name=_("seller"))
    state = models.CharField(
        max_length=16, choices=ProductState.choices, default=ProductState.DRAFT, verbose_name=_("state")
    )
    feed_type = models.CharField(max_length=10, choices=FeedType.choices, verbose_name=_("feed"))
    title = models.CharField(max_length=100, verbose_name=_("title"))
    description = models.TextField(max_length=2000, blank=True, verbose_name=_("description"))
    price_minor = models.BigIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], verbose_name=_("price in minor units")
    )  # null only in a draft
    original_price_minor = models.BigIntegerField(
        null=True, blank=True, verbose_name=_("original price in minor units")
    )
    currency = models.CharField(max_length=3, default="AED", verbose_name=_("currency"))
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="products", verbose_name=_("category")
    )
    brand = models.ForeignKey(
        Brand, null=True, blank=True, on_delete=models.SET_NULL, related_name="products", verbose_name=_("brand")
    )
    condition = models.CharField(max_length=10, choices=Condition.choices, blank=True, verbose_name=_("condition"))
    attributes = models.JSONField(default=dict, blank=True, verbose_name=_("answers"))
    tags = ArrayField(models.CharField(max_length=30), default=list, blank=True, verbose_name=_("tags"))

    location = PointField(geography=True, spatial_index=False, null=True, blank=True)  # exact, private
    building_name = models.CharField(max_length=100, blank=True)  # private
    public_location = PointField(
        geography=True, spatial_index=False, null=True, blank=True
    )  # the middle of the public cell
    feed_cell = models.BigIntegerField(
        null=True, blank=True
    )  # H3, resolution core.geo.FEED_RESOLUTION, of public_location
    wide_cell = models.BigIntegerField(null=True, blank=True)  # H3, resolution core.geo.WIDE_RESOLUTION
    neighborhood = models.ForeignKey(
        Neighborhood,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("neighbourhood"),
    )

    cover = models.ForeignKey(
        MediaAsset, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("cover")
    )
    video = models.ForeignKey(
        MediaAsset, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("video")
    )

    revision = models.PositiveIntegerField(
        default=1, verbose_name=_("revision")
    )  # of what the seller wrote; a decision names the one it read
    view_count = models.PositiveIntegerField(default=0, verbose_name=_("views"))  # flushed from Redis by a job
    favourite_count = models.PositiveIntegerField(default=0, verbose_name=_("favourites"))

    hidden_at = models.DateTimeField(
        null=True, blank=True, verbose_name=_("hidden since")
    )  # by moderation; beside the state, which it returns to
    approved_by_person_at = models.DateTimeField(null=True, blank=True, verbose_name=_("approved by a person"))
    submitted_at = models.DateTimeField(null=True, blank=True, verbose_name=_("sent to review"))
    published_at = models.DateTimeField(
        null=True, blank=True, verbose_name=_("first for sale")
    )  # first for sale: what feeds call recent
    expires_at = models.DateTimeField(null=True, blank=True, verbose_name=_("for sale until"))
    end_told = models.DateTimeField(
        null=True, blank=True, verbose_name=_("end announced")
    )  # the `expires_at` that was announced; a renewed one differs
    sold_at = models.DateTimeField(null=True, blank=True, verbose_name=_("sold"))
    removed_at = models.DateTimeField(null=True, blank=True, verbose_name=_("removed"))
    created_at = models.DateTimeField(default=timezone.now, verbose_name=_("begun"))
    updated_at = models.DateTimeField(auto_now=True, verbose_name=_("last changed"))

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        permissions = (("view_exact_place", _("Can read where exactly a listing is, with a reason")),)
        constraints = (
            known_state(ProductState, "catalog_product_state"),
            models.CheckConstraint(condition=Q(price_minor=None) | Q(price_minor__gt=0), name="catalog_price_positive"),
            models.CheckConstraint(
                condition=Q(original_price_minor=None) | Q(original_price_minor__gte=models.F("price_minor")),
                name="catalog_original_price_not_lower",
            ),
            # Whatever is on show is complete.
            models.CheckConstraint(
                condition=~Q(state__in=["active", "pending_review", "reserved", "paused"])
                | Q(
                    price_minor__isnull=False,
                    category__isnull=False,
                    public_location__isnull=False,
                    feed_cell__isnull=False,
                    wide_cell__isnull=False,
                ),
                name="catalog_on_show_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(published_at__isnull=False), name="catalog_active_is_published"
            ),
        )
        indexes = (
            # Feeds: benchmarks/feeds.py measures what each serves, feeds/tests/test_plans.py holds the statements to them.
            # By expression: given a field's name alone, Django's PostGIS backend drops the condition without a word.
            GistIndex(F("public_location"), condition=NEARBY, name="catalog_near"),
            models.Index(F("public_location"), F("id").desc(), condition=NEARBY, name="catalog_spot_newest"),
            models.Index(
                F("public_location"), F("category"), F("id").desc(), condition=NEARBY, name="catalog_spot_category"
            ),
            models.Index(
                fields=["feed_cell", "-published_at", "-id"],
                condition=NEARBY,
                name="catalog_cell_recent",
            ),
            models.Index(
                fields=["feed_cell", "price_minor", "id"],
                condition=NEARBY,
                name="catalog_cell_price",
            ),
            models.Index(
                fields=["wide_cell", "-published_at", "-id"],
                condition=NEARBY,
                name="catalog_wide_recent",
            ),
            models.Index(
                fields=["wide_cell", "price_minor", "id"],
                condition=NEARBY,
                name="catalog_wide_price",
            ),
            models.Index(
                fields=["feed_cell", "category", "-published_at", "-id"],
                condition=NEARBY,
                name="catalog_cell_shelf_recent",
            ),
            models.Index(
                fields=["feed_cell", "category", "price_minor", "id"], condition=NEARBY, name="catalog_cell_shelf_price"
            ),
            models.Index(
                fields=["wide_cell", "category", "-published_at", "-id"],
                condition=NEARBY,
                name="catalog_wide_shelf_recent",
            ),
            models.Index(
                fields=["wide_cell", "category", "price_minor", "id"], condition=NEARBY, name="catalog_wide_shelf_price"
            ),
            models.Index(fields=["-published_at", "-id"], condition=LISTED, name="catalog_recent"),  # GET /products
            models.Index(fields=["feed_type", "-published_at", "-id"], condition=LISTED, name="catalog_feed_recent"),
            models.Index(fields=["category", "-published_at", "-id"], condition=LISTED, name="catalog_category_recent"),
            models.Index(fields=["category", "price_minor", "id"], condition=LISTED, name="catalog_category_price"),
            models.Index(fields=["neighborhood", "-published_at", "-id"], condition=LISTED, name="catalog_hood_recent"),
            models.Index(fields=["neighborhood", "price_minor", "id"], condition=LISTED, name="catalog_hood_price"),
            models.Index(fields=["seller", "-published_at", "-id"], condition=LISTED, name="catalog_seller_recent"),
            models.Index(fields=["seller", "state", "-id"], name="catalog_of_seller"),
            models.Index(fields=["expires_at"], condition=Q(state__in=["active", "paused"]), name="catalog_expiry_due"),
            GinIndex(fields=["tags"], condition=LISTED, name="catalog_tags"),
        )
        triggers = (
            # Whichever way a listing got its place, the walk by distance must know the cell.
            pgtrigger.Trigger(
                name="note_public_cell",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("public_location"),
                condition=pgtrigger.Condition("NEW.public_location IS NOT NULL"),
                func="""
                    IF NOT EXISTS (SELECT 1 FROM catalog_publiccell WHERE location = NEW.public_location) THEN
                        INSERT INTO catalog_publiccell (location) VALUES (NEW.public_location) ON CONFLICT DO NOTHING;
                    END IF;
                    RETURN NULL;
                """,
            ),
        )

    def __str__(self) -> str:
        return self.title or str(self.pk)

    @property
    def price(self) -> Money | None:
        return None if self.price_minor is None else Money(self.price_minor, self.currency)

    @property
    def original_price(self) -> Money | None:
        return None if self.original_price_minor is None else Money(self.original_price_minor, self.currency)

    @property
    def is_listed(self) -> bool:
        """For sale as far as the listing itself goes; whether a viewer may see it, `selectors.visible_products` says."""
        return self.state == ProductState.ACTIVE and self.hidden_at is None


class PublicCell(models.Model):
    """The middle of a cell where something was ever listed, written by the trigger of `Product`. The nearest feed walks these by
    distance, and what is listed at each: sorting listings themselves would read a whole tower of ties to show a page.
    """

    location = PointField(geography=True, spatial_index=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["location"], name="catalog_cell_once"),)
        indexes = (GistIndex(fields=["location"], name="catalog_cells_near"),)

    def __str__(self) -> str:
        return f"{self.location.y:.5f}, {self.location.x:.5f}"


class ProductMedia(models.Model):
    """A picture of a listing, in its place in the row."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="pictures")
    asset = models.ForeignKey(MediaAsset, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["product", "asset"], name="catalog_picture_once"),
            models.UniqueConstraint(
                fields=["product", "position"], name="catalog_picture_place", deferrable=models.Deferrable.DEFERRED
            ),
        )

    def __str__(self) -> str:
        return f"{self.product_id} #{self.position}"
