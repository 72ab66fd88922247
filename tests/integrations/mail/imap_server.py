"""An IMAP server (RFC 3501) as far as a reader needs one, over TLS, in a thread.

It takes only what a reader may do: a folder is examined, never selected, and nothing is stored.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field

USER, PASSWORD = "care@shop.example", "imap s3cret"

_FETCH = re.compile(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)")
_LOGIN = re.compile(r'LOGIN "?([^" ]+)"? "(.*)"')


@dataclass
class ImapServer:
    """Mails by their number, and what was asked."""

    context: ssl.SSLContext
    mails: dict[int, bytes] = field(default_factory=dict)
    validity: int = 7
    hang_up_at: str = ""
    """A command at which the line is cut."""
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._listener.close()
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 0.2).close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            try:
                with self.context.wrap_socket(raw, server_side=True) as line:
                    line.settimeout(5)
                    self._talk(line)
            except OSError:
                continue

    def _talk(self, line: ssl.SSLSocket) -> None:
        reader = line.makefile("rb")
        line.sendall(b"* OK here\r\n")
        while words := reader.readline().decode().strip():
            tag, _, command = words.partition(" ")
            self.asked.append(command.split(" ")[0] if "LOGIN" in command else command)
            if self.hang_up_at and command.startswith(self.hang_up_at):
                return
            line.sendall(self._answer(command))
            good = not self._refuses(command)
            line.sendall(f"{tag} {'OK' if good else 'NO'} done\r\n".encode())
            if command.startswith("LOGOUT"):
                return

    def _refuses(self, command: str) -> bool:
        login = _LOGIN.match(command)
        if login:
            return login.groups() != (USER, PASSWORD)
        return not command.startswith(
            ("CAPABILITY", "EXAMINE", "UID SEARCH", "UID FETCH", "LOGOUT", "NOOP")
        )

    def _answer(self, command: str) -> bytes:
        if command.startswith("CAPABILITY"):
            return b"* CAPABILITY IMAP4rev1\r\n"
        if command.startswith("EXAMINE"):
            count = len(self.mails)
            return f"* {count} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] ok\r\n".encode()
        if command.startswith("UID SEARCH"):
            return self._search(command)
        if found := _FETCH.match(command):
            uid, most = map(int, found.groups())
            mail = self.mails.get(uid)
            if mail is None:
                return b""
            piece = mail[:most]
            head = f"* 1 FETCH (UID {uid} BODY[]<0> {{{len(piece)}}}\r\n".encode()
            return head + piece + b")\r\n"
        return b"* BYE\r\n" if command.startswith("LOGOUT") else b""

    def _search(self, command: str) -> bytes:
        uids = sorted(self.mails)
        after = re.search(r"UID (\d+):\*", command)
        if after:
            # As RFC 3501 has it: the last one is always among them.
            uids = [uid for uid in uids if uid >= int(after[1]) or uid == uids[-1]]
        return ("* SEARCH " + " ".join(map(str, uids)) + "\r\n").encode()
