"""The pages of one's own account: `/me` and below."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions, selectors
from accounts.actions import second_factor
from accounts.actions.linked_accounts import unlink_account
from accounts.identifiers import Identifier, read_email, read_phone
from accounts.models import Address, IdentifierChange
from accounts.proofs import export_signature
from accounts.web.forms import (
    AddressForm,
    ChangeEmailForm,
    ChangePasswordForm,
    ChangePhoneForm,
    CodeForm,
    ConfirmForm,
    PlaceForm,
    PrivacyForm,
    ProfileForm,
)
from accounts.web.sign_in import GET_POST, providers, refused, show
from core.errors import Refusal
from core.geo import LatLng
from core.web import safe_next, signed_in
from places.selectors import neighborhoods


@never_cache
@signed_in
@require_safe
def hub(request: HttpRequest) -> HttpResponse:
    """Everything that is one's own, and where to change it."""
    me = selectors.own_account(request.user.pk)
    context = {
        "me": me,
        "avatar_url": selectors.avatar_url(me),
        "restrictions": selectors.restrictions_in_force(me),
        "erasure": selectors.erasure_under_way(me),
        "has_second_factor": me.is_staff and second_factor.is_set_up(me),
        "section": "me",
    }
    return render(request, "accounts/hub.html", context)


@signed_in
@require_http_methods(GET_POST)
def profile(request: HttpRequest) -> HttpResponse:
    me = selectors.own_account(request.user.pk)
    fields = {name: getattr(me, name) for name in ("full_name", "username", "bio", "language")}
    form = ProfileForm(request.POST or None, initial=fields)
    context = {"me": me, "avatar_url": selectors.avatar_url(me)}
    if not form.is_valid():
        return show(request, "profile", form, **context)
    try:
        actions.edit_profile(user=me, **form.cleaned_data)
    except Refusal as refusal:
        return refused(request, "profile", form, refusal, **context)
    return _saved(request, "/me/profile")


@signed_in
@require_http_methods(GET_POST)
def place(request: HttpRequest) -> HttpResponse:
    """Where one lives: the neighbourhood from a list, or the place that the browser gives."""
    me = selectors.own_account(request.user.pk)
    if "forget" in request.POST:
        actions.clear_location(user=me)
        return _saved(request, "/me/place")
    if request.POST.get("latitude"):
        try:
            here = LatLng(float(request.POST["latitude"]), float(request.POST.get("longitude", "")))
        except ValueError:
            return redirect("/me/place")
        actions.set_location(user=me, place=here, building_name=me.building_name)
        return _saved(request, "/me/place")
    known = neighborhoods()
    initial = {"neighborhood": me.neighborhood_id, "building_name": me.building_name}
    form = PlaceForm(request.POST or None, initial=initial, neighborhoods=known)
    if not form.is_valid():
        return show(request, "place", form, me=me)
    chosen = form.cleaned_data["neighborhood"]
    stays = me.location is not None and chosen.pk == me.neighborhood_id
    at = LatLng.of(me.location if stays else chosen.centre)  # the exact place is worth more than the middle of the area
    actions.set_location(user=me, place=at, building_name=form.cleaned_data["building_name"])
    return _saved(request, "/me/place")


@signed_in
@require_http_methods(GET_POST)
def privacy(request: HttpRequest) -> HttpResponse:
    me: Any = request.user
    form = PrivacyForm(request.POST or None, initial={name: getattr(me, name) for name in PrivacyForm.base_fields})
    if not form.is_valid():
        return show(request, "privacy", form)
    actions.edit_privacy(user=me, **form.cleaned_data)
    return _saved(request, "/me/privacy")


@signed_in
@require_POST
def selling(request: HttpRequest) -> HttpResponse:
    """Switch selling on or off."""
    me: Any = request.user
    if "stop" in request.POST:
        actions.stop_selling(user=me)
        messages.success(request, _("You sell no more. You can switch it on again at any time."))
    else:
        actions.start_selling(user=me)
        messages.success(request, _("You can sell now."))
    return redirect(safe_next(request, "/me"))


# --- sign-in and security --------------------------------------------------------------------------------------------


@never_cache
@signed_in
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    me: Any = request.user
    context = {
        "me": me,
        "connected": selectors.connected_providers(me),
        "providers": providers(),
        "has_second_factor": second_factor.is_set_up(me),
        "section": "me",
    }
    return render(request, "accounts/security.html", context)


