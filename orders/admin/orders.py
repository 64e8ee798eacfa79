"""Orders as staff see them: four axes, the money, the timeline. Where it goes is private and opens with a reason."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.desk import DeskAdmin, Part, ReasonForm, Verb, amount, person
from core.money import Money
from core.reasons import give_reason, reason_of
from core.staff import Way, ways_from
from orders import actions
from orders.admin.parts import timeline, tone
from orders.admin.suspended import OrdersOfSuspended
from orders.admin.today import CASH_BACK, LEFT_BEHIND
from orders.models import Dispute, Invoice, Order
from orders.rules import cash_back_waits, reference_of
from orders.selectors.watch import cash_back_before_staff, money_left_behind
from orders.states import DisputeAxis, OrderState, PaymentAxis

ADDRESS = "orders.address"  # the scope of a reason


class RefundForm(forms.Form):
    amount = forms.DecimalField(label=_("Amount"), min_value=Decimal("0.01"), max_digits=12, decimal_places=2)
    reason = forms.CharField(label=_("Why"), max_length=200, help_text=_("The two read it too."))


class ByMoneyLeft(admin.SimpleListFilter):
    """Over, and the buyer's money still here: the second person refused the refund, or it failed."""

    title, parameter_name = _("cancelled, money not back"), LEFT_BEHIND

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        return queryset.filter(pk__in=money_left_behind().values("pk")) if self.value() == "yes" else queryset


class ByCashBack(admin.SimpleListFilter):
    """The seller says that the cash is back, or owes it, and the buyer let the time to say that they have it pass."""

    title, parameter_name = _("cash back, nobody confirmed it"), CASH_BACK

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        return queryset.filter(pk__in=cash_back_before_staff().values("pk")) if self.value() == "yes" else queryset


def _cash_is_said_to_be_back(order: Order) -> bool:
    """Or owed: our staff say whether it is with the buyer."""
    return cash_back_waits(order) or order.cash_owed_minor > 0


