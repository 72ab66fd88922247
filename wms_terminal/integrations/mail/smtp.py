"""Mails by SMTP (RFC 5321), over TLS (RFC 8314): one connection for each mail.

    smtp://user@host:587?tls=starttls     submission, the usual way; 587 and starttls when absent
    smtp://user@host?tls=tls              TLS from the first byte, port 465
    smtp://localhost:25?tls=none          in the clear: on this machine only, or with &cleartext=yes

Who is at fault decides what a refusal means. A 5xx about the recipient or the mail itself will
never become a yes (`MailRefused`). Everything about the way there, the user, the sender or our
reputation (5.7.x, RFC 3463) is for the administrator to put right, and the mail waits (`MailAway`).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from ipaddress import ip_address
from urllib.parse import parse_qsl, unquote, urlsplit

from wms_terminal.domain.mailbox import Mailbox, mailbox, one_line
from wms_terminal.integrations.mail.message import compose
from wms_terminal.ports.channel import Secret
from wms_terminal.ports.mail import Mail, MailAway, MailRefused

CONNECT_S = 5.0
READ_S = 30.0
LONGEST_WAIT_S = 86_400.0
PORTS = {"starttls": 587, "tls": 465, "none": 25}
EXPECTED = "smtp://user@host:587?tls=starttls (or tls, or none on this machine), without a password"

_OPTIONS = {"tls": tuple(PORTS), "cleartext": ("yes", "no")}
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:.]+")
_USER = re.compile(r"[!-~]{1,254}")
_WAIT = re.compile(
    r"\b(?:in|for|after)\s+(?:(\d{1,2}):(\d\d):(\d\d)|(\d{1,5})\s*(s|m|h))", re.IGNORECASE
)
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_OUR_MATTER = re.compile(r"5\.7\.\d")
_OUR_CODES = frozenset((503, 530, 534, 535, 538))
"""Commands out of order, and what is about signing in (RFC 4954, 6): nobody else's fault."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a mail server is, and how it is talked to."""

    host: str
    port: int
    tls: str
    """starttls, tls or none."""
    user: str = ""
    password: str = field(default="", repr=False)

    def said(self, code: int, answer: bytes | str) -> str:
        """What it answered, for a person to read, with nothing secret in it."""
        words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
        if self.password:
            plain = f"\0{self.user}\0{self.password}"
            for secret in (self.password, plain):
                words = words.replace(b64encode(secret.encode()).decode(), "***")
            words = words.replace(self.password, "***")
        return one_line(f"{code} {words}")


