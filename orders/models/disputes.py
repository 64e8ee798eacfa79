"""When a buyer says that something is wrong."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.ids import uuid7
from core.states import known_state
from media.models import MediaAsset
from orders.models.orders import Order
from orders.states import DisputeOutcome, DisputeReason, DisputeState, Side


class Dispute(models.Model):
    """One dispute about one order. The seller answers first, then staff decide; whoever decided does not decide the appeal."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="disputes", verbose_name=_("order"))
    reason = models.CharField(max_length=20, choices=DisputeReason.choices, verbose_name=_("reason"))
    text = models.TextField(max_length=2000, verbose_name=_("what happened"))
    wanted_minor = models.BigIntegerField(verbose_name=_("wanted back, in minor units"))
    state = models.CharField(max_length=16, choices=DisputeState.choices, default=DisputeState.OPEN)
    answer_by = models.DateTimeField(null=True, blank=True)  # the seller; then we look at it
    decide_by = models.DateTimeField(null=True, blank=True)  # our staff
    appeal_by = models.DateTimeField(null=True, blank=True)  # whoever lost
    return_by = models.DateTimeField(null=True, blank=True)  # the buyer sends it back
    seller_answer = models.CharField(max_length=10, blank=True)  # accepts | offers | refuses
    offered_minor = models.BigIntegerField(null=True, blank=True)  # what the seller would give back

    outcome = models.CharField(max_length=10, choices=DisputeOutcome.choices, blank=True, verbose_name=_("outcome"))
    refund_minor = models.BigIntegerField(null=True, blank=True)
    needs_return = models.BooleanField(default=False)
    words = models.TextField(max_length=2000, blank=True)  # of the decision, for both sides
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    appealed_by = models.CharField(max_length=6, choices=Side.choices, blank=True)
    appeal_text = models.TextField(max_length=2000, blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)
    first_outcome = models.CharField(max_length=10, blank=True)  # before the appeal
    first_decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    claimed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    claimed_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = (
            known_state(DisputeState, "orders_dispute_known"),
            models.UniqueConstraint(fields=["order"], condition=~Q(state="closed"), name="orders_one_open_dispute"),
            models.CheckConstraint(condition=Q(wanted_minor__gte=0), name="orders_dispute_wants"),
            models.CheckConstraint(
                condition=Q(first_decided_by=None) | Q(decided_by=None) | ~Q(decided_by=F("first_decided_by")),
                name="orders_appeal_other_eyes",
            ),
        )
        indexes = (
            models.Index(fields=["answer_by"], condition=Q(state="open"), name="orders_answers_due"),
            models.Index(
                fields=["decide_by"], condition=Q(state__in=["under_review", "appealed"]), name="orders_decisions_due"
            ),
            models.Index(fields=["appeal_by"], condition=Q(state="decided"), name="orders_appeals_due"),
            models.Index(fields=["return_by"], condition=Q(state="awaiting_return"), name="orders_returns_due"),
        )

    def __str__(self) -> str:
        return f"{self.reason} {self.order_id}"


class DisputeEvidence(models.Model):
    """What one side shows. Pictures are private to the two and to staff."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="evidence")
    side = models.CharField(max_length=6, choices=Side.choices)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=2000, blank=True)
    picture = models.ForeignKey(MediaAsset, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_internal = models.BooleanField(default=False)  # a note of staff
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(text="") | Q(picture__isnull=False), name="orders_evidence_is_something"
            ),
            models.CheckConstraint(condition=Q(is_internal=False) | Q(side="staff"), name="orders_notes_are_staffs"),
        )

    def __str__(self) -> str:
        return f"{self.side} on {self.dispute_id}"