@admin.register(Order)
class OrderAdmin(OrdersOfSuspended, DeskAdmin):
    list_display = ("code", "buyer_shown", "seller_shown", "worth", "axes", "created_at")
    list_display_links = ("code",)
    list_filter = (ByMoneyLeft, ByCashBack, "state", "payment_state", "fulfilment_state", "dispute_state", "pay_by")
    list_select_related = ("buyer", "seller")
    search_fields = ("=code", "=buyer__username", "=seller__username", "=source_reference")
    search_help_text = _("An order's number (SL-…) or a username")
    ordering = ("-id",)
    verbs = (
        Verb(
            "refund",
            _("Give money back"),
            lambda staff, thing, amount, reason: actions.refund_order(
                staff=staff, order_id=thing.pk, amount=Money.parse(amount, thing.currency), reason=reason
            ),
            "orders.refund_order",
            _("Ordered. Large amounts wait for a second person."),
            form=RefundForm,
            offered=lambda order: order.payment_state in (PaymentAxis.HELD, PaymentAxis.RELEASED),
        ),
        Verb(
            "cancel",
            _("Cancel the order"),
            lambda staff, thing, reason: actions.cancel_order_by_staff(staff=staff, order_id=thing.pk, reason=reason),
            "orders.cancel_order",
            _("Cancelled. What was paid goes back."),
            offered=lambda order: order.state in (OrderState.AWAITING_PAYMENT, OrderState.CONFIRMED),
            tone="urgent",
        ),
        Verb(
            "undo_cash_sale",
            _("The cash sale did not stand"),
            lambda staff, thing, reason: actions.undo_cash_sale(staff=staff, order_id=thing.pk, reason=reason),
            "orders.refund_order",
            _("Both are told: the seller owes the buyer the money, and us no commission."),
            offered=lambda order: (
                order.payment_state == PaymentAxis.CASH_PAID and order.dispute_state != DisputeAxis.OPEN
            ),
        ),
        Verb(
            "find_cash_back",
            _("The buyer has the cash back"),
            lambda staff, thing, reason: actions.find_cash_back(staff=staff, order_id=thing.pk, reason=reason),
            "orders.refund_order",
            _("Both are told: the buyer has it, and the commission of it is returned."),
            offered=_cash_is_said_to_be_back,
        ),
        Verb(
            "keep_cash_sale",
            _("The cash did not go back"),
            lambda staff, thing, reason: actions.keep_cash_sale(staff=staff, order_id=thing.pk, reason=reason),
            "orders.refund_order",
            _("Both are told: what was not owed before stays sold, what was owed stays owed."),
            offered=_cash_is_said_to_be_back,
        ),
        Verb(
            "address",
            _("Read where it goes"),
            lambda staff, thing, reason: give_reason(person=staff, scope=ADDRESS, reason=reason),
            "orders.read_order_address",
            _("Shown for a quarter of an hour; your reason is in the audit log."),
            form=ReasonForm,
            offered=lambda order: bool(order.address),
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.suspended_view)
        return [path("of/<uuid:person_id>/", view, name="orders_order_suspended"), *super().get_urls()]

    @admin.display(description=_("buyer"))
    def buyer_shown(self, row: Order) -> SafeString | str:
        return person(row.buyer)

    @admin.display(description=_("seller"))
    def seller_shown(self, row: Order) -> SafeString | str:
        return person(row.seller)

    @admin.display(description=_("total"))
    def worth(self, row: Order) -> SafeString | str:
        return amount(row.total_minor, row.currency)

    @admin.display(description=_("state"))
    def axes(self, row: Order) -> SafeString:
        return format_html(
            '<span class="badge {}">{}</span> <span class="badge {}">{}</span> <span class="badge">{}</span>{}',
            tone(row.state),
            row.get_state_display(),
            tone(row.payment_state),
            row.get_payment_state_display(),
            row.get_fulfilment_state_display(),
            ""
            if row.dispute_state == DisputeAxis.NONE
            else format_html(
                ' <span class="badge {}">{}</span>', tone(row.dispute_state), row.get_dispute_state_display()
            ),
        )

    def badges(self, thing: Order) -> Sequence[tuple[Any, str]]:
        found = [
            (thing.get_state_display(), tone(thing.state)),
            (thing.get_payment_state_display(), tone(thing.payment_state)),
            (thing.get_fulfilment_state_display(), ""),
        ]
        if thing.dispute_state != DisputeAxis.NONE:
            found.append((thing.get_dispute_state_display(), tone(thing.dispute_state)))
        return found

    def facts(self, request: HttpRequest, thing: Order) -> Sequence[tuple[Any, Any]]:
        reads = bool(reason_of(request.user, ADDRESS)) and request.user.has_perm("orders.read_order_address")
        return [
            (_("buyer"), person(thing.buyer)),
            (_("seller"), person(thing.seller)),
            (_("came by"), thing.get_source_display()),
            (_("paid by"), thing.get_pay_by_display()),
            (_("delivery by"), thing.get_delivery_display()),
            (_("where to"), _address(thing.address) if reads else ""),
            (_("note of the buyer"), thing.buyer_note if reads else ""),
            (_("items"), amount(thing.items_minor, thing.currency)),
            (_("delivery"), amount(thing.delivery_minor, thing.currency) if thing.delivery_minor else ""),
            (
                _("the shop's discount"),
                amount(thing.shop_discount_minor, thing.currency) if thing.shop_discount_minor else "",
            ),
            (
                _("our discount"),
                amount(thing.platform_discount_minor, thing.currency) if thing.platform_discount_minor else "",
            ),
            (_("total"), amount(thing.total_minor, thing.currency)),
            (_("commission"), amount(thing.commission_minor, thing.currency)),
            (_("by the rule"), thing.fee.get("rule", "")),
            (_("the seller's"), amount(thing.payout_minor, thing.currency)),
            (_("given back"), amount(thing.refunded_minor, thing.currency) if thing.refunded_minor else ""),
            (_("to be paid until"), thing.expires_at if thing.state == OrderState.AWAITING_PAYMENT else ""),
            (_("to be sent until"), thing.dispatch_by),
            (_("arrives until"), thing.arrive_by),
            (_("released by itself"), thing.inspection_ends_at),
            (_("owed in cash"), amount(thing.cash_owed_minor, thing.currency) if thing.cash_owed_minor else ""),
            (_("found not to be given"), thing.cash_owed_unpaid_at),
            (_("cash said to be back"), thing.cash_back_said_at),
            (_("before our staff"), thing.cash_back_staff_at),
            (_("cancelled because"), thing.get_cancelled_because_display()),
        ]

    def parts(self, request: HttpRequest, thing: Order) -> Sequence[Part]:
        items = [
            {
                "cells": (
                    _to_product(request, item),
                    item.quantity,
                    amount(item.unit_minor, thing.currency),
                    _("given in exchange") if item.is_traded else "",
                )
            }
            for item in thing.items.all()
        ]
        papers = [
            {"cells": (one.get_kind_display(), _to_paper(one), amount(one.total_minor, one.currency), one.issued_at)}
            for one in Invoice.objects.filter(order=thing).order_by("id")
        ]
        parcels = [
            {"cells": (one.carrier, one.tracking_number, one.get_state_display(), one.booked_at)}
            for one in thing.shipments.order_by("id")
        ]
        found = [
            Part(
                _("What was bought"),
                "admin/rows.html",
                {"rows": items, "columns": (_("thing"), _("quantity"), _("price"), "")},
            ),
            timeline(thing),
        ]
        if parcels:
            columns: tuple[Any, ...] = (_("carrier"), _("number"), _("state"), _("since"))
            found.append(Part(_("Parcels"), "admin/rows.html", {"rows": parcels, "columns": columns}))
        if papers:
            columns = (_("kind"), _("number"), _("amount"), _("issued"))
            found.append(Part(_("Documents"), "admin/rows.html", {"rows": papers, "columns": columns}))
        return found

    def ways(self, request: HttpRequest, thing: Order) -> list[Way]:
        found = super().ways(request, thing)
        if request.user.has_perm("payments.view_ledgertransaction"):
            url = f"{reverse('admin:payments_ledgertransaction_where')}?q={reference_of(thing)}"
            found.append(Way(_("Where is the money?"), url))
        found += [
            Way(_("Dispute"), reverse("admin:orders_dispute_change", args=[dispute.pk]), "urgent")
            for dispute in Dispute.objects.filter(order=thing).order_by("id")
            if request.user.has_perm("orders.view_dispute")
        ]
        return found

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).select_related("buyer", "seller")


def _address(address: dict[str, Any]) -> str:
    parts = ("recipient", "phone", "street", "building", "unit", "city", "instructions")
    return ", ".join(str(address[name]) for name in parts if address.get(name))


def _to_product(request: HttpRequest, item: Any) -> SafeString | str:
    if not request.user.has_perm("catalog.view_product"):
        return str(item.title)
    url = reverse("admin:catalog_product_change", args=[item.product_id])
    return format_html('<a href="{}"><bdi>{}</bdi></a>', url, item.title)


def _to_paper(invoice: Invoice) -> SafeString:
    url = f"/orders/{invoice.order_id}/invoices/{invoice.pk}"
    return format_html('<a href="{}"><bdi dir="ltr">{}</bdi></a>', url, invoice)


@ways_from("accounts.user")
def _to_orders(request: HttpRequest, thing: Any) -> list[Way]:
    if not request.user.has_perm("orders.view_order"):
        return []
    return [Way(_("Orders"), f"{reverse('admin:orders_order_changelist')}?q={thing.username}")]
