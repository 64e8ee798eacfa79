"""The form of a report."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.errors import Refusal
from moderation import rules
from moderation.states import REASON_WORDS, ReportReason


class ReportForm(forms.Form):
    """A reason, and whoever wants to adds words and pictures."""

    reason = forms.ChoiceField(
        label=_("What is wrong?"), widget=forms.RadioSelect, error_messages={"required": _("Choose what is wrong.")}
    )
    description = forms.CharField(
        label=_("In your words"),
        required=False,
        max_length=rules.MAX_DESCRIPTION,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("Only moderators read this. The other side never learns who reported."),
    )
    evidence_ids = forms.TypedMultipleChoiceField(required=False, coerce=uuid.UUID)

    def __init__(self, *args: Any, reasons: Iterable[str], sent: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = [ReportReason(reason) for reason in reasons]
        self.fields["reason"].choices = [(r.value, REASON_WORDS[r]) for r in chosen]  # type: ignore[attr-defined]
        self.labels = [(r.value, r.label, REASON_WORDS[r]) for r in chosen]
        # Ids of uploads: whose they are and whether they are ready, the action decides.
        self.fields["evidence_ids"].choices = [(pk, pk) for pk in sent]  # type: ignore[attr-defined]

    def refuse(self, refusal: Refusal) -> None:
        self.add_error(refusal.at if refusal.at in self.fields else None, refusal.message)
