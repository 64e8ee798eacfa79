"""The shelves that listings stand on, what must be told on each, and brands."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from tree_queries.models import TreeNode

from catalog.states import AttributeKind
from core.text import localized


class Category(TreeNode):
    """A shelf. Its attributes (and its parents') say what a listing on it must and may tell."""

    slug = models.SlugField(unique=True, verbose_name=_("short name"))
    name_en = models.CharField(max_length=60, verbose_name=_("name in English"))
    name_ar = models.CharField(max_length=60, verbose_name=_("name in Arabic"))
    icon = models.CharField(max_length=40, verbose_name=_("icon"))  # a name in the icon sprite
    color = models.CharField(max_length=7, verbose_name=_("colour"))
    position = models.PositiveSmallIntegerField(default=0, verbose_name=_("position"))
    is_active = models.BooleanField(default=True, verbose_name=_("open"))
    is_luxury = models.BooleanField(default=False, verbose_name=_("luxury"))
    live_streams_count = models.PositiveIntegerField(default=0, verbose_name=_("live streams now"))  # written by live

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ("position",)

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return localized(self, "name")


class CategoryAttribute(models.Model):
    """A question that listings of a category answer: brand-like facts, sizes, years. Filters are made from it."""

    category = models.ForeignKey(
        Category, on_delete=models.CASCADE, related_name="own_attributes", verbose_name=_("category")
    )
    key = models.SlugField(max_length=40, verbose_name=_("key"))
    name_en = models.CharField(max_length=60, verbose_name=_("name in English"))
    name_ar = models.CharField(max_length=60, verbose_name=_("name in Arabic"))
    kind = models.CharField(max_length=10, choices=AttributeKind.choices, verbose_name=_("kind of answer"))
    choices = models.JSONField(
        default=list, blank=True, verbose_name=_("choices")
    )  # [{"value": "m", "name_en": "M", "name_ar": "M"}]
    unit = models.CharField(max_length=10, blank=True, verbose_name=_("unit"))
    minimum = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True, verbose_name=_("smallest"))
    maximum = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True, verbose_name=_("largest"))
    is_required = models.BooleanField(default=False, verbose_name=_("must be answered"))
    is_filter = models.BooleanField(default=True, verbose_name=_("used as a filter"))
    position = models.PositiveSmallIntegerField(default=0, verbose_name=_("position"))

    class Meta:
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        ordering = ("position", "id")
        constraints = (models.UniqueConstraint(fields=["category", "key"], name="catalog_attribute_once"),)

    def __str__(self) -> str:
        return f"{self.category_id}: {self.key}"

    @property
    def name(self) -> str:
        return localized(self, "name")


class Brand(models.Model):
    slug = models.SlugField(unique=True, verbose_name=_("short name"))
    name_en = models.CharField(max_length=60, verbose_name=_("name in English"))
    name_ar = models.CharField(max_length=60, blank=True, verbose_name=_("name in Arabic"))
    is_luxury = models.BooleanField(default=False, verbose_name=_("luxury"))
    is_active = models.BooleanField(default=True, verbose_name=_("offered"))

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering = ("name_en",)

    def __str__(self) -> str:
        return self.name_en

    @property
    def name(self) -> str:
        return localized(self, "name")
