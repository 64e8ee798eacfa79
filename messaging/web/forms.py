"""What one writes on a page without its scripts."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import Refusal
from messaging.states import DISAPPEAR_AFTER

FOR_GOOD = timedelta(days=36_500)
MUTED_FOR = {"8h": timedelta(hours=8), "7d": timedelta(days=7), "always": FOR_GOOD}


class WordsForm(forms.Form):
    """Words, and where their writer was warned and sends them all the same, that too."""

    is_warned = False

    body = forms.CharField(
        label=_("Your message"),
        max_length=settings.MESSAGING["characters"],
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        error_messages={"required": _("Write something first.")},
    )
    acknowledge_warning = forms.BooleanField(required=False)

    def clean_body(self) -> str:
        return self.cleaned_data["body"].replace("\r\n", "\n")

    def refuse(self, refusal: Refusal) -> None:
        self.add_error("body", refusal.message)


class MuteForm(forms.Form):
    """For how long; "off" ends it."""

    how_long = forms.ChoiceField(choices=[(name, name) for name in (*MUTED_FOR, "off")])

    def until(self) -> datetime | None:
        chosen = MUTED_FOR.get(self.cleaned_data["how_long"])
        return timezone.now() + chosen if chosen else None


class DisappearForm(forms.Form):
    seconds = forms.TypedChoiceField(
        choices=[("", ""), *((str(n), str(n)) for n in DISAPPEAR_AFTER)], coerce=int, empty_value=None, required=False
    )


DISAPPEAR_WORDS: dict[int | None, Any] = dict(
    zip((None, *DISAPPEAR_AFTER), (_("never"), _("24 hours"), _("7 days"), _("90 days")), strict=True)
)
