"""What means the same, and what is popular, in the console. Both are changed by actions that keep who did it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.errors import Refusal
from core.staff import ReadOnlyAdmin
from search import actions
from search.models import PopularSearch, SynonymSet


class SynonymForm(forms.ModelForm):
    lines = forms.CharField(
        label=_("words"),
        widget=forms.Textarea(attrs={"rows": 8, "cols": 40, "dir": "auto"}),
        help_text=_("One word or short phrase a line, in any language. Spellings that differ little need only one."),
    )

    class Meta:
        model = SynonymSet
        fields = ("lines", "one_way_from", "is_active", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lines"].initial = "\n".join(self.instance.words or [])

    def clean_lines(self) -> list[str]:
        words = [line.strip() for line in self.cleaned_data["lines"].splitlines() if line.strip()]
        for word in words:
            if len(word) > 60:
                raise forms.ValidationError(_("“%(word)s” is longer than 60 characters."), params={"word": word[:60]})
        return words

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "lines" in cleaned and "one_way_from" in cleaned:
            try:
                actions.check_synonyms(words=cleaned["lines"], one_way_from=cleaned["one_way_from"])
            except Refusal as refusal:
                self.add_error("lines", refusal.message)
            else:
                self.instance.words = cleaned["lines"]
        return cleaned


@admin.register(SynonymSet)
class SynonymAdmin(admin.ModelAdmin):
    """A line that is no longer wanted is put out of use: what it did stays to be read."""

    list_display = ("__str__", "is_active", "note", "updated_at")
    list_filter = ("is_active",)
    search_fields = ("words", "one_way_from", "note")
    ordering = ("-updated_at",)
    list_per_page = 50
    form = SynonymForm

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: SynonymSet, form: Any, change: bool) -> None:
        actions.save_synonyms(staff=request.user, synonyms=obj)


@admin.register(PopularSearch)
class PopularSearchAdmin(ReadOnlyAdmin):
    list_display = ("q", "neighborhood", "score", "is_hidden", "counted_at")
    list_filter = ("is_hidden",)
    list_select_related = ("neighborhood",)
    search_fields = ("q", "folded")
    ordering = ("-score",)
    fields = ("q", "neighborhood", "score", "is_hidden", "counted_at")
    actions = ("hide", "show")

    @admin.action(description=_("Never show these"), permissions=["hide"])
    def hide(self, request: HttpRequest, chosen: Any) -> None:
        for popular in chosen:
            actions.show_popular(staff=request.user, popular=popular, is_hidden=True)

    @admin.action(description=_("Show these again"), permissions=["hide"])
    def show(self, request: HttpRequest, chosen: Any) -> None:
        for popular in chosen:
            actions.show_popular(staff=request.user, popular=popular, is_hidden=False)

    def has_hide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("search.change_popularsearch")
