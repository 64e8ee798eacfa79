"""Money in the console: fees, payments and refunds, payouts and sellers, the ledger, the provider's side, today's numbers."""

from payments.admin import fees, ledger, payments, payouts, provider, today

__all__ = ["fees", "ledger", "payments", "payouts", "provider", "today"]
