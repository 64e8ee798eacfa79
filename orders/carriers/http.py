"""A carrier's service over HTTP, by a small protocol that docs/money.md describes.

    POST   {url}/v1/parcels               {parcel}     201 {"id", "tracking_number", "tracking_url"}
    GET    {url}/v1/parcels/{id}/label                 200 the document or picture, 404 none yet
    GET    {url}/v1/parcels/{id}/events                200 {"events": [{"id", "at", "state", "place", "note"}]}
    DELETE {url}/v1/parcels/{id}                       204, also when it was cancelled before; 409 it is on its way

Every request carries `Authorization: Bearer {key}`; what changes something an `Idempotency-Key`. A 4xx answer is
`{"code": "…"}`. Events also ring at our webhook, signed: `X-Carrier-Signature: t={unix},v1={hex}`, the HMAC-SHA-256 of `{t}.{body}`.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import requests

from orders.carriers.port import Booking, CarrierRefused, CarrierUnclear, Label, Parcel, TrackingEvent
from orders.states import ShipmentState

TIMEOUT = (3.05, 10.0)  # seconds to connect, to answer
TOLERANCE = 300  # seconds that a signature stays good
LABEL_BYTES = 5 * 1024**2
_LATER = (408, 425, 429)  # not now: ask again
_LABELS = ("application/pdf", "image/png", "image/jpeg")


class HttpCarrier:
    name = "http"
    tracks = True

    def __init__(self, *, url: str, key: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._url, self._key, self._timeout = url.rstrip("/"), key, timeout

    def book(self, parcel: Parcel) -> Booking:
        """Announce a parcel; asked again with the same key, the carrier answers with the first booking."""
        told = self._json("POST", "/v1/parcels", key=parcel.key, body=asdict(parcel))
        return Booking(
            reference=_text(told, "id", 80),
            tracking_number=_text(told, "tracking_number", 60),
            tracking_url=_link(told.get("tracking_url", "")),
        )

    def label(self, reference: str) -> Label | None:
        answer = self._ask("GET", f"/v1/parcels/{quote(reference, safe='')}/label", missing_is_fine=True)
        if answer is None:
            return None
        content_type = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
        if content_type not in _LABELS or not 0 < len(answer.content) <= LABEL_BYTES:
            msg = "label_unusable"
            raise CarrierRefused(msg)
        return Label(content=answer.content, content_type=content_type)

    def track(self, reference: str) -> list[TrackingEvent]:
        return read_events(self._json("GET", f"/v1/parcels/{quote(reference, safe='')}/events"))

    def cancel(self, reference: str, *, key: str) -> None:
        self._ask("DELETE", f"/v1/parcels/{quote(reference, safe='')}", key=key)

    def _json(self, method: str, path: str, *, key: str = "", body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer = self._ask(method, path, key=key, body=body)
        try:
            told = answer.json() if answer is not None else None
        except ValueError:
            told = None
        if not isinstance(told, dict):
            msg = "an answer that is no object"
            raise CarrierUnclear(msg)
        return told

    def _ask(
        self,
        method: str,
        path: str,
        *,
        key: str = "",
        body: Mapping[str, Any] | None = None,
        missing_is_fine: bool = False,
    ) -> requests.Response | None:
        headers = {"Authorization": f"Bearer {self._key}", **({"Idempotency-Key": key} if key else {})}
        try:
            answer = requests.request(
                method, self._url + path, json=body, headers=headers, timeout=self._timeout, allow_redirects=False
            )
        except requests.RequestException as error:
            raise CarrierUnclear(type(error).__name__) from error
        if answer.status_code == 404 and missing_is_fine:
            return None
        if 200 <= answer.status_code < 300:
            return answer
        if 400 <= answer.status_code < 500 and answer.status_code not in _LATER:
            raise CarrierRefused(_code(answer))
        raise CarrierUnclear(str(answer.status_code))


def read_events(told: Mapping[str, Any]) -> list[TrackingEvent]:
    """What a carrier tells of a parcel, without what we have no word for. Raises CarrierUnclear for what cannot be read."""
    events = told.get("events")
    if not isinstance(events, list):
        msg = "no events"
        raise CarrierUnclear(msg)
    return [read for event in events if (read := _event(event)) is not None]


def _event(event: Any) -> TrackingEvent | None:
    try:
        at = datetime.fromisoformat(str(event["at"]))
        state, pk = str(event["state"]), str(event["id"])
    except (KeyError, TypeError, ValueError):
        msg = "an event that cannot be read"
        raise CarrierUnclear(msg) from None
    if state not in ShipmentState.values or state in (ShipmentState.BOOKED, ShipmentState.CANCELLED):
        return None
    return TrackingEvent(
        id=pk[:80],
        at=at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC),
        state=state,
        place=str(event.get("place") or "")[:100],
        note=str(event.get("note") or "")[:200],
    )


def sign(body: bytes, *, key: str, at: int) -> str:
    """The header with which a carrier signs what it tells us; `at` in seconds since 1970."""
    mac = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def signature_fits(header: str, body: bytes, *, key: str, now: float) -> bool:
    """Whether it was signed with the key that we share, in the last five minutes."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    stamp = parts.get("t", "")
    if not key or not stamp.isdecimal() or len(stamp) > 12 or abs(now - int(stamp)) > TOLERANCE:
        return False
    wanted = sign(body, key=key, at=int(stamp)).partition("v1=")[2]
    return hmac.compare_digest(wanted.encode(), parts.get("v1", "").encode())


def _text(told: Mapping[str, Any], name: str, longest: int) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        msg = f"no {name}"
        raise CarrierUnclear(msg)
    return value


def _link(value: Any) -> str:
    """An address that people may follow; anything else is dropped."""
    text = str(value)
    return text if text.startswith("https://") and len(text) <= 300 else ""


def _code(answer: requests.Response) -> str:
    try:
        told = answer.json()
    except ValueError:
        told = {}
    return str(told.get("code") if isinstance(told, dict) else "")[:60] or str(answer.status_code)
