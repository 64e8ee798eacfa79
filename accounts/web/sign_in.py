"""Joining, signing in and out, codes, a new password, the second factor of staff."""

import base64
import uuid
from typing import Any

from allauth.mfa.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions, signin
from accounts.actions import second_factor
from accounts.actions.passwords import check_reset_link
from accounts.errors import TooManyCodes, WrongResetLink
from accounts.identifiers import Identifier, read_email, read_identifier, read_phone
from accounts.models import User
from accounts.proofs import new_totp_secret
from accounts.web.forms import CodeForm, JoinForm, LoginForm, NewPasswordForm, WhereForm, say
from core.errors import Refusal
from core.web import REMEMBERED_FOR, safe_next, signed_in

BACKEND = "accounts.backends.IdentifierBackend"
SENT = "code_sent_to"  # in the browser's session: where a sign-in code went
TOTP_SECRET = "second_factor_secret"  # noqa: S105 - the name of a place
GET_POST = ("GET", "POST")


def enter(request: HttpRequest, user: User, wanted: str) -> HttpResponse:
    """Sign the browser in, in the person's language, and go on to where they were."""
    login(request, user, backend=BACKEND)
    response = HttpResponseRedirect(wanted)
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, max_age=REMEMBERED_FOR, samesite="Lax")
    return response


def show(request: HttpRequest, template: str, form: Any, status: int = 200, **context: Any) -> HttpResponse:
    """A page with a form; 422 when the form was not right."""
    wrong = status == 200 and form is not None and form.is_bound and form.errors
    context = {"form": form, "next": safe_next(request), "providers": providers(), "section": "me", **context}
    return render(request, f"accounts/{template}.html", context, status=422 if wrong else status)


def providers() -> list[tuple[str, str]]:
    """The ways in through accounts elsewhere that this installation has keys for."""
    return [(name, name.capitalize()) for name in settings.SOCIALACCOUNT_PROVIDERS]


def refused(request: HttpRequest, template: str, form: Any, refusal: Refusal, **context: Any) -> HttpResponse:
    say(form, refusal)
    status = refusal.status if refusal.status == 429 else 422
    response = show(request, template, form, status, **context)
    if refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    return response


@never_cache
@sensitive_post_parameters()
@require_http_methods(GET_POST)
def join(request: HttpRequest) -> HttpResponse:
    """Sign up; then the code that was sent proves the address."""
    if request.user.is_authenticated:
        return redirect(safe_next(request))
    form = JoinForm(request.POST or None)
    if not form.is_valid():
        return show(request, "join", form)
    try:
        user = actions.sign_up(**form.cleaned_data, language=(get_language() or "en")[:2])
    except Refusal as refusal:
        return refused(request, "join", form, refusal)
    channel = "email" if user.email else "phone"
    return enter(request, user, f"/me/verify/{channel}?{urlencode({'next': safe_next(request)})}")


@never_cache
@sensitive_post_parameters()
@require_http_methods(GET_POST)
def sign_in(request: HttpRequest) -> HttpResponse:
    """Email, phone or username, and the password."""
    if request.user.is_authenticated:
        return redirect(safe_next(request))
    form = LoginForm(request.POST or None)
    if not form.is_valid():
        return show(request, "login", form)
    try:
        user = signin.person_by_password(request, **form.cleaned_data)
    except Refusal as refusal:
        return refused(request, "login", form, refusal)
    return enter(request, user, safe_next(request))


@never_cache
@require_http_methods(GET_POST)
def sign_in_by_code(request: HttpRequest) -> HttpResponse:
    """First where the code goes, then the code. The page is the same whether or not anybody has this address."""
    if request.user.is_authenticated:
        return redirect(safe_next(request))
    where = request.session.get(SENT)
    if "code" in request.POST and where:
        return _enter_code(request, where)
    if request.method == "GET" and where and "again" not in request.GET:
        return show(request, "login_code", CodeForm(), sent_to=where["identifier"])
    form = WhereForm(request.POST or None)
    if not form.is_valid():
        return show(request, "login_code", form)
    try:
        identifier = read_identifier(form.cleaned_data["identifier"])
        challenge = actions.send_code(identifier=identifier, purpose="login")
    except Refusal as refusal:
        return refused(request, "login_code", form, refusal)
    request.session[SENT] = {"identifier": identifier.value, "challenge": str(challenge.pk)}
    return HttpResponseRedirect(f"/login/code?{urlencode({'next': safe_next(request)})}")


def _enter_code(request: HttpRequest, where: dict[str, str]) -> HttpResponse:
    form = CodeForm(request.POST)
    if not form.is_valid():
        return show(request, "login_code", form, sent_to=where["identifier"])
    try:
        user = actions.sign_in_with_code(
            identifier=read_identifier(where["identifier"]),
            code=form.cleaned_data["code"],
            challenge_id=uuid.UUID(where["challenge"]),
        )
    except Refusal as refusal:
        return refused(request, "login_code", form, refusal, sent_to=where["identifier"])
    request.session.pop(SENT, None)
    return enter(request, user, safe_next(request))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect(safe_next(request))


