"""Vouchers of the platform; those of shops are read here."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.desk import amount, person
from core.errors import Refusal
from orders import actions
from orders.actions import VoucherFields
from orders.models import Voucher
from orders.states import Funder

_SAID = (
    "kind", "percent", "amount_minor", "currency", "minimum_minor", "cap_minor",
    "total_limit", "person_limit", "starts_at", "ends_at", "is_listed", "is_active",
)  # fmt: skip


@admin.register(Voucher)
class VoucherAdmin(admin.ModelAdmin):
    list_display = ("code", "funder", "shop", "worth", "used_of", "starts_at", "ends_at", "is_active")
    list_filter = ("funder", "kind", "is_active")
    list_select_related = ("seller",)
    search_fields = ("code", "=seller__username")
    ordering = ("-id",)
    fields = ("code", *_SAID, "used")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for part in getattr(getattr(field, "widget", None), "widgets", ()):  # a day and a time of day under one label
            part.attrs["aria-label"] = str(field.label)  # type: ignore[union-attr]
        return field

    def get_readonly_fields(self, request: HttpRequest, obj: Voucher | None = None) -> tuple[str, ...]:
        return ("used",) if obj is None else ("code", "used")

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
        fields: VoucherFields = {name: form.cleaned_data[name] for name in _SAID}  # type: ignore[assignment]
        staff: Any = request.user
        try:
            if change:
                saved = actions.change_platform_voucher(staff=staff, voucher_id=obj.pk, fields=fields)
            else:
                saved = actions.issue_platform_voucher(staff=staff, code=form.cleaned_data["code"], fields=fields)
        except Refusal as refusal:
            raise RefusedToSave(refusal.message) from None
        obj.pk = saved.pk

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """What the action refuses is said above the form; nothing is saved."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except RefusedToSave as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


class RefusedToSave(Exception):  # noqa: N818 - leaves Django's own transaction behind it
    """The action said no."""
