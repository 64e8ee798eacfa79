"""Listings, shelves and brands in the console.

Listings are read only: what is decided about them is decided in their case. Shelves and brands are words of the house, changed by
actions that keep who changed what.
"""

import uuid
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from catalog import actions, selectors
from catalog.actions.house import EXACT_PLACE
from catalog.models import Brand, Category, CategoryAttribute, Product
from catalog.shapes import answers
from catalog.states import AttributeKind
from core.amounts import money_words
from core.geo import LatLng
from core.money import Money
from core.staff import ReadOnlyAdmin, Way, ways_of
from media.selectors import picture_at, public_url

COUNTED_TO = 10_000  # an exact number of a million rows costs more than it tells


class CappedPaginator(Paginator):
    """Counts no further than COUNTED_TO."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return rows.order_by()[:COUNTED_TO].count()


class ByHiding(admin.SimpleListFilter):
    title, parameter_name = _("hidden"), "hidden"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(hidden_at__isnull=self.value() == "no")


@admin.register(Product)
class ProductAdmin(ReadOnlyAdmin):
    list_display = (
        "thumbnail",
        "title",
        "seller",
        "price_shown",
        "state",
        "hidden",
        "feed_type",
        "category",
        "published_at",
    )
    list_display_links = ("thumbnail", "title")
    linked_by = ("seller__id__exact",)
    list_filter = ("state", ByHiding, "feed_type", "condition", ("category", admin.RelatedOnlyFieldListFilter))
    search_fields = ("title",)
    search_help_text = _("A part of the title, @ and a whole username, or an id")
    ordering = ("-id",)
    paginator = CappedPaginator
    change_form_template = "admin/catalog/product/change_form.html"
    fieldsets = (
        (None, {"fields": ("title", "description", "pictures_shown", "video_shown", "waiting_edit")}),
        (
            _("Offer"),
            {"fields": ("price_shown", "original_shown", "category", "brand", "condition", "answers_shown", "tags")},
        ),
        (_("Standing"), {"fields": ("seller", "state", "hidden_at", "revision", "feed_type", "stock", "cases")}),
        (_("Place"), {"fields": ("neighborhood", "coarse_place")}),
        (
            _("Times"),
            {
                "fields": (
                    "created_at",
                    "submitted_at",
                    "approved_by_person_at",
                    "published_at",
                    "expires_at",
                    "sold_at",
                    "removed_at",
                )
            },
        ),
        (_("Looks"), {"fields": ("view_count", "favourite_count", "prices")}),
    )
    readonly_fields = tuple(str(name) for _title, section in fieldsets for name in section["fields"])

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        rows = (
            super()
            .get_queryset(request)
            .select_related("seller", "category", "brand", "neighborhood", "cover", "video")
        )
        return rows.defer("location", "building_name", "neighborhood__boundary")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if term.startswith("@"):
            return queryset.filter(seller__username__iexact=term[1:]), False
        try:
            return queryset.filter(Q(pk=uuid.UUID(term)) | Q(seller_id=uuid.UUID(term))), False
        except ValueError:
            return queryset.filter(title__icontains=term), False

    # --- columns ------------------------------------------------------------------------------------------------------

    @admin.display(description="")
    def thumbnail(self, product: Product) -> SafeString | str:
        key = picture_at(product.cover, width=72, kind="webp") if product.cover else ""
        return (
            format_html('<img src="{}" alt="" width="48" height="60" loading="lazy">', public_url(key)) if key else "–"
        )

    @admin.display(description=_("price"), ordering="price_minor")
    def price_shown(self, product: Product) -> str:
        return money_words(product.price) if product.price else "–"

    @admin.display(description=_("original price"))
    def original_shown(self, product: Product) -> str:
        return money_words(product.original_price) if product.original_price else "–"

    @admin.display(description=_("hidden"), ordering="hidden_at")
    def hidden(self, product: Product) -> Any:
        return _("hidden") if product.hidden_at else ""

    # --- one listing --------------------------------------------------------------------------------------------------

    @admin.display(description=_("pictures"))
    def pictures_shown(self, product: Product) -> SafeString | str:
        keys = [picture_at(row.asset, width=320) for row in selectors.pictures_of(product)]
        rows = [(public_url(key), number) for number, key in enumerate(keys, start=1) if key]
        return format_html_join(" ", '<img src="{}" alt="{}" width="160" loading="lazy">', rows) or "–"

    @admin.display(description=_("video"))
    def video_shown(self, product: Product) -> SafeString | str:
        clip = next((v for v in product.video.variants if v["format"] == "mp4"), None) if product.video else None
        return (
            format_html('<video src="{}" controls preload="none" width="240"></video>', public_url(clip["key"]))
            if clip
            else "–"
        )

    @admin.display(description=_("waiting edit"))
    def waiting_edit(self, product: Product) -> SafeString | str:
        waiting = selectors.pending_revision(product)
        if waiting is None:
            return "–"
        return format_html_join("", "<p><b>{}</b> <bdi>{}</bdi></p>", [(k, v) for k, v in waiting.content.items()])

    @admin.display(description=_("answers"))
    def answers_shown(self, product: Product) -> SafeString | str:
        questions = selectors.questions_of(selectors.shelf_of(product.category)) if product.category else []
        told = answers(questions, product.attributes)
        rows = [(answer["name"], answer["label"], answer["unit"]) for answer in told]
        return format_html_join("", "<p>{}: <bdi>{} {}</bdi></p>", rows) or "–"

    @admin.display(description=_("stock"))
    def stock(self, product: Product) -> SafeString:
        rows = [
            (
                ", ".join(f"{k} {v}" for k, v in variant.options.items()) or variant.sku or "–",
                variant.stock,
                variant.held,
            )
            for variant in selectors.variants_with_stock(product)
        ]
        return format_html_join("", _now("<p>{}: {} in stock, {} held</p>"), rows)

    @admin.display(description=_("decision"))
    def cases(self, product: Product) -> str:
        decision = selectors.decision_in_force(product)
        return f"{decision.outcome}: {decision.reason_en}" if decision else "–"

    @admin.display(description=_("public place"))
    def coarse_place(self, product: Product) -> str:
        if product.public_location is None:
            return "–"
        public = LatLng.of(product.public_location)
        return f"{public.latitude:.4f}, {public.longitude:.4f}"

    @admin.display(description=_("earlier prices"))
    def prices(self, product: Product) -> SafeString | str:
        rows = [
            (Money(c.old_minor, c.currency), Money(c.new_minor, c.currency), c.currency, c.at.date())
            for c in selectors.price_history(product)[:20]
        ]
        return format_html_join("", "<p>{} → {} {}, {}</p>", rows) or "–"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        product = self.get_object(request, object_id)
        context = {"ways": self._ways(request, product) if product else [], **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def _ways(self, request: HttpRequest, product: Product) -> list[Way]:
        own = []
        if request.user.has_perm(EXACT_PLACE):
            own.append(Way(_("Read the exact place"), reverse("admin:catalog_product_exact_place", args=[product.pk])))
        own.append(Way(_("Public page"), f"/l/{product.pk}"))
        return [*ways_of("catalog.product", request, product), *own]

    def get_urls(self) -> list[URLPattern]:
        exact = self.admin_site.admin_view(self.exact_place_view)
        return [path("<uuid:pk>/exact-place", exact, name="catalog_product_exact_place"), *super().get_urls()]

    def exact_place_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Asks for a reason, keeps it, tells the place."""
        if not request.user.has_perm(EXACT_PLACE):
            raise PermissionDenied
        product = self.get_object(request, str(pk))
        if product is None:
            raise Http404
        form = WhyForm(request.POST or None)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Read the exact place"),
            "product": product,
            "form": form,
            "back": reverse("admin:catalog_product_change", args=[pk]),
        }
        if form.is_valid():
            context["place"], context["building"] = actions.read_exact_place(
                staff=request.user,  # type: ignore[arg-type]
                product_id=pk,
                reason=form.cleaned_data["reason"],
            )
            context["is_told"] = True
        return TemplateResponse(request, "admin/catalog/product/exact_place.html", context)


class WhyForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept in the audit log."),
    )


# --- words of the house -------------------------------------------------------------------------------------------


class QuestionForm(forms.ModelForm):
    """A question; its choices as lines "value | English | Arabic"."""

    lines = forms.CharField(
        label=_("choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40}),
        help_text=_("One a line: value | English | Arabic"),
    )

    class Meta:
        model = CategoryAttribute
        fields = (
            "key",
            "name_en",
            "name_ar",
            "kind",
            "lines",
            "unit",
            "minimum",
            "maximum",
            "is_required",
            "is_filter",
            "position",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.instance.choices or []
        self.fields["lines"].initial = "\n".join(f"{c['value']} | {c['name_en']} | {c['name_ar']}" for c in choices)

    def clean_lines(self) -> list[dict[str, str]]:
        choices = []
        for line in self.cleaned_data["lines"].splitlines():
            if not line.strip():
                continue
            parts = [part.strip() for part in line.split("|")]
            if len(parts) != 3 or not all(parts):
                raise forms.ValidationError(_("“%(line)s” is not value | English | Arabic."), params={"line": line})
            choices.append({"value": parts[0], "name_en": parts[1], "name_ar": parts[2]})
        if len({choice["value"] for choice in choices}) != len(choices):
            raise forms.ValidationError(_("Two choices have the same value."))
        return choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_choice = cleaned.get("kind") == AttributeKind.CHOICE
        if "lines" in cleaned and is_choice != bool(cleaned["lines"]):
            self.add_error("lines", _("A choice has choices, and nothing else has."))
        self.instance.choices = cleaned.get("lines", [])
        return cleaned


class QuestionInline(admin.StackedInline):
    model = CategoryAttribute
    form = QuestionForm
    extra = 0
    can_delete = False
    ordering = ("position",)


class CategoryForm(forms.ModelForm):
    color = forms.RegexField(r"^#[0-9A-Fa-f]{6}$", label=_("colour"), help_text="#2F6F73")
    icon = forms.RegexField(r"^[a-z0-9-]+$", label=_("icon"), help_text=_("The name of a lucide icon in our sprite."))

    class Meta:
        model = Category
        fields = ("slug", "name_en", "name_ar", "parent", "icon", "color", "position", "is_active", "is_luxury")


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ("slug", "name_en", "name_ar", "parent", "position", "is_active", "is_luxury")
    list_filter = ("is_active", "is_luxury")
    list_select_related = ("parent",)
    search_fields = ("slug", "name_en", "name_ar")
    ordering = ("parent__position", "position")
    form = CategoryForm
    inlines = (QuestionInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()  # saved searches and links name it

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # close it instead: listings stand on it

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        actions.save_category(staff=request.user, category=obj)  # type: ignore[arg-type]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for question in formset.save(commit=False):
            actions.save_question(staff=request.user, question=question)  # type: ignore[arg-type]


@admin.register(Brand)
class BrandAdmin(admin.ModelAdmin):
    list_display = ("slug", "name_en", "name_ar", "is_luxury", "is_active")
    list_filter = ("is_luxury", "is_active")
    search_fields = ("slug", "name_en", "name_ar")
    fields = ("slug", "name_en", "name_ar", "is_luxury", "is_active")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Brand, form: Any, change: bool) -> None:
        actions.save_brand(staff=request.user, brand=obj)  # type: ignore[arg-type]
