"""Vouchers of the platform; those of shops are read here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core import audit
from orders.admin.parts import amount, person
from orders.models import Voucher
from orders.states import Funder

_FIELDS = (
    "code", "kind", "percent", "amount_minor", "currency", "minimum_minor", "cap_minor",
    "total_limit", "person_limit", "starts_at", "ends_at", "is_listed", "is_active",
)  # fmt: skip


@admin.register(Voucher)
class VoucherAdmin(admin.ModelAdmin):
    list_display = ("code", "funder", "shop", "worth", "used_of", "starts_at", "ends_at", "is_active")
    list_filter = ("funder", "kind", "is_active")
    list_select_related = ("seller",)
    search_fields = ("code", "=seller__username")
    ordering = ("-id",)
    fields = (*_FIELDS, "used")
    readonly_fields = ("used",)

    @admin.display(description=_("shop"))
    def shop(self, row: Voucher) -> SafeString | str:
        return person(row.seller)

    @admin.display(description=_("worth"))
    def worth(self, row: Voucher) -> SafeString | str:
        return f"{row.percent:g} %" if row.percent is not None else amount(row.amount_minor, row.currency)

    @admin.display(description=_("used"))
    def used_of(self, row: Voucher) -> str:
        return f"{row.used} / {row.total_limit or '∞'}"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # switch it off instead: orders name it

    def has_change_permission(self, request: HttpRequest, obj: Voucher | None = None) -> bool:
        is_ours = obj is None or obj.funder == Funder.PLATFORM
        return is_ours and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Voucher, form: Any, change: bool) -> None:
        obj.funder = Funder.PLATFORM
        super().save_model(request, obj, form, change)
        audit.record(
            action="orders.voucher_changed" if change else "orders.voucher_added",
            target_kind="voucher",
            target_id=obj.pk,
            actor=request.user,
            after={name: str(getattr(obj, name)) for name in _FIELDS},
        )
