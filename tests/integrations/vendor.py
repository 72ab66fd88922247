"""A vendor's server on this machine, for a counterpart: it answers, keeps state, and goes wrong."""

from __future__ import annotations

import json
import os
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from wms_terminal.integrations.http import READ_S, Http
from wms_terminal.integrations.testing.counterpart import RETRY_AFTER_S, Call, Fault
from wms_terminal.ports.carrier import Carrier
from wms_terminal.ports.channel import Channel

SLOWEST_S = 10.0
"""For how long an answer is held back at most."""
PATIENCE_S = 0.3
"""How long a channel waits for an answer that is held back; else it waits as on the floor."""


def spec(name: str) -> dict[str, Any]:
    """A vendor's published specification, from the folder `specs` in the shared one."""
    root = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("WMS_SPECS", root.parent / "shared" / "specs"))
    path = folder / name
    assert path.is_file(), f"{path} is missing; let WMS_SPECS name the folder `specs` of shared"
    found = json.loads(path.read_text("utf-8"))
    assert isinstance(found, dict)
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as it came."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    """Names in lower case."""
    content: bytes
    target: str
    """Path and query."""

    @property
    def body(self) -> Any:
        """As JSON."""
        return json.loads(self.content) if self.content else None

    def one(self, name: str, default: str = "") -> str:
        """A parameter of the query."""
        return self.query.get(name, [default])[0]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = "application/json"


class Vendor(ABC):
    """A server with state. One request at a time; what breaks the specification fails the test."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        """What was asked or answered against the specification."""
        self.given: list[Channel | Carrier] = []
        """Every adapter that was made for a test; closed in the end, since some fail midway."""
        self._lock = threading.RLock()
        self._count = dict.fromkeys(Call, 0)
        self._plan: tuple[Fault, Call, int, int] | None = None
        self._hit = 0
        self._healed = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @abstractmethod
    def answer(self, asked: Asked) -> Reply:
        """Do what was asked."""

    @abstractmethod
    def refusal(self, status: int, text: str) -> Reply:
        """A 4xx in the vendor's form."""

    @abstractmethod
    def secrets_of(self, asked: Asked) -> list[str]:
        """Every secret that a request carried."""

    def https(self, channel: Any) -> list[Http]:
        """What a channel of this vendor asks with; some ask several servers."""
        return [channel._http]

    def call(self, asked: Asked) -> Call | None:
        """Whether it reads or writes; None for logging in."""
        return Call.READ if asked.method == "GET" else Call.WRITE

    def inject(self, fault: Fault, call: Call, nth: int = 0, count: int = 1) -> bool:
        """Let `count` such calls fail, after `nth` good ones."""
        with self._lock:
            self._healed.clear()
            self._plan, self._hit = (fault, call, nth, count), 0
        if fault is Fault.SLOW:
            self._wait(PATIENCE_S)
        return True

    def heal(self) -> int:
        """Take the fault away; how many requests it hit."""
        with self._lock:
            self._plan = None
        self._healed.set()
        self._wait(READ_S)
        return self._hit

    def hits(self, call: Call) -> int:
        """How many such requests came."""
        return self._count[call]

    def close(self) -> None:
        """Stop; fails when anything was against the specification."""
        self._healed.set()
        for channel in self.given:
            channel.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        assert not self.faults, self.faults[0]

    def _wait(self, seconds: float) -> None:
        """Let the channels wait so long for an answer."""
        for channel in self.given:
            for http in self.https(channel):
                http._client.timeout = httpx.Timeout(seconds)

    def _due(self, asked: Asked) -> Fault | None:
        call = self.call(asked)
        if call is None:
            return None
        self._count[call] += 1
        if self._plan is None or self._plan[1] is not call:
            return None
        fault, _, nth, count = self._plan
        if nth:
            self._plan = (fault, call, nth - 1, count)
            return None
        self._plan = (fault, call, 0, count - 1) if count > 1 else None
        self._hit += 1
        return fault

    def _serve(self, asked: Asked) -> tuple[Reply | None, Fault | None]:
        with self._lock:
            fault = self._due(asked)
            match fault:
                case Fault.LOST_BEFORE:
                    return None, fault
                case Fault.BUSY:
                    busy = self.refusal(429, "Too many requests")
                    wait = {"Retry-After": str(RETRY_AFTER_S)}
                    return Reply(429, busy.body, wait, busy.media), fault
                case Fault.CLOSED:
                    return Reply(503, "<html>Closed</html>", media="text/html"), fault
                case Fault.PAGE:
                    return Reply(200, "<!DOCTYPE html><p>Back soon", media="text/html"), fault
                case Fault.ECHO:
                    return self.refusal(400, " ".join(self.secrets_of(asked))), fault
                case _:
                    return self.answer(asked), fault

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def _do(self) -> None:
                size = int(self.headers.get("content-length") or 0)
                parts = urlsplit(self.path)
                asked = Asked(
                    self.command,
                    parts.path,
                    parse_qs(parts.query, keep_blank_values=True),
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(size),
                    self.path,
                )
                try:
                    reply, fault = vendor._serve(asked)
                except Exception as error:  # noqa: BLE001 - the test must hear of it
                    vendor.faults.append(f"{asked.method} {asked.target}: {error!r}")
                    reply, fault = Reply(500, {"message": "the counterpart failed"}), None
                if fault is Fault.SLOW:
                    vendor._healed.wait(SLOWEST_S)
                if reply is None or fault in (Fault.LOST_AFTER, Fault.SLOW):
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                content = _encoded(reply, garbage=fault is Fault.GARBAGE)
                self.send_response(200 if fault is Fault.GARBAGE else reply.status)
                if content or reply.status not in (202, 204):
                    self.send_header("Content-Type", reply.media)
                self.send_header("Content-Length", str(len(content)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _do  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def _encoded(reply: Reply, *, garbage: bool) -> bytes:
    if garbage:
        return b'{"id": 1, "status'
    if reply.body is None:
        return b""
    if isinstance(reply.body, bytes):
        return reply.body
    text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
    return text.encode()
