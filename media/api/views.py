"""Sending files, looking after them, and the few that need a signature to be seen."""

import uuid
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.selectors import avatar_url
from core.rest.query import read_query
from core.rest.views import SoukView
from media import actions, selectors, storage
from media.api.serializers import AvatarOut, SignedUploadIn, SignedViewIn, UseAsAvatarIn
from media.serving import private_response
from media.shapes import AssetOut, RequestUploadIn, TicketOut

A_PICTURE = OpenApiExample(
    "A picture of a listing",
    request_only=True,
    value={"filename": "desk.jpg", "content_type": "image/jpeg", "byte_size": 348160, "purpose": "product"},
)


class UploadUrl(SoukView):
    unkeyed = None  # the answer is a signature

    @extend_schema(
        operation_id="media_upload_url", request=RequestUploadIn, responses={201: TicketOut}, examples=[A_PICTURE]
    )
    def post(self, request: Request) -> Response:
        """Announce one file and get a ticket to send it with.

        Send the bytes to `upload_url` with `method`: a PUT with `headers`, or a POST of a multipart form with `fields` and the file
        last. Then `POST /media/{asset_id}/complete`, and read `GET /media/{asset_id}` until its state is `ready`.
        """
        wanted = RequestUploadIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        ticket = actions.request_upload(owner=request.user, **wanted.validated_data)
        return Response(_ticket_out(ticket), status=status.HTTP_201_CREATED)


class LocalUpload(APIView):
    """Where files go when there is no S3. The signature in the address is all the proof it asks for."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()

    @extend_schema(
        operation_id="media_local_upload",
        parameters=[SignedUploadIn],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={204: OpenApiResponse(description="It is here, whole.")},
        auth=[],
    )
    def put(self, request: Request, asset_id: uuid.UUID) -> Response:
        """Take one file in, as its ticket says. Never a second time."""
        signed = read_query(SignedUploadIn, request)
        actions.receive_upload(
            asset_id=asset_id,
            expires=signed["expires"],
            sha256=signed["sha256"],
            signature=signed["signature"],
            content_type=request.content_type or "",
            content_length=_length(request._request),
            chunks=_chunks(request._request),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class Asset(SoukView):
    @extend_schema(operation_id="media_retrieve", responses=AssetOut)
    def get(self, request: Request, asset_id: uuid.UUID) -> Response:
        """How a file of yours is coming along, and its picture once it is ready."""
        asset = selectors.own_asset(request.user, asset_id)
        return Response(selectors.asset_shape(asset, viewer=request.user))

    @extend_schema(operation_id="media_destroy", request=None, responses={204: None})
    def delete(self, request: Request, asset_id: uuid.UUID) -> Response:
        """Throw away a file that nothing uses."""
        actions.discard_asset(owner=request.user, asset_id=asset_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class CompleteUpload(SoukView):
    bodyless = frozenset({"post"})
    unkeyed = None  # saying it twice does no harm

    @extend_schema(operation_id="media_complete", request=None, responses=AssetOut)
    def post(self, request: Request, asset_id: uuid.UUID) -> Response:
        """Say that the file has arrived, so that it is examined and prepared."""
        asset = actions.complete_upload(owner=request.user, asset_id=asset_id)
        return Response(selectors.asset_shape(asset, viewer=request.user))


class PrivateFile(APIView):
    """A private picture, for the one person that its address was signed for."""

    @extend_schema(
        operation_id="media_private_file",
        parameters=[SignedViewIn, OpenApiParameter("name", str, OpenApiParameter.PATH, description="e.g. 640.webp")],
        responses={(200, "image/*"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, asset_id: uuid.UUID, name: str) -> HttpResponseBase:
        """Show a private file. Whoever looks at another's is written down."""
        signed = read_query(SignedViewIn, request)
        key = actions.open_private_file(
            asset_id=asset_id,
            name=name,
            viewer=request.user,
            expires=signed["expires"],
            signature=signed["signature"],
        )
        return private_response(key)


class Avatar(SoukView):
    @extend_schema(operation_id="avatar_create", request=UseAsAvatarIn, responses=AvatarOut)
    def post(self, request: Request) -> Response:
        """Show an uploaded picture (purpose `avatar`) as your own. The one before is released."""
        wanted = UseAsAvatarIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        asset = actions.use_as_avatar(owner=request.user, asset_id=wanted.validated_data["asset_id"])
        return Response({"avatar_url": avatar_url(request.user), "picture": selectors.picture(asset)})

    @extend_schema(operation_id="avatar_destroy", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Show no picture of yours."""
        actions.drop_avatar(owner=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _ticket_out(ticket: storage.Ticket) -> dict[str, Any]:
    return {
        "asset_id": ticket.asset_id,
        "upload_url": ticket.upload_url,
        "method": ticket.method,
        "headers": ticket.headers,
        "fields": ticket.fields,
        "expires_at": ticket.expires_at,
        "max_bytes": ticket.max_bytes,
    }


def _length(request: HttpRequest) -> int | None:
    sent = request.META.get("CONTENT_LENGTH") or ""
    return int(sent) if sent.isdigit() else None


def _chunks(request: HttpRequest) -> Iterator[bytes]:
    while chunk := request.read(storage.CHUNK):
        yield chunk
