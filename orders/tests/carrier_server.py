"""A carrier of our own for tests: a real HTTP server that speaks the protocol of `orders.carriers.http`, and fails on demand."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "carrier-key"
PDF = b"%PDF-1.7\n%%EOF\n"


@dataclass
class FakeCarrier:
    """`faults`: what to answer next instead ("500", "409", "429", "hang", "garbage", "redirect"), one for each request.

    A fault that comes "after" ("500-after") does the work first, as a server does that dies while it answers.
    """

    url: str = ""
    parcels: dict[str, dict[str, Any]] = field(default_factory=dict)  # by id
    booked: dict[str, str] = field(default_factory=dict)  # id by key
    faults: list[str] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def book(self, key: str, body: dict[str, Any]) -> dict[str, Any]:
        if key not in self.booked:
            pk = f"par_{len(self.booked) + 1}"
            self.booked[key] = pk
            self.parcels[pk] = {"body": body, "events": [], "cancelled": False, "label": True}
        pk = self.booked[key]
        return {"id": pk, "tracking_number": f"TN{pk[4:]:0>6}", "tracking_url": f"https://carrier.example/{pk}"}

    def saw(self, pk: str, at: str, state: str, note: str = "") -> None:
        self.parcels[pk]["events"].append(
            {"id": f"{pk}:{at}", "at": at, "state": state, "place": "Dubai", "note": note}
        )


class CarrierHandler(BaseHTTPRequestHandler):
    carrier: FakeCarrier

    def log_message(self, *_args: Any) -> None:
        return

    def answer(self, status: int, body: bytes = b"", kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 302:
            self.send_header("Location", "https://elsewhere.example/")
        self.end_headers()
        self.wfile.write(body)

    def tell(self, told: Any, status: int = 200) -> None:
        self.answer(status, json.dumps(told).encode())

    def handle_one(self, method: str) -> None:
        self.carrier.requests.append((method, self.path))
        fault = self.carrier.faults.pop(0) if self.carrier.faults else ""
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            self.tell({"code": "unauthorized"}, 401)
            return
        if fault == "hang":
            self.carrier.released.wait(20)
            return
        if fault in ("garbage", "redirect") or fault.isdecimal():
            status = {"garbage": 200, "redirect": 302}.get(fault) or int(fault)
            self.answer(status, b"<html>" if fault == "garbage" else b'{"code": "told_no"}')
            return
        done = self.done(method)
        if fault.endswith("-after"):
            self.answer(int(fault.split("-")[0]), b"{}")
            return
        self.answer(*done)

    def done(self, method: str) -> tuple[int, bytes, str]:
        parts = self.path.strip("/").split("/")[2:]
        if method == "POST":
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            return (
                201,
                json.dumps(self.carrier.book(self.headers["Idempotency-Key"], body)).encode(),
                "application/json",
            )
        parcel = self.carrier.parcels.get(parts[0])
        if parcel is None:
            return 404, b'{"code": "no_such_parcel"}', "application/json"
        if method == "DELETE":
            if parcel["events"]:
                return 409, b'{"code": "on_its_way"}', "application/json"
            parcel["cancelled"] = True
            return 204, b"", "application/json"
        if parts[1] == "label":
            return (200, PDF, "application/pdf") if parcel["label"] else (404, b"{}", "application/json")
        return 200, json.dumps({"events": parcel["events"]}).encode(), "application/json"

    def do_GET(self) -> None:
        self.handle_one("GET")

    def do_POST(self) -> None:
        self.handle_one("POST")

    def do_DELETE(self) -> None:
        self.handle_one("DELETE")


@contextmanager
def running_carrier() -> Iterator[FakeCarrier]:
    carrier = FakeCarrier()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (CarrierHandler,), {"carrier": carrier}))
    server.daemon_threads = True
    carrier.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield carrier
    finally:
        carrier.released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
