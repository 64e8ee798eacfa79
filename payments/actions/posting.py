"""Writing to the ledger. Nothing else does: every amount that moves is a transaction whose lines come to nothing."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from core.money import Money
from payments.models import LedgerAccount, LedgerEntry, LedgerTransaction
from payments.states import AccountKind, Postings

Key = tuple[str, str]  # kind, ref


@dataclass(frozen=True)
class Line:
    """An amount on an account: a debit is positive, a credit negative. `owner` is whose it is, empty for the platform's one account."""

    kind: AccountKind
    owner: str
    amount: Money

    @property
    def code(self) -> str:
        return account_code(self.kind, self.owner, self.amount.currency)


@dataclass(frozen=True)
class Posting:
    """A transaction to be written; `ref` is the provider's or our id of its reason."""

    kind: Postings
    ref: str
    lines: Sequence[Line]
    subject: str = ""  # "order:…", to find it by
    actor: User | None = None  # None: the system
    reverses: LedgerTransaction | None = None
    note: str = ""
    at: datetime | None = None


def account_code(kind: AccountKind, owner: str, currency: str) -> str:
    return ":".join(part for part in (kind.value, owner, currency) if part)


def post(
    *,
    kind: Postings,
    ref: str,
    lines: Sequence[Line],
    subject: str = "",
    actor: User | None = None,
    reverses: LedgerTransaction | None = None,
    note: str = "",
    at: datetime | None = None,
) -> LedgerTransaction:
    """Move money in the ledger. Posting the same (kind, ref) again changes nothing and answers with the first.

    Opens accounts that do not exist yet. Locks the balances by account id until the caller's transaction ends; those of the platform
    that everybody shares move at the commit (decision 0023), so what their balances say before it is of before.

    Raises:
        ValueError: the lines do not come to nothing. The database refuses the same at the commit.
        IntegrityError: an account would leave its bounds: more given back than was held, more sent than was ordered.
    """
    return post_many([Posting(kind, ref, lines, subject, actor, reverses, note, at)])[0]


def post_many(postings: Sequence[Posting]) -> list[LedgerTransaction]:
    """Like `post` for each, in three statements however many they are."""
    return _post(postings, [_merge(posting) for posting in postings])


@transaction.atomic(savepoint=False)
def _post(postings: Sequence[Posting], merged: Sequence[list[Line]]) -> list[LedgerTransaction]:
    accounts = _accounts({line.code: line for lines in merged for line in lines})
    wanted: dict[Key, tuple[LedgerTransaction, list[Line]]] = {}
    for posting, lines in zip(postings, merged, strict=True):
        wanted.setdefault(_key(posting), (_transaction(posting), lines))
    posted = {key: row for key, (row, _lines) in wanted.items()}
    new = _write(posted)
    # Under each transaction its lines; balances are locked and brought up by the triggers of the lines, by account id.
    LedgerEntry.objects.bulk_create(
        LedgerEntry(transaction=row, account_id=accounts[line.code], amount=line.amount.minor)
        for row, lines in wanted.values()
        if row.pk in new
        for line in lines
    )
    if len(new) < len(posted):
        posted |= _there([posting for posting in postings if posted[_key(posting)].pk not in new])
    return [posted[_key(posting)] for posting in postings]


def reverse(
    *,
    kind: Postings,
    ref: str,
    of: LedgerTransaction,
    actor: User | None = None,
    note: str = "",
    at: datetime | None = None,
) -> LedgerTransaction:
    """Take a transaction back by one with its lines turned around; once, whatever is asked."""
    lines = [
        Line(AccountKind(entry.account.kind), entry.account.owner, Money(-entry.amount, entry.account.currency))
        for entry in of.entries.select_related("account").order_by("id")
    ]
    return post(kind=kind, ref=ref, lines=lines, subject=of.subject, actor=actor, reverses=of, note=note, at=at)


