"""What people type while they buy."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.amounts import amount_words, currency_words
from core.money import Money
from orders.models import DeliveryTerms
from orders.states import Delivery, PayBy, VoucherKind
from orders.web.forms import AmountField, RefusableForm

MOST_PIECES = 20


class BuyForm(RefusableForm):
    """Which one and how many; asked only where there is a choice."""

    variant_id = forms.TypedChoiceField(label=_("Which one?"), coerce=uuid.UUID)
    quantity = forms.TypedChoiceField(label=_("How many?"), required=False, coerce=int, empty_value=1)

    def __init__(self, *args: Any, variants: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = list(variants)
        most = min(MOST_PIECES, max((variant.available for variant in offered), default=0))
        self.only = offered[0].pk if len(offered) == 1 else None
        if self.only:
            del self.fields["variant_id"]
        else:
            words = [(str(v.pk), " · ".join(str(value) for value in v.options.values())) for v in offered]
            self.fields["variant_id"].choices = words  # type: ignore[attr-defined]
        if most > 1:
            self.fields["quantity"].choices = [(n, str(n)) for n in range(1, most + 1)]  # type: ignore[attr-defined]
        else:
            del self.fields["quantity"]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if self.only:
            typed["variant_id"] = self.only
        typed.setdefault("quantity", 1)
        return typed


class CheckoutForm(RefusableForm):
    delivery = forms.ChoiceField(choices=Delivery.choices, initial=Delivery.MEET)
    address_id = forms.UUIDField(required=False)
    pay_by = forms.ChoiceField(choices=((PayBy.CARD, _("card")), (PayBy.CASH, _("cash"))), initial=PayBy.CARD)
    note = forms.CharField(
        label=_("A few words to the seller"),
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 2, "dir": "auto"}),
    )
    voucher_code = forms.CharField(
        label=_("Voucher"),
        max_length=30,
        required=False,
        widget=forms.TextInput({"dir": "ltr", "autocomplete": "off", "autocapitalize": "characters"}),
    )


class WayForm(RefusableForm):
    """How something that was haggled for is handed over and paid. `parcel`: what sending it costs; None: its seller only meets."""

    delivery = forms.ChoiceField(label=_("How you get it"), widget=forms.RadioSelect)
    address_id = forms.TypedChoiceField(
        label=_("Where to"), required=False, coerce=uuid.UUID, empty_value=None, widget=forms.RadioSelect
    )
    pay_by = forms.ChoiceField(
        label=_("How you pay"),
        choices=((PayBy.CARD, _("Card")), (PayBy.CASH, _("Cash, when you meet"))),
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, addresses: Iterable[Any], parcel: Money | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parcel = parcel
        self.ships = parcel is not None
        ways = [(Delivery.MEET.value, _("Hand-over: you meet nearby"))]
        if parcel is not None:
            ways.append((Delivery.SHIP.value, _parcel_words(parcel)))
        self.fields["delivery"].choices = ways  # type: ignore[attr-defined]
        known = [
            (str(a.pk), f"{a.label}: {a.street}, {a.city}" if a.label else f"{a.street}, {a.city}") for a in addresses
        ]
        self.fields["address_id"].choices = known  # type: ignore[attr-defined]


def _parcel_words(parcel: Money) -> str:
    if not parcel.minor:
        return str(_("Delivery to your address"))
    words = str(_("Delivery to your address: {currency} {amount}"))
    return words.format(currency=currency_words(parcel.currency), amount=amount_words(parcel))


class NewAddressForm(RefusableForm):
    """An address without leaving the checkout."""

    prefix = "new"
    label = forms.CharField(
        label=_("Name of this address"),
        max_length=30,
        widget=forms.TextInput({"dir": "auto", "placeholder": pgettext_lazy("an address", "Home")}),
    )
    recipient = forms.CharField(
        label=_("Who receives"), max_length=100, widget=forms.TextInput({"autocomplete": "name", "dir": "auto"})
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=32,
        widget=forms.TextInput({"autocomplete": "tel", "type": "tel", "dir": "ltr", "placeholder": "+971 50 123 4567"}),
    )
    street = forms.CharField(
        label=_("Street"), max_length=200, widget=forms.TextInput({"autocomplete": "street-address", "dir": "auto"})
    )
    building = forms.CharField(
        label=_("Building"), max_length=100, required=False, widget=forms.TextInput({"dir": "auto"})
    )
    unit = forms.CharField(
        label=_("Flat or office"), max_length=30, required=False, widget=forms.TextInput({"dir": "auto"})
    )
    city = forms.CharField(
        label=_("City"), max_length=60, widget=forms.TextInput({"autocomplete": "address-level2", "dir": "auto"})
    )


class VoucherForm(RefusableForm):
    code = forms.CharField(
        label=_("Code"),
        max_length=30,
        widget=forms.TextInput({"dir": "ltr", "autocomplete": "off", "autocapitalize": "characters"}),
        help_text=_("Letters, digits and hyphens, for example EID-10."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=VoucherKind.choices, widget=forms.RadioSelect)
    worth = AmountField(label=_("How much off"), help_text=_("Percent, or an amount."))
    minimum = AmountField(label=_("From a sum of"), required=False)
    cap = AmountField(label=_("At most"), required=False, help_text=_("Of a percentage."))
    total_limit = forms.IntegerField(label=_("Uses in all"), min_value=1, required=False)
    person_limit = forms.IntegerField(label=_("Uses of each person"), min_value=1, initial=1)
    ends_on = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    is_listed = forms.BooleanField(
        label=_("Show it to buyers; else only whoever has the code can use it"), required=False, initial=True
    )


class DeliveryForm(RefusableForm):
    """What a seller asks for a parcel."""

    ships = forms.ChoiceField(
        label=_("How your buyers get it"),
        choices=(("yes", _("You meet, or you send it")), ("no", _("You only meet"))),
        widget=forms.RadioSelect,
    )
    parcel = AmountField(
        label=_("A parcel costs"),
        required=False,
        help_text=_("The buyer pays it with the order, and all of it is yours. Zero: free for them."),
    )
    free_from = AmountField(
        label=_("Free from"),
        required=False,
        help_text=_("Of the things in one order, after your own voucher. Empty: never free."),
    )

    @classmethod
    def of(cls, terms: DeliveryTerms) -> "DeliveryForm":
        return cls(
            initial={
                "ships": "yes" if terms.ships else "no",
                "parcel": str(terms.parcel),
                "free_from": "" if terms.free_from is None else str(terms.free_from),
            }
        )
