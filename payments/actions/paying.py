"""Paying sellers out: what every payout goes through, whoever ordered it, and the sweep that pays by schedule."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from core.events import publish_many
from core.money import Money
from payments.actions.commands import order_transfers
from payments.actions.locks import lock_accounts_after, lock_unpaid_holds
from payments.actions.posting import Line, Posting, lock_balances, post_many
from payments.events import PayoutOrdered
from payments.models import LedgerAccount, PaymentHold, Payout, SellerAccount
from payments.rules import SellerBalance, is_payable, payout_fee, period_of, smallest_payout
from payments.selectors import balances_of, currencies_of, payouts_are_stopped
from payments.selectors.balances import Pair
from payments.states import AccountKind, PayoutState, Postings, Schedule

BATCH = 500  # sellers of one transaction
SHOWN = 100  # payouts that a run remembers, so that it needs the same memory for any number of sellers


@dataclass
class Run:
    """What a run of payouts did, or would do."""

    looked_at: int = 0  # sellers
    payouts: list[Payout] = field(default_factory=list)  # the first of them, to be shown
    ordered: int = 0
    amounts: Counter[str] = field(default_factory=Counter)  # minor units by currency
    is_stopped: bool = False  # the books do not agree: nobody is paid until somebody has looked


def run_due_payouts(
    *,
    at: datetime,
    dry_run: bool = False,
    seller: User | None = None,
    schedules: Sequence[str] = tuple(Schedule),
    limit: int | None = None,
) -> Run:
    """Order the payouts that are due by their sellers' schedules, batch by batch, each in a transaction of its own.

    A seller is paid once in a period, however often and in however many processes this runs: a batch that another run holds is left to
    it. Money that came in PAYMENTS["force_payout_after"] ago is paid whatever the schedule or the minimum says: the provider does not
    keep it for ever. While more is unexplained between its books and ours than the operator tolerates, nobody is paid. `limit`: of
    payouts, for a first try. Publishes PayoutOrdered for each.
    """
    run, after = Run(is_stopped=payouts_are_stopped()), None
    if run.is_stopped:
        return run
    while limit is None or run.ordered < limit:
        with transaction.atomic():
            accounts = lock_accounts_after(after, schedules=schedules, seller=seller, limit=BATCH)
            if not accounts:
                return run
            after = accounts[-1].pk
            made = _pay_batch([a for a in accounts if is_payable(a)], at=at, limit=limit and limit - run.ordered)
            if dry_run:
                transaction.set_rollback(True)
        run.looked_at += len(accounts)
        run.ordered += len(made)
        for payout in made:
            run.amounts[payout.currency] += payout.amount_minor
        run.payouts += made[: SHOWN - len(run.payouts)]
    return run


def _pay_batch(accounts: Sequence[SellerAccount], *, at: datetime, limit: int | None) -> list[Payout]:
    by_id = {account.pk: account for account in accounts}
    pairs = currencies_of(by_id)
    holds, balances = lock_and_read(pairs, at=at)
    oldest: dict[Pair, datetime] = {}
    for hold in holds:
        key = (hold.payee_id, hold.currency)
        oldest[key] = min(oldest.get(key, hold.created_at), hold.created_at)
    taken = _taken(by_id, at)
    force_before = at - settings.PAYMENTS["force_payout_after"]
    due = []
    for pair in pairs:
        forced = pair in oldest and oldest[pair] <= force_before
        payout = due_payout(by_id[pair[0]], balances[pair], at=at, forced=forced)
        if payout and (*pair, payout.period) not in taken and (*pair, "") not in taken:
            due.append(payout)
    due = due[:limit]
    order_payouts(due, accounts=by_id, holds=holds, at=at)
    return due


def due_payout(account: SellerAccount, balance: SellerBalance, *, at: datetime, forced: bool) -> Payout | None:
    """The payout that a seller's schedule asks for now, not saved; None: there is too little, or their bank refused the last one."""
    amount = balance.available
    instant = account.schedule == Schedule.INSTANT and account.takes_instant and not forced
    method = "instant" if instant else "standard"
    fee = payout_fee(amount, method)
    if amount.minor <= 0 or account.bank_refused_at:
        return None
    if not forced and amount - fee < smallest_payout(account, amount.currency):
        return None
    return Payout(
        seller_id=account.pk,
        amount_minor=amount.minor,
        fee_minor=fee.minor,
        currency=amount.currency,
        method=method,
        period=_forced_period(at) if forced else period_of(account.schedule, at),
        bank_last4=account.bank_last4,
    )