def lock_balances(account_ids: Iterable[int]) -> dict[int, int]:
    """Lock balances by account id, the last kind in the order of the house, and read them. Shared ones of the platform are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, amount FROM payments_lock_balances(%s::bigint[])", [sorted(set(account_ids))]
        )
        return dict(cursor.fetchall())


def _merge(posting: Posting) -> list[Line]:
    """One line for each account, none of nothing."""
    amounts: dict[str, int] = defaultdict(int)
    lines: dict[str, Line] = {}
    sums: dict[str, int] = defaultdict(int)
    for line in posting.lines:
        amounts[line.code] += line.amount.minor
        sums[line.amount.currency] += line.amount.minor
        lines[line.code] = line
    if any(sums.values()):
        msg = f"the lines of {posting.kind} {posting.ref} come to {dict(sums)}"
        raise ValueError(msg)
    return [
        Line(line.kind, line.owner, Money(amounts[code], line.amount.currency))
        for code, line in lines.items()
        if amounts[code]
    ]


def _key(posting: Posting) -> Key:
    return (posting.kind.value, posting.ref)


def _transaction(posting: Posting) -> LedgerTransaction:
    return LedgerTransaction(
        kind=posting.kind.value,
        ref=posting.ref,
        subject=posting.subject,
        actor_id=posting.actor.pk if posting.actor else None,
        reverses=posting.reverses,
        note=posting.note,
        occurred_at=posting.at or timezone.now(),
    )


# Two who post the same at once: the second waits here for the end of the first.
_WRITE = """
    INSERT INTO payments_ledgertransaction (id, kind, ref, subject, actor_id, reverses_id, note, occurred_at)
    SELECT * FROM unnest(
        %s::uuid[], %s::text[], %s::text[], %s::text[], %s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[]
    ) ON CONFLICT (kind, ref) DO NOTHING RETURNING id
"""


def _write(rows: Mapping[Key, LedgerTransaction]) -> set[uuid.UUID]:
    """Write those that are not there yet; which they are."""
    ordered = [rows[key] for key in sorted(rows)]  # in one order for all who post the same
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            [
                [row.pk for row in ordered],
                [row.kind for row in ordered],
                [row.ref for row in ordered],
                [row.subject for row in ordered],
                [row.actor_id for row in ordered],
                [row.reverses_id for row in ordered],
                [row.note for row in ordered],
                [row.occurred_at for row in ordered],
            ],
        )
        return {pk for (pk,) in cursor.fetchall()}


# Those that are missing are opened, in one order for all who open the same, with the bounds of their kind (a trigger).
_OPEN = """
    WITH wanted AS (
        SELECT * FROM unnest(%(codes)s::text[], %(kinds)s::text[], %(currencies)s::text[], %(owners)s::text[])
            AS w (code, kind, currency, owner)
    ), there AS (
        SELECT a.code, a.id FROM payments_ledgeraccount a WHERE a.code = ANY(%(codes)s::text[])
    ), opened AS (
        INSERT INTO payments_ledgeraccount (code, kind, currency, owner)
        SELECT code, kind, currency, owner FROM wanted WHERE code NOT IN (SELECT code FROM there) ORDER BY code
        ON CONFLICT (code) DO NOTHING RETURNING code, id
    )
    SELECT code, id FROM there UNION ALL SELECT code, id FROM opened
"""


def _accounts(wanted: Mapping[str, Line]) -> dict[str, int]:
    """The ids of accounts by code; those that are missing are opened."""
    with connection.cursor() as cursor:
        cursor.execute(
            _OPEN,
            {
                "codes": list(wanted),
                "kinds": [line.kind.value for line in wanted.values()],
                "currencies": [line.amount.currency for line in wanted.values()],
                "owners": [line.owner for line in wanted.values()],
            },
        )
        found = dict(cursor.fetchall())
    missing = wanted.keys() - found.keys()
    if missing:  # somebody else opened them at the same moment
        found |= dict(LedgerAccount.objects.filter(code__in=missing).values_list("code", "id"))
    return found


def _there(postings: Sequence[Posting]) -> dict[Key, LedgerTransaction]:
    refs: dict[str, list[str]] = defaultdict(list)
    for posting in postings:
        refs[posting.kind.value].append(posting.ref)
    wanted = Q(pk__in=[])
    for kind, of_kind in refs.items():
        wanted |= Q(kind=kind, ref__in=of_kind)
    return {(row.kind, row.ref): row for row in LedgerTransaction.objects.filter(wanted)}
