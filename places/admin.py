"""Neighbourhoods in the console: read, searched in both languages, switched off and on.

Boundaries come from files only.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.gis.geos import Point
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.staff import ReadOnlyAdmin, not_spatial
from core.text import fold
from places.actions import save_meeting_point, switch_neighborhood
from places.models import MeetingPoint, Neighborhood


@admin.register(Neighborhood)
class NeighborhoodAdmin(ReadOnlyAdmin):
    list_display = ("name_en", "name_ar", "city", "source", "area", "is_active")
    list_filter = ("is_active", "source", "city")
    search_fields = ("folded_names",)
    search_help_text = _("A part of the English or Arabic name")
    fields = (
        "name_en",
        "name_ar",
        "slug",
        "city",
        "country",
        "source",
        "external_id",
        "is_active",
        "area",
        "outline",
        "created_at",
        "updated_at",
    )
    readonly_fields = fields
    actions = ("switch_on", "switch_off")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Neighborhood]:
        queryset = super().get_queryset(request)
        match = request.resolver_match
        return queryset.defer("boundary") if match and str(match.url_name).endswith("changelist") else queryset

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, fold(search_term))

    def has_switch_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("places.change_neighborhood")

    @admin.display(description=_("area"), ordering="area_km2")
    def area(self, neighborhood: Neighborhood) -> str:
        return f"{neighborhood.area_km2:.2f} km²"

    @admin.display(description=_("outline"))
    def outline(self, neighborhood: Neighborhood) -> SafeString:
        """The boundary as a small drawing, north up; one degree east is 0.9 of a degree north at 25° N."""
        west, south, east, north = neighborhood.boundary.extent
        scale = 220 / max((east - west) * 0.906, north - south)

        def spot(corner: tuple[float, ...]) -> str:
            return f"{(corner[0] - west) * 0.906 * scale + 5:.1f},{(north - corner[1]) * scale + 5:.1f}"

        rings = [ring for polygon in neighborhood.boundary.coords for ring in polygon]
        path = " ".join("M" + "L".join(spot(corner) for corner in ring) + "Z" for ring in rings)
        return format_html(
            '<svg width="230" height="230" viewBox="0 0 230 230" role="img" aria-label="{}" '
            'fill="currentColor" fill-opacity="0.12" stroke="currentColor" fill-rule="evenodd"><path d="{}"/></svg>',
            neighborhood.name,
            path,
        )

    @admin.action(description=_("Switch on"), permissions=["switch"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Neighborhood]) -> None:
        self._switch(request, queryset, active=True)

    @admin.action(description=_("Switch off (what refers to them stays)"), permissions=["switch"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Neighborhood]) -> None:
        self._switch(request, queryset, active=False)

    def _switch(self, request: HttpRequest, queryset: QuerySet[Neighborhood], *, active: bool) -> None:
        chosen = list(queryset)
        for neighborhood in chosen:
            switch_neighborhood(staff=request.user, neighborhood=neighborhood, active=active)
        told = ngettext("%(n)d neighbourhood switched.", "%(n)d neighbourhoods switched.", len(chosen))
        self.message_user(request, told % {"n": len(chosen)}, messages.SUCCESS)


class MeetingPointForm(forms.ModelForm):
    """The place as two numbers: no map of somebody else's is loaded into the console."""

    latitude = forms.FloatField(min_value=-90, max_value=90, label=_("latitude"))
    longitude = forms.FloatField(min_value=-180, max_value=180, label=_("longitude"))

    class Meta:
        model = MeetingPoint
        fields = ("slug", "name_en", "name_ar", "hint_en", "hint_ar", "neighborhood", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.location:
            self.initial = {**self.initial, "latitude": self.instance.location.y, "longitude": self.instance.location.x}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "latitude" in cleaned and "longitude" in cleaned:
            self.instance.location = Point(cleaned["longitude"], cleaned["latitude"], srid=4326)
        return cleaned


@admin.register(MeetingPoint)
class MeetingPointAdmin(admin.ModelAdmin):
    form = MeetingPointForm
    list_display = ("name_en", "name_ar", "neighborhood", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("neighborhood",)
    search_fields = ("name_en", "name_ar", "slug")
    raw_id_fields = ("neighborhood",)
    fields = (*MeetingPointForm.Meta.fields, "latitude", "longitude")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # switch it off instead: meetings name it

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return not_spatial(self.model, lookup) and super().lookup_allowed(lookup, value, request)

    def save_model(self, request: HttpRequest, obj: MeetingPoint, form: Any, change: bool) -> None:
        save_meeting_point(staff=request.user, point=obj)
