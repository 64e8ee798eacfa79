from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MediaConfig(AppConfig):
    name = "media"
    verbose_name = _("Media")

    def ready(self) -> None:
        from accounts import ports  # noqa: PLC0415 - models are ready only now
        from media.actions import personal  # noqa: PLC0415

        ports.register_exporter("media", personal.export_person)
        ports.register_eraser("media", personal.erase_person)
