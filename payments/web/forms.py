"""How a seller wants to be paid."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.errors import Refusal
from core.money import Money
from payments.models import SellerAccount
from payments.rules import smallest_payout
from payments.states import Schedule


class SettingsForm(forms.Form):
    schedule = forms.ChoiceField(label=_("When you are paid"), choices=Schedule.choices, widget=forms.RadioSelect)
    minimum = forms.DecimalField(
        label=_("From how much on"),
        min_value=0,
        required=False,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        help_text=_("Smaller amounts wait for the next time."),
    )
    legal_name = forms.CharField(
        label=_("Name on your documents"), max_length=120, required=False, widget=forms.TextInput({"dir": "auto"})
    )
    tax_number = forms.CharField(
        label=_("Tax number (TRN)"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"dir": "ltr"}),
        help_text=_("With one, your buyers get tax invoices."),
    )

    cash = forms.ChoiceField(
        label=_("Cash at the hand-over"),
        choices=(("yes", _("Buyers may pay me in cash")), ("no", _("By card only"))),
        required=False,
        widget=forms.RadioSelect,
    )

    @classmethod
    def of(cls, account: SellerAccount | None, currency: str) -> "SettingsForm":
        return cls(
            initial={
                "schedule": account.schedule if account else Schedule.WEEKLY,
                "minimum": str(smallest_payout(account, currency)),
                "legal_name": account.legal_name if account else "",
                "tax_number": account.tax_number if account else "",
                "cash": "no" if account and not account.takes_cash else "yes",
            }
        )

    def refuse(self, refusal: Refusal) -> None:
        at = refusal.at if refusal.at in self.fields else None
        self.add_error(at, ValidationError(refusal.message, code=refusal.code))

    def minimum_in(self, currency: str) -> Any:
        """Raises NotAnAmount."""
        typed = self.cleaned_data["minimum"]
        return None if typed is None else Money.parse(typed, currency)
