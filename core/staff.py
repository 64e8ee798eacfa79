"""The console: one admin site for all apps, whose first page is a day's work and not a list of tables."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.contrib.gis.db.models import GeometryField
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Figure:
    """One number on the first page, with where it leads. `tone`: calm, wait, urgent."""

    label: Any
    value: Any
    url: str = ""
    tone: str = "calm"


@dataclass(frozen=True)
class Panel:
    """A group of figures that one app contributes; None where the person may not see it."""

    title: Any
    figures: list[Figure] = field(default_factory=list)
    order: int = 50


_panels: list[Callable[[HttpRequest], Panel | None]] = []


def dashboard_panel(make: Callable[[HttpRequest], Panel | None]) -> Callable[[HttpRequest], Panel | None]:
    """Register what an app shows on the first page (call it in the app's admin module)."""
    _panels.append(make)
    return make


@dataclass(frozen=True)
class Way:
    """A button on the page of one thing that another app leads on from. `tone`: calm, urgent."""

    label: Any
    url: str
    tone: str = "calm"


_ways: dict[str, list[Callable[[HttpRequest, Any], list[Way]]]] = {}


def ways_from(
    kind: str,
) -> Callable[[Callable[[HttpRequest, Any], list[Way]]], Callable[[HttpRequest, Any], list[Way]]]:
    """Register what an app offers on the page of a thing of a lower app ("accounts.user"); call it in the app's admin module."""

    def register(make: Callable[[HttpRequest, Any], list[Way]]) -> Callable[[HttpRequest, Any], list[Way]]:
        _ways.setdefault(kind, []).append(make)
        return make

    return register


def ways_of(kind: str, request: HttpRequest, thing: Any) -> list[Way]:
    """Everything that is offered on this thing's page to whoever asks."""
    return [way for make in _ways.get(kind, []) for way in make(request, thing)]


class SoukAdminSite(admin.AdminSite):
    site_header = _("Souk Loop console")
    site_title = _("Souk Loop")
    index_title = _("Today")
    index_template = "admin/today.html"
    empty_value_display = "–"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]
        """Our own sign-in page, with its lockout, codes and second factor; a door that is not theirs to those signed in."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        wanted = request.GET.get("next") or reverse("admin:index")
        return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({'next': wanted})}")  # which checks `next`

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]
        """Our own page, which signs the person out everywhere else and tells them."""
        return HttpResponseRedirect(settings.PASSWORD_CHANGE_URL)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        panels = [panel for panel in (make(request) for make in _panels) if panel is not None]
        context = {"panels": sorted(panels, key=lambda p: p.order), **(extra_context or {})}
        return super().index(request, context)


class SoukAdminConfig(AdminConfig):
    default_site = "core.staff.SoukAdminSite"


class ReadOnlyAdmin(admin.ModelAdmin):
    """A screen on which nothing can be added, changed or deleted: changes go through actions, with a reason.

    Its list is narrowed by the filters that it offers and by `linked_by`, what other screens' links say. Django would let everybody who
    sees the list ask for any column from the address, letter by letter: also for what the screen masks or does not show.
    """

    linked_by: tuple[str, ...] = ()
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        offered = lookup in self.linked_by or self._is_filter(lookup.partition("__")[0], request)
        return offered and not_spatial(self.model, lookup) and super().lookup_allowed(lookup, value, request)

    def _is_filter(self, name: str, request: HttpRequest) -> bool:
        try:
            self.opts.get_field(name)
        except FieldDoesNotExist:
            return True  # a word of a filter's own
        return name in {_asks_for(one) for one in self.get_list_filter(request)}


def _asks_for(list_filter: Any) -> str:
    """The field that a filter of a list is about: a name, a name and a class, or a class with a word of its own."""
    named = list_filter[0] if isinstance(list_filter, tuple) else list_filter
    return named.partition("__")[0] if isinstance(named, str) else getattr(named, "parameter_name", "")


def not_spatial(model: Any, lookup: str) -> bool:
    """Refuse lookups on geometry columns from the query string: GDAL would parse what a person typed (CVE-2026-15307)."""
    name = lookup.split("__", maxsplit=1)[0]
    field_ = next((f for f in model._meta.get_fields() if f.name == name), None)
    return not isinstance(field_, GeometryField) and "geom" not in lookup and "location" not in lookup
