"""`Idempotency-Key`: the second request with a key gets the answer of the first, and its work is not done twice.

The record commits in the same transaction as the work, so a crash leaves either both or none. Requests with the same key at the same
moment are told apart by an advisory lock: the later one is refused, not queued. Kept for a week; the rules are Stripe's
(docs.stripe.com/api/idempotent_requests).
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import IdempotencyInFlight, IdempotencyMismatch, InvalidIdempotencyKey
from core.middleware import caller_ip
from core.models import IdempotencyRecord
from core.rest.renderers import dumps

NOT_KEPT = {401, 409, 429}  # about the moment, not about the request: try again with the same key
KEPT_HEADERS = ("ETag", "Location")


def once(
    request: Request, key: str, carry_out: Callable[[], Response], fail: Callable[[Exception], Response]
) -> Response:
    """Carry out the request once per (person, key).

    Raises:
        InvalidIdempotencyKey, IdempotencyMismatch, IdempotencyInFlight.
    """
    if not 0 < len(key) <= 255 or not key.isprintable():
        raise InvalidIdempotencyKey
    actor = str(request.user.pk) if request.user.is_authenticated else f"ip:{caller_ip(request)}"
    wanted = _hash(request)
    with transaction.atomic():
        _lock(actor, key)
        record = IdempotencyRecord.objects.filter(actor=actor, key=key).first()
        if record is not None:
            if record.request_hash != wanted:
                raise IdempotencyMismatch
            return _replay(record)
        try:
            with transaction.atomic():
                response = carry_out()
        except Exception as error:  # noqa: BLE001 - DRF decides what is an answer and what is a bug
            response = fail(error)
        if response.status_code < 500 and response.status_code not in NOT_KEPT:
            _keep(actor, key, wanted, response)
    return response


def _hash(request: Request) -> str:
    digest = hashlib.sha256()
    for part in (request.method or "", request.get_full_path()):
        digest.update(part.encode() + b"\0")
    digest.update(request._request.body)
    return digest.hexdigest()


def _lock(actor: str, key: str) -> None:
    number = int.from_bytes(hashlib.sha256(f"{actor}\0{key}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s::bigint)", [number])
        if not cursor.fetchone()[0]:
            raise IdempotencyInFlight


def _keep(actor: str, key: str, wanted: str, response: Response) -> None:
    body: Any = None if response.data is None else json.loads(dumps(response.data))
    headers = {h: response[h] for h in KEPT_HEADERS if response.has_header(h)}
    if response.content_type:
        headers["Content-Type"] = response.content_type
    IdempotencyRecord.objects.create(
        actor=actor, key=key, request_hash=wanted, status=response.status_code, body=body, headers=headers
    )


def _replay(record: IdempotencyRecord) -> Response:
    headers = dict(record.headers)
    content_type = headers.pop("Content-Type", None)
    response = Response(record.body, status=record.status, headers=headers)
    if content_type:
        response.content_type = content_type
    response["Idempotency-Replayed"] = "true"
    return response
