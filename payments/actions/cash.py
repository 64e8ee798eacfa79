"""Commission of sales that were paid in cash, beside us: a debt of the seller, taken from what they earn next."""

from django.db import transaction

from accounts.models import User
from core.money import Money
from payments.actions.posting import Line, post, reverse
from payments.models import LedgerTransaction
from payments.states import AccountKind, Postings


@transaction.atomic
def charge_cash_commission(*, seller: User, reference: str, commission: Money) -> LedgerTransaction | None:
    """A seller owes the commission of a sale that was paid in cash; once for each reference. None: there is none."""
    if not commission.minor:
        return None
    return post(
        kind=Postings.CASH_COMMISSION,
        ref=reference,
        subject=reference,
        lines=[
            Line(AccountKind.SELLER, str(seller.pk), commission),
            Line(AccountKind.REVENUE, "commission", Money(-commission.minor, commission.currency)),
        ],
    )


@transaction.atomic
def return_cash_commission(*, reference: str) -> LedgerTransaction | None:
    """The sale did not stand: its commission is not owed any more. None: none was charged."""
    charged = LedgerTransaction.objects.filter(kind=Postings.CASH_COMMISSION, ref=reference).first()
    return charged and reverse(kind=Postings.CASH_COMMISSION_BACK, ref=reference, of=charged)
