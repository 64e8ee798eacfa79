"""What the scanner looks for and what follows, with a box to try it on."""

from itertools import pairwise
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moderation import actions, selectors
from moderation.admin.forms import TermForm, TryForm
from moderation.admin.queue import moderator_of
from moderation.admin.records import ConsoleMedia
from moderation.models import FilterTerm, ScanPolicy
from moderation.scanner import Mark
from moderation.states import MarkKind


@admin.register(FilterTerm)
class FilterTermAdmin(admin.ModelAdmin):
    """Terms are switched off, not deleted."""

    form = TermForm
    list_display = ("term", "kind", "language", "is_active")
    list_filter = ("kind", "language", "is_active")
    search_fields = ("term",)
    list_per_page = 100
    change_list_template = "admin/moderation/filters.html"
    Media = ConsoleMedia

    def has_delete_permission(self, request: HttpRequest, obj: FilterTerm | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: FilterTerm, form: forms.ModelForm, change: bool) -> None:
        if change:
            kept = actions.revise_term(term_id=obj.pk, moderator=moderator_of(request), **form.cleaned_data)
        else:
            kept = actions.add_term(moderator=moderator_of(request), **form.cleaned_data)
        obj.pk = kept.pk
        obj._state.adding = False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.try_view)
        return [path("try/", view, name="moderation_filterterm_try"), *super().get_urls()]

    def try_view(self, request: HttpRequest) -> HttpResponse:
        """A text with what the scanner marks in it, and what would follow. Nothing is kept."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = TryForm(request.POST or None)
        told, text = None, ""
        if request.method == "POST" and form.is_valid():
            text = form.cleaned_data["text"]
            told = selectors.tried(text)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Try the filters"),
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "told": told,
            "parts": _parts(text, told.marks) if told else [],
            "kinds": sorted({MarkKind(mark.kind).label for mark in told.marks}) if told else [],
            "policies": reverse("admin:moderation_scanpolicy_changelist"),
        }
        return TemplateResponse(request, "admin/moderation/try_filters.html", context)


def _parts(text: str, marks: tuple[Mark, ...]) -> list[dict[str, Any]]:
    """The text cut where marks begin and end."""
    cuts = [0, *(place for mark in marks for place in (mark.start, mark.end)), len(text)]
    labels = {mark.start: MarkKind(mark.kind).label for mark in marks}
    return [{"text": text[one:two], "label": labels.get(one)} for one, two in pairwise(cuts) if one < two]


@admin.register(ScanPolicy)
class ScanPolicyAdmin(admin.ModelAdmin):
    """Six rows, changed in their list."""

    list_display = ("mark", "newcomer", "regular")
    list_display_links = None
    list_editable = ("newcomer", "regular")
    change_list_template = "admin/moderation/filters.html"
    actions = None
    Media = ConsoleMedia

    @admin.display(description=gettext_lazy("mark"))
    def mark(self, policy: ScanPolicy) -> str:
        return str(MarkKind(policy.kind).label)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ScanPolicy | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ScanPolicy, form: forms.ModelForm, change: bool) -> None:
        actions.change_scan_policy(
            moderator=moderator_of(request), kind=obj.kind, newcomer=obj.newcomer, regular=obj.regular
        )
