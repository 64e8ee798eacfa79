"""How things change hands: meetings with a code, shipments with a carrier."""

from django.contrib.gis.db.models import PointField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from core.states import known_state
from media.models import MediaAsset
from orders.models.orders import Order
from orders.states import MeetingState, ShipmentState, Side
from places.models import MeetingPoint


class Meeting(models.Model):
    """A place and a time that one of the two proposed; agreed, it is a promise that the other can rely on."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="meetings")
    proposed_by = models.CharField(max_length=6, choices=Side.choices)
    point = models.ForeignKey(MeetingPoint, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    place = models.CharField(max_length=200, blank=True)  # in their own words, where no safe point suits them
    location = PointField(geography=True, spatial_index=False, null=True, blank=True)  # private to the two
    starts_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=MeetingState.choices, default=MeetingState.PROPOSED)
    missed_by = models.CharField(max_length=6, choices=Side.choices, blank=True)
    reported_by = models.CharField(max_length=6, choices=Side.choices, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)  # that somebody did not come
    contested_at = models.DateTimeField(null=True, blank=True)  # who is said not to have come says otherwise
    reminded_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        constraints = (
            known_state(MeetingState, "orders_meeting_state"),
            models.CheckConstraint(condition=Q(point__isnull=False) | ~Q(place=""), name="orders_meeting_is_somewhere"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(state__in=["proposed", "agreed"]), name="orders_one_open_meeting"
            ),
        )
        indexes = (
            models.Index(
                fields=["starts_at"], condition=Q(state="agreed", reminded_at=None), name="orders_meetings_ahead"
            ),
            models.Index(
                fields=["reported_at"], condition=Q(state="missed", contested_at=None), name="orders_no_shows"
            ),
        )

    def __str__(self) -> str:
        return f"{self.order_id} {self.starts_at:%Y-%m-%d %H:%M}"


class HandoverCode(models.Model):
    """The buyer shows it, the seller enters it. It is derived from `nonce` and a key, so that nobody reads it out of the database."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, primary_key=True, related_name="handover")
    nonce = models.CharField(max_length=32)
    tries = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.order_id)


class Shipment(models.Model):
    """One parcel. `history` is what the carrier told: `{"at", "state", "place", "note"}`, oldest first."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="shipments")
    is_return = models.BooleanField(default=False)
    adapter = models.CharField(max_length=20, default="manual")
    carrier = models.CharField(max_length=60)
    service = models.CharField(max_length=60, blank=True)
    tracking_number = models.CharField(max_length=60, blank=True)
    tracking_url = models.URLField(max_length=300, blank=True)
    carrier_reference = models.CharField(max_length=80, blank=True)
    label = models.ForeignKey(MediaAsset, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, choices=ShipmentState.choices, default=ShipmentState.BOOKED)
    history = models.JSONField(default=list, blank=True)
    weight_grams = models.PositiveIntegerField(null=True, blank=True)
    booked_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)  # the carrier was last asked
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        constraints = (
            known_state(ShipmentState, "orders_shipment_state"),
            models.UniqueConstraint(
                fields=["adapter", "carrier_reference"], condition=~Q(carrier_reference=""), name="orders_parcel_once"
            ),
        )
        indexes = (
            models.Index(
                fields=["checked_at"],
                condition=Q(state__in=["booked", "in_transit", "out_for_delivery", "failed"]),
                name="orders_parcels_under_way",
            ),
        )

    def __str__(self) -> str:
        return f"{self.carrier} {self.tracking_number}"
