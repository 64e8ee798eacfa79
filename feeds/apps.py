from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedsConfig(AppConfig):
    name = "feeds"
    verbose_name = _("Feeds")

    def ready(self) -> None:
        from accounts import ports  # noqa: PLC0415 - models are loaded by now
        from feeds.actions import erase_impressions  # noqa: PLC0415

        ports.register_eraser("feeds", erase_impressions)
