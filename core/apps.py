from django.apps import AppConfig, apps
from django.conf import settings
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from core import grants
from core.field_names import name_in_every_language
from core.realtime import telling


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("System")

    def ready(self) -> None:
        """Every app's reactions are known before the first event is published and the frames of its sockets before the first is told;
        every field has a name in both languages.
        """
        from core.realtime import protocol  # noqa: PLC0415 - its shapes need apps that are loaded

        protocol.register()
        grants.keep_append_only("core_auditentry", "core_auditseal")
        autodiscover_modules("handlers")
        autodiscover_modules("consumers")
        if settings.SOUK_ENV == "test":
            from core.realtime import checking  # noqa: PLC0415

            telling.inspect = checking.inspect_frame
        name_in_every_language(apps.get_models())
