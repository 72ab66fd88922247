"""A server on this machine that answers each request with the bytes that it is given."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence

HANG = b"\x00hang"
"""Take the request and never answer."""


def answer(
    status: int, body: bytes | str = b"", kind: str = "application/json", **more: str
) -> bytes:
    """An HTTP answer."""
    body = body.encode() if isinstance(body, str) else body
    headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close"}
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + body


class Wire:
    """Answers in turn, the last one for ever; an empty answer closes the connection."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        self._answers = list(answers)
        self.requests: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            request = b""
            while not _whole(request):
                piece = client.recv(65536)
                if not piece:
                    break
                request += piece
            self.requests.append(request)
            reply = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
            if reply == HANG:
                self._open.append(client)
                continue
            client.sendall(reply)
            client.close()

    def close(self) -> None:
        """Stop."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)
        for client in self._open:
            client.close()


def _whole(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    if not end:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.partition(b":")[2])
    return True
