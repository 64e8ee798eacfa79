"""For other people's tests: a simulator in a process of its own or in a thread, its controls, and the referee.

    with running_simulator(webhooks=[(url, secret)]) as stripe_sim:
        client = stripe_sim.client()
        ...
        stripe_sim.control.advance(days=7)
        stripe_sim.kill()
        stripe_sim.restart()

`referee(stripe_sim)` around a test fails it when a request broke Stripe's own types.
"""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import stripe

from stripe_simulator.app import App, server
from stripe_simulator.protocol import Doc
from stripe_simulator.world import Terms

KEY = "sk_test_simulator"
Webhooks = Sequence[tuple[str, str]]
STARTS_WITHIN = 60.0  # seconds; a busy machine takes long to start a process
# A bare UUID, or nothing.
MADE_UP_KEY = re.compile(r"(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?")
ROOT = Path(__file__).resolve().parent.parent


class ControlRefusedError(AssertionError):
    """The simulator could not do what a test told it."""


class Control:
    """One method for every `/_sim/…` address."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url)

    def ask(self, method: str, path: str, asked: Doc | None = None) -> Doc:
        connection = http.client.HTTPConnection(self._address.hostname or "", self._address.port, timeout=60)
        try:
            connection.request(method, f"/_sim/{path}", json.dumps(asked or {}) if method == "POST" else None)
            answer = connection.getresponse()
            found: Doc = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != 200:
            message = f"{method} /_sim/{path}: {found}"
            raise ControlRefusedError(message)
        return found

    def state(self) -> Doc:
        return self.ask("GET", "state")

    def reset(self) -> None:
        self.ask("POST", "reset")

    def advance(self, seconds: float = 0, *, days: float = 0) -> float:
        """The clock moves on, what became due happens; the new time."""
        return float(self.ask("POST", "clock", {"advance": seconds + days * 86_400})["time"])

    def terms(self, **changes: float) -> Doc:
        """Fees and waiting times, see `stripe_simulator.world.Terms`."""
        return self.ask("POST", "terms", changes)

    def fault(self, kind: str, *, method: str | None = None, path_prefix: str = "", **how: Any) -> None:
        """`times`, `seconds`, `probability`, `seed`, `skip`, and `effect` for error_500_saved."""
        self.ask("POST", "faults", {"kind": kind, "match": {"method": method, "path_prefix": path_prefix}, **how})

    def faults(self) -> list[Doc]:
        return list(self.ask("GET", "faults")["faults"])

    def clear_faults(self) -> None:
        self.ask("DELETE", "faults")

    def prune_keys(self) -> int:
        return int(self.ask("POST", "prune_keys")["pruned"])

    def payout(self, pk: str, outcome: str, **how: Any) -> Doc:
        return self.ask("POST", f"payouts/{pk}", {"outcome": outcome, **how})

    def refund(self, pk: str, outcome: str, **how: Any) -> Doc:
        return self.ask("POST", f"refunds/{pk}", {"outcome": outcome, **how})

    def dispute_charge(self, pk: str, **how: Any) -> Doc:
        """`reason`, `amount`."""
        return self.ask("POST", f"charges/{pk}/dispute", how)

    def dispute(self, pk: str, outcome: str) -> Doc:
        return self.ask("POST", f"disputes/{pk}", {"outcome": outcome})

    def fraud_warning(self, charge: str) -> Doc:
        return self.ask("POST", f"charges/{charge}/fraud_warning")

    def account(self, pk: str, outcome: str = "complete", **how: Any) -> Doc:
        """`complete`, `due`, `disabled` or `deauthorized`; `external_account` as accounts.create takes it."""
        return self.ask("POST", f"accounts/{pk}", {"outcome": outcome, **how})

    def webhook(self, url: str, secret: str, *, connect: bool = False, enabled: bool = True) -> None:
        self.ask("POST", "webhooks", {"url": url, "secret": secret, "connect": connect, "enabled": enabled})

    def deliveries(self, mode: str | None = None, **how: Any) -> list[Doc]:
        """Set the mode, if one is given; every delivery with its state."""
        if mode or how:
            self.ask("POST", "deliveries", ({"mode": mode} if mode else {}) | how)
        return list(self.ask("GET", "deliveries")["deliveries"])

    def redeliver(self, event: str = "all", *, age: int = 0) -> None:
        """Send again; `age` dates the signature back by so many seconds."""
        self.ask("POST", "deliveries", {"redeliver": event, "age": age})

    def retry_now(self) -> None:
        self.ask("POST", "deliveries", {"retry_now": True})

    def requests(self, path_prefix: str = "") -> list[Doc]:
        return [kept for kept in self.ask("GET", "requests")["requests"] if kept["path"].startswith(path_prefix)]

    def events(self, kind: str = "") -> list[Doc]:
        return [kept for kept in self.ask("GET", "events")["events"] if kept["type"].startswith(kind)]

    def wait_until_delivered(self, within: float = 60.0) -> None:
        """Until no delivery waits any more."""
        until = time.monotonic() + within
        while self.ask("GET", "deliveries/waiting")["waiting"]:
            if time.monotonic() > until:
                message = f"Still waiting after {within} s: {self.deliveries()[-5:]}"
                raise ControlRefusedError(message)
            time.sleep(0.05)


class Simulator:
    """A running simulator. `url` is what StripeClient's base address and STRIPE_API_BASE are set to."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.control = Control(self.url)

    def client(self, **options: Any) -> stripe.StripeClient:
        return stripe.StripeClient(KEY, base_addresses={"api": self.url, "connect": self.url}, **options)

    def violations(self) -> list[Doc]:
        """Requests whose parameters are not what Stripe's types allow."""
        return [kept for kept in self.control.requests() if kept["violation"]]

    def ignored(self) -> set[str]:
        """Parameters, as "POST /v1/… name", that were well formed and had no effect, because the simulator does not have what
        they ask for.
        """
        return {
            f"{kept['method']} {kept['path']} {name}" for kept in self.control.requests() for name in kept["ignored"]
        }


