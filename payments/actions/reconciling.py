"""Every night: read the provider's books and hold them against ours.

What does not agree becomes a row until somebody explains it or it mends by itself. While more than the operator tolerates is
unexplained, nobody is paid out (`selectors.payouts_are_stopped`). Never within a transaction: it asks the provider.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import audit
from core.errors import NotAllowed
from core.events import publish
from core.states import move
from payments.actions.matching import CHUNK, Found, Window, account_breaks, late_payouts, platform_breaks
from payments.errors import BreakNotFound, ExplanationNeeded, ProviderError
from payments.events import BooksDiffer
from payments.models import (
    BalanceTransaction,
    LedgerBalance,
    Payout,
    ProviderCommand,
    Reconciliation,
    ReconciliationBreak,
    SellerAccount,
)
from payments.ports import BalanceLine
from payments.provider import provider
from payments.selectors import payouts_are_stopped
from payments.states import BREAK_MOVES, OF_THE_AUDIT, AccountKind, BreakKind, BreakState, CommandState

log = structlog.get_logger(__name__)

OVERLAP = timedelta(hours=48)  # lines may be written late
GRACE = timedelta(hours=1)
ACTIVE_FOR = timedelta(days=35)  # so long after its last payout a seller's account is still read
SHORTEST_EXPLANATION = 10  # characters


def reconcile(*, since: datetime, until: datetime, grace: timedelta = GRACE) -> Reconciliation:
    """Compare what happened between `since` and `until`, and two days before that once more; the balances as they are now.

    `grace`: what is younger is not called a break yet. Publishes BooksDiffer when payouts stop by it.

    Raises:
        ProviderError: it does not answer; the run says so.
    """
    run = Reconciliation.objects.create(since=since, until=until)
    inside = settings.STRIPE["funds_flow"] == "destination"
    window = Window(since - OVERLAP, until, grace, inside=inside, made_before=_made_before)
    was_stopped = payouts_are_stopped()
    try:
        accounts = _active_accounts(until)
        lines = sum(_read(window, account) for account in ("", *accounts))
        found, counted = _compare(window, accounts)
    except ProviderError as error:
        Reconciliation.objects.filter(pk=run.pk).update(error=str(error)[:500], finished_at=timezone.now())
        raise
    with transaction.atomic(durable=True):
        _write_down(run, found, inspected={"", *accounts})
        run.finished_at = timezone.now()
        run.counted = counted | {"lines": lines, "accounts": len(accounts), "breaks": len(found)}
        run.save(update_fields=["finished_at", "counted"])
        if payouts_are_stopped() and not was_stopped:
            publish(BooksDiffer(run_id=run.pk))
            log.error("payouts_stopped", run=str(run.pk))
    return run


@transaction.atomic
def explain_break(*, staff: User, break_id: uuid.UUID, explanation: str) -> ReconciliationBreak:
    """Say why the books differ; it no longer holds payouts back, and the same is not asked again. In the audit log.

    Raises:
        NotAllowed, BreakNotFound, ExplanationNeeded.
        WrongState: it is explained or gone.
    """
    if not staff.has_perm("payments.explain_break"):
        raise NotAllowed
    explanation = explanation.strip()
    if len(explanation) < SHORTEST_EXPLANATION:
        raise ExplanationNeeded
    row = ReconciliationBreak.objects.select_for_update(of=("self",)).filter(pk=break_id).first()
    if row is None:
        raise BreakNotFound
    move(
        row,
        BreakState.EXPLAINED,
        BREAK_MOVES,
        explanation=explanation[:500],
        explained_by=staff,
        closed_at=timezone.now(),
    )
    audit.record(
        action="payments.break_explained",
        target_kind="reconciliation_break",
        target_id=row.pk,
        actor=staff,
        reason=explanation,
        after={"kind": row.kind, "ref": row.ref, "expected": row.expected_minor, "found": row.found_minor},
    )
    return row


def _active_accounts(until: datetime) -> list[str]:
    paid = Payout.objects.filter(created_at__gte=until - ACTIVE_FOR).values("seller_id")
    return list(
        SellerAccount.objects.filter(pk__in=paid, deauthorized_at=None)
        .exclude(provider_id="")
        .order_by("pk")
        .values_list("provider_id", flat=True)
    )


def _read(window: Window, account: str) -> int:
    """Take over the lines of an account, page by page."""
    count, page = 0, []
    for line in provider().balance_lines(since=window.since, until=window.until, account=account):
        page.append(_row(line, account))
        if len(page) == CHUNK:
            count, page = count + _keep(page), []
    return count + _keep(page)


def _row(line: BalanceLine, account: str) -> BalanceTransaction:
    return BalanceTransaction(
        id=line.id,
        account=account,
        type=line.type,
        reporting_category=line.reporting_category,
        source=line.source,
        amount=line.amount,
        fee=line.fee,
        net=line.net,
        currency=line.currency,
        created_at=line.created_at,
        available_on=line.available_on,
    )


def _keep(page: list[BalanceTransaction]) -> int:
    fields = [f.name for f in BalanceTransaction._meta.fields if f.name != "id"]
    BalanceTransaction.objects.bulk_create(page, update_conflicts=True, unique_fields=["id"], update_fields=fields)
    return len(page)


def _compare(window: Window, accounts: list[str]) -> tuple[list[Found], dict[str, object]]:
    """The breaks, and the balances on both sides by currency."""
    also = list(
        ReconciliationBreak.objects.filter(state__in=(BreakState.OPEN, BreakState.EXPLAINED), account="")
        .exclude(kind__in=OF_THE_AUDIT)
        .values_list("ref", flat=True)
    )
    now = timezone.now()
    theirs = _at_provider() if not window.inside and window.until >= now - GRACE else {}
    own = list(platform_breaks(window, also=also))
    found = [one for one in own if not one.is_young]
    for account in accounts:
        found += account_breaks(window, account)
        found += _in_debt(account)
    found += late_payouts(now)
    ours = _in_ledger()
    known: dict[str, int] = defaultdict(int)
    for one in own:  # also what is on its way: it is in one of the balances already
        known[one.currency] += one.weight
    for currency, amount in sorted(theirs.items()):
        expected = ours.get(currency, 0) + known[currency]
        if amount != expected:
            found.append(Found(BreakKind.BALANCE, f"clearing:{currency}", currency, expected, amount))
    return found, {"at_provider": theirs, "in_ledger": ours}


def _at_provider(account: str = "") -> dict[str, int]:
    view = provider().balance(account=account)
    return {
        currency: view.available.get(currency, 0) + view.pending.get(currency, 0)
        for currency in sorted({*view.available, *view.pending})
    }


def _in_ledger() -> dict[str, int]:
    rows = LedgerBalance.objects.filter(account__kind=AccountKind.CLEARING, account__owner="")
    return dict(rows.values_list("account__currency", "amount"))


def _in_debt(account: str) -> Iterable[Found]:
    """The platform answers for what a seller's account owes the provider."""
    for currency, amount in _at_provider(account).items():
        if amount < 0:
            yield Found(BreakKind.BALANCE, f"account:{currency}", currency, 0, amount, account)