def read_url(url: str, secret: Secret, name: str) -> Server:
    """The server that a URL names; the password of its user is the secret `name`.

    Raises:
        ValueError: it is no such URL, or there is no secret; the URL is not repeated, since it
            may hold a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        options = dict(parse_qsl(parts.query, True, bool(parts.query)))
    except ValueError:
        raise _unfit("something that cannot be read") from None
    host, user = parts.hostname or "", unquote(parts.username or "")
    if parts.scheme != "smtp" or not _HOST.fullmatch(host):
        raise _unfit("another scheme" if parts.scheme != "smtp" else "no host")
    if parts.password is not None:
        raise _unfit("one with a password")
    if parts.path not in ("", "/") or parts.fragment or (user and not _USER.fullmatch(user)):
        raise _unfit("more than that")
    for option, value in options.items():
        if value not in _OPTIONS.get(option, ()):
            raise _unfit(one_line(f"{option}={value}", 40))
    tls = options.get("tls", "starttls")
    if tls == "none" and options.get("cleartext") != "yes" and not _is_here(host):
        raise ValueError(
            f"Expected a mail server with tls=starttls or tls=tls, got tls=none for {host}: "
            "everybody on the way could read the mails. If that is meant, add &cleartext=yes."
        )
    password = secret(name) if user else ""
    if not password.isascii():
        raise ValueError(f"Expected a mail password of ASCII in the secret {name}, got others.")
    return Server(host, port or PORTS[tls], tls, user, password)


def _unfit(got: str) -> ValueError:
    return ValueError(f"Expected a mail server such as {EXPECTED}; got {got}.")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def open_mailer(
    url: str, secret: Secret, name: str, *, context: ssl.SSLContext | None = None
) -> SmtpMailer:
    """A mailer to the server that the URL names; it does not connect yet.

    Raises:
        ValueError: as `read_url` does.
    """
    return SmtpMailer(read_url(url, secret, name), context=context)


class SmtpMailer:
    """Hands mails to a mail server.

    Args:
        server: Which one.
        context: Whose certificates are believed; those of the system (or `SSL_CERT_FILE`) if None.
        read_s: How long to wait for each answer.
        now: The clock for the Date header.
    """

    def __init__(
        self,
        server: Server,
        *,
        context: ssl.SSLContext | None = None,
        read_s: float = READ_S,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._server = server
        self._context = context or ssl.create_default_context()
        self._read_s = read_s
        self._now = now

    def send(self, mail: Mail) -> str:
        """Hand a mail over; what the server answered.

        Raises:
            MailAway: try again later. Also when the answer to the mail itself was lost: it may
                have been taken, and the Message-ID of the next attempt is the same.
            MailRefused: never again.
        """
        sender, to, message = self._message(mail)
        with self._connected(sender.domain) as smtp:
            self._step(smtp.mail(sender.address), "the sender", (250,), ours=True)
            self._step(smtp.rcpt(to.address), "the recipient", (250, 251))
            try:
                answer = smtp.data(message.as_bytes())
            except smtplib.SMTPDataError as refused:
                answer = (refused.smtp_code, _bytes(refused.smtp_error))
            except (OSError, smtplib.SMTPException) as lost:
                raise MailAway(
                    f"The answer of {self._server.host} to a mail was lost ({_cause(lost)}); "
                    "perhaps it was taken. It goes again with the same Message-ID."
                ) from None
            self._step(answer, "the mail", (250,))
        return self._server.said(*answer)

    def _message(self, mail: Mail) -> tuple[Mailbox, Mailbox, EmailMessage]:
        try:
            sender = mailbox(mail.sender)
        except ValueError as error:
            raise MailAway(f"The sender of the mails is not right. {error}") from None
        try:
            return sender, mailbox(mail.to), compose(mail, self._now())
        except ValueError as error:
            raise MailRefused(str(error)) from None

    @contextmanager
    def _connected(self, domain: str) -> Iterator[smtplib.SMTP]:
        """A connection, with TLS and signed in; closed in the end, however that goes."""
        smtp: smtplib.SMTP | None = None
        try:
            try:
                smtp = self._connect(domain)
                self._begin(smtp)
            except smtplib.SMTPResponseException as refused:
                raise self._away("refuses", refused.smtp_code, refused.smtp_error) from None
            yield smtp
            with suppress(OSError, smtplib.SMTPException):
                smtp.quit()
        except ssl.SSLCertVerificationError as error:
            raise MailAway(
                f"The certificate of {self._server.host} is not trusted: {error.verify_message}."
            ) from None
        except (OSError, smtplib.SMTPException) as error:
            where = f"{self._server.host}:{self._server.port}"
            raise MailAway(f"No connection to the mail server {where}: {_cause(error)}.") from None
        finally:
            if smtp is not None:
                smtp.close()

    def _connect(self, domain: str) -> smtplib.SMTP:
        host, port = self._server.host, self._server.port
        patience = min(CONNECT_S, self._read_s)
        # We present ourselves as the sender's domain: to look up this machine's takes long where
        # it has none, and would tell its name to strangers.
        if self._server.tls == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, domain, timeout=patience, context=self._context
            )
        else:
            smtp = smtplib.SMTP(host, port, domain, timeout=patience)
        return smtp

    def _begin(self, smtp: smtplib.SMTP) -> None:
        assert smtp.sock is not None
        smtp.sock.settimeout(self._read_s)
        smtp.ehlo_or_helo_if_needed()
        if self._server.tls == "starttls":
            if not smtp.has_extn("starttls"):
                raise MailAway(
                    f"{self._server.host} does not offer STARTTLS; nothing was sent in the clear. "
                    "Ask its administrator, or set tls=tls."
                )
            smtp.starttls(context=self._context)
            smtp.ehlo_or_helo_if_needed()
        if self._server.user:
            self._sign_in(smtp)

    def _sign_in(self, smtp: smtplib.SMTP) -> None:
        server = self._server
        try:
            smtp.login(server.user, server.password)
        except smtplib.SMTPNotSupportedError:
            raise MailAway(f"{server.host} lets nobody sign in here; try another port.") from None
        except smtplib.SMTPAuthenticationError as refused:
            what = f"does not let {server.user} sign in with the secret that it is given"
            raise self._away(what, refused.smtp_code, refused.smtp_error) from None

    def _step(
        self, answer: tuple[int, bytes], what: str, good: Sequence[int], *, ours: bool = False
    ) -> None:
        """Go on after a good answer.

        Raises:
            MailAway: it may be good later, or is ours to put right.
            MailRefused: never.
        """
        code, words = answer
        if code in good:
            return
        is_ours = ours or code in _OUR_CODES or _OUR_MATTER.match(words.decode("ascii", "replace"))
        if code < 500 or is_ours:
            raise self._away(
                f"does not take {what} now" if code < 500 else f"refuses {what}", code, words
            )
        raise MailRefused(
            f"{self._server.host} refuses {what} for ever: {self._server.said(code, words)}"
        )

    def _away(self, what: str, code: int, words: bytes | str) -> MailAway:
        said = self._server.said(code, words)
        advice = " An administrator has to look into it." if code >= 500 else ""
        return MailAway(
            f"The mail server {self._server.host} {what}: {said}.{advice}",
            wait_s(said) if code < 500 else 0.0,
        )


def wait_s(said: str) -> float:
    """How long a server asks to be left alone, from words such as `Greylisted for 300 seconds`."""
    found = _WAIT.search(said)
    if found is None:
        return 0.0
    hours, minutes, seconds, count, unit = found.groups()
    if count is None:
        wait = int(hours) * 3600.0 + int(minutes) * 60.0 + int(seconds)
    else:
        wait = int(count) * _SECONDS[unit.lower()]
    return min(wait, LONGEST_WAIT_S)


def _bytes(words: bytes | str) -> bytes:
    return words if isinstance(words, bytes) else words.encode("utf-8", "replace")


def _cause(error: Exception) -> str:
    """What went wrong, in words that hold nothing but that."""
    if isinstance(error, TimeoutError):
        return "it does not answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return one_line(str(error), 120) or type(error).__name__
