from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core import grants


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        from accounts import ports as accounts  # noqa: PLC0415
        from catalog.ports import register_quote_fee  # noqa: PLC0415 - models are loaded by now
        from core.health import register_part  # noqa: PLC0415
        from core.metrics import register_collector  # noqa: PLC0415
        from payments.actions import personal  # noqa: PLC0415
        from payments.quotes import quote_fee, quote_fees  # noqa: PLC0415
        from payments.selectors import OurMoney, ledger_health, payouts_health  # noqa: PLC0415
        from payments.selectors.personal import why_not_erased  # noqa: PLC0415

        register_quote_fee(quote_fee, many=quote_fees)
        accounts.register_exporter("payments", personal.export_person)
        accounts.register_eraser("payments", personal.erase_person)
        accounts.register_erasure_blocker("payments", why_not_erased)
        register_part("payouts", payouts_health)
        register_part("ledger", ledger_health)
        register_collector(OurMoney())
        grants.keep_append_only(
            "payments_ledgeraccount", "payments_ledgerentry", "payments_ledgerseal", "payments_ledgertransaction"
        )
        grants.keep_read_only("payments_ledgerbalance")  # triggers keep it
        grants.let_call("payments_lock_balances(bigint[])")
