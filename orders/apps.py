from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from accounts import ports  # noqa: PLC0415 - models are loaded by now
        from orders import handlers, tokens  # noqa: F401, PLC0415 - registers them

        ports.register_greeter("orders", tokens.bring_cart)
