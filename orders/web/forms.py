"""What people type about their orders. Whether it may be done, the actions decide; their refusals stand beside the fields."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import Refusal
from core.money import Money
from orders.states import DisputeReason
from places.models import MeetingPoint

_DECIMAL = {"inputmode": "decimal", "autocomplete": "off"}


class RefusableForm(forms.Form):
    """A form that takes the refusal of an action as an error of its own."""

    def refuse(self, refusal: Refusal) -> None:
        at = refusal.at if refusal.at in self.fields else None
        self.add_error(at, ValidationError(refusal.message, code=refusal.code))


class AmountField(forms.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, widget=forms.TextInput(_DECIMAL), **kwargs)


def money_of(form: forms.Form, name: str, currency: str) -> Money | None:
    """What was typed, in the order's currency. Raises NotAnAmount, naming the field."""
    typed = form.cleaned_data.get(name)
    return None if typed is None else Money.parse(typed, currency, attr=name)


class CancelForm(RefusableForm):
    reason = forms.CharField(
        label=_("Why?"), required=False, max_length=300, widget=forms.Textarea({"rows": 2, "dir": "auto"})
    )


class DispatchForm(RefusableForm):
    carrier = forms.CharField(
        label=_("Carrier"), max_length=60, widget=forms.TextInput({"list": "carriers", "autocomplete": "off"})
    )
    tracking_number = forms.CharField(
        label=_("Tracking number"),
        max_length=60,
        required=False,
        widget=forms.TextInput({"dir": "ltr", "autocomplete": "off"}),
        help_text=_("The buyer follows the parcel by it. Without one you cannot prove that it arrived."),
    )
    tracking_url = forms.URLField(
        label=_("Address of the carrier's page"),
        max_length=300,
        required=False,
        assume_scheme="https",
        widget=forms.URLInput({"dir": "ltr", "autocomplete": "off", "placeholder": "https://"}),
    )
    label_id = forms.UUIDField(required=False)  # of an upload


class HandoverForm(RefusableForm):
    code = forms.CharField(
        label=_("Code"),
        max_length=12,
        widget=forms.TextInput(
            {"class": "code", "inputmode": "numeric", "autocomplete": "one-time-code", "dir": "ltr"}
        ),
    )

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split())


class MeetingForm(RefusableForm):
    on = forms.DateField(label=_("Day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    at = forms.TimeField(label=_("Time"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    point = forms.TypedChoiceField(label=_("Safe place"), required=False, coerce=uuid.UUID, empty_value=None)
    place = forms.CharField(
        label=_("Somewhere else"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"dir": "auto"}),
        help_text=_("A public place with people around. Only the two of you read this."),
    )
    note = forms.CharField(
        label=_("How to find each other"), max_length=200, required=False, widget=forms.TextInput({"dir": "auto"})
    )

    def __init__(self, *args: Any, points: Iterable[MeetingPoint], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["point"].choices = [("", ""), *((str(p.pk), p.name) for p in points)]  # type: ignore[attr-defined]
        today = timezone.now().astimezone(zone()).date()
        self.fields["on"].widget.attrs["min"] = today.isoformat()

    @property
    def starts_at(self) -> datetime:
        """In the market's own time."""
        return datetime.combine(self.cleaned_data["on"], self.cleaned_data["at"], tzinfo=zone())


def zone() -> ZoneInfo:
    return ZoneInfo(settings.DISPLAY_TIME_ZONE)


class RefundForm(RefusableForm):
    amount = AmountField(label=_("How much"))
    reason = forms.CharField(
        label=_("Why?"), max_length=300, required=False, widget=forms.Textarea({"rows": 2, "dir": "auto"})
    )


class PicturesForm(RefusableForm):
    """Words with pictures: their ids where scripts have sent them already, the files themselves where not."""

    pictures = forms.TypedMultipleChoiceField(required=False, coerce=uuid.UUID)

    def __init__(self, *args: Any, sent: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Ids of uploads: whose they are and whether they are ready, the action decides.
        self.fields["pictures"].choices = [(pk, pk) for pk in sent]  # type: ignore[attr-defined]


class DisputeForm(PicturesForm):
    reason = forms.ChoiceField(
        label=_("What is wrong?"),
        choices=DisputeReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is wrong.")},
    )
    text = forms.CharField(
        label=_("What happened"),
        max_length=2000,
        widget=forms.Textarea({"rows": 5, "dir": "auto"}),
        help_text=_("The seller reads this, and whoever of us decides."),
    )
    wanted = AmountField(
        label=_("How much do you want back?"), help_text=_("All of it, or a part if you want to keep the thing.")
    )


class EvidenceForm(PicturesForm):
    text = forms.CharField(
        label=_("In your words"), required=False, max_length=2000, widget=forms.Textarea({"rows": 4, "dir": "auto"})
    )


class AnswerForm(RefusableForm):
    answer = forms.ChoiceField(
        label=_("What will you do?"),
        choices=(
            ("accepts", _("I give back what the buyer wants")),
            ("offers", _("I offer a part")),
            ("refuses", _("I do not agree: you decide")),
        ),
        widget=forms.RadioSelect,
    )
    amount = AmountField(label=_("How much you offer"), required=False)
    needs_return = forms.BooleanField(label=_("I want the thing back first"), required=False)
    text = forms.CharField(
        label=_("Your side of it"), max_length=2000, required=False, widget=forms.Textarea({"rows": 4, "dir": "auto"})
    )


class AppealForm(RefusableForm):
    text = forms.CharField(
        label=_("What was not seen"), max_length=2000, widget=forms.Textarea({"rows": 4, "dir": "auto"})
    )


class RejectReturnForm(RefusableForm):
    text = forms.CharField(
        label=_("What is wrong with what came back"),
        max_length=2000,
        widget=forms.Textarea({"rows": 4, "dir": "auto"}),
        help_text=_("The buyer reads this, and whoever of us decides."),
    )


class ReturnForm(RefusableForm):
    carrier = forms.CharField(label=_("Carrier"), max_length=60)
    tracking_number = forms.CharField(label=_("Tracking number"), max_length=60, widget=forms.TextInput({"dir": "ltr"}))
