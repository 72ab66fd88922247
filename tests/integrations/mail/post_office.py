"""A real SMTP server (aiosmtpd), and one that says whatever it is told, as no real one does."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Sequence
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from socket import create_connection
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

USER, PASSWORD = "orders", "s3cret & long"
LOST = "lost"
"""As an answer to a mail: keep it, and cut the line."""


class Box:
    """Keeps the mails, and answers each step in turn as a test says; then with yes."""

    def __init__(
        self, mail: Sequence[str] = (), rcpt: Sequence[str] = (), data: Sequence[str] = ()
    ) -> None:
        self._answers = {"MAIL": list(mail), "RCPT": list(rcpt), "DATA": list(data)}
        self.mails: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.greetings: list[str] = []

    def _next(self, step: str) -> str:
        answers = self._answers[step]
        return answers.pop(0) if answers else ""

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's names
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.greetings.append(session.host_name)
        answer = self._next("MAIL")
        if not answer:
            envelope.mail_from = address
        return answer or "250 2.1.0 Sender ok"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = self._next("RCPT")
        if not answer:
            envelope.rcpt_tos.append(address)
        return answer or "250 2.1.5 Recipient ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self._next("DATA")
        if answer and answer != LOST:
            return answer
        self.mails.append(message_from_bytes(envelope.content, policy=SMTP))
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        if answer == LOST:
            server.transport.close()
        return "250 2.0.0 Ok: queued as 4711"


def _signed_in(
    server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword
) -> AuthResult:
    good = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


class PostOffice(Controller):
    """The server, on a port that is free."""

    def __init__(
        self,
        box: Box,
        context: ssl.SSLContext | None = None,
        *,
        tls: str = "starttls",
        auth: bool = False,
    ) -> None:
        self.box = box
        self.tls = tls
        self._served: list[Any] = []
        super().__init__(
            box,
            hostname="127.0.0.1",
            port=0,
            server_hostname="post.example",
            ssl_context=context if tls == "tls" else None,
            tls_context=context if tls == "starttls" else None,
            require_starttls=tls == "starttls",
            authenticator=_signed_in if auth else None,
            auth_required=auth,
            auth_require_tls=tls == "starttls",
        )

    def factory(self) -> Any:
        served = super().factory()
        self._served.append(served)
        return served

    def stop(self, no_assert: bool = False) -> None:
        """Hang up everywhere, then stop."""
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result(10)
        super().stop(no_assert)

    async def _hang_up(self) -> None:
        for served in self._served:
            if served.transport is not None:
                served.transport.abort()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        if tasks:
            await asyncio.wait(tasks, timeout=5)
        # A transport lets go of its socket in the loop's next rounds.
        for _ in range(5):
            await asyncio.sleep(0)

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.base_events.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        if self.tls == "tls":  # a connection without TLS would be reported as an error
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            with (
                create_connection((self.hostname, self.port), 5) as plain,
                context.wrap_socket(plain) as safe,
            ):
                safe.recv(1024)
        else:
            super()._trigger_server()

    @property
    def url(self) -> str:
        """As the site file has it, without a user."""
        return f"smtp://127.0.0.1:{self.port}?tls={self.tls}"

    @property
    def signed(self) -> str:
        """The same with the user."""
        return self.url.replace("smtp://", f"smtp://{USER}@")


class Script:
    """Says one line after each that it hears, and then nothing more; empty closes the line."""

    def __init__(self, *lines: str) -> None:
        self._lines = lines
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self._socket.getsockname()[1]}?tls=none"
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        client, _ = self._socket.accept()
        with client, client.makefile("rb") as heard:
            for number, line in enumerate(self._lines):
                if number:
                    heard.readline()
                if not line:
                    return
                client.sendall(line.encode() + b"\r\n")
            self._done.wait(30)

    def close(self) -> None:
        """Stop."""
        self._done.set()
        self._thread.join(5)
        self._socket.close()