def _made_before(line: BalanceTransaction) -> bool:
    """Whether a command of ours made this and another thing: what no ledger can see by itself."""
    command_id, thing = provider().made_by(line.source)
    return (
        bool(command_id)
        and ProviderCommand.objects.filter(pk=command_id, state=CommandState.DONE)
        .exclude(result_id__in=("", thing))
        .exists()
    )


def _write_down(run: Reconciliation, found: list[Found], *, inspected: set[str]) -> None:
    """One row for each break, however often it is found. What is not found any more has mended."""
    rows = ReconciliationBreak.objects.select_for_update(of=("self",)).exclude(state=BreakState.MENDED)
    rows = rows.exclude(kind__in=OF_THE_AUDIT).order_by("pk")
    there = {(row.kind, row.ref, row.account): row for row in rows if row.state == BreakState.EXPLAINED}
    there |= {(row.kind, row.ref, row.account): row for row in rows if row.state == BreakState.OPEN}
    seen = set()
    for one in found:
        key = (one.kind.value, one.ref, one.account)
        row = there.get(key)
        seen.add(key)
        if row is None or (row.state == BreakState.EXPLAINED and _differs(row, one)):
            ReconciliationBreak.objects.create(
                run=run,
                kind=one.kind,
                ref=one.ref,
                account=one.account,
                currency=one.currency,
                expected_minor=one.expected,
                found_minor=one.found,
            )
        elif row.state == BreakState.OPEN:
            row.run, row.expected_minor, row.found_minor = run, one.expected, one.found
            row.save(update_fields=["run", "expected_minor", "found_minor"])
    for key, row in there.items():
        if row.state == BreakState.OPEN and key not in seen and row.account in inspected:
            move(row, BreakState.MENDED, BREAK_MOVES, closed_at=timezone.now())


def _differs(row: ReconciliationBreak, one: Found) -> bool:
    return (row.expected_minor, row.found_minor) != (one.expected, one.found)
