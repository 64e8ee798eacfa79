"""The provider's books beside ours."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.ids import uuid7
from core.states import known_state
from payments.states import BreakKind, BreakState


class BalanceTransaction(models.Model):
    """A line of the provider's own books, as last read. Amounts in minor units."""

    id = models.CharField(primary_key=True, max_length=80)  # txn_…
    account = models.CharField(max_length=80, blank=True)  # empty: the platform's
    type = models.CharField(max_length=60)
    reporting_category = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=80, blank=True)
    amount = models.BigIntegerField()
    fee = models.BigIntegerField(default=0)
    net = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField()
    available_on = models.DateTimeField()
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (
            models.Index(fields=["account", "created_at"], name="payments_bt_by_day"),
            models.Index(fields=["source"], name="payments_bt_source"),
        )

    def __str__(self) -> str:
        return self.id


class Reconciliation(models.Model):
    """One night's comparison."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    since = models.DateTimeField()
    until = models.DateTimeField()
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    counted = models.JSONField(default=dict, blank=True)  # lines read, matched, broken; balances on both sides
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        indexes = (models.Index(fields=["-started_at"], name="payments_runs"),)

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d} – {self.until:%Y-%m-%d}"


class ReconciliationBreak(models.Model):
    """Something that the two books, or the ledger and what happened, do not agree on, until somebody explains it.

    One row for each, however often it is found.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The run that found it last; None: the audit of our own ledger did.
    run = models.ForeignKey(Reconciliation, null=True, blank=True, on_delete=models.PROTECT, related_name="breaks")
    kind = models.CharField(max_length=20, choices=BreakKind.choices, verbose_name=_("kind"))
    ref = models.CharField(max_length=120, verbose_name=_("reference"))
    account = models.CharField(max_length=80, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    expected_minor = models.BigIntegerField(null=True, blank=True)  # by our ledger
    found_minor = models.BigIntegerField(null=True, blank=True)  # at the provider, or by the thing itself
    state = models.CharField(max_length=10, choices=BreakState.choices, default=BreakState.OPEN)
    explanation = models.CharField(max_length=500, blank=True)
    explained_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("reconciliation break")
        verbose_name_plural = _("reconciliation breaks")
        permissions = (("explain_break", _("Can explain what the books do not agree on")),)
        constraints = (
            known_state(BreakState, "payments_break_state"),
            models.UniqueConstraint(
                fields=["kind", "ref", "account"], condition=Q(state="open"), name="payments_break_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"
