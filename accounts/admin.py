"""People in the console: found, read, signed out. Every change is an action with a reason; suspending belongs to moderation, which
offers it on this page through `core.staff.ways_from("accounts.user")`.
"""

import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from axes.models import AccessFailureLog, AccessLog
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.actions.second_factor import is_set_up, remove_second_factor
from accounts.actions.staff import put_into_groups
from accounts.errors import NotAnIdentifier
from accounts.identifiers import read_identifier
from accounts.models import Erasure, Restriction, Session, User
from accounts.selectors import restrictions_in_force
from core.errors import Refusal
from core.models import AuditEntry
from core.staff import ReadOnlyAdmin, Way, ways_of

# allauth's own screens would write past our actions, and one of them shows the secrets of second factors; two of axes' stay empty.
for model in (EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, AccessLog, AccessFailureLog):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class ByDate(admin.SimpleListFilter):
    """Yes or no, for a column that is a date or nothing."""

    column = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(**{f"{self.column}__isnull": self.value() == "no"})


class BySuspension(ByDate):
    title, parameter_name, column = _("suspended"), "suspended", "suspended_at"


class BySelling(ByDate):
    title, parameter_name, column = _("seller"), "seller", "sells_since"


class ByErasure(ByDate):
    title, parameter_name, column = _("deleted"), "erased", "erased_at"


class ByProof(ByDate):
    title, parameter_name = _("verified"), "verified"

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        nothing = Q(email_verified_at=None, phone_verified_at=None)
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(nothing if self.value() == "no" else ~nothing)


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("accounts.view_user")


class RestrictionInline(ReadOnlyInline):
    model = Restriction
    fields = readonly_fields = ("kind", "starts_at", "ends_at", "lifted_at", "reason_en", "reason_ar")
    ordering = ("-starts_at",)
    verbose_name_plural = _("restrictions, all that ever were")


class SessionInline(ReadOnlyInline):
    model = Session
    fields = readonly_fields = (
        "kind",
        "user_agent",
        "ip",
        "created_at",
        "last_seen_at",
        "revoked_at",
        "revoked_because",
    )
    ordering = ("-last_seen_at",)
    verbose_name_plural = _("sessions of the last 90 days")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("accounts.end_sessions")


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept in the audit log."),
    )


