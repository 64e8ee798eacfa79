"""Reports, the queue of cases, decisions and their undoing, and the registry of what can be moderated."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ModerationConfig(AppConfig):
    name = "moderation"
    verbose_name = _("Moderation")

    def ready(self) -> None:
        from accounts import ports as accounts  # noqa: PLC0415 - models are ready only now
        from media import ports as media  # noqa: PLC0415
        from moderation import handlers  # noqa: F401, PLC0415 - registers them
        from moderation.actions import personal  # noqa: PLC0415
        from moderation.moderation_target import AccountReportDoor, AccountTarget  # noqa: PLC0415
        from moderation.selectors import held_as_evidence  # noqa: PLC0415
        from moderation.targets import register, register_report_door  # noqa: PLC0415

        register(AccountTarget())
        register_report_door(AccountTarget.kind, AccountReportDoor())
        media.register_holder("moderation", held_as_evidence)
        accounts.register_exporter("moderation", personal.export_person)
        accounts.register_eraser("moderation", personal.erase_person)
        accounts.register_erasure_blocker("moderation", personal.why_not_erased)
