"""The forms of the account pages. They look at shapes only; the actions behind them decide."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.states import MessagesFrom, ProfileVisibility
from core.errors import Refusal
from places.models import Neighborhood


def say(form: forms.BaseForm, refusal: Refusal) -> None:
    """Put a refusal beside the field it is about, or above the form."""
    form.add_error(refusal.at if refusal.at in form.fields else None, refusal.message)


def password_input(autocomplete: str) -> forms.PasswordInput:
    return forms.PasswordInput(attrs={"autocomplete": autocomplete})


def phone_input() -> forms.TextInput:
    return forms.TextInput(
        attrs={"autocomplete": "tel", "type": "tel", "dir": "ltr", "placeholder": "+971 50 123 4567"}
    )


def own_name() -> forms.CharField:
    return forms.CharField(
        label=_("Your name"),
        max_length=100,
        required=False,
        help_text=_("Others see the first name and one letter."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )


class JoinForm(forms.Form):
    username = forms.CharField(
        label=_("Username"),
        max_length=30,
        help_text=_("Letters, digits, dots and underscores. Everybody sees it."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    full_name = own_name()
    email = forms.CharField(
        label=_("Email"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=32,
        required=False,
        help_text=_("An email address or a phone number is enough."),
        widget=phone_input(),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        required=False,
        strip=False,
        help_text=_("At least 8 characters. Without one you sign in with a code."),
        widget=password_input("new-password"),
    )


class LoginForm(forms.Form):
    identifier = forms.CharField(
        label=_("Email, phone or username"),
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}
        ),
    )
    password = forms.CharField(
        label=_("Password"), max_length=128, strip=False, widget=password_input("current-password")
    )


class WhereForm(forms.Form):
    """An address or number that a code or link is sent to."""

    identifier = forms.CharField(
        label=_("Email or phone"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "email", "autocapitalize": "none", "dir": "ltr"}),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=12,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "class": "code",
                "autofocus": True,
                "dir": "ltr",
            }
        ),
    )


class NewPasswordForm(forms.Form):
    new_password = forms.CharField(
        label=_("New password"),
        max_length=128,
        strip=False,
        help_text=_("At least 8 characters, and not one that everybody uses."),
        widget=password_input("new-password"),
    )


class ChangePasswordForm(NewPasswordForm):
    old_password = forms.CharField(
        label=_("Current password"), max_length=128, strip=False, widget=password_input("current-password")
    )
    field_order = ("old_password", "new_password")

    def __init__(self, *args: Any, has_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_password:
            del self.fields["old_password"]


class ConfirmForm(forms.Form):
    """The password once more, or a code where there is none."""

    password = forms.CharField(
        label=_("Your password"), max_length=128, strip=False, required=False, widget=password_input("current-password")
    )
    code = CodeForm.base_fields["code"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked, other = ("password", "code") if user.has_usable_password() else ("code", "password")
        del self.fields[other]
        self.fields[asked].required = True


class ChangeEmailForm(ConfirmForm):
    email = forms.CharField(
        label=_("New email"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"})
    )
    field_order = ("email", "password", "code")


class ChangePhoneForm(ConfirmForm):
    phone = forms.CharField(
        label=_("New phone"),
        max_length=32,
        widget=phone_input(),
    )
    field_order = ("phone", "password", "code")


class ProfileForm(forms.Form):
    full_name = own_name()
    username = forms.CharField(
        label=_("Username"), max_length=30, widget=forms.TextInput(attrs={"autocapitalize": "none", "dir": "ltr"})
    )
    bio = forms.CharField(
        label=_("About you"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto", "maxlength": 300}),
    )
    language = forms.ChoiceField(
        label=_("Language of our messages"), choices=settings.LANGUAGES, widget=forms.RadioSelect
    )


class PlaceForm(forms.Form):
    neighborhood = forms.ModelChoiceField(
        label=_("Neighbourhood"), queryset=Neighborhood.objects.none(), empty_label=_("Choose one")
    )
    building_name = forms.CharField(
        label=_("Building"),
        max_length=100,
        required=False,
        help_text=_("Only for you."),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )

    def __init__(self, *args: Any, neighborhoods: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["neighborhood"].queryset = neighborhoods  # type: ignore[attr-defined]


class PrivacyForm(forms.Form):
    profile_visibility = forms.ChoiceField(
        label=_("Who sees my profile"), choices=ProfileVisibility.choices, widget=forms.RadioSelect
    )
    messages_from = forms.ChoiceField(
        label=_("Who may write to me first"), choices=MessagesFrom.choices, widget=forms.RadioSelect
    )
    show_neighborhood = forms.BooleanField(label=_("Show my neighbourhood"), required=False)
    show_last_seen = forms.BooleanField(label=_("Show when I was last here"), required=False)
    show_following = forms.BooleanField(label=_("Show whom I follow"), required=False)


class AddressForm(forms.Form):
    label = forms.CharField(
        label=_("Name of this address"),
        max_length=30,
        widget=forms.TextInput(attrs={"dir": "auto", "placeholder": pgettext_lazy("an address", "Home")}),
    )
    recipient = forms.CharField(
        label=_("Who receives"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=32,
        widget=phone_input(),
    )
    street = forms.CharField(
        label=_("Street"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "street-address", "dir": "auto"}),
    )
    building = forms.CharField(
        label=_("Building"), max_length=100, required=False, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    unit = forms.CharField(
        label=_("Flat or office"), max_length=30, required=False, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    city = forms.CharField(
        label=_("City"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2", "dir": "auto"}),
    )
    instructions = forms.CharField(
        label=_("How to find it"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
    is_default = forms.BooleanField(label=_("Use this one first"), required=False)
