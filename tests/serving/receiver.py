"""A program that webhooks are sent to."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@dataclass
class Receiver:
    """A server that keeps what it gets, and answers as told."""

    url: str = ""
    status: int = 204
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def changes(self) -> list[tuple[str, str]]:
        """Kind and customer of everything it took, in order."""
        return [(x["kind"], x["entity_id"]) for _, b in self.got for x in json.loads(b)["changes"]]


def is_signed(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """Whether who knows the secret sent this."""
    at, signed = headers["OneID-Signature"].removeprefix("t=").split(",v1=")
    expected = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return signed == expected.hexdigest()


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens until the block ends."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if receiver.status < 300:
                receiver.got.append((dict(self.headers), body))
            self.send_response(receiver.status)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield receiver
    server.shutdown()
    server.server_close()
