"""What people type when they haggle. Whether it may be said, the actions decide; their refusals stand beside the fields."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from catalog.models import Product, ProductVariant
from core.errors import Refusal
from core.money import Money
from offers.models import OfferTerms
from offers.rules import MESSAGE_LENGTH
from offers.states import OfferKind


class _Refusable(forms.Form):
    def refuse(self, refusal: Refusal) -> None:
        """Say a refusal beside the field that it is about."""
        at = refusal.at if refusal.at in self.fields else None
        self.add_error(at, ValidationError(refusal.message, code=refusal.code))


class OfferForm(_Refusable):
    """A first offer: money, one of one's own things, or both; words if one likes."""

    offered_price = forms.DecimalField(
        label=_("Your offer"),
        required=False,
        min_value=0,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )
    variant_id = forms.TypedChoiceField(label=_("Which one?"), required=False, coerce=uuid.UUID, empty_value=None)
    trade_product_id = forms.TypedChoiceField(
        label=_("Something of yours in trade"), required=False, coerce=uuid.UUID, empty_value=None
    )
    message = forms.CharField(
        label=_("A few words"),
        required=False,
        max_length=MESSAGE_LENGTH,
        widget=forms.Textarea({"rows": 2, "dir": "auto", "maxlength": MESSAGE_LENGTH}),
    )

    def __init__(
        self, *args: Any, variants: Iterable[ProductVariant], things: Iterable[Product], currency: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        choices = [(str(variant.pk), " · ".join(variant.options.values())) for variant in variants]
        mine = [(str(thing.pk), thing.title) for thing in things]
        if len(choices) > 1:
            self.fields["variant_id"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["variant_id"]
        if mine:
            self.fields["trade_product_id"].choices = [("", _("Nothing, money only")), *mine]  # type: ignore[attr-defined]
        else:
            del self.fields["trade_product_id"]

    @property
    def said(self) -> dict[str, Any]:
        """What `make_offer` takes. Raises NotAnAmount."""
        price, traded = self.cleaned_data.get("offered_price"), self.cleaned_data.get("trade_product_id")
        kind = OfferKind.CASH if traded is None else OfferKind.TRADE if price is None else OfferKind.MIXED
        return {
            "kind": kind,
            "amount": None if price is None else Money.parse(price, self.currency),
            "trade_product_id": traded,
            "variant_id": self.cleaned_data.get("variant_id"),
            "message": self.cleaned_data["message"],
        }


class CounterForm(_Refusable):
    counter_price = forms.DecimalField(
        label=_("Your price"), min_value=0, widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
    )


class TermsForm(_Refusable):
    """How the seller of one listing wants to haggle."""

    takes_offers = forms.BooleanField(label=_("People may make offers"), required=False)
    takes_trades = forms.BooleanField(label=_("They may offer something in trade"), required=False)
    floor_percent = forms.IntegerField(
        label=_("Decline by itself below"),
        required=False,
        help_text=_("Percent of your price. Nobody is told the limit."),
    )
    auto_accept_percent = forms.IntegerField(
        label=_("Accept by itself from"),
        required=False,
        help_text=_("Percent of your price. It is then reserved at once for whoever offered."),
    )
    shows_offers = forms.BooleanField(
        label=_("Show the last offers on its page"),
        required=False,
        help_text=_("With first name and initial. Buyers are told before they offer."),
    )

    @classmethod
    def of(cls, terms: OfferTerms) -> "TermsForm":
        return cls(initial={name: getattr(terms, name) for name in cls.base_fields})
