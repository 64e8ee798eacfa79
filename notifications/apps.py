from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        from accounts import ports  # noqa: PLC0415 - models are ready only now
        from notifications import actions, consumers  # noqa: F401, PLC0415 - the second tells the sockets what we say

        ports.register_exporter("notifications", actions.export_person)
        ports.register_eraser("notifications", actions.erase_person)
