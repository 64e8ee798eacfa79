"""Questions about vouchers."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Upper

from accounts.models import User
from orders.errors import VoucherNotFound
from orders.models import Voucher, VoucherUse


def vouchers_coded(codes: Sequence[str]) -> dict[str, Voucher]:
    """Vouchers by their code in capitals: people type it in any case."""
    wanted = [code.strip().upper() for code in codes]
    found = Voucher.objects.annotate(typed=Upper("code")).filter(typed__in=wanted)
    return {voucher.code.upper(): voucher for voucher in found}


def uses_of(person: User, voucher_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How often a person used each of these vouchers; a use that was released does not count."""
    uses = VoucherUse.objects.filter(user=person, voucher_id__in=voucher_ids, released_at=None)
    return dict(uses.order_by().values_list("voucher_id").annotate(n=Count("pk")))


def vouchers_on_show(
    *, sellers: Collection[uuid.UUID], currency: str, at: datetime, with_platform: bool = True
) -> QuerySet[Voucher]:
    """Vouchers in force that may be shown to buyers of these sellers' things, the newest first, with those of the platform."""
    whose = Q(seller_id__in=sellers)
    if with_platform:
        whose |= Q(seller=None)
    left = Q(total_limit=None) | Q(used__lt=F("total_limit"))
    in_time = Q(starts_at__lte=at) & (Q(ends_at=None) | Q(ends_at__gt=at))
    return Voucher.objects.filter(whose, left, in_time, is_active=True, is_listed=True, currency=currency).order_by(
        "-id"
    )


def vouchers_of(seller: User) -> QuerySet[Voucher]:
    return Voucher.objects.filter(seller=seller).order_by("-id")


def own_voucher(seller: User, voucher_id: uuid.UUID) -> Voucher:
    """Raises VoucherNotFound."""
    found = vouchers_of(seller).filter(pk=voucher_id).first()
    if found is None:
        raise VoucherNotFound
    return found
