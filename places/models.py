"""Where people trade: neighbourhoods as polygons with their names in two languages."""

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from core.text import localized

# The cities of the gazetteer, so that the catalogues have words for them. Others show as they are written.
_CITIES = (gettext_noop("Dubai"), gettext_noop("Abu Dhabi"), gettext_noop("Sharjah"), gettext_noop("Ajman"))


class NeighborhoodSource(models.TextChoices):
    """Where a boundary comes from. Municipal ones win over the coarse ones that we drew for the demo."""

    ILLUSTRATIVE = "illustrative", _("drawn for illustration")
    MUNICIPAL = "municipal", _("municipal")


class Neighborhood(models.Model):
    """A named area. Never deleted by an import: one that is replaced stays, inactive, so that references hold."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    name_en = models.CharField(_("name in English"), max_length=120)
    name_ar = models.CharField(_("name in Arabic"), max_length=120, blank=True)
    folded_names = models.CharField(max_length=260, editable=False)  # both names through core.text.fold, for search
    city = models.CharField(_("city"), max_length=80)
    country = models.CharField(_("country"), max_length=2, default="AE")  # ISO 3166-1 alpha-2
    source = models.CharField(_("source"), max_length=12, choices=NeighborhoodSource.choices)
    external_id = models.CharField(_("id at the source"), max_length=64, blank=True)
    boundary = models.MultiPolygonField(_("boundary"), srid=4326, spatial_index=False)
    centre = models.PointField(_("centre"), geography=True, spatial_index=False)  # always inside the boundary
    area_km2 = models.FloatField(_("area in km²"))
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("neighbourhood")
        verbose_name_plural = _("neighbourhoods")
        ordering = ("city", "name_en")
        constraints = (
            models.UniqueConstraint(
                fields=["source", "city", "external_id"],
                condition=~models.Q(external_id=""),
                name="places_neighborhood_external_id",
            ),
            models.CheckConstraint(
                condition=models.Q(source__in=NeighborhoodSource.values), name="places_neighborhood_source"
            ),
            models.CheckConstraint(condition=models.Q(area_km2__gt=0), name="places_neighborhood_area"),
            models.CheckConstraint(
                condition=models.Q(country__regex=r"^[A-Z]{2}$"), name="places_neighborhood_country"
            ),
        )
        indexes = (
            GistIndex(fields=["boundary"], name="places_neighborhood_boundary"),
            GistIndex(fields=["centre"], name="places_neighborhood_centre"),
            models.Index(fields=["city", "name_en"], name="places_neighborhood_city"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return localized(self, "name")

    @property
    def city_name(self) -> str:
        """The city in the reader's language, where the catalogue knows it."""
        return gettext(self.city) if self.city else ""


class MeetingPoint(models.Model):
    """A public place where two strangers may safely meet: lit, watched, easy to find. Kept by operators."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    name_en = models.CharField(_("name in English"), max_length=120)
    name_ar = models.CharField(_("name in Arabic"), max_length=120)
    hint_en = models.CharField(_("where exactly, in English"), max_length=200, blank=True)
    hint_ar = models.CharField(_("where exactly, in Arabic"), max_length=200, blank=True)
    location = models.PointField(_("place"), geography=True, spatial_index=False)
    neighborhood = models.ForeignKey(
        Neighborhood,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("neighbourhood"),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("meeting point")
        verbose_name_plural = _("meeting points")
        ordering = ("name_en",)
        indexes = (GistIndex(fields=["location"], name="places_meeting_points"),)

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return localized(self, "name")

    @property
    def hint(self) -> str:
        return localized(self, "hint")
