from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OffersConfig(AppConfig):
    name = "offers"
    verbose_name = _("Offers")

    def ready(self) -> None:
        from accounts import ports as accounts  # noqa: PLC0415 - models are ready only now
        from messaging import ports as messaging  # noqa: PLC0415
        from offers import consumers, handlers  # noqa: F401, PLC0415 - registers them
        from offers.actions import personal  # noqa: PLC0415
        from offers.selectors import card_line, cards  # noqa: PLC0415
        from offers.states import CARD  # noqa: PLC0415

        messaging.register_card(CARD, renderer=cards, line=card_line)
        accounts.register_exporter("offers", personal.export_person)
        accounts.register_eraser("offers", personal.erase_person)
        accounts.register_erasure_blocker("offers", personal.why_not_erased)
