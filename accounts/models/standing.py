"""How a person stands, and what they may not do."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from accounts.states import RestrictionKind
from core.ids import uuid7


class SellerStanding(models.Model):
    """How a seller stands: numbers that trust writes and everybody reads."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="standing")
    rating = models.DecimalField(max_digits=3, decimal_places=2, null=True, blank=True)
    review_count = models.PositiveIntegerField(default=0)
    sales_count = models.PositiveIntegerField(default=0)
    tier = models.CharField(max_length=20, blank=True)
    badges = models.JSONField(default=list, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"standing of {self.user_id}"


class Restriction(models.Model):
    """Something a person may not do, from when until when, and because of which case. Written through moderation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="restrictions")
    kind = models.CharField(max_length=10, choices=RestrictionKind.choices)
    reason_en = models.TextField(blank=True)  # what the person is told
    reason_ar = models.TextField(blank=True)
    case_id = models.UUIDField(null=True, blank=True)
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)  # None: until lifted
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("restriction")
        verbose_name_plural = _("restrictions")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=RestrictionKind.values), name="accounts_restriction_kind"
            ),
        )
        indexes = (
            models.Index(fields=["user", "kind"], condition=models.Q(lifted_at=None), name="accounts_restriction_open"),
            models.Index(fields=["ends_at"], condition=models.Q(lifted_at=None), name="accounts_restriction_ends"),
        )

    def __str__(self) -> str:
        return str(self.get_kind_display())
