"""What a person keeps here: addresses, devices, exports, the wish to be forgotten."""

import uuid
from datetime import datetime

from django.db.models import QuerySet

from accounts.errors import (
    AddressNotFound,
    ExportNotFound,
)
from accounts.models import (
    Address,
    DataExport,
    Device,
    Erasure,
    User,
)
from accounts.states import ErasureState


def addresses(user: User) -> QuerySet[Address]:
    return (
        user.addresses.select_related("neighborhood")
        .defer("neighborhood__boundary", "neighborhood__centre")
        .order_by("-id")
    )


def address_of(user: User, address_id: uuid.UUID) -> Address:
    """Raises AddressNotFound."""
    found = addresses(user).filter(pk=address_id).first()
    if found is None:
        raise AddressNotFound
    return found


def devices(user: User) -> QuerySet[Device]:
    return user.devices.order_by("-last_seen_at", "-id")


def push_devices(user: User) -> QuerySet[Device]:
    """Devices that push messages reach."""
    return user.devices.exclude(push_token="").order_by("id")


def exports(user: User) -> QuerySet[DataExport]:
    return user.exports.order_by("-id")


def export_of(user: User, export_id: uuid.UUID) -> DataExport:
    """Raises ExportNotFound."""
    found = user.exports.filter(pk=export_id).first()
    if found is None:
        raise ExportNotFound
    return found


def export_by_id(export_id: uuid.UUID) -> DataExport:
    """For whoever holds a signed link. Raises ExportNotFound."""
    found = DataExport.objects.filter(pk=export_id).first()
    if found is None:
        raise ExportNotFound
    return found


def erasure_under_way(user: User) -> Erasure | None:
    return user.erasures.filter(state=ErasureState.REQUESTED).first()


def due_erasures(at: datetime) -> QuerySet[Erasure]:
    return Erasure.objects.filter(state=ErasureState.REQUESTED, due_at__lte=at).order_by("due_at")
