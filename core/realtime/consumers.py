"""The door: `/ws/v1/me/`, one socket of one signed-in person."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import structlog
from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer
from channels.utils import await_many_dispatch
from django.conf import settings
from django.db import Error as DatabaseError
from django.http.request import split_domain_port, validate_host
from django.utils import translation
from django.utils.http import is_same_domain
from django.utils.translation.trans_real import get_languages, parse_accept_lang_header

from core.errors import Refusal
from core.ratelimits import Limit
from core.realtime.commands import Answer, Origin, carry_out, error_frame, read_frame, ready_frame
from core.realtime.errors import NoProof, NotAFrame, OriginNotAllowed
from core.realtime.hub import hub
from core.realtime.ports import Admission, gatekeeper
from core.realtime.sockets import Close, Socket
from core.realtime.threads import db

log = structlog.get_logger(__name__)

NO_FRAMES_AT_MOST = 3  # in a row
Receive = Callable[[], Awaitable[Any]]


class PersonalConsumer(AsyncConsumer):
    """Lets a person in, hands their frames to the commands of the apps, and leaves the talking to the hub.

    The handshake is always accepted before it is refused: browsers show a page no other code than that of a close.
    """

    def __init__(self) -> None:
        self.socket: Socket | None = None
        self.entered = asyncio.Event()
        self.limit = Limit(settings.REALTIME["frames_per_minute"], 60.0)
        self.full_until = 0.0  # GCRA, as in core.ratelimits, for one socket
        self.no_frames = 0

    async def __call__(self, scope: Any, receive: Receive, send: Any) -> None:
        self.scope, self.base_send = scope, send
        try:
            with suppress(StopConsumer):
                await await_many_dispatch([receive, self._over], self.dispatch)
        finally:
            if self.socket is not None:
                await hub().leave(self.socket)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Without Channels' own look at old connections, for which every frame would queue at one thread."""
        await getattr(self, get_handler_name(message))(message)

    async def websocket_connect(self, _message: dict[str, Any]) -> None:
        await self.base_send({"type": "websocket.accept"})
        try:
            admission = await self._admit()
        except Refusal as refusal:
            await self._turn_away(_code_of(refusal), refusal.code)
        except DatabaseError as error:
            log.warning("socket_not_admitted", error=repr(error))
            await self._turn_away(Close.TRY_AGAIN_LATER, "core.unavailable")
        else:
            self.socket = Socket(self.base_send, admission, self._language(admission))
            self.entered.set()
            await hub().enter(self.socket)
            self.socket.open(ready_frame(self._origin(self.socket)).decode())

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        socket = self.socket
        if socket is None:
            return
        socket.heard_at = time.monotonic()
        if not self._is_within_rate():
            socket.end(Close.TOO_MANY_FRAMES, "core.rate_limited")
            return
        text = message.get("text")
        if text is not None and len(text.encode()) > settings.REALTIME["frame_bytes"]:
            socket.end(Close.FRAME_TOO_BIG)
            return
        came = read_frame(text) if text is not None else None
        if came is None:
            await self._not_a_frame(socket)
            return
        self.no_frames = 0
        answer: Answer = await db(carry_out)(came, self._origin(socket))
        for room in answer.leaves:
            hub().leave_room(socket, room)
        for room in answer.joins:
            await hub().join_room(socket, room)
        for frame in answer.frames:
            await socket.say(frame.decode())
        if answer.fallen is not None:
            socket.end(_code_of(answer.fallen), answer.fallen.code)

    async def websocket_disconnect(self, _message: dict[str, Any]) -> None:
        raise StopConsumer

    async def _over(self) -> dict[str, Any]:
        """The end from our side, for a client that never answers a close."""
        await self.entered.wait()
        if self.socket is not None:
            await self.socket.over.wait()
        return {"type": "websocket.disconnect", "code": 1006}

    async def _turn_away(self, code: int, reason: str) -> None:
        await self.base_send({"type": "websocket.close", "code": int(code), "reason": reason})
        raise StopConsumer

    async def _not_a_frame(self, socket: Socket) -> None:
        self.no_frames += 1
        with translation.override(socket.language):
            socket.offer(error_frame(NotAFrame()).decode())
        if self.no_frames >= NO_FRAMES_AT_MOST:
            socket.end(Close.NOT_JSON, NotAFrame.code)

    def _is_within_rate(self) -> bool:
        now = time.monotonic()
        self.full_until = max(self.full_until, now) + self.limit.spacing
        return self.full_until - now <= self.limit.period

    # --- who and from where ---

    async def _admit(self) -> Admission:
        """Raises a Refusal."""
        bearer = self._header(b"authorization")
        ticket = self._query("ticket")
        origin = self._header(b"origin")
        if origin and not self._is_ours(origin):
            raise OriginNotAllowed
        if bearer:
            word, _, token = bearer.partition(" ")
            if word.lower() != "bearer" or not token:
                raise NoProof
            return await db(gatekeeper().by_bearer)(token.strip())
        if not ticket:
            raise NoProof
        if not origin:
            raise OriginNotAllowed  # every browser says where it comes from; what is no browser can send a header
        return await db(gatekeeper().by_ticket)(ticket)

    def _is_ours(self, origin: str) -> bool:
        trusted = (settings.SITE_URL, *settings.CSRF_TRUSTED_ORIGINS, *settings.CORS_ALLOWED_ORIGINS)
        if any(_is_same_origin(origin, one) for one in trusted):
            return True
        host = self._header(b"host")
        domain, _port = split_domain_port(host)
        return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS) and urlsplit(origin).netloc == host

    def _origin(self, socket: Socket) -> Origin:
        peer = self.scope.get("client") or ("", 0)
        # Only our own proxy reaches this server, and it overwrites the header.
        ip = self._header(b"x-real-ip") or peer[0] or None
        return Origin(socket.person_id, socket.session_id, socket.id, socket.language, ip, frozenset(socket.rooms))

    def _language(self, admission: Admission) -> str:
        """What the address names, else what the client prefers, else what the person chose."""
        offered = get_languages()
        asked = [self._query("lang"), *(word for word, _ in parse_accept_lang_header(self._header(b"accept-language")))]
        for word in asked:
            if (short := word.partition("-")[0]) in offered:
                return short
        return admission.person.language

    def _header(self, name: bytes) -> str:
        return next((value.decode("latin-1") for key, value in self.scope["headers"] if key == name), "")

    def _query(self, name: str) -> str:
        return parse_qs(self.scope.get("query_string", b"").decode("latin-1")).get(name, [""])[0]


def _code_of(refusal: Refusal) -> Close:
    return Close.NOT_ALLOWED if refusal.status == 403 else Close.NOT_SIGNED_IN


def _is_same_origin(origin: str, ours: str) -> bool:
    """`ours` may be an address on the site, or have a star for every subdomain."""
    one, other = urlsplit(origin), urlsplit(ours)
    return one.scheme == other.scheme and is_same_domain(one.netloc, other.netloc.removeprefix("*"))
