"""The ASGI application, and the server around it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from stripe_simulator import control, pages
from stripe_simulator.api import Api, Asked
from stripe_simulator.delivery import Postman
from stripe_simulator.faults import HANG
from stripe_simulator.protocol import Doc, Request, Response, StripeError, as_json
from stripe_simulator.store import Store
from stripe_simulator.world import Terms, World

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
LARGEST_BODY = 1_000_000


class Protocol(HttpToolsProtocol):
    """Lets the application cut the connection, which no answer can express."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        extensions: dict[str, Any] = {"hang_up": self.transport.abort}
        self.scope["extensions"] = extensions


class App:
    def __init__(
        self,
        state: Path | str,
        *,
        public_url: str,
        terms: Terms | None = None,
        manual_clock: bool = False,
        endpoints: list[Doc] | None = None,
    ) -> None:
        self.world = World(Store(state), terms=terms, manual_clock=manual_clock, public_url=public_url)
        self.api = Api(self.world)
        self.postman = Postman(self.world)
        if endpoints:
            self.readdress(endpoints)

    def readdress(self, endpoints: list[Doc]) -> None:
        """These and no others; what still waits for an endpoint that moved follows it."""
        store = self.world.store
        with store.transaction():
            for old in self.world.endpoints():
                heirs = [new["url"] for new in endpoints if new["connect"] == old["connect"]]
                if heirs and old["url"] not in heirs:
                    store.write(
                        "UPDATE deliveries SET url = ? WHERE url = ? AND state != 'delivered'", heirs[0], old["url"]
                    )
            store.set("endpoints", endpoints)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
        elif scope["type"] == "http":
            await self.serve(scope, receive, send)

    # --- life -----------------------------------------------------------------------------------------------------

    async def live(self, receive: Receive, send: Send) -> None:
        await receive()
        self.postman.start()
        ticking = asyncio.create_task(self.tick())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        ticking.cancel()
        await asyncio.to_thread(self.postman.stop)
        self.world.store.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def tick(self) -> None:
        """Payouts arrive and refunds settle also while nobody calls."""
        while True:
            await asyncio.sleep(0.5)
            await asyncio.to_thread(self.do_due)

    def do_due(self) -> None:
        if self.world.store.rows("SELECT 1 FROM due WHERE at <= ? LIMIT 1", self.world.time()):
            with self.world.store.transaction():
                self.world.request = {"id": None, "idempotency_key": None}
                self.world.do_due()

    # --- requests -------------------------------------------------------------------------------------------------

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        body = await read(receive)
        request = Request(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers, body)
        hang_up = scope.get("extensions", {}).get("hang_up", lambda: None)
        if request.path.startswith("/_sim/"):
            response: Response | None = await asyncio.to_thread(control.answer, self.api, request)
        elif request.path.startswith("/pages/"):
            response = await asyncio.to_thread(pages.answer, self.world, request)
        else:
            response = await self.call(request)
        if response is None:
            hang_up()
            return
        await answer(send, response)

    async def call(self, request: Request) -> Response | None:
        """Stripe's answer; None when the connection is cut instead."""
        asked = await asyncio.to_thread(self.api.prepare, request)
        if isinstance(asked, Response):
            return asked
        fault = asked.fault
        if fault and (refusal := fault.refusal()):
            return await self.refused(asked, refusal)
        if fault and fault.kind == "timeout_before":
            await asyncio.sleep(HANG if fault.seconds is None else fault.seconds)
            return None
        try:
            with self.api.claimed(asked):
                if fault and fault.kind == "slow":
                    await asyncio.sleep(1.0 if fault.seconds is None else fault.seconds)
                response = await asyncio.to_thread(self.api.execute, asked)
        except StripeError as error:
            return await self.refused(asked, error)
        if fault and fault.kind == "timeout_after":
            await asyncio.sleep(HANG if fault.seconds is None else fault.seconds)
        cut = fault and fault.kind in ("timeout_after", "drop_connection_after")
        return None if cut else response

    async def refused(self, asked: Asked, error: StripeError) -> Response:
        kind = asked.fault.kind if asked.fault else None
        return await asyncio.to_thread(
            lambda: self.api.refuse(
                asked.id, asked.request, asked.fields, error, account=asked.call.account, fault=kind
            )
        )


async def read(receive: Receive) -> bytes:
    body = b""
    async for part in parts(receive):
        body += part
        if len(body) > LARGEST_BODY:
            break
    return body


async def parts(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        yield message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body"):
            return


async def answer(send: Send, response: Response) -> None:
    headers = {"content-type": response.content_type, "content-length": str(len(response.body)), **response.headers}
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    with contextlib.suppress(OSError):
        await send({"type": "http.response.start", "status": response.status, "headers": raw})
        await send({"type": "http.response.body", "body": response.body})


def server(app: App, **where: Any) -> uvicorn.Server:
    """`host` and `port`, or `uds`."""
    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=3,
        **where,
    )
    return uvicorn.Server(config)


__all__ = ["App", "Protocol", "as_json", "server"]
