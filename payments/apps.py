from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core import grants


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        from catalog.ports import register_quote_fee  # noqa: PLC0415 - models are loaded by now
        from payments.quotes import quote_fee  # noqa: PLC0415

        register_quote_fee(quote_fee)
        grants.keep_append_only(
            "payments_ledgeraccount", "payments_ledgerentry", "payments_ledgerseal", "payments_ledgertransaction"
        )
        grants.keep_read_only("payments_ledgerbalance")  # triggers keep it
        grants.let_call("payments_lock_balances(bigint[])")
