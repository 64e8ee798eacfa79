"""What a person keeps here: addresses, devices, exports, the wish to be forgotten: `/api/v1/users/me/…`."""

import uuid
from typing import Any

from django.conf import settings
from django.core.files.storage import storages
from django.http import FileResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions, selectors
from accounts.api.auth_views import body
from accounts.api.own_serializers import (
    AddressIn,
    AddressOut,
    ConfirmationIn,
    DeviceIn,
    DeviceOut,
    EditAddressIn,
    ErasureOut,
    ExportOut,
)
from accounts.api.serializers import PagingIn
from accounts.errors import ExportNotFound, ExportNotReady, NoErasure
from accounts.models import Address, DataExport
from accounts.proofs import export_signature, export_signature_fits
from accounts.states import ExportState
from core.rest.etags import IF_MATCH, etag, revision_wanted, with_etag
from core.rest.pagination import CursorPages
from core.rest.query import known_here, read_query, refuse_unknown
from core.rest.tagged import TaggedView
from core.rest.views import SoukView


class Addresses(SoukView):
    pagination_class = CursorPages

    @extend_schema(operation_id="addresses_list", parameters=[PagingIn], responses=AddressOut(many=True))
    def get(self, request: Request) -> Response:
        """One's addresses, newest first."""
        read_query(PagingIn, request)
        pages = CursorPages()
        page = pages.paginate_queryset(selectors.addresses(request.user), request, view=self)
        return pages.get_paginated_response(AddressOut(page, many=True).data)

    @extend_schema(operation_id="addresses_add", request=AddressIn, responses={201: AddressOut})
    def post(self, request: Request) -> Response:
        """Keep another address. The first one is the default."""
        address = actions.add_address(user=request.user, **body(AddressIn, request))
        return _address(request, address, status=201)


class AddressDetail(TaggedView):
    guarded = frozenset({"delete"})

    @extend_schema(operation_id="addresses_retrieve", responses=AddressOut)
    def get(self, request: Request, address_id: uuid.UUID) -> Response:
        """One address, with its ETag."""
        refuse_unknown(request, set())
        return _address(request, selectors.address_of(request.user, address_id))

    @extend_schema(operation_id="addresses_edit", request=EditAddressIn, parameters=[IF_MATCH], responses=AddressOut)
    def patch(self, request: Request, address_id: uuid.UUID) -> Response:
        """Change what is given; `is_default: true` makes it the default."""
        address = selectors.address_of(request.user, address_id)
        changed = actions.edit_address(
            user=request.user,
            address=address,
            revision=revision_wanted(request, address_id),
            **body(EditAddressIn, request),
        )
        return _address(request, changed)

    @extend_schema(operation_id="addresses_remove", parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request, address_id: uuid.UUID) -> Response:
        """Forget an address. If it was the default, the newest of the others becomes it."""
        actions.remove_address(user=request.user, address=selectors.address_of(request.user, address_id))
        return Response(status=204)


def _address(request: Request, address: Address, status: int = 200) -> Response:
    response = Response(AddressOut(address).data, status=status)
    return with_etag(request, response, etag(address.pk, address.revision))


class Devices(SoukView):
    pagination_class = CursorPages

    @extend_schema(operation_id="devices_list", responses=DeviceOut(many=True))
    def get(self, request: Request) -> Response:
        """One's devices, last seen first (20 at most)."""
        refuse_unknown(request, set())
        shown = DeviceOut(selectors.devices(request.user), many=True).data
        return Response({"results": shown, "next": None, "previous": None})

    @extend_schema(operation_id="devices_register", request=DeviceIn, responses={201: DeviceOut})
    def post(self, request: Request) -> Response:
        """Register this installation for push messages, or bring it up to date. A push token moves with its phone."""
        device = actions.register_device(user=request.user, **body(DeviceIn, request))
        return Response(DeviceOut(device).data, status=201)