def lock_and_read(pairs: Sequence[Pair], *, at: datetime) -> tuple[list[PaymentHold], dict[Pair, SellerBalance]]:
    """Lock what the balances of these sellers are made of, and read them: nobody refunds or pays out from them meanwhile.

    Their accounts are locked already.
    """
    holds = lock_unpaid_holds({seller_id for seller_id, _currency in pairs})
    codes = [f"{AccountKind.SELLER.value}:{seller_id}:{currency}" for seller_id, currency in pairs]
    lock_balances(LedgerAccount.objects.filter(code__in=codes).values_list("id", flat=True))
    return holds, balances_of(pairs, at=at)


def order_payouts(
    payouts: Sequence[Payout],
    *,
    accounts: dict[uuid.UUID, SellerAccount],
    holds: Iterable[PaymentHold],
    at: datetime,
) -> None:
    """Save payouts of locked balances, take their money out of them, mark what they pay, and ask the provider after the commit.

    Publishes PayoutOrdered for each.
    """
    Payout.objects.bulk_create(payouts)
    take_from_balances(payouts, at=at)
    _mark(payouts, holds, at=at)
    order_transfers(payouts=payouts, accounts={pk: account.provider_id for pk, account in accounts.items()})
    publish_many([PayoutOrdered(payout_id=payout.pk) for payout in payouts])


def take_from_balances(payouts: Sequence[Payout], *, at: datetime) -> None:
    post_many(
        [
            Posting(
                kind=Postings.PAYOUT_ORDERED,
                ref=str(payout.pk),
                subject=f"payout:{payout.pk}",
                at=at,
                lines=[
                    Line(AccountKind.SELLER, str(payout.seller_id), payout.amount),
                    Line(AccountKind.PAYOUT, str(payout.pk), Money(-payout.amount_minor, payout.currency)),
                ],
            )
            for payout in payouts
        ]
    )


def _mark(payouts: Sequence[Payout], holds: Iterable[PaymentHold], *, at: datetime) -> None:
    """Each payout of all that is available pays every free hold of its seller."""
    by_pair = {(payout.seller_id, payout.currency): payout for payout in payouts}
    paid = []
    for hold in holds:
        payout = by_pair.get((hold.payee_id, hold.currency))
        if payout and hold.frozen_at is None and hold.available_on and hold.available_on <= at:
            hold.payout, hold.updated_at = payout, at
            paid.append(hold)
    PaymentHold.objects.bulk_update(paid, ["payout", "updated_at"], batch_size=1000)


def _taken(accounts: dict[uuid.UUID, SellerAccount], at: datetime) -> set[tuple[uuid.UUID, str, str]]:
    """Which of these periods are paid already; an empty period: a payout waits to be sent, and the next waits for it."""
    periods = [*(period_of(schedule, at) for schedule in Schedule), _forced_period(at)]
    open_states = [PayoutState.AWAITING_APPROVAL, PayoutState.PENDING]
    rows = Payout.objects.filter(Q(state__in=open_states) | Q(period__in=periods), seller__in=list(accounts)).order_by()
    return {
        (seller_id, currency, "" if state in open_states else period)
        for seller_id, currency, period, state in rows.values_list("seller_id", "currency", "period", "state")
    }


def _forced_period(at: datetime) -> str:
    return f"forced {at:%Y-%m-%d}"
