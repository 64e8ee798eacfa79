"""The fee table in the console: read in its order, changed with a preview of what sales will cost."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.rules import CURRENCIES
from core.amounts import amount_words, currency_words
from core.errors import Refusal
from core.money import Money
from payments import actions
from payments.admin.what_if import what_if_view
from payments.models import FeeAmounts, FeeRule
from payments.rules import check_table_ends, fee_of
from payments.selectors import fee_rules

SAMPLES = (20, 100, 1_000, 10_000)  # prices in whole units, for the preview


class FeeRuleForm(forms.ModelForm):
    class Meta:
        model = FeeRule
        fields = ("position", "name", "channel", "category", "seller_tier", "seller", "percent", "is_active")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            self.instance = forms.models.construct_instance(self, self.instance, self._meta.fields, self._meta.exclude)
            others = [rule for rule in fee_rules() if rule.pk != self.instance.pk]
            try:
                check_table_ends([*others, self.instance])
            except Refusal as refusal:
                raise forms.ValidationError(refusal.message) from None
        return cleaned


_BOUNDS = {"none": "–", "minimum": _("smallest fee"), "maximum": _("largest fee")}


class FeeAmountsForm(forms.ModelForm):
    currency = forms.ChoiceField(choices=[(c, c) for c in CURRENCIES], label=_("currency"))

    class Meta:
        model = FeeAmounts
        fields = ("currency", "fixed_minor", "minimum_minor", "maximum_minor")


class FeeAmountsFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for field in form.fields.values():  # in a table Django gives them no label
            field.widget.attrs["aria-label"] = field.label or ""


class FeeAmountsInline(admin.TabularInline):
    model = FeeAmounts
    form = FeeAmountsForm
    formset = FeeAmountsFormSet
    extra = 0
    verbose_name_plural = _("amounts in minor units (fils, piastres, cents)")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("payments.change_feerule")


@admin.register(FeeRule)
class FeeRuleAdmin(admin.ModelAdmin):
    list_display = (
        "position",
        "name",
        "channel",
        "category",
        "seller_tier",
        "seller",
        "percent",
        "bounds",
        "is_active",
    )
    list_display_links = ("position", "name")
    list_filter = ("is_active", "channel")
    list_select_related = ("category", "seller")
    ordering = ("position",)
    form = FeeRuleForm
    raw_id_fields = ("seller",)
    inlines = (FeeAmountsInline,)
    readonly_fields = ("preview",)
    fields = (*FeeRuleForm.Meta.fields, "preview")

    change_form_template = "admin/payments/fee_rule.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(partial(what_if_view, self))
        return [path("<str:rule_id>/what-if/", view, name="payments_feerule_what_if"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("amounts")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # switch it off instead: orders name the rule that they were charged by

    @admin.display(description=_("minimum"))
    def bounds(self, rule: FeeRule) -> str:
        return ", ".join(f"{Money(a.minimum_minor, a.currency)} {a.currency}" for a in rule.amounts.all()) or "–"

    @admin.display(description=_("what sales cost by this rule, as saved"))
    def preview(self, rule: FeeRule | None) -> SafeString | str:
        if rule is None or rule._state.adding:
            return "–"
        rows = format_html_join(
            "",
            "<tr><th scope='row'>{} {}</th><td>{}</td><td>{}</td></tr>",
            [
                (amount_words(price), currency_words(price.currency), amount_words(fee.fee), _BOUNDS[fee.bound])
                for currency in CURRENCIES
                for price in (Money.parse(sample, currency) for sample in SAMPLES)
                for fee in [fee_of(rule, price)]
            ],
        )
        return format_html(
            "<table><thead><tr><th scope='col'>{}</th><th scope='col'>{}</th><th scope='col'>{}</th></tr></thead>"
            "<tbody>{}</tbody></table>",
            _("price"),
            _("fee"),
            _("bound by"),
            rows,
        )

    def save_model(self, request: HttpRequest, obj: FeeRule, form: Any, change: bool) -> None:
        actions.save_fee_rule(staff=request.user, rule=obj)  # type: ignore[arg-type]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        changed = formset.save(commit=False)
        for amounts in formset.deleted_objects:
            actions.drop_fee_amounts(staff=request.user, amounts=amounts)  # type: ignore[arg-type]
        for amounts in changed:
            actions.save_fee_amounts(staff=request.user, amounts=amounts)  # type: ignore[arg-type]
