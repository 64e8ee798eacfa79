"""Questions about fees."""

from payments.models import FeeRule


def fee_rules(*, with_switched_off: bool = False) -> list[FeeRule]:
    """The active table (or all of it) with its amounts, in order: two queries."""
    rules = FeeRule.objects.all() if with_switched_off else FeeRule.objects.filter(is_active=True)
    return list(rules.order_by("position").prefetch_related("amounts"))