@never_cache
@signed_in
@sensitive_post_parameters()
@require_http_methods(GET_POST)
def password(request: HttpRequest) -> HttpResponse:
    me: Any = request.user
    form = ChangePasswordForm(request.POST or None, has_password=me.has_usable_password())
    if not form.is_valid():
        return show(request, "password", form)
    session = request.souk_session  # type: ignore[attr-defined]
    try:
        actions.change_password(
            user=me,
            old_password=form.cleaned_data.get("old_password", ""),
            new_password=form.cleaned_data["new_password"],
            session_id=session.pk,
        )
    except Refusal as refusal:
        if refusal.at == "password":
            refusal.at = "new_password"
        return refused(request, "password", form, refusal)
    _keep_signed_in(request)
    messages.success(request, _("Your new password is set. Everywhere else you are signed out."))
    return redirect("/me/security")


def _keep_signed_in(request: HttpRequest) -> None:
    """Django ties the browser's session to the password's hash; this one has just changed it."""
    request.session["_auth_user_hash"] = request.user.get_session_auth_hash()  # type: ignore[union-attr]


@never_cache
@signed_in
@sensitive_post_parameters()
@require_http_methods(GET_POST)
def change_identifier(request: HttpRequest, channel: str) -> HttpResponse:
    """Another email address or phone number: first which, then the codes of both sides."""
    me: Any = request.user
    made: type[ConfirmForm] = ChangeEmailForm if channel == "email" else ChangePhoneForm
    form = made(request.POST or None, user=me)
    has_old = getattr(me, f"{channel}_verified_at") is not None
    if has_old:
        for name in ("password", "code"):
            form.fields.pop(name, None)
    context = {"channel": channel, "has_old": has_old, "wants_code": "code" in form.fields}
    if "send" in request.POST:
        return _send_confirmation(request, "change_identifier", made(user=me), **context)
    if not form.is_valid():
        return show(request, "change_identifier", form, **context)
    try:
        identifier = _read(channel, form.cleaned_data[channel])
        change = actions.request_identifier_change(
            user=me,
            identifier=identifier,
            password=form.cleaned_data.get("password", ""),
            code=form.cleaned_data.get("code", ""),
        )
    except Refusal as refusal:
        return refused(request, "change_identifier", form, refusal, **context)
    return redirect(f"/me/identifier-changes/{change.pk}")


def _read(channel: str, text: str) -> Identifier:
    return read_email(text) if channel == "email" else read_phone(text)


@never_cache
@signed_in
@require_http_methods(GET_POST)
def confirm_change(request: HttpRequest, change_id: uuid.UUID) -> HttpResponse:
    """The codes of the old and the new address, one after the other."""
    me: Any = request.user
    change: IdentifierChange = selectors.open_identifier_change(me, change_id)
    side = "old" if change.old_confirmed_at is None else "new"
    to = (me.email if change.channel == "email" else str(me.phone)) if side == "old" else change.new_value
    form = CodeForm(request.POST or None)
    if not form.is_valid():
        return show(request, "confirm_change", form, change=change, side=side, sent_to=to)
    session = request.souk_session  # type: ignore[attr-defined]
    try:
        change = actions.confirm_identifier_change(
            user=me, change_id=change_id, code=form.cleaned_data["code"], side=side, session_id=session.pk
        )
    except Refusal as refusal:
        return refused(request, "confirm_change", form, refusal, change=change, side=side, sent_to=to)
    if change.done_at is None:
        return redirect(request.path)
    messages.success(request, _("That is changed. Everywhere else you are signed out."))
    return redirect("/me/security")


@signed_in
@require_POST
def disconnect(request: HttpRequest, provider: str) -> HttpResponse:
    """Untie an account elsewhere."""
    me: Any = request.user
    unlink_account(user=me, provider=provider)
    return _saved(request, "/me/security")


