"""Staff's view of what was told and what could not be sent. The words themselves are between us and the person."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.staff import Figure, Panel, ReadOnlyAdmin, dashboard_panel
from notifications.models import Notification, Send
from notifications.states import SendState


class SendInline(admin.TabularInline):
    model = Send
    fields = readonly_fields = ("channel", "state", "sent_at", "last_error")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "user", "kind", "read_at")
    list_filter = ("kind", "sends__state")
    list_select_related = ("user",)
    search_fields = ("=user__username",)
    fields = readonly_fields = ("user", "kind", "created_at", "read_at")
    inlines = (SendInline,)
    ordering = ("-id",)


@dashboard_panel
def notifications_panel(request: HttpRequest) -> Panel | None:
    if not request.user.has_perm("notifications.view_notification"):
        return None
    failed = Send.objects.filter(state=SendState.FAILED).count()
    url = f"{reverse('admin:notifications_notification_changelist')}?sends__state__exact=failed"
    return Panel(
        _("Notifications"), [Figure(_("Could not be sent"), failed, url, "wait" if failed else "calm")], order=80
    )
