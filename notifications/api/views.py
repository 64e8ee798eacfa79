"""`/api/v1/notifications`."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions import forget_device, register_device
from core.rest.etags import IF_MATCH
from core.rest.pagination import CursorPages
from core.rest.query import read_query
from core.rest.tagged import TaggedView
from core.rest.views import SoukViewSet
from notifications import actions, selectors
from notifications.api.serializers import (
    NotificationOut,
    NotificationsQuery,
    ReadAllOut,
    RegisterDeviceIn,
    SettingsIn,
    SettingsOut,
    UnreadCountOut,
    UnregisterDeviceIn,
)
from notifications.models import Notification


class NotificationViewSet(TaggedView, SoukViewSet):
    """What the signed-in person is told, and how."""

    tagged_actions = frozenset({"preferences", "change_preferences"})

    bodyless = frozenset({"read", "read_all"})
    queryset = Notification.objects.none()
    serializer_class = NotificationOut
    pagination_class = CursorPages
    lookup_value_converter = "uuid"

    @extend_schema(parameters=[NotificationsQuery], responses=NotificationOut(many=True))
    def list(self, request: Request) -> Response:
        query = read_query(NotificationsQuery, request)
        found = selectors.notifications_of(request.user, unread_only=query["unread_only"], kind=query.get("type"))
        page = self.paginate_queryset(found)
        return self.get_paginated_response(NotificationOut(page, many=True).data)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: uuid.UUID) -> Response:
        actions.delete_notification(user=request.user, notification_id=pk)
        return Response(status=204)

    @extend_schema(responses=UnreadCountOut)
    @action(detail=False, url_path="unread-count", pagination_class=None)
    def unread_count(self, request: Request) -> Response:
        return Response({"count": selectors.unread_count(request.user)})

    @extend_schema(request=None, responses=NotificationOut)
    @action(detail=True, methods=["patch"])
    def read(self, request: Request, pk: uuid.UUID) -> Response:
        notification = actions.read_notification(user=request.user, notification_id=pk)
        return Response(NotificationOut(notification).data)

    @extend_schema(request=None, responses=ReadAllOut)
    @action(detail=False, methods=["patch"], url_path="read-all")
    def read_all(self, request: Request) -> Response:
        return Response({"read": actions.read_all_notifications(user=request.user)})

    @extend_schema(responses=SettingsOut)
    @action(detail=False, url_path="settings", pagination_class=None)
    def preferences(self, request: Request) -> Response:
        return Response(SettingsOut(selectors.settings_of(request.user)).data)

    @extend_schema(parameters=[IF_MATCH], request=SettingsIn, responses=SettingsOut)
    @preferences.mapping.patch
    def change_preferences(self, request: Request) -> Response:
        body = SettingsIn(data=request.data)
        body.is_valid(raise_exception=True)
        kinds = body.validated_data.pop("notification_types", None)
        changed = actions.change_settings(user=request.user, kinds=kinds, **body.validated_data)
        return Response(SettingsOut(changed).data)

    @extend_schema(request=RegisterDeviceIn, responses={204: None})
    @action(detail=False, methods=["post"], url_path="register-device")
    def register_device(self, request: Request) -> Response:
        body = RegisterDeviceIn(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        register_device(
            user=request.user,
            device_id=given["device_id"],
            platform=given["platform"],
            push_token=given["fcm_token"],
        )
        return Response(status=204)

    @extend_schema(request=UnregisterDeviceIn, responses={204: None})
    @action(detail=False, methods=["delete"], url_path="unregister-device")
    def unregister_device(self, request: Request) -> Response:
        body = UnregisterDeviceIn(data=request.data)
        body.is_valid(raise_exception=True)
        forget_device(user=request.user, device_id=body.validated_data["device_id"])
        return Response(status=204)
