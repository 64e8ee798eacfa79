"""What moderators fill in. The rules stand in the actions; these only read the fields."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import Refusal
from moderation import actions, rules, selectors
from moderation.models import FilterTerm, ModerationSettings, Policy
from moderation.states import MarkKind
from moderation.targets import Outcome


class ArabicArea(forms.Textarea):
    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"dir": "rtl", "lang": "ar", "rows": 3, **(attrs or {})})


class DecisionForm(forms.Form):
    """The outcome, the policy, the words to the author in both languages, and a note that stays among staff."""

    outcome = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    duration_days = forms.TypedChoiceField(
        label=_("For how long"),
        coerce=int,
        empty_value=None,
        required=False,
        choices=[
            (1, _("1 day")),
            (3, _("3 days")),
            (7, _("7 days")),
            (30, _("30 days")),
            (90, _("90 days")),
            (365, _("1 year")),
        ],
        initial=7,
    )
    policy = forms.ModelChoiceField(
        label=_("Policy"), queryset=Policy.objects.none(), required=False, empty_label=_("Choose a policy")
    )
    reason_en = forms.CharField(
        label=_("In English"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr", "lang": "en"}),
    )
    reason_ar = forms.CharField(label=_("In Arabic"), required=False, max_length=2000, widget=ArabicArea())
    private_note = forms.CharField(
        label=_("Private note"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )

    def __init__(self, *args: Any, outcomes: Iterable[Outcome], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outcomes = {outcome.name: outcome for outcome in outcomes}
        self.fields["outcome"].choices = [(o.name, o.label) for o in self.outcomes.values()]  # type: ignore[attr-defined]
        self.fields["policy"].queryset = selectors.active_policies()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Days are asked for beside every outcome that takes them; another outcome forgets them."""
        given = super().clean() or {}
        outcome = self.outcomes.get(given.get("outcome", ""))
        if outcome is not None and not outcome.takes_days:
            given["duration_days"] = None
        return given

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal where it belongs."""
        self.add_error(refusal.at if refusal.at in self.fields else None, ValidationError(refusal.message))


class ReadCaseForm(DecisionForm):
    """A decision about one case: it carries the revision that was read."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class NoteForm(forms.Form):
    note = forms.CharField(label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}))


class HandOverForm(forms.Form):
    to = forms.ModelChoiceField(label=_("To whom"), queryset=User.objects.none(), empty_label=_("Choose a colleague"))
    note = forms.CharField(
        label=_("Note"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"})
    )

    def __init__(self, *args: Any, colleagues: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = colleagues  # type: ignore[attr-defined]


class SettingsForm(forms.ModelForm):
    class Meta:
        model = ModerationSettings
        fields = actions.SETTINGS_FIELDS
        labels = {  # noqa: RUF012
            "pre_moderation": _("Review before publishing"),
            "auto_hide_listing_weight": _("Hide content at this weight"),
            "auto_hide_account_weight": _("Rest an account at this weight"),
            "review_hours": _("Hours for a review"),
            "report_hours": _("Hours for a report"),
            "claim_minutes": _("Minutes of a claim"),
        }
        help_texts = {  # noqa: RUF012
            "pre_moderation": _("Whose new listings wait for a moderator before anybody sees them."),
            "auto_hide_listing_weight": _(
                "A usual reporter weighs 0.75. Hiding is reversible and always followed by a person's look."
            ),
            "auto_hide_account_weight": _(
                "The person's listings rest until a moderator has looked. It never suspends."
            ),
            "report_hours": _("Urgent reports have a quarter of it."),
            "claim_minutes": _("A case that is not worked on for so long goes back into the queue."),
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in actions.SETTINGS_FIELDS[1:]:
            if name in given and given[name] is not None and given[name] <= 0:
                self.add_error(name, _("More than 0."))
        return given


class PolicyForm(forms.ModelForm):
    class Meta:
        model = Policy
        fields = ("number", "slug", "severity", "is_active", "title_en", "title_ar", "reason_en", "reason_ar")
        labels = {  # noqa: RUF012
            "number": _("Number"),
            "slug": _("Short name"),
            "severity": _("Severity"),
            "is_active": _("In force"),
            "title_en": _("Title in English"),
            "title_ar": _("Title in Arabic"),
            "reason_en": _("Reason in English"),
            "reason_ar": _("Reason in Arabic"),
        }
        help_texts = {  # noqa: RUF012
            "severity": _("From 1 (low) to 4 (urgent)."),
            "reason_en": _("What the person is told, unless the moderator writes something else."),
        }
        widgets = {  # noqa: RUF012
            "severity": forms.NumberInput(attrs={"min": rules.LOWEST, "max": rules.URGENT}),
            "title_ar": forms.TextInput(attrs={"dir": "rtl", "lang": "ar", "class": "vTextField"}),
            "reason_ar": ArabicArea({"class": "vLargeTextField"}),
        }

    def clean_severity(self) -> int:
        severity = self.cleaned_data["severity"]
        if not rules.LOWEST <= severity <= rules.URGENT:
            raise ValidationError(_("From 1 (low) to 4 (urgent)."))
        return severity


class TermForm(forms.ModelForm):
    """Words that the scanner looks for."""

    class Meta:
        model = FilterTerm
        fields = ("kind", "language", "term", "is_active")
        help_texts = {  # noqa: RUF012
            "term": _(
                "Capitals, accents, vowel marks and kinds of alef do not matter. A * stands for up to three words."
            ),
            "is_active": _("Switch off instead of deleting: the log keeps naming it."),
        }
        widgets = {"term": forms.TextInput(attrs={"dir": "auto", "class": "vTextField"})}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = (MarkKind.ELSEWHERE, MarkKind.ABUSE, MarkKind.HANDLE)
        if "kind" in self.fields:
            self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("term") and given.get("kind"):
            known = selectors.terms_of_kind(given["kind"], besides=self.instance.pk)
            try:
                given["term"] = rules.check_term(given["term"], kind=given["kind"], known=known)
            except Refusal as refusal:
                self.add_error("term", refusal.message)
        return given


class TryForm(forms.Form):
    text = forms.CharField(
        label=_("A text"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto", "class": "vLargeTextField"}),
    )
