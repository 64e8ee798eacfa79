"""What sellers have with us. The ledger says how much it is; the holds say how much of it is free."""

import uuid
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.db import connection
from django.utils import timezone

from accounts.models import User
from payments.models import LedgerAccount, Payout, SellerAccount
from payments.rules import SellerBalance, next_payout_on, period_of, split_balance
from payments.states import AccountKind, Schedule

Pair = tuple[uuid.UUID, str]  # a seller and a currency

# States are written out, so that the partial indexes serve. A hold that was frozen or is not settled waits as a whole; of one that is
# free only its reserve does. What refunds took of a hold is not the seller's any more.
_BALANCES = """
    SELECT w.seller_id, w.currency, coalesce(-b.amount, 0), h.held, u.unsettled, r.reserved, p.on_the_way, p.paid
    FROM unnest(%(sellers)s::uuid[], %(currencies)s::text[]) AS w (seller_id, currency)
    LEFT JOIN payments_ledgeraccount a ON a.code = 'seller:' || w.seller_id || ':' || w.currency
    LEFT JOIN payments_ledgerbalance b ON b.account_id = a.id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(share_minor - refunded_minor - subsidy_returned_minor + commission_returned_minor), 0)::bigint AS held
        FROM payments_paymenthold WHERE payee_id = w.seller_id AND currency = w.currency AND state = 'held'
    ) h
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(share_minor - refunded_minor - subsidy_returned_minor + commission_returned_minor), 0)::bigint AS unsettled
        FROM payments_paymenthold
        WHERE payee_id = w.seller_id AND currency = w.currency AND state = 'released' AND payout_id IS NULL
            AND (available_on IS NULL OR available_on > %(at)s OR frozen_at IS NOT NULL)
    ) u
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(least(
            reserve_minor, share_minor - refunded_minor - subsidy_returned_minor + commission_returned_minor
        )), 0)::bigint AS reserved
        FROM payments_paymenthold
        WHERE payee_id = w.seller_id AND currency = w.currency AND reserve_minor > 0 AND state = 'released'
            AND reserve_until > %(at)s
            AND (payout_id IS NOT NULL OR (available_on <= %(at)s AND frozen_at IS NULL))
    ) r
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount_minor) FILTER (WHERE state IN ('pending', 'processing')), 0)::bigint AS on_the_way,
            coalesce(sum(amount_minor) FILTER (WHERE state = 'paid'), 0)::bigint AS paid
        FROM payments_payout WHERE seller_id = w.seller_id AND currency = w.currency
    ) p
"""


def balances_of(wanted: Collection[Pair], *, at: datetime) -> dict[Pair, SellerBalance]:
    """The balances of many sellers in one statement, without the day of their next payout."""
    sellers, currencies = [str(pair[0]) for pair in wanted], [pair[1] for pair in wanted]
    with connection.cursor() as cursor:
        cursor.execute(_BALANCES, {"sellers": sellers, "currencies": currencies, "at": at})
        return {
            (seller_id, currency): split_balance(
                currency,
                owed=owed,
                held=held,
                unsettled=unsettled,
                reserved=reserved,
                on_the_way=on_the_way,
                paid=paid,
            )
            for seller_id, currency, owed, held, unsettled, reserved, on_the_way, paid in cursor.fetchall()
        }


def balance_of(seller: User, currency: str) -> SellerBalance:
    """What a seller has with us in one currency, and when they are paid next (None: not by itself now). Three queries."""
    now = timezone.now()
    balance = balances_of([(seller.pk, currency)], at=now)[seller.pk, currency]
    account = SellerAccount.objects.filter(pk=seller.pk).first()
    schedule = account.schedule if account else Schedule.WEEKLY
    period = period_of(schedule, now)
    is_paid = Payout.objects.filter(seller=seller, currency=currency, period=period).exists()
    stands = account is not None and (account.frozen_at or account.bank_refused_at or seller.suspended_at)
    pays = account is not None and account.payouts_enabled and not stands
    return replace(
        balance,
        schedule=schedule,
        next_payout_on=next_payout_on(schedule, now, is_paid=is_paid) if pays else None,
    )


def currencies_of(seller_ids: Collection[uuid.UUID]) -> list[Pair]:
    """The sellers among these that ever had something in the ledger, with its currencies."""
    rows = LedgerAccount.objects.filter(kind=AccountKind.SELLER, owner__in=[str(pk) for pk in seller_ids])
    return [(uuid.UUID(owner), currency) for owner, currency in rows.values_list("owner", "currency").order_by("id")]