@never_cache
@require_http_methods(GET_POST)
def forgot(request: HttpRequest) -> HttpResponse:
    """Ask for the link that sets a new password. Whoever has the address gets it; the page never says."""
    form = WhereForm(request.POST or None)
    if not form.is_valid():
        return show(request, "forgot", form)
    try:
        actions.request_password_reset(identifier=read_identifier(form.cleaned_data["identifier"]))
    except Refusal as refusal:
        return refused(request, "forgot", form, refusal)
    return show(request, "forgot", None, sent_to=form.cleaned_data["identifier"])


@never_cache
@sensitive_post_parameters()
@require_http_methods(GET_POST)
def reset(request: HttpRequest) -> HttpResponse:
    """A new password, by the link of a message."""
    token = request.POST.get("token") or request.GET.get("token", "")
    form = NewPasswordForm(request.POST or None)
    try:
        check_reset_link(token=token)
        if not form.is_valid():
            return show(request, "reset", form, token=token)
        user = actions.reset_password(token=token, new_password=form.cleaned_data["new_password"])
    except WrongResetLink as refusal:
        return show(request, "reset", None, refusal.status, refusal=refusal)
    except Refusal as refusal:
        refusal.at = "new_password"
        return refused(request, "reset", form, refusal, token=token)
    signin.forgive(user)
    messages.success(request, _("Your new password is set."))
    return enter(request, user, "/")


@never_cache
@signed_in
@require_http_methods(GET_POST)
def verify(request: HttpRequest, channel: str) -> HttpResponse:
    """Prove one's own email address or phone number. A GET right after joining sends nothing: the code is on its way."""
    user: Any = request.user
    value = user.email if channel == "email" else user.phone
    if not value or getattr(user, f"{channel}_verified_at"):
        return redirect(safe_next(request, "/me/security"))
    identifier: Identifier = read_email(value) if channel == "email" else read_phone(str(value))
    context = {"sent_to": identifier.value, "channel": channel}
    if "again" in request.POST:
        try:
            actions.send_code(identifier=identifier, purpose="verify")
            messages.info(request, _("A new code is on its way."))
        except TooManyCodes as refusal:
            messages.error(request, refusal.message)
        return show(request, "verify", CodeForm(), **context)
    form = CodeForm(request.POST or None)
    if not form.is_valid():
        return show(request, "verify", form, **context)
    try:
        actions.prove_identifier(identifier=identifier, code=form.cleaned_data["code"])
    except Refusal as refusal:
        return refused(request, "verify", form, refusal, **context)
    messages.success(request, _("Thank you, that is proven."))
    return redirect(safe_next(request))


@never_cache
@signed_in
@require_http_methods(GET_POST)
def second_factor_page(request: HttpRequest) -> HttpResponse:
    """The code of one's authenticator app, before the console opens."""
    user: Any = request.user
    session = request.souk_session  # type: ignore[attr-defined]
    if not second_factor.is_set_up(user):
        return redirect(f"/me/second-factor?{urlencode({'next': safe_next(request, '/admin/')})}")
    form = CodeForm(request.POST or None)
    if not form.is_valid():
        return show(request, "second_factor", form)
    try:
        second_factor.pass_second_factor(user=user, code=form.cleaned_data["code"], session_id=session.pk)
    except Refusal as refusal:
        return refused(request, "second_factor", form, refusal)
    return redirect(safe_next(request, "/admin/"))


@never_cache
@signed_in
@require_http_methods(GET_POST)
def set_up_second_factor(request: HttpRequest) -> HttpResponse:
    """Tie an authenticator app to the account. The secret stays in the browser's session until a code proves that it arrived."""
    user: Any = request.user
    if second_factor.is_set_up(user):
        return show(request, "second_factor_set_up", None)
    secret = request.session.setdefault(TOTP_SECRET, new_totp_secret())
    adapter = get_adapter()
    drawn = adapter.build_totp_svg(adapter.build_totp_url(user, secret))
    picture = f"data:image/svg+xml;base64,{base64.b64encode(drawn.encode()).decode()}"
    context = {"secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)), "picture": picture}
    form = CodeForm(request.POST or None)
    if not form.is_valid():
        return show(request, "second_factor_set_up", form, **context)
    session = request.souk_session  # type: ignore[attr-defined]
    try:
        codes = second_factor.set_up_second_factor(
            user=user, secret=secret, code=form.cleaned_data["code"], session_id=session.pk
        )
    except Refusal as refusal:
        return refused(request, "second_factor_set_up", form, refusal, **context)
    del request.session[TOTP_SECRET]
    return show(request, "second_factor_set_up", None, codes=codes)
