"""A person's own data, as a zip that is kept for a week."""

import tempfile
import uuid
import zipfile
from datetime import timedelta
from typing import IO, Any

import orjson
from django.core.files import File
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone

from accounts import ports
from accounts.errors import ExportUnderWay, TooManyExports
from accounts.events import ExportReady, ExportRequested
from accounts.models import DataExport, User
from accounts.states import EXPORT_MOVES, ExportState
from core.events import publish
from core.ratelimits import Limit, take
from core.states import move
from core.sweeps import each

KEPT_FOR = timedelta(days=7)
GIVEN_UP_AFTER = timedelta(days=1)
EXPORTS_PER_PERSON = Limit.parse("3/d")


def request_export(*, user: User) -> DataExport:
    """Ask for everything that is kept about oneself. Publishes ExportRequested, at which a job makes the zip.

    Raises:
        TooManyExports: three a day.
        ExportUnderWay: the last one is not made yet.
    """
    take(f"export:{user.pk}", EXPORTS_PER_PERSON, refusal=TooManyExports)
    with transaction.atomic():
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
        if user.exports.filter(state=ExportState.REQUESTED).exists():
            raise ExportUnderWay
        export = DataExport.objects.create(user=user)
        publish(ExportRequested(export_id=export.pk))
        return export


def make_export(*, export_id: uuid.UUID) -> None:
    """The job: gather every app's part into a zip in private storage. Run again after a crash it makes the same file anew.

    Publishes ExportReady. Call it outside of transactions.
    """
    export = DataExport.objects.select_related("user").filter(pk=export_id, state=ExportState.REQUESTED).first()
    if export is None:  # made, given up or erased in the meantime
        return
    key = _key_of(export)
    with tempfile.TemporaryFile() as file:
        _write(export.user, file)
        byte_size = file.tell()
        file.seek(0)
        storage = storages["private"]
        storage.delete(key)
        storage.save(key, File(file))
    with transaction.atomic():
        row = DataExport.objects.select_for_update(of=("self",)).filter(pk=export_id).first()
        if row is not None and row.state == ExportState.REQUESTED:
            now = timezone.now()
            until = now + KEPT_FOR
            move(row, ExportState.READY, EXPORT_MOVES, key=key, byte_size=byte_size, ready_at=now, expires_at=until)
            publish(ExportReady(export_id=row.pk))
    if row is None or row.state != ExportState.READY:  # erased or given up while we wrote: nobody else deletes it
        storage.delete(key)


def _write(user: User, file: IO[bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for exporter in ports.exporters().values():
            for path, content in exporter(user):
                archive.writestr(path, content if isinstance(content, bytes) else _json(content))
    file.seek(0, 2)


def _json(content: Any) -> bytes:
    return orjson.dumps(content, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z)


def expire_exports() -> int:
    """Delete zips whose week is over and give up what could not be made within a day; return how many.

    The file goes before its row forgets it, so that a sweep which dies in between is done again by the next.
    """
    now = timezone.now()
    over = DataExport.objects.filter(state=ExportState.READY, expires_at__lte=now)
    stuck = DataExport.objects.filter(state=ExportState.REQUESTED, created_at__lte=now - GIVEN_UP_AFTER)
    return each(over, lambda export: _drop(export, ExportState.EXPIRED)) + each(
        stuck, lambda export: _drop(export, ExportState.FAILED)
    )


def _drop(export: DataExport, end: str) -> bool:
    storages["private"].delete(_key_of(export))
    return _end(export, end)


@transaction.atomic
def _end(export: DataExport, end: str) -> bool:
    """False where it has moved on since, or was erased."""
    row = DataExport.objects.select_for_update(of=("self",)).filter(pk=export.pk, state=export.state).first()
    if row is None:
        return False
    move(row, end, EXPORT_MOVES, key="")
    return True


def _key_of(export: DataExport) -> str:
    """Known before the file is there, so that it is found whatever died on the way."""
    return f"{folder_of(export.user_id)}/{export.pk}.zip"


def folder_of(user_id: uuid.UUID) -> str:
    """Where a person's zips lie in private storage."""
    return f"exports/{user_id}"


def erase_export_files(*, user_id: uuid.UUID) -> None:
    """Delete all zips of a person. Again does nothing."""
    storage = storages["private"]
    try:
        _folders, files = storage.listdir(folder_of(user_id))
    except FileNotFoundError:
        return
    for name in files:
        storage.delete(f"{folder_of(user_id)}/{name}")
