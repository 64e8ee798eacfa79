"""Complaints about listings."""

import uuid
from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from accounts.rules import check_not_suspended
from catalog.actions.locks import lock_product
from catalog.errors import ProductNotFound
from catalog.selectors import may_see
from catalog.states import TARGET_KIND
from moderation.actions import report_target
from moderation.models import Report


@transaction.atomic
def report_product(
    *,
    reporter: User,
    product_id: uuid.UUID,
    reason: str,
    description: str = "",
    evidence_ids: Sequence[uuid.UUID] = (),
    related_id: uuid.UUID | None = None,
) -> Report:
    """Put a person's complaint about a listing before the moderators; the second one of the same person is the first.

    Locks the product, then moderation's case.

    Raises:
        ProductNotFound: none that they may see. What `moderation.actions.report_target` refuses.
    """
    check_not_suspended(reporter)
    product = lock_product(product_id)
    if reporter.pk != product.seller_id and not may_see(viewer=reporter, product=product):
        raise ProductNotFound
    return report_target(
        reporter=reporter,
        target_kind=TARGET_KIND,
        target_id=product_id,
        reason=reason,
        description=description,
        evidence_ids=evidence_ids,
        related_id=related_id,
    )
