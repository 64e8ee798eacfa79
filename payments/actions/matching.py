"""Holding the provider's books against ours, line by line. Reads only.

A line of theirs and a posting of ours belong together by the provider's id of the reason (`ch_…`, `re_…`, `tr_…`) and by what
happened to it. What is younger than the grace is not called a break yet: its event or its answer may still be on its way.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from payments.models import BalanceTransaction, LedgerEntry, LedgerTransaction, Payout
from payments.states import AccountKind, BreakKind, PayoutState, Postings

CHUNK = 1000
LATE_AFTER = 5  # business days, Monday to Friday, that a bank may take

# What happened, by the provider's reporting categories and by our postings.
HAPPENED = {
    "charge": "in",
    "refund": "refund",
    "refund_failure": "refund back",
    "transfer": "transfer",
    "transfer_reversal": "transfer back",
    "dispute": "dispute",
    "dispute_reversal": "dispute back",
    "payout": "payout",
    "payout_reversal": "payout",
}
POSTED = {
    Postings.CAPTURE.value: "in",
    Postings.PROVIDER_FEE.value: "in",
    Postings.REFUND.value: "refund",
    Postings.REFUND_FAILED.value: "refund back",
    Postings.TRANSFER.value: "transfer",
    Postings.CLAW_BACK.value: "transfer back",
    Postings.CHARGEBACK.value: "dispute",
    Postings.CHARGEBACK_WON.value: "dispute back",
    Postings.ADJUSTMENT.value: "other",  # explains whatever line it names
}
# With destination charges these only move money between the platform and a seller's account, both of which are "at the provider".
INSIDE = ("transfer", "transfer back")
Key = tuple[str, str]  # the provider's id, what happened


@dataclass(frozen=True)
class Found:
    """Something that the books do not agree on. `weight`: by how much the provider then holds more than our ledger says."""

    kind: BreakKind
    ref: str
    currency: str
    expected: int | None
    found: int | None
    account: str = ""
    weight: int = 0
    is_young: bool = False


@dataclass
class Posted:
    """What our ledger says of one thing: what it moved and what of it was a fee."""

    currency: str
    amount: int = 0
    fee: int = 0
    at: datetime | None = None


@dataclass(frozen=True)
class Window:
    """What is compared. `inside`: transfers do not leave us (destination charges). `made_before`: whether a line that we do not know is
    of something whose command made another before.
    """

    since: datetime
    until: datetime
    grace: timedelta
    inside: bool
    made_before: Callable[[BalanceTransaction], bool]

    def is_young(self, at: datetime) -> bool:
        return at > self.until - self.grace


def platform_breaks(window: Window, *, also: Sequence[str]) -> Iterator[Found]:
    """Every break of the platform's own books. `also`: ids to look at again, however old."""
    known_again = Q(id__in=also) | Q(source__in=also)
    lines = BalanceTransaction.objects.filter(account="").filter(
        Q(created_at__gte=window.since, created_at__lt=window.until) | known_again
    )
    for chunk in _chunks(lines.order_by("created_at", "id")):
        posted = _posted({line.source or line.id for line in chunk} | {line.id for line in chunk})
        first = _first_of(chunk)
        for line in chunk:
            yield from _judged(line, posted, first, window)
    yield from _missing(window, also)


def _judged(
    line: BalanceTransaction,
    posted: dict[Key, Posted],
    first: dict[Key, str],
    window: Window,
) -> Iterator[Found]:
    happened = HAPPENED.get(line.reporting_category, "other")
    if (line.source, "other") in posted or (line.id, "other") in posted:
        return
    if window.inside and (happened in INSIDE or line.reporting_category.startswith("platform_earning")):
        return
    key = (line.source, happened)
    ours = posted.get(key)
    young = window.is_young(line.created_at)
    if happened == "payout":
        yield Found(BreakKind.UNKNOWN_PAYOUT, line.id, line.currency, None, line.net, weight=line.net, is_young=young)
    elif ours is not None and first[key] != line.id:
        yield Found(BreakKind.DUPLICATE, line.id, line.currency, 0, line.net, weight=line.net, is_young=young)
    elif ours is None:
        kind = BreakKind.DUPLICATE if not young and window.made_before(line) else BreakKind.NOT_IN_LEDGER
        expected = 0 if kind == BreakKind.DUPLICATE else None
        yield Found(kind, line.id, line.currency, expected, line.net, weight=line.net, is_young=young)
    elif ours.amount != line.amount:
        weight = line.net - (ours.amount - ours.fee)
        yield Found(BreakKind.AMOUNT, line.source, line.currency, ours.amount, line.amount, weight=weight)
    elif ours.fee != line.fee:
        yield Found(
            BreakKind.FEE,
            line.source,
            line.currency,
            ours.fee,
            line.fee,
            weight=ours.fee - line.fee,
            is_young=young,  # the fee may be told later than the money
        )


