"""Vouchers of shops and of the platform: made, changed, taken away."""

import re
import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.rules import check_may_sell
from core import audit
from core.errors import NotAllowed, StaleRevision
from orders import errors, rules
from orders.models import Voucher
from orders.states import Funder, VoucherKind

CODE = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{1,28})[A-Z0-9]")
MAX_VOUCHERS = 200  # of one shop
TERMS = ("kind", "percent", "amount_minor", "currency", "minimum_minor", "cap_minor")  # what people were promised


class VoucherFields(TypedDict, total=False):
    """Amounts in minor units of `currency`. `None` lifts a cap, a limit, an end."""

    kind: str
    percent: Decimal | None
    amount_minor: int | None
    currency: str
    minimum_minor: int
    cap_minor: int | None
    total_limit: int | None
    person_limit: int
    starts_at: datetime
    ends_at: datetime | None
    is_listed: bool
    is_active: bool


@transaction.atomic
def issue_voucher(*, seller: User, code: str, fields: VoucherFields) -> Voucher:
    """Promise money off one's own things to whoever has the code; the shop pays it.

    Raises:
        accounts' refusals (may not sell), TooManyVouchers, NotAVoucherCode, VoucherCodeTaken, NotAVoucher.
    """
    check_may_sell(seller)
    User.objects.select_for_update(of=("self",), no_key=True).only("pk").get(
        pk=seller.pk
    )  # two at the limit take turns
    if Voucher.objects.filter(seller=seller).count() >= MAX_VOUCHERS:
        raise errors.TooManyVouchers(limit=MAX_VOUCHERS)
    return _write(Voucher(seller=seller, funder=Funder.SHOP, code=read_code(code)), fields)


@transaction.atomic
def change_voucher(
    *, seller: User, voucher_id: uuid.UUID, fields: VoucherFields, revision: int | None = None
) -> Voucher:
    """Change a voucher of one's shop. Once somebody used it, what it is worth stays; its end, its limits and whether it is in force may
    change.

    Raises:
        VoucherNotFound, StaleRevision, VoucherWasUsed, NotAVoucher, accounts' refusals (may not sell).
    """
    check_may_sell(seller)
    voucher = _lock(voucher_id, seller=seller)
    if revision is not None and revision != revision_of(voucher):
        raise StaleRevision
    return _change(voucher, fields)


@transaction.atomic
def drop_voucher(*, seller: User, voucher_id: uuid.UUID) -> None:
    """Take a voucher away. One that somebody used stays for the books and is switched off. Raises VoucherNotFound."""
    voucher = _lock(voucher_id, seller=seller)
    if voucher.uses.exists():
        voucher.is_active = False
        voucher.save(update_fields=["is_active", "updated_at"])
    else:
        voucher.delete()


@transaction.atomic
def issue_platform_voucher(*, staff: User, code: str, fields: VoucherFields) -> Voucher:
    """Promise money off anything; the platform pays it. In the audit log.

    Raises:
        NotAllowed, NotAVoucherCode, VoucherCodeTaken, NotAVoucher.
    """
    if not staff.has_perm("orders.add_voucher"):
        raise NotAllowed
    voucher = _write(Voucher(seller=None, funder=Funder.PLATFORM, code=read_code(code)), fields)
    _record("orders.voucher_issued", staff, voucher, before=None)
    return voucher


@transaction.atomic
def change_platform_voucher(*, staff: User, voucher_id: uuid.UUID, fields: VoucherFields) -> Voucher:
    """Change a voucher of the platform's, within what `change_voucher` allows. In the audit log.

    Raises:
        NotAllowed, VoucherNotFound, VoucherWasUsed, NotAVoucher.
    """
    if not staff.has_perm("orders.change_voucher"):
        raise NotAllowed
    voucher = _lock(voucher_id, seller=None)
    before = _facts(voucher)
    _change(voucher, fields)
    _record("orders.voucher_changed", staff, voucher, before=before)
    return voucher


def revision_of(voucher: Voucher) -> int:
    """What changes with every change of a voucher's terms: when that was, in microseconds."""
    return int(voucher.updated_at.timestamp() * 1_000_000)


def read_code(text: str) -> str:
    """A code in capitals. Raises NotAVoucherCode."""
    code = text.strip().upper()
    if not CODE.fullmatch(code):
        raise errors.NotAVoucherCode
    return code


def _lock(voucher_id: uuid.UUID, *, seller: User | None) -> Voucher:
    found = Voucher.objects.select_for_update(of=("self",), no_key=True).filter(pk=voucher_id, seller=seller).first()
    if found is None:
        raise errors.VoucherNotFound
    return found


def _change(voucher: Voucher, fields: VoucherFields) -> Voucher:
    touches = any(name in fields and fields[name] != getattr(voucher, name) for name in TERMS)  # type: ignore[literal-required]
    if touches and voucher.uses.exists():
        raise errors.VoucherWasUsed
    return _write(voucher, fields)


def _write(voucher: Voucher, fields: VoucherFields) -> Voucher:
    for name, value in fields.items():
        setattr(voucher, name, value)
    if voucher.kind == VoucherKind.PERCENT:
        voucher.amount_minor = None
    else:
        voucher.percent = None
    rules.check_voucher_terms(voucher)
    try:
        with transaction.atomic():
            voucher.save()
    except IntegrityError as error:
        if "orders_voucher_code" in str(error):
            raise errors.VoucherCodeTaken from None
        raise
    return voucher


def _record(action: str, staff: User, voucher: Voucher, *, before: dict[str, Any] | None) -> None:
    audit.record(
        action=action,
        target_kind="voucher",
        target_id=voucher.pk,
        actor=staff,
        before=before,
        after=_facts(voucher),
    )


def _facts(voucher: Voucher) -> dict[str, Any]:
    names = (*TERMS, "code", "total_limit", "person_limit", "starts_at", "ends_at", "is_listed", "is_active")
    values = {name: getattr(voucher, name) for name in names}
    return {k: v if v is None or isinstance(v, str | int | bool) else str(v) for k, v in values.items()}