class DeviceDetail(SoukView):
    @extend_schema(operation_id="devices_forget", responses={204: None})
    def delete(self, request: Request, device_id: str) -> Response:
        """Forget an installation, by the app's own id of it."""
        actions.forget_device(user=request.user, device_id=device_id)
        return Response(status=204)


def _download_url(request: Request) -> Any:
    def url(export: DataExport) -> str | None:
        if export.state != ExportState.READY or _is_over(export):
            return None
        path = reverse("export-download", args=[export.pk])
        return f"{settings.SITE_URL}{path}?signature={export_signature(export.pk)}"

    return url


def _is_over(export: DataExport) -> bool:
    """Its week has passed: the sweep has deleted the file, or is about to."""
    return export.expires_at is not None and export.expires_at <= timezone.now()


class Exports(SoukView):
    bodyless = frozenset({"post"})
    pagination_class = CursorPages

    @extend_schema(operation_id="exports_list", parameters=[PagingIn], responses=ExportOut(many=True))
    def get(self, request: Request) -> Response:
        """One's data exports, newest first."""
        read_query(PagingIn, request)
        pages = CursorPages()
        page = pages.paginate_queryset(selectors.exports(request.user), request, view=self)
        return pages.get_paginated_response(
            ExportOut(page, many=True, context={"download_url": _download_url(request)}).data
        )

    @extend_schema(operation_id="exports_request", request=None, responses={202: ExportOut})
    def post(self, request: Request) -> Response:
        """Ask for everything that is kept about oneself. A job makes a zip; a notification says when."""
        export = actions.request_export(user=request.user)
        return Response(ExportOut(export, context={"download_url": _download_url(request)}).data, status=202)


class ExportDetail(SoukView):
    @extend_schema(operation_id="exports_retrieve", responses=ExportOut)
    def get(self, request: Request, export_id: uuid.UUID) -> Response:
        """One export; while it is ready, with a fresh link for the download."""
        refuse_unknown(request, set())
        export = selectors.export_of(request.user, export_id)
        return Response(ExportOut(export, context={"download_url": _download_url(request)}).data)


class ExportDownload(SoukView):
    """Opened in a browser, which has no token to show: the signature stands for it."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="exports_download",
        parameters=[OpenApiParameter("signature", str, required=True)],
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, export_id: uuid.UUID) -> Any:
        """The zip, by the signed link of the export."""
        known_here(request, ("signature",))
        if not export_signature_fits(export_id, request.query_params.get("signature", "")):
            raise ExportNotFound
        export = selectors.export_by_id(export_id)
        if export.state != ExportState.READY or _is_over(export):
            raise ExportNotReady(state=export.state)
        return FileResponse(
            storages["private"].open(export.key),
            as_attachment=True,
            filename=f"souk-loop-{export.created_at:%Y-%m-%d}.zip",
            content_type="application/zip",
        )


class OwnErasure(SoukView):
    unkeyed = None

    @extend_schema(operation_id="erasure_retrieve", responses=ErasureOut)
    def get(self, request: Request) -> Response:
        """The wish to be forgotten, while it waits."""
        refuse_unknown(request, set())
        erasure = selectors.erasure_under_way(request.user)
        if erasure is None:
            raise NoErasure
        return Response(ErasureOut(erasure).data)

    @extend_schema(operation_id="erasure_request", request=ConfirmationIn, responses={202: ErasureOut})
    def post(self, request: Request) -> Response:
        """Ask to be forgotten in a week, confirmed by the password or a code. Refused while something is unfinished."""
        given = body(ConfirmationIn, request)
        erasure = actions.request_erasure(user=request.user, password=given["password"], code=given["code"])
        return Response(ErasureOut(erasure).data, status=202)

    @extend_schema(operation_id="erasure_cancel", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Stay after all."""
        actions.cancel_erasure(user=request.user)
        return Response(status=204)
