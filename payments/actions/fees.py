"""What finance changes in the fee table. Every change is in the audit log; fees of orders that exist are frozen on them."""

from typing import Any

from django.db import connection, transaction

from accounts.models import User
from core import audit
from core.errors import NotAllowed
from payments.models import FeeAmounts, FeeRule
from payments.rules import check_table_ends
from payments.selectors import fee_rules

TABLE_LOCK = 0x5011_0301  # one change of the table at a time: two could each take the other's catch-all away


@transaction.atomic
def save_fee_rule(*, staff: User, rule: FeeRule) -> FeeRule:
    """Add or change a line of the fee table; new sales cost by it at once.

    Raises:
        NotAllowed.
        FeeTableHasNoEnd: with this change, some sale would have no fee.
    """
    _lock_table()
    before = FeeRule.objects.filter(pk=rule.pk).first()
    _check(staff, "change" if before else "add")
    rule.save()
    check_table_ends(fee_rules())
    _record(staff, rule, "payments.fee_rule_changed" if before else "payments.fee_rule_added", before, rule)
    return rule


@transaction.atomic
def save_fee_amounts(*, staff: User, amounts: FeeAmounts) -> FeeAmounts:
    """Add or change the fixed part, minimum and maximum of a rule in one currency, in minor units. Raises NotAllowed."""
    _lock_table()
    before = FeeAmounts.objects.filter(pk=amounts.pk).first() if amounts.pk else None
    _check(staff, "change")
    amounts.save()
    _record(staff, amounts.rule, "payments.fee_amounts_changed", before, amounts)
    return amounts


@transaction.atomic
def drop_fee_amounts(*, staff: User, amounts: FeeAmounts) -> None:
    """A rule has no fixed part, minimum or maximum in this currency any more. Raises NotAllowed."""
    _lock_table()
    _check(staff, "change")
    _record(staff, amounts.rule, "payments.fee_amounts_dropped", amounts, None)
    amounts.delete()


def _lock_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TABLE_LOCK])


def _check(staff: User, what: str) -> None:
    if not staff.has_perm(f"payments.{what}_feerule"):
        raise NotAllowed


def _record(
    staff: User, rule: FeeRule, action: str, before: FeeRule | FeeAmounts | None, after: FeeRule | FeeAmounts | None
) -> None:
    audit.record(
        action=action,
        target_kind="fee_rule",
        target_id=rule.pk,
        actor=staff,
        before=_facts(before) if before else None,
        after=_facts(after) if after else None,
    )


def _facts(row: FeeRule | FeeAmounts) -> dict[str, Any]:
    names = (
        ("position", "name", "channel", "category_id", "seller_tier", "seller_id", "percent", "is_active")
        if isinstance(row, FeeRule)
        else ("currency", "fixed_minor", "minimum_minor", "maximum_minor")
    )
    facts = {name: getattr(row, name) for name in names}
    return {k: v if v is None or isinstance(v, str | int | bool) else str(v) for k, v in facts.items()}
