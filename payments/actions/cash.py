"""Commission of sales that were paid in cash, beside us: a debt of the seller, taken from what they earn next."""

from django.db import transaction
from django.db.models import Sum

from accounts.models import User
from core.money import Money
from payments.actions.posting import Line, post, reverse
from payments.models import LedgerEntry, LedgerTransaction
from payments.rules import returned_at
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
def return_cash_commission(
    *, reference: str, given_back: Money | None = None, of: Money | None = None
) -> LedgerTransaction | None:
    """The sale did not stand: its commission is not owed any more; or not its part, where `given_back` in all of what was paid (`of`)
    went back. How much follows from the sum alone, so it does not matter in how many steps. Nothing more is due: None.
    """
    charged = LedgerTransaction.objects.filter(kind=Postings.CASH_COMMISSION, ref=reference).first()
    if charged is None:
        return None
    line = charged.entries.select_related("account").get(account__kind=AccountKind.SELLER)
    currency, seller_id = line.account.currency, line.account.owner
    returned = LedgerEntry.objects.filter(
        transaction__kind=Postings.CASH_COMMISSION_BACK, transaction__subject=reference, account=line.account
    ).aggregate(sum=Sum("amount"))["sum"]
    if given_back is None or of is None or given_back == of:
        due = line.amount
    else:
        _subsidy, due = returned_at(given_back.minor, amount=of.minor, subsidy=0, commission=line.amount)
    more = Money(due + (returned or 0), currency)  # what was returned stands as a credit
    if more.minor <= 0:
        return None
    if more.minor == line.amount:
        return reverse(kind=Postings.CASH_COMMISSION_BACK, ref=reference, of=charged)
    return post(
        kind=Postings.CASH_COMMISSION_BACK,
        ref=f"{reference}:{due}",
        subject=reference,
        lines=[
            Line(AccountKind.SELLER, seller_id, Money(-more.minor, currency)),
            Line(AccountKind.REVENUE, "commission", more),
        ],
    )
