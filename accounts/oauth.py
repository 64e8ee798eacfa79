"""Sign-in with Google, Apple and Facebook, through allauth. Identifiers and their verification stay with accounts.

allauth speaks the protocol and then asks `pre_social_login`; from there on everything is ours, and allauth's own sign-up, e-mail
and account pages are never reached.
"""

import base64
import hashlib
from importlib import import_module
from typing import Any, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers import registry
from allauth.socialaccount.providers.base import AuthProcess
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.actions.linked_accounts import link_account, sign_in_with_provider
from accounts.errors import NotAnEmail
from accounts.identifiers import Identifier, read_email
from core.errors import Refusal

BACKEND = "accounts.backends.IdentifierBackend"


class AccountAdapter(DefaultAccountAdapter):
    """allauth's account pages are not mounted; nobody signs up through them."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Turns what a provider says into one of our sign-ins, or into a refusal on our sign-in page."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Any:
        parts = (data.get("first_name"), data.get("last_name"))
        sociallogin.user.full_name = (data.get("name") or " ".join(filter(None, parts)))[:100]
        return sociallogin.user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Sign in, or connect to the person who is signed in already, and go on to where one was."""
        provider, uid = sociallogin.account.provider, sociallogin.account.uid
        wanted = sociallogin.get_redirect_url(request) or "/"
        try:
            if sociallogin.state.get("process") == AuthProcess.CONNECT and request.user.is_authenticated:
                link_account(user=request.user, provider=provider, uid=uid)
                _go(wanted)
            email, is_proven = _email_of(sociallogin)
            person = sign_in_with_provider(
                provider=provider,
                uid=uid,
                email=email,
                email_is_proven=is_proven,
                full_name=getattr(sociallogin.user, "full_name", ""),
                language=(get_language() or "en")[:2],
            )
        except Refusal as refusal:
            messages.error(request, refusal.message)
            _go(settings.LOGIN_URL)
        login(request, person, backend=BACKEND)
        _go(wanted)

    def on_authentication_error(self, request: HttpRequest, provider: Any, **_given: Any) -> None:
        messages.error(request, _("Signing in there did not work. Try again, or take another way."))
        _go(settings.LOGIN_URL)


class MFAAdapter(DefaultMFAAdapter):
    """Keeps the secrets of authenticator apps encrypted, with a key that is derived from SECRET_KEY (and its fallbacks)."""

    def encrypt(self, text: str) -> str:
        return _ring().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _ring().decrypt(encrypted_text.encode()).decode()


def _ring() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"souk second factor\0" + secret.encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def _go(address: str) -> NoReturn:
    raise ImmediateHttpResponse(HttpResponseRedirect(address))


def _email_of(sociallogin: SocialLogin) -> tuple[Identifier | None, bool]:
    """The first address that the provider says is proven, else the first of any."""
    for address in sorted(sociallogin.email_addresses, key=lambda a: not a.verified):
        try:
            return read_email(address.email), bool(address.verified)
        except NotAnEmail:
            continue
    return None, False


def provider_urls(names: Any) -> list[URLPattern | URLResolver]:
    """The pages of these providers: `<provider>/login/` and its callback."""
    found: list[URLPattern | URLResolver] = []
    for name in names:
        found += import_module(f"{registry.get_class(name).get_package()}.urls").urlpatterns
    return found


urlpatterns = [path("oauth/", ([*provider_urls(settings.SOCIALACCOUNT_PROVIDERS)], None, None))]