def _missing(window: Window, also: Sequence[str]) -> Iterator[Found]:
    """What we posted and the provider has no line of."""
    kinds = [kind for kind, what in POSTED.items() if what != "other" and not (window.inside and what in INSIDE)]
    ours = (
        LedgerTransaction.objects.filter(kind__in=kinds, entries__account__kind=AccountKind.CLEARING)
        .filter(Q(occurred_at__gte=window.since, occurred_at__lt=window.until) | Q(ref__in=also))
        .exclude(ref__contains=":")  # of ours alone
        .distinct()
    )
    for chunk in _chunks(ours.order_by("occurred_at", "id")):
        refs = {one.ref for one in chunk}
        there = {
            (source, HAPPENED.get(category, "other"))
            for source, category in BalanceTransaction.objects.filter(account="", source__in=refs).values_list(
                "source", "reporting_category"
            )
        }
        said = {(one.ref, POSTED[one.kind]): one.occurred_at for one in chunk}
        for key, posted in _posted(refs).items():
            if key in said and key not in there:
                net = posted.amount - posted.fee
                yield Found(
                    BreakKind.NOT_AT_PROVIDER,
                    key[0],
                    posted.currency,
                    posted.amount,
                    None,
                    weight=-net,
                    is_young=window.is_young(said[key]),
                )


def account_breaks(window: Window, account: str) -> Iterator[Found]:
    """Every break of one seller's account, where only our payouts should move anything."""
    lines = BalanceTransaction.objects.filter(
        account=account, created_at__gte=window.since, created_at__lt=window.until
    )
    for chunk in _chunks(lines.order_by("created_at", "id")):
        by_payout, by_payment = _payouts(chunk)
        for line in chunk:
            if window.is_young(line.created_at):
                continue
            happened = HAPPENED.get(line.reporting_category, "other")
            payout = by_payout.get(line.source)
            if happened == "payout" and payout is None:
                yield Found(BreakKind.UNKNOWN_PAYOUT, line.source, line.currency, None, line.amount, account)
            elif happened == "payout" and payout and abs(line.amount) != payout.net.minor:
                sign = -1 if line.amount < 0 else 1
                yield Found(BreakKind.AMOUNT, line.source, line.currency, sign * payout.net.minor, line.amount, account)
            elif happened == "in" and not window.inside and line.source not in by_payment:
                yield Found(BreakKind.NOT_IN_LEDGER, line.id, line.currency, None, line.amount, account)


def late_payouts(at: datetime) -> Iterator[Found]:
    """On their way to a bank for longer than banks take."""
    on_their_way = Payout.objects.filter(state=PayoutState.PROCESSING, transferred_at__lt=working_days_before(at))
    for payout in on_their_way.select_related("seller__seller_account").order_by("pk"):
        net = payout.net.minor
        account = payout.seller.seller_account.provider_id
        yield Found(BreakKind.IN_TRANSIT, str(payout.pk), payout.currency, net, net, account)


def working_days_before(at: datetime, days: int = LATE_AFTER) -> datetime:
    """Banks here work from Monday to Friday."""
    while days:
        at -= timedelta(days=1)
        if at.weekday() < 5:
            days -= 1
    return at


def _payouts(lines: Iterable[BalanceTransaction]) -> tuple[dict[str, Payout], dict[str, Payout]]:
    sources = {line.source for line in lines if line.source}
    found = Payout.objects.filter(Q(provider_id__in=sources) | Q(destination_payment_id__in=sources))
    payouts = list(found)
    return {p.provider_id: p for p in payouts}, {p.destination_payment_id: p for p in payouts}


def _posted(refs: Iterable[str]) -> dict[Key, Posted]:
    """Our postings of these ids: what they moved at the provider, their fees apart."""
    entries = LedgerEntry.objects.filter(
        Q(account__kind=AccountKind.CLEARING, account__owner="")
        | Q(account__kind=AccountKind.EXPENSE, account__owner__in=("provider_fees", "chargeback_fees")),
        transaction__ref__in=list(refs),
        transaction__kind__in=list(POSTED),
    ).values_list(
        "transaction__kind",
        "transaction__ref",
        "account__kind",
        "account__currency",
        "amount",
        "transaction__occurred_at",
    )
    found: dict[Key, Posted] = {}
    for kind, ref, on, currency, amount, at in entries:
        one = found.setdefault((ref, POSTED[kind]), Posted(currency, at=at))
        if on == AccountKind.EXPENSE:
            one.fee += amount
            one.amount += amount  # what was moved, before the fee
        else:
            one.amount += amount
    return found


def _first_of(lines: Sequence[BalanceTransaction]) -> dict[Key, str]:
    """Of several lines for the same thing, the first is the one that we know."""
    sources = {line.source for line in lines if line.source}
    first: dict[Key, str] = {}
    for source, category, line_id in (
        BalanceTransaction.objects.filter(account="", source__in=sources)
        .order_by("created_at", "id")
        .values_list("source", "reporting_category", "id")
    ):
        first.setdefault((source, HAPPENED.get(category, "other")), line_id)
    return first


def _chunks(rows):  # type: ignore[no-untyped-def]
    chunk = []
    for row in rows.iterator(chunk_size=CHUNK):
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