class Process(Simulator):
    """In a process of its own, which can be killed."""

    def __init__(self, port: int, arguments: list[str]) -> None:
        super().__init__(port)
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "stripe_simulator", *self._arguments]
        self._process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})  # noqa: S603
        wait_for(self, self._process)

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """On the same port with the same state, after `kill` or by killing it."""
        self.kill()
        self.start()

    def _end(self, how: signal.Signals) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(how)
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None


def wait_for(simulator: Simulator, process: subprocess.Popen[bytes] | None = None) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            simulator.control.state()
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() > until or (process and process.poll() is not None):
                message = f"The simulator does not answer on {simulator.url}."
                raise ControlRefusedError(message) from error
            time.sleep(0.05)
        else:
            return


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def running_simulator(
    *,
    webhooks: Webhooks = (),
    connect_webhooks: Webhooks = (),
    state: Path | None = None,
    port: int | None = None,
    public_url: str | None = None,
    clock: str = "real",
    **terms: float,
) -> Iterator[Process]:
    """In a real process. Terms by name: `available_after=0`, `fee_fixed=0`, …"""
    with tempfile.TemporaryDirectory(prefix="stripe-simulator-") as folder:
        port = port or free_port()
        arguments = ["--port", str(port), "--state", str(state or Path(folder) / "state.sqlite"), "--clock", clock]
        for url, secret in webhooks:
            arguments += ["--webhook", f"{url}={secret}"]
        for url, secret in connect_webhooks:
            arguments += ["--connect-webhook", f"{url}={secret}"]
        if public_url:
            arguments += ["--public-url", public_url]
        for name, value in terms.items():
            arguments += [f"--{name.replace('_', '-')}", str(value)]
        simulator = Process(port, arguments)
        simulator.start()
        try:
            yield simulator
        finally:
            simulator.stop()


@contextmanager
def threaded_simulator(
    *,
    webhooks: Webhooks = (),
    connect_webhooks: Webhooks = (),
    public_url: str | None = None,
    clock: str = "real",
    **terms: Any,
) -> Iterator[Simulator]:
    """In a thread of this process: starts in a few milliseconds, still over real HTTP. State in memory."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    simulator = Simulator(listener.getsockname()[1])
    endpoints = [{"url": url, "secret": secret, "connect": False, "enabled": True} for url, secret in webhooks]
    endpoints += [{"url": url, "secret": secret, "connect": True, "enabled": True} for url, secret in connect_webhooks]
    app = App(
        ":memory:",
        public_url=public_url or f"{simulator.url}/pages",
        terms=Terms(**terms),
        manual_clock=clock == "manual",
        endpoints=endpoints,
    )
    running = server(app, host="127.0.0.1", port=0)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, name="stripe-simulator", daemon=True)
    thread.start()
    try:
        wait_for(simulator)
        yield simulator
    finally:
        running.should_exit = True
        thread.join(timeout=30)
        listener.close()


@contextmanager
def referee(simulator: Simulator, *, keyed: bool = True) -> Iterator[Simulator]:
    """Judge every request that was sent meanwhile. Raises AssertionError for parameters that Stripe's types do not have, and,
    with `keyed`, for a POST without an Idempotency-Key of the caller's own: the library makes one up for each call, which
    protects its own retries and nothing else.
    """
    before = {kept["id"] for kept in simulator.control.requests()}
    yield simulator
    sent = [kept for kept in simulator.control.requests() if kept["id"] not in before]
    wrong = [f"{kept['method']} {kept['path']}: {kept['violation']}" for kept in sent if kept["violation"]]
    if keyed:
        unkeyed = [kept for kept in sent if kept["method"] == "POST" and MADE_UP_KEY.fullmatch(kept["key"] or "")]
        wrong += [f"POST {kept['path']}: no Idempotency-Key of ours" for kept in unkeyed]
    if wrong:
        raise AssertionError("\n".join(["Stripe would refuse, or could do it twice:", *wrong]))
