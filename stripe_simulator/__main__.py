"""`python -m stripe_simulator`: serve until told to stop."""

import argparse
import sys
from dataclasses import fields
from pathlib import Path

from stripe_simulator.app import App, server
from stripe_simulator.protocol import Doc
from stripe_simulator.world import Terms


def endpoints(given: list[str], *, connect: bool) -> list[Doc]:
    found = []
    for pair in given:
        url, _, secret = pair.rpartition("=")
        if not url.startswith("http") or not secret:
            sys.exit(f"Webhook endpoints are given as URL=SECRET, not {pair}")
        found.append({"url": url, "secret": secret, "connect": connect, "enabled": True})
    return found


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="stripe_simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12111)
    parser.add_argument("--uds", help="listen on this socket instead")
    parser.add_argument("--state", type=Path, required=True, help="the SQLite file that everything is kept in")
    parser.add_argument("--public-url", help="where browsers reach /pages of this server")
    parser.add_argument("--webhook", action="append", default=[], metavar="URL=SECRET", help="events of the platform")
    parser.add_argument(
        "--connect-webhook", action="append", default=[], metavar="URL=SECRET", help="events of connected accounts"
    )
    parser.add_argument("--clock", choices=("real", "manual"), default="real")
    for term in fields(Terms):
        kind = float if term.type is float else int
        parser.add_argument(f"--{term.name.replace('_', '-')}", type=kind, default=term.default)
    given = parser.parse_args(arguments)
    given.state.parent.mkdir(parents=True, exist_ok=True)
    app = App(
        given.state,
        public_url=given.public_url or f"http://{given.host}:{given.port}/pages",
        terms=Terms(**{term.name: getattr(given, term.name) for term in fields(Terms)}),
        manual_clock=given.clock == "manual",
        endpoints=endpoints(given.webhook, connect=False) + endpoints(given.connect_webhook, connect=True),
    )
    where: Doc = {"uds": given.uds} if given.uds else {"host": given.host, "port": given.port}
    server(app, **where).run()


if __name__ == "__main__":
    main()