@never_cache
@signed_in
@require_http_methods(GET_POST)
def sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in, and the way to end it."""
    me: Any = request.user
    if "everywhere" in request.POST:
        actions.end_all_sessions(user=me, because="signed_out_everywhere")
        return redirect("/login")
    if request.method == "POST":
        try:
            actions.revoke_session(user=me, session_id=uuid.UUID(request.POST.get("session", "")))
        except ValueError:
            return redirect("/me/sessions")
        messages.success(request, _("That session has ended."))
        return redirect("/me/sessions")
    current = request.souk_session  # type: ignore[attr-defined]
    rows = [(session, device_words(session.user_agent)) for session in selectors.open_sessions(me)[:100]]
    context = {"sessions": rows, "current_id": current.pk, "section": "me"}
    return render(request, "accounts/sessions.html", context)


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def device_words(user_agent: str) -> str:
    """A browser's own description in two words, "Chrome, Android"; the beginning of it when it says neither."""
    said = [next((name for mark, name in known if mark in user_agent), "") for known in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, said)) or user_agent[:60] or "–"


# --- addresses -------------------------------------------------------------------------------------------------------


@never_cache
@signed_in
@require_safe
def addresses(request: HttpRequest) -> HttpResponse:
    me: Any = request.user
    return render(request, "accounts/addresses.html", {"addresses": selectors.addresses(me), "section": "me"})


@never_cache
@signed_in
@require_http_methods(GET_POST)
def address(request: HttpRequest, address_id: uuid.UUID | None = None) -> HttpResponse:
    """Add an address, or change one."""
    me: Any = request.user
    known: Address | None = selectors.address_of(me, address_id) if address_id else None
    initial = (
        {name: str(getattr(known, name)) for name in AddressForm.base_fields if name != "is_default"}
        if known
        else {"recipient": me.full_name, "phone": str(me.phone or "")}
    )
    form = AddressForm(request.POST or None, initial=initial | {"is_default": bool(known and known.is_default)})
    if not form.is_valid():
        return show(request, "address", form, address=known)
    try:
        if known is None:
            actions.add_address(user=me, **form.cleaned_data)
        else:
            actions.edit_address(user=me, address=known, **form.cleaned_data)
    except Refusal as refusal:
        return refused(request, "address", form, refusal, address=known)
    return _saved(request, safe_next(request, "/me/addresses"))


@signed_in
@require_POST
def remove_address(request: HttpRequest, address_id: uuid.UUID) -> HttpResponse:
    me: Any = request.user
    actions.remove_address(user=me, address=selectors.address_of(me, address_id))
    messages.success(request, _("The address is gone."))
    return redirect("/me/addresses")


# --- one's data ------------------------------------------------------------------------------------------------------


@never_cache
@signed_in
@require_http_methods(GET_POST)
def export(request: HttpRequest) -> HttpResponse:
    """Everything that is kept about oneself, as a zip."""
    me: Any = request.user
    if request.method == "POST":
        try:
            actions.request_export(user=me)
        except Refusal as refusal:
            messages.error(request, refusal.message)
        return redirect("/me/export")
    made = [
        (e, f"{reverse('export-download', args=[e.pk])}?signature={export_signature(e.pk)}")
        for e in selectors.exports(me)[:10]
    ]
    return render(request, "accounts/export.html", {"exports": made, "section": "me"})


@never_cache
@signed_in
@sensitive_post_parameters()
@require_http_methods(GET_POST)
def delete(request: HttpRequest) -> HttpResponse:
    """Ask to be forgotten, or stay after all."""
    me: Any = request.user
    context: dict[str, Any] = {"erasure": selectors.erasure_under_way(me)}
    if "stay" in request.POST:
        actions.cancel_erasure(user=me)
        messages.success(request, _("Good to have you back: your account stays."))
        return redirect("/me")
    form = ConfirmForm(None if "send" in request.POST else request.POST or None, user=me)
    if "send" in request.POST:
        return _send_confirmation(request, "delete", form, **context)
    if not form.is_valid():
        return show(request, "delete", form, **context)
    try:
        actions.request_erasure(user=me, **form.cleaned_data)
    except Refusal as refusal:
        return refused(request, "delete", form, refusal, **context)
    return redirect("/me/delete")


def _send_confirmation(request: HttpRequest, template: str, form: Any, **context: Any) -> HttpResponse:
    me: Any = request.user
    try:
        actions.send_confirmation_code(user=me)
        messages.info(request, _("A code is on its way."))
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return show(request, template, form, **context)


def _saved(request: HttpRequest, to: str) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect(to)
