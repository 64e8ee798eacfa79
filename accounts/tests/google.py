"""Google as far as a sign-in needs it: a server on this machine that speaks the token request of OpenID Connect."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import jwt

KEY = "a key of our own, since allauth trusts what comes straight from the token endpoint"


class Google:
    """`claims` are what the next id token says of the person; `seen` are the token requests that came."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.claims: dict[str, object] = {}
        self.seen: list[dict[str, list[str]]] = []


@contextmanager
def google_running() -> Iterator[Google]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            google.seen.append(sent)
            good = sent.get("code") == ["good"] and sent.get("client_secret") == ["shh"]
            claims = {
                "iss": "https://accounts.google.com",
                "aud": "souk",
                "exp": 4_000_000_000,
                "iat": 1,
                **google.claims,
            }
            answer = (
                {"access_token": "x", "token_type": "Bearer", "id_token": jwt.encode(claims, KEY, "HS256")}
                if good
                else {"error": "invalid_grant"}
            )
            self.send_response(200 if good else 400)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    google = Google(f"http://127.0.0.1:{server.server_port}/token")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield google
    finally:
        server.shutdown()
        server.server_close()


__all__ = ["Google", "google_running"]
