from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    name = "messaging"
    verbose_name = _("Messages")

    def ready(self) -> None:
        from accounts import ports as accounts  # noqa: PLC0415 - models are ready only now
        from media import ports as media  # noqa: PLC0415
        from messaging import consumers, handlers  # noqa: F401, PLC0415 - registers them
        from messaging.actions import personal  # noqa: PLC0415
        from messaging.moderation_target import (  # noqa: PLC0415
            ConversationReportDoor,
            ConversationTarget,
            MessageTarget,
        )
        from messaging.selectors import held_assets, is_shown_to  # noqa: PLC0415
        from moderation.targets import register, register_report_door  # noqa: PLC0415

        for target in (MessageTarget(), ConversationTarget()):
            register(target, reading_noted_as="messaging.excerpt_read")
        register_report_door(ConversationTarget.kind, ConversationReportDoor())
        media.register_holder("messaging", held_assets)
        media.register_showing("messaging", is_shown_to)
        accounts.register_exporter("messaging", personal.export_person)
        # Erasers run in the order of their names. What this one lets go of, media's then erases.
        accounts.register_eraser("conversations", personal.erase_person)
