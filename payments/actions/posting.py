"""Writing to the ledger. Nothing else does: every amount that moves is a transaction whose lines come to nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from core.money import Money
from payments.models import LedgerAccount, LedgerEntry, LedgerTransaction
from payments.states import AccountKind, Postings


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

    Opens accounts that do not exist yet. Locks the balances by account id until the caller's transaction ends.

    Raises:
        ValueError: the lines do not come to nothing. The database refuses the same at the commit.
        IntegrityError: an account would leave its bounds: more given back than was held, more sent than was ordered.
    """
    return post_many([Posting(kind, ref, lines, subject, actor, reverses, note, at)])[0]


@transaction.atomic
def post_many(postings: Sequence[Posting]) -> list[LedgerTransaction]:
    """Like `post` for each, in five statements however many they are."""
    merged = [_merge(posting) for posting in postings]
    accounts = _accounts({line.code: line for lines in merged for line in lines})
    lock_balances(accounts.values())
    there = _there(postings)  # looked up under the locks: two who post the same come one after the other
    transactions, entries = {}, []
    for posting, lines in zip(postings, merged, strict=True):
        key = (posting.kind.value, posting.ref)
        if key in there or key in transactions:
            continue
        written = LedgerTransaction(
            kind=posting.kind,
            ref=posting.ref,
            subject=posting.subject,
            actor_id=posting.actor.pk if posting.actor else None,
            reverses=posting.reverses,
            note=posting.note,
            occurred_at=posting.at or timezone.now(),
        )
        transactions[key] = written
        entries += [
            LedgerEntry(transaction=written, account_id=accounts[line.code], amount=line.amount.minor) for line in lines
        ]
    LedgerTransaction.objects.bulk_create(transactions.values())
    LedgerEntry.objects.bulk_create(entries)
    there |= transactions
    return [there[posting.kind.value, posting.ref] for posting in postings]


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
    """Lock balances by account id, the last kind in the order of the house, and read them."""
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


def _accounts(wanted: dict[str, Line]) -> dict[str, int]:
    """The ids of accounts by code; those that are missing are opened, with the bounds of their kind."""
    found = _ids(wanted)
    missing = sorted(wanted.keys() - found.keys())  # in one order for all who open the same
    if missing:
        LedgerAccount.objects.bulk_create(
            [
                LedgerAccount(code=code, kind=line.kind, currency=line.amount.currency, owner=line.owner)
                for code, line in ((code, wanted[code]) for code in missing)
            ],
            ignore_conflicts=True,
        )
        found |= _ids(missing)
    return found


def _ids(codes: Iterable[str]) -> dict[str, int]:
    return dict(LedgerAccount.objects.filter(code__in=list(codes)).values_list("code", "id"))


def _there(postings: Sequence[Posting]) -> dict[tuple[str, str], LedgerTransaction]:
    refs: dict[str, list[str]] = defaultdict(list)
    for posting in postings:
        refs[posting.kind.value].append(posting.ref)
    wanted = Q(pk__in=[])
    for kind, of_kind in refs.items():
        wanted |= Q(kind=kind, ref__in=of_kind)
    return {(row.kind, row.ref): row for row in LedgerTransaction.objects.filter(wanted)}
