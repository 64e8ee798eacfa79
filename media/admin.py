"""Files in the console: looked at, and prepared again where we failed."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.errors import Refusal
from core.staff import Figure, Panel, ReadOnlyAdmin, dashboard_panel
from media import selectors
from media.actions import prepare_again
from media.models import MediaAsset


@admin.register(MediaAsset)
class MediaAssetAdmin(ReadOnlyAdmin):
    list_display = ("thumbnail", "owner", "kind", "purpose", "state", "reason", "size", "created_at")
    list_display_links = ("thumbnail",)
    list_filter = ("state", "kind", "purpose", "failure_code")
    list_select_related = ("owner",)
    search_fields = ("=id", "=owner__username", "=sha256")
    search_help_text = _("An id, a username or a SHA-256")
    ordering = ("-id",)
    actions = ("prepare_again",)
    fields = (
        "large",
        "owner",
        "kind",
        "purpose",
        "state",
        "reason",
        "progress",
        "attempts",
        "filename",
        "content_type",
        "size",
        "width",
        "height",
        "duration_ms",
        "sha256",
        "perceptual_hash",
        "created_at",
        "ready_at",
        "attached_at",
        "upload_expires_at",
    )

    @admin.display(description=_("picture"))
    def thumbnail(self, asset: MediaAsset) -> SafeString | str:
        return _image(asset, width=96) or str(asset.pk)[:13]

    @admin.display(description=_("picture"))
    def large(self, asset: MediaAsset) -> SafeString | str:
        if asset.purpose == "evidence":
            return str(_("Evidence is shown on its case only, where looking at it is written down."))
        return _image(asset, width=480) or "–"

    @admin.display(description=_("why not"))
    def reason(self, asset: MediaAsset) -> str:
        failure = selectors.failure(asset)
        return f"{failure['message']} ({failure['code']})" if failure else ""

    @admin.display(description=_("size"))
    def size(self, asset: MediaAsset) -> str:
        return filesizeformat(asset.byte_size)

    @admin.action(description=_("Prepare again"), permissions=["prepare"])
    def prepare_again(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> None:
        done = refused = 0
        for asset in queryset:
            try:
                prepare_again(asset_id=asset.pk, operator=request.user)
                done += 1
            except Refusal:
                refused += 1
        if done:
            words = ngettext("%(count)d file is prepared again.", "%(count)d files are prepared again.", done)
            messages.success(request, words % {"count": done})
        if refused:
            words = ngettext(
                "%(count)d file did not fail, so it was left alone.",
                "%(count)d files did not fail, so they were left alone.",
                refused,
            )
            messages.warning(request, words % {"count": refused})

    def has_prepare_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("media.change_mediaasset")


def _image(asset: MediaAsset, *, width: int) -> SafeString | None:
    """A public picture in the smallest size that fills `width`; private ones are never drawn in lists."""
    shown: dict[str, Any] | None = selectors.picture(asset)
    if shown is None:
        return None
    url = selectors.public_url(selectors.picture_at(asset, width=width))
    return format_html('<img src="{}" width="{}" alt="" loading="lazy">', url, width)


@dashboard_panel
def media_panel(request: HttpRequest) -> Panel | None:
    if not request.user.has_perm("media.view_mediaasset"):
        return None
    counts = selectors.counts_by_state()
    url = reverse("admin:media_mediaasset_changelist")
    failed = counts.get("failed", 0)
    waiting = counts.get("uploaded", 0) + counts.get("processing", 0)
    return Panel(
        _("Files"),
        [
            Figure(_("Failed"), failed, f"{url}?state__exact=failed", "urgent" if failed else "calm"),
            Figure(_("Being prepared"), waiting, f"{url}?state__exact=processing"),
        ],
        order=80,
    )
