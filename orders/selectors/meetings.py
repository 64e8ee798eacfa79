"""Where and when two people meet, for the two of them."""

from typing import Any

from django.db.models import QuerySet

from orders.models import Meeting, Order
from orders.rules import LATE_AFTER
from orders.states import MeetingState, Side


def meetings_of(order: Order) -> QuerySet[Meeting]:
    """Every proposal about an order, the newest first. The caller knows that the reader is one of the two."""
    return Meeting.objects.filter(order=order).select_related("point").order_by("-id")


def open_meeting(order: Order) -> Meeting | None:
    """What is proposed or agreed; at most one."""
    return meetings_of(order).filter(state__in=(MeetingState.PROPOSED, MeetingState.AGREED)).first()


def meeting_shape(meeting: Meeting, *, reader: Side | str) -> dict[str, Any]:
    """A meeting as one of the two sees it, with the place in their language. No query."""
    point = meeting.point
    spot = meeting.location
    return {
        "id": meeting.pk,
        "order_id": meeting.order_id,
        "state": meeting.state,
        "proposed_by": meeting.proposed_by,
        "is_mine": meeting.proposed_by == reader,
        "place": point.name if point else meeting.place,
        "hint": point.hint if point else "",
        "meeting_point_id": meeting.point_id,
        "location": {"latitude": spot.y, "longitude": spot.x} if spot else None,
        "starts_at": meeting.starts_at,
        "late_from": meeting.starts_at + LATE_AFTER,
        "note": meeting.note,
        "missed_by": meeting.missed_by,
        "reported_at": meeting.reported_at,
        "contested_at": meeting.contested_at,
        "created_at": meeting.created_at,
    }
