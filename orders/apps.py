from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from accounts import ports  # noqa: PLC0415 - models are loaded by now
        from catalog.ports import register_parcel_offer  # noqa: PLC0415
        from core.health import register_part  # noqa: PLC0415
        from core.metrics import register_collector  # noqa: PLC0415
        from media import ports as media  # noqa: PLC0415
        from orders import consumers, handlers, tokens  # noqa: F401, PLC0415 - registers them
        from orders.actions import personal  # noqa: PLC0415
        from orders.selectors import held_labels_and_evidence, is_shown_to, parcel_offer, reference_of_code  # noqa: PLC0415
        from orders.selectors.cash_audit import CASH_QUESTIONS  # noqa: PLC0415
        from orders.selectors.personal import why_not_erased  # noqa: PLC0415
        from orders.selectors.watch import OurOrders, orders_health  # noqa: PLC0415
        from payments.ports import register_audit_questions, register_reference_of  # noqa: PLC0415

        register_reference_of(reference_of_code)
        register_audit_questions(*CASH_QUESTIONS)
        ports.register_exporter("orders", personal.export_person)
        ports.register_eraser("orders", personal.erase_person)
        ports.register_erasure_blocker("orders", why_not_erased)
        ports.register_greeter("orders", tokens.bring_cart)
        register_parcel_offer(parcel_offer)
        media.register_holder("orders", held_labels_and_evidence)
        media.register_showing("orders", is_shown_to)
        register_part("orders", orders_health)
        register_collector(OurOrders())
