"""Meetings of two people about an order."""

import uuid
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.rest.serializers import LatLngIn, LatLngOut, StrictSerializer
from core.rest.views import SoukView
from orders import actions, selectors
from orders.models import Meeting
from orders.shapes import OrderOut
from orders.states import MeetingState, Side


class ProposeMeetingIn(StrictSerializer):
    """A safe meeting point, or a place in one's own words."""

    meeting_point_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    place = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    location = LatLngIn(required=False, allow_null=True, default=None)
    starts_at = serializers.DateTimeField()
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)

    def said(self) -> dict[str, Any]:
        """As `actions.propose_meeting` takes it."""
        said = dict(self.validated_data)
        return {"point_id": said.pop("meeting_point_id"), **said}


class MeetingOut(serializers.Serializer):
    """Where and when; nobody but the two ever reads it."""

    id = serializers.UUIDField()
    order_id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=MeetingState.choices)
    proposed_by = serializers.ChoiceField(choices=Side.choices)
    is_mine = serializers.BooleanField()
    place = serializers.CharField(help_text=_("A meeting point's name is in the reader's language."))
    hint = serializers.CharField(allow_blank=True)
    meeting_point_id = serializers.UUIDField(allow_null=True)
    location = LatLngOut(allow_null=True)
    starts_at = serializers.DateTimeField()
    late_from = serializers.DateTimeField(help_text=_("From then on one may say that the other did not come."))
    note = serializers.CharField(allow_blank=True)
    missed_by = serializers.ChoiceField(choices=Side.choices, allow_blank=True)
    reported_at = serializers.DateTimeField(allow_null=True)
    contested_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


def told(request: Request, meeting: Meeting, *, status: int = 200) -> Response:
    order = selectors.order_for(request.user, meeting.order_id)
    shown = selectors.meetings_of(order).get(pk=meeting.pk)
    return Response(selectors.meeting_shape(shown, reader=selectors.reader_of(order, request.user)), status=status)


class OrderMeetings(SoukView):
    @extend_schema(operation_id="orders_meetings", responses=MeetingOut(many=True))
    def get(self, request: Request, order_id: uuid.UUID) -> Response:
        """What was proposed about an order, the newest first."""
        order = selectors.order_for(request.user, order_id)
        reader = selectors.reader_of(order, request.user)
        return Response([selectors.meeting_shape(one, reader=reader) for one in selectors.meetings_of(order)])

    @extend_schema(
        operation_id="orders_propose_meeting",
        request=ProposeMeetingIn,
        responses={201: MeetingOut},
        examples=[
            OpenApiExample(
                "At a meeting point",
                request_only=True,
                value={
                    "meeting_point_id": "01912d5e-7c3a-7b1e-9f00-2a4b6c8d0e1f",
                    "starts_at": "2026-12-01T16:30:00Z",
                    "note": "I wear a red cap.",
                },
            )
        ],
    )
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """Propose where and when, in place of what was proposed or agreed before."""
        body = ProposeMeetingIn(data=request.data)
        body.is_valid(raise_exception=True)
        meeting = actions.propose_meeting(person=request.user, order_id=order_id, **body.said())
        response = told(request, meeting, status=201)
        response["Location"] = reverse("order-meetings", args=[order_id])
        return response


class MeetingAgree(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="meetings_agree", request=None, responses=MeetingOut)
    def post(self, request: Request, meeting_id: uuid.UUID) -> Response:
        """Promise to come to what the other proposed."""
        return told(request, actions.agree_meeting(person=request.user, meeting_id=meeting_id))


class MeetingDecline(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="meetings_decline", request=None, responses=MeetingOut)
    def post(self, request: Request, meeting_id: uuid.UUID) -> Response:
        """Say no, take one's own proposal back, or call off what was agreed, before its time."""
        return told(request, actions.decline_meeting(person=request.user, meeting_id=meeting_id))


class MeetingNoShow(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="meetings_no_show", request=None, responses=MeetingOut)
    def post(self, request: Request, meeting_id: uuid.UUID) -> Response:
        """Say that the other did not come, from half an hour after the time on. They have a day to say otherwise."""
        return told(request, actions.report_no_show(person=request.user, meeting_id=meeting_id))


class MeetingContest(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="meetings_contest", request=None, responses=MeetingOut)
    def post(self, request: Request, meeting_id: uuid.UUID) -> Response:
        """Say that one was there."""
        return told(request, actions.contest_no_show(person=request.user, meeting_id=meeting_id))


class MeetingCancelOrder(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="meetings_cancel_order", request=None, responses=OrderOut)
    def post(self, request: Request, meeting_id: uuid.UUID) -> Response:
        """The buyer did not come and said nothing to it for a day: the seller calls the order off, the money goes back."""
        order = actions.cancel_after_no_show(seller=request.user, meeting_id=meeting_id)
        return Response(selectors.order_shape(selectors.order_sold_by(request.user, order.pk), reader=Side.SELLER))
