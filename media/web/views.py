"""A person's picture; and public files, where no nginx stands in front."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.selectors import avatar_url
from core.errors import NotFound, Refusal
from core.web import signed_in
from media import actions, selectors
from media.errors import ForeignUrl, NothingUploaded
from media.rules import looks_foreign
from media.serving import public_response
from media.states import Purpose

PROFILE = "/me/profile"


@require_safe
def public_file(request: HttpRequest, key: str) -> HttpResponseBase:
    try:
        return public_response(request, key)
    except NotFound:
        raise Http404 from None


@require_http_methods(("GET", "HEAD", "POST"))
@signed_in
def avatar(request: HttpRequest) -> HttpResponse:
    """Choose the picture of oneself, or none."""
    me: Any = request.user
    if request.method == "POST":
        return _chosen(request, me)
    return _page(request, me)


def _chosen(request: HttpRequest, me: User) -> HttpResponse:
    try:
        if "remove" in request.POST:
            actions.drop_avatar(owner=me)
            messages.success(request, _("Your picture is gone."))
            return HttpResponseRedirect(PROFILE)
        if "picture" in request.FILES:  # without JavaScript: it needs a moment to be prepared
            actions.take_file(owner=me, file=request.FILES["picture"], purpose=Purpose.AVATAR)
            return HttpResponseRedirect(request.path)
        actions.use_as_avatar(owner=me, asset_id=_asset_id(request))
    except Refusal as refusal:
        return _page(request, me, refusal=refusal)
    messages.success(request, _("This is your picture now."))
    return HttpResponseRedirect(PROFILE)


def _asset_id(request: HttpRequest) -> uuid.UUID:
    """Raises ForeignUrl, NothingUploaded."""
    sent = request.POST.get("asset_id", "")
    if looks_foreign(sent):
        raise ForeignUrl(attr="asset_id")
    try:
        return uuid.UUID(sent)
    except ValueError:
        raise NothingUploaded from None


def _page(request: HttpRequest, me: User, *, refusal: Refusal | None = None) -> HttpResponse:
    unused = selectors.unused_assets(me, purpose=Purpose.AVATAR)
    context = {
        "section": "me",
        "avatar_url": avatar_url(me),
        "name": me.display_name,
        "unused": [{"asset": asset, "failure": selectors.failure(asset)} for asset in unused],
        "refusal": refusal,
    }
    return render(request, "media/avatar.html", context, status=refusal.status if refusal else 200)
