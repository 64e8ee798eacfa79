"""The versions of the ranking's weights, and a sample of what was shown under them."""

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.ids import uuid7
from core.states import known_state
from feeds.states import SellerTier, WeightsState


class RankingWeights(models.Model):
    """One version of the numbers in `feeds.ranking.Weights`. What it says never changes (triggers refuse it): another idea is another
    version. One is in force.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.PositiveIntegerField(unique=True, verbose_name=_("version"))
    values = models.JSONField(verbose_name=_("weights"))  # Weights.values
    note = models.CharField(max_length=300, blank=True, verbose_name=_("why"))
    state = models.CharField(
        max_length=10, choices=WeightsState.choices, default=WeightsState.PROPOSED, verbose_name=_("state")
    )
    author = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )  # None: came with the program
    created_at = models.DateTimeField(default=timezone.now, verbose_name=_("proposed"))
    active_from = models.DateTimeField(null=True, blank=True, verbose_name=_("in force from"))
    active_until = models.DateTimeField(null=True, blank=True, verbose_name=_("in force until"))

    class Meta:
        verbose_name = _("ranking weights")
        verbose_name_plural = _("ranking weights")
        ordering = ("-version",)
        permissions = (("activate_rankingweights", _("Can put ranking weights in force")),)
        constraints = (
            known_state(WeightsState, "feeds_weights_state"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="active"), name="feeds_one_version_in_force"),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "discarded"], active_from=None)
                | Q(state="active", active_from__isnull=False, active_until=None)
                | Q(state="retired", active_from__isnull=False, active_until__isnull=False),
                name="feeds_weights_in_force_since",
            ),
        )
        triggers = (
            pgtrigger.Protect(
                name="weights_say_the_same",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("id", "version", "values", "note", "author", "created_at"),
            ),
            pgtrigger.Protect(name="weights_stay", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return str(_("version {number}")).format(number=self.version)


class Impression(models.Model):
    """One listing among those that one page was chosen from, with what the formula read of it then. A sample: see docs/ranking.md.

    Who looked is nowhere, nor where from: `facts.metres` counts from the middle of a cell about a kilometre across.
    """

    sample = models.UUIDField()  # one look at a first page
    at = models.DateTimeField()
    feed = models.CharField(max_length=20)
    version = models.PositiveIntegerField()  # of the weights that it was ranked by
    page_size = models.PositiveSmallIntegerField()
    position = (
        models.PositiveSmallIntegerField()
    )  # from 1; up to `page_size` they were shown, the rest stood next in line
    product_id = models.UUIDField()
    seller_id = models.UUIDField()
    neighborhood_id = models.UUIDField(null=True)
    seller_tier = models.CharField(max_length=10, choices=SellerTier.choices)
    facts = models.JSONField()  # of ranking.Facts, what is not its default

    class Meta:
        constraints = (models.UniqueConstraint(fields=["sample", "position"], name="feeds_impression_once"),)
        indexes = (
            BrinIndex(fields=["at"], name="feeds_impression_when"),
            models.Index(fields=["seller_id"], name="feeds_impression_seller"),  # for erasure
        )

    def __str__(self) -> str:
        return f"{self.feed} {self.sample} #{self.position}"
