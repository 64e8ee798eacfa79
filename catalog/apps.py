from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from accounts import ports as accounts  # noqa: PLC0415 - models are ready only now
        from catalog import handlers  # noqa: F401, PLC0415 - registers them
        from catalog.actions import personal  # noqa: PLC0415
        from catalog.moderation_target import ProductReportDoor, ProductTarget, listings_of  # noqa: PLC0415
        from catalog.selectors import held_assets  # noqa: PLC0415
        from media import ports as media  # noqa: PLC0415
        from moderation import targets  # noqa: PLC0415

        targets.register(ProductTarget())
        targets.register_report_door(ProductTarget.kind, ProductReportDoor())
        targets.register_person_facts(listings_of)
        media.register_holder("catalog", held_assets)
        accounts.register_exporter("catalog", personal.export_person)
        accounts.register_eraser("catalog", personal.erase_person)
        accounts.register_erasure_blocker("catalog", personal.why_not_erased)
