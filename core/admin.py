"""Operators' screens: what could not be delivered, and the audit log."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import deliveries
from core.models import AuditEntry, Delivery, DeliveryState, Heartbeat
from core.staff import Figure, Panel, ReadOnlyAdmin, dashboard_panel


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("handler", "event", "state", "attempts", "due_at", "last_error")
    list_filter = ("state", "handler")
    list_select_related = ("event",)
    actions = ("try_again",)

    @admin.action(description=_("Try again"), permissions=["retry"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        for delivery in queryset:
            deliveries.try_again(delivery)
        messages.success(request, _("They will be delivered again within seconds."))

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("core.change_delivery")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor_label", "action", "target_kind", "target_id", "reason")
    list_filter = ("action", "target_kind")
    search_fields = ("=target_id", "=actor_id", "=request_id")
    ordering = ("-id",)


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("name", "beat_at")


@dashboard_panel
def system_panel(request: HttpRequest) -> Panel | None:
    if not request.user.has_perm("core.view_delivery"):
        return None
    parked = Delivery.objects.filter(state=DeliveryState.PARKED).count()
    waiting = Delivery.objects.filter(state=DeliveryState.PENDING).count()
    url = reverse("admin:core_delivery_changelist")
    return Panel(
        _("System"),
        [
            Figure(_("Parked deliveries"), parked, f"{url}?state__exact=parked", "urgent" if parked else "calm"),
            Figure(_("Waiting deliveries"), waiting, f"{url}?state__exact=pending"),
        ],
        order=90,
    )
