"""Haggling: each turn of a negotiation is a row that keeps what it said."""

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Product, ProductVariant
from core.ids import uuid7
from core.money import Money
from core.states import known_state
from messaging.models import Conversation
from offers.states import Ending, OfferKind, OfferState, Side

LIVE = Q(state__in=["pending", "accepted"])
# A paid one is a deal, and its buyer may haggle for another piece. Written so that `state = 'pending'` alone implies it.
OPEN = Q(state="pending") | Q(state="accepted", paid_at=None)


class OfferTerms(models.Model):
    """How a seller haggles over one listing. No row: the defaults."""

    product = models.OneToOneField(Product, on_delete=models.CASCADE, primary_key=True, related_name="offer_terms")
    takes_offers = models.BooleanField(default=True, verbose_name=_("takes offers"))
    takes_trades = models.BooleanField(default=True, verbose_name=_("takes trades"))
    floor_percent = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(99)],
        verbose_name=_("decline below, in percent of the price"),
    )  # never shown to buyers
    auto_accept_percent = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        verbose_name=_("accept from, in percent of the price"),
    )
    shows_offers = models.BooleanField(default=False, verbose_name=_("shows offers on its page"))  # scrolling chips
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(floor_percent=None)
                | Q(auto_accept_percent=None)
                | Q(floor_percent__lt=F("auto_accept_percent")),
                name="offers_floor_below_acceptance",
            ),
        )

    def __str__(self) -> str:
        return f"terms of {self.product_id}"


class Offer(models.Model):
    """One turn. What it says never changes (a trigger refuses it); its state and clock do.

    A negotiation is all turns of one buyer on one listing since it began: they share `negotiation_id`, the first turn's id.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    negotiation_id = models.UUIDField(editable=False)
    turn = models.PositiveSmallIntegerField(default=1)
    # Ending an offer writes every index anew, a hundred thousand times in a bad minute: none is here but those that something asks.
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="offers", db_index=False, verbose_name=_("listing")
    )
    variant = models.ForeignKey(ProductVariant, on_delete=models.PROTECT, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="offers", db_index=False)
    buyer = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="offers_as_buyer", db_index=False, verbose_name=_("buyer")
    )
    seller = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="offers_as_seller", db_index=False, verbose_name=_("seller")
    )
    made_by = models.CharField(max_length=6, choices=Side.choices)
    kind = models.CharField(max_length=5, choices=OfferKind.choices, default=OfferKind.CASH)
    amount_minor = models.BigIntegerField(null=True, blank=True)  # None in a plain trade
    currency = models.CharField(max_length=3)
    trade_product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.PROTECT, related_name="offered_in_trade", db_index=False
    )
    message = models.CharField(max_length=500, blank=True)
    asked_minor = models.BigIntegerField()  # the asking price when this was said

    state = models.CharField(max_length=10, choices=OfferState.choices, default=OfferState.PENDING)
    ending = models.CharField(max_length=10, choices=Ending.choices, blank=True)
    expires_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)  # the clock stands: reserved for somebody else
    responded_at = models.DateTimeField(null=True, blank=True)
    payment_due_at = models.DateTimeField(null=True, blank=True)  # of an accepted one, until it is paid
    paid_at = models.DateTimeField(
        null=True, blank=True
    )  # its order was confirmed: paid, or agreed where nothing is paid through us
    archived_at = models.DateTimeField(null=True, blank=True)  # old and over: out of the lists, kept for the books
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = (
            known_state(OfferState, "offers_offer_state"),
            models.CheckConstraint(
                condition=Q(kind="trade", amount_minor=None, trade_product__isnull=False)
                | Q(kind="cash", amount_minor__gt=0, trade_product=None)
                | Q(kind="mixed", amount_minor__gt=0, trade_product__isnull=False),
                name="offers_says_what_it_is",
            ),
            models.CheckConstraint(condition=~Q(buyer=F("seller")), name="offers_not_to_oneself"),
            models.UniqueConstraint(fields=["negotiation_id", "turn"], name="offers_turn_once"),
            models.UniqueConstraint(
                fields=["product", "buyer"],
                condition=OPEN,
                name="offers_one_live_offer",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at=None) | Q(state="pending"), name="offers_only_waiting_clocks_stop"
            ),
            models.CheckConstraint(
                condition=Q(state="accepted", payment_due_at__isnull=False, paid_at=None)
                | Q(state="accepted", payment_due_at=None, paid_at__isnull=False)
                | Q(state__in=["expired", "superseded"])
                | (~Q(state="accepted") & Q(payment_due_at=None, paid_at=None)),
                name="offers_accepted_has_deadline",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", responded_at=None) | ~Q(state="pending"), name="offers_pending_is_open"
            ),
        )
        indexes = (
            models.Index(fields=["expires_at", "id"], condition=Q(state="pending", stopped_at=None), name="offers_due"),
            models.Index(fields=["payment_due_at", "id"], condition=Q(state="accepted"), name="offers_payment_due"),
            models.Index(fields=["product", "-id"], name="offers_on_product"),
            models.Index(
                fields=["trade_product"], condition=LIVE & Q(trade_product__isnull=False), name="offers_with_thing"
            ),
            models.Index(fields=["buyer", "-id"], condition=Q(archived_at=None), name="offers_of_buyer"),
            models.Index(fields=["seller", "-id"], condition=Q(archived_at=None), name="offers_of_seller"),
            models.Index(fields=["buyer", "-id"], condition=LIVE, name="offers_live_of_buyer"),
            models.Index(fields=["seller", "-id"], condition=LIVE, name="offers_live_of_seller"),
            models.Index(
                fields=["responded_at", "id"],
                condition=Q(archived_at=None) & ~Q(state__in=["pending", "accepted"]),
                name="offers_to_archive",
            ),
        )
        triggers = (
            pgtrigger.Protect(
                name="turn_says_what_it_said",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "negotiation_id",
                    "turn",
                    "product",
                    "variant",
                    "conversation",
                    "buyer",
                    "seller",
                    "made_by",
                    "kind",
                    "amount_minor",
                    "currency",
                    "trade_product",
                    "asked_minor",
                    "created_at",
                ),
            ),
            pgtrigger.Protect(name="turn_stays", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.amount or self.kind} for {self.product_id}"

    @property
    def is_waiting(self) -> bool:
        """Nobody has answered yet."""
        return self.state == OfferState.PENDING

    @property
    def amount(self) -> Money | None:
        return None if self.amount_minor is None else Money(self.amount_minor, self.currency)
