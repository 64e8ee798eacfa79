"""Offers for staff: looked up with a reason, one negotiation at a time. Nothing is changed here."""

import uuid
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.reasoned_admin import ReasonedAdmin
from core.staff import Way, ways_from
from offers import selectors
from offers.models import Offer

READ = "messaging.read_conversation"  # what two people haggle is said between them


@admin.register(Offer)
class OfferAdmin(ReasonedAdmin):
    permission = READ
    scope = "messaging.reading"
    list_display = ("made", "product", "people", "worth", "turn", "state")
    list_display_links = ("made",)
    list_per_page = 50
    search_help_text = _("A username or two, or the number of an offer, a person, a listing or a conversation")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Offer]:
        return selectors.offers_for_staff()

    def narrowed(self, queryset: QuerySet[Any], *, number: uuid.UUID | None, username: str) -> QuerySet[Any]:
        return selectors.among_offers(queryset, number=number, username=username)

    @admin.display(description=_("made"))
    def made(self, offer: Offer) -> Any:
        return offer.created_at

    @admin.display(description=_("people"))
    def people(self, offer: Offer) -> SafeString:
        return format_html("<bdi>@{}</bdi> · <bdi>@{}</bdi>", offer.buyer.username, offer.seller.username)

    @admin.display(description=_("amount"))
    def worth(self, offer: Offer) -> SafeString:
        return format_html("<bdi>{}</bdi>", selectors.in_words(offer))

    def opened(self, request: HttpRequest, thing: Offer) -> HttpResponse:
        """The whole negotiation that this turn belongs to."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Negotiation"),
            "offer": thing,
            "turns": [
                {"turn": turn, "worth": selectors.in_words(turn)} for turn in selectors.negotiation_for_staff(thing)
            ],
            "ways": self._ways(request, thing),
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, "admin/offers/negotiation.html", context)

    def _ways(self, request: HttpRequest, offer: Offer) -> list[Way]:
        ways = [Way(_("Conversation"), reverse("admin:messaging_conversation_change", args=[offer.conversation_id]))]
        if request.user.has_perm("accounts.view_user"):
            ways += [
                Way(f"@{person.username}", reverse("admin:accounts_user_change", args=[person.pk]))
                for person in (offer.buyer, offer.seller)
            ]
        if request.user.has_perm("catalog.view_product"):
            ways.append(Way(_("Listing"), reverse("admin:catalog_product_change", args=[offer.product_id])))
        return ways


def _to_offers(request: HttpRequest, thing: Any) -> list[Way]:
    url = f"{reverse('admin:offers_offer_changelist')}?q={thing.pk}"
    return [Way(_("Offers"), url)] if request.user.has_perm(READ) else []


for kind in ("messaging.conversation", "accounts.user", "catalog.product"):
    ways_from(kind)(_to_offers)