class GroupsForm(ReasonForm):
    groups = forms.ModelMultipleChoiceField(
        label=_("Groups"), queryset=Group.objects.order_by("name"), required=False, widget=forms.CheckboxSelectMultiple
    )
    field_order = ("groups", "reason")


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("username", "full_name", "verified", "seller", "trusted", "suspended", "created_at")
    list_filter = (BySuspension, ByProof, BySelling, "is_staff", ByErasure)
    search_fields = ("username",)
    search_help_text = _("The beginning of a username, a whole email address, a whole phone number, or an id")
    ordering = ("-created_at",)
    list_select_related = False
    inlines = (RestrictionInline, SessionInline)
    change_form_template = "admin/accounts/user/change_form.html"
    fieldsets = (
        (None, {"fields": ("username", "full_name", "bio", "language", "contact_email", "contact_phone")}),
        (
            _("Proven"),
            {"fields": ("email_verified_at", "phone_verified_at", "identity_verified_at", "business_verified_at")},
        ),
        (
            _("Standing"),
            {"fields": ("sells_since", "suspended_at", "listings_hidden_at", "followers_count", "following_count")},
        ),
        (_("Staff"), {"fields": ("is_staff", "is_superuser", "group_names", "second_factor")}),
        (
            _("Account"),
            {"fields": ("id", "neighborhood_name", "created_at", "last_login", "last_seen_at", "erased_at", "history")},
        ),
    )
    readonly_fields = ("contact_email", "contact_phone", "group_names", "second_factor", "neighborhood_name", "history")

    # --- finding ------------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).defer("location")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Addresses and numbers are found by the whole only: nobody browses through them."""
        term = search_term.strip()
        if not term:
            return queryset, False
        wanted = Q(username__istartswith=term.removeprefix("@"))
        with suppress(NotAnIdentifier):
            identifier = read_identifier(term)
            wanted |= Q(**{identifier.field: identifier.value})
        with suppress(ValueError):
            wanted |= Q(pk=uuid.UUID(term))
        return queryset.filter(wanted), False

    @admin.display(boolean=True, description=_("verified"))
    def verified(self, person: User) -> bool:
        return person.is_verified

    @admin.display(boolean=True, description=_("seller"))
    def seller(self, person: User) -> bool:
        return person.sells_since is not None

    @admin.display(boolean=True, description=_("trusted"))
    def trusted(self, person: User) -> bool:
        return person.is_trusted

    @admin.display(description=_("suspended"), ordering="suspended_at", empty_value="")
    def suspended(self, person: User) -> Any:
        return person.suspended_at

    # --- one person ---------------------------------------------------------------------------------------------------

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        person = super().get_object(request, object_id, from_field)
        if person is not None:
            person.shows_contacts = request.user.has_perm("accounts.see_contacts")
        return person

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        person = self.get_object(request, object_id)
        context = {"ways": self._ways(request, person) if person else [], **(extra_context or {})}
        if person:
            context["in_force"] = restrictions_in_force(person)
        return super().change_view(request, object_id, form_url, context)

    def _ways(self, request: HttpRequest, person: User) -> list[Way]:
        own = []
        if request.user.has_perm("accounts.end_sessions"):
            own.append(Way(_("Sign out everywhere"), reverse("admin:accounts_user_sign_out", args=[person.pk])))
        if request.user.is_superuser and person.pk != request.user.pk:
            own.append(Way(_("Groups"), reverse("admin:accounts_user_groups", args=[person.pk])))
            if is_set_up(person):
                url = reverse("admin:accounts_user_second_factor", args=[person.pk])
                own.append(Way(_("Remove the second factor"), url))
        return [*ways_of("accounts.user", request, person), *own]

    @admin.display(description=_("email"))
    def contact_email(self, person: Any) -> str:
        return _masked(person.email or "", shown=person.shows_contacts)

    @admin.display(description=_("phone"))
    def contact_phone(self, person: Any) -> str:
        return _masked(str(person.phone or ""), shown=person.shows_contacts)

    @admin.display(description=_("groups"))
    def group_names(self, person: User) -> str:
        return ", ".join(person.groups.order_by("name").values_list("name", flat=True)) or "–"

    @admin.display(boolean=True, description=_("second factor"))
    def second_factor(self, person: User) -> bool:
        return is_set_up(person)

    @admin.display(description=_("neighbourhood"))
    def neighborhood_name(self, person: User) -> str:
        return person.neighborhood.name if person.neighborhood else "–"

    @admin.display(description=_("audit log"))
    def history(self, person: User) -> str:
        count = AuditEntry.objects.filter(target_kind="user", target_id=str(person.pk)).count()
        url = f"{reverse('admin:core_auditentry_changelist')}?target_kind__exact=user&q={person.pk}"
        return format_html('<a href="{}">{}</a>', url, count)

    # --- what can be done ---------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<uuid:pk>/sign-out", wrap(self.sign_out_view), name="accounts_user_sign_out"),
            path("<uuid:pk>/groups", wrap(self.groups_view), name="accounts_user_groups"),
            path("<uuid:pk>/second-factor", wrap(self.second_factor_view), name="accounts_user_second_factor"),
            *super().get_urls(),
        ]

    def sign_out_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        def act(person: User, form: forms.Form) -> str:
            reason = form.cleaned_data["reason"]
            ended = actions.end_all_sessions(user=person, because="by_staff", staff=request.user, reason=reason)  # type: ignore[arg-type]
            return _now("Signed out of {count} sessions.").format(count=ended)

        self._check(request, "accounts.end_sessions")
        return self._ask(request, pk, ReasonForm(request.POST or None), act, _("Sign out everywhere"))

    def groups_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        def act(person: User, form: forms.Form) -> str:
            given = form.cleaned_data
            put_into_groups(user=person, groups=given["groups"], superuser=request.user, reason=given["reason"])  # type: ignore[arg-type]
            return _now("The groups are changed.")

        self._check(request, "")
        initial = {"groups": Group.objects.filter(user__pk=pk)}
        return self._ask(request, pk, GroupsForm(request.POST or None, initial=initial), act, _("Groups"))

    def second_factor_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        def act(person: User, form: forms.Form) -> str:
            remove_second_factor(user=person, staff=request.user, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
            return _now("Removed. They set up a new one when they next enter the console.")

        self._check(request, "")
        return self._ask(request, pk, ReasonForm(request.POST or None), act, _("Remove the second factor"))

    def _check(self, request: HttpRequest, permission: str) -> None:
        allowed = request.user.has_perm(permission) if permission else request.user.is_superuser
        if not allowed:
            raise PermissionDenied

    def _ask(
        self,
        request: HttpRequest,
        pk: uuid.UUID,
        form: forms.Form,
        act: Callable[[User, forms.Form], str],
        title: Any,
    ) -> HttpResponse:
        """The form on GET; on POST the action, once, and back to the person."""
        person = self.get_object(request, str(pk))
        if person is None:
            raise Http404
        back = reverse("admin:accounts_user_change", args=[pk])
        if form.is_valid():
            try:
                messages.success(request, act(person, form))
                return HttpResponseRedirect(back)
            except Refusal as refusal:
                form.add_error(None, refusal.message)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "person": person,
            "form": form,
            "back": back,
        }
        return TemplateResponse(request, "admin/accounts/user/ask.html", context)


def _masked(value: str, *, shown: bool) -> str:
    """The whole for those who may see contacts, else enough to compare with what somebody says."""
    if not value or shown:
        return value or "–"
    name, at, domain = value.partition("@")
    return f"{name[:1]}•••{at}{domain}" if at else f"{value[:4]}•••{value[-2:]}"


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    """Wishes to be forgotten, what holds them up, and the receipts."""

    list_display = ("user", "state", "requested_at", "due_at", "done_at")
    list_filter = ("state",)
    list_select_related = ("user",)
    ordering = ("-requested_at",)
    fields = ("user", "state", "requested_at", "due_at", "done_at", "receipt")
