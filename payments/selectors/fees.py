"""Questions about fees."""

from payments.models import FeeRule


def fee_rules() -> list[FeeRule]:
    """The active table with its amounts, in order: two queries."""
    return list(FeeRule.objects.filter(is_active=True).order_by("position").prefetch_related("amounts"))
