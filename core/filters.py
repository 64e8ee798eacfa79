"""The filters beside a list: a price range and groups of choices, read from the address of a page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LARGEST_PRICE = Decimal(10**9)


@dataclass(frozen=True)
class ChoiceGroup:
    """Any of some values: a condition, a size, a storage."""

    name: str
    label: Any
    choices: tuple[tuple[str, Any], ...]


class FilterForm(forms.Form):
    """What makes no sense is told at its field and left out; the rest still filters."""

    min_price = forms.DecimalField(
        label=_("From"), required=False, min_value=Decimal(0), max_value=LARGEST_PRICE, decimal_places=2
    )
    max_price = forms.DecimalField(
        label=_("To"), required=False, min_value=Decimal(0), max_value=LARGEST_PRICE, decimal_places=2
    )

    def __init__(self, data: Mapping[str, Any], *, groups: Iterable[ChoiceGroup] = ()) -> None:
        super().__init__(data)
        self.group_names = []
        for name in ("min_price", "max_price"):
            self.fields[name].widget.attrs |= {"inputmode": "decimal", "placeholder": self.fields[name].label}
        for group in groups:
            self.group_names.append(group.name)
            self.fields[group.name] = forms.MultipleChoiceField(
                label=group.label, required=False, choices=group.choices, widget=forms.CheckboxSelectMultiple
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        low, high = cleaned.get("min_price"), cleaned.get("max_price")
        if low is not None and high is not None and low > high:
            self.add_error("max_price", _("This is below the lowest price that you asked for."))
        return cleaned

    @property
    def asked(self) -> dict[str, Any]:
        """The filters that were given and make sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "", [])}

    @property
    def group_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.group_names]
