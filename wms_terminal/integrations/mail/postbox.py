"""The mailbox that answers arrive in: a folder of an IMAP server, or a Maildir on this machine.

An IMAP folder is only looked at (EXAMINE, BODY.PEEK): nothing in it is marked, moved or deleted,
and people may work in it beside us. How far it is read, the caller keeps. In a Maildir, a mail
moves from `new` to `cur` when it was read, as with any mail program; it stays unread to people.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from wms_terminal.domain.mailbox import one_line
from wms_terminal.integrations.mail.replies import MOST_BYTES, read
from wms_terminal.ports.channel import Secret
from wms_terminal.ports.mail import MailAway
from wms_terminal.ports.replies import Letter, Postbox

PASSWORD = "imap-password"
"""The secret with the password of the mailbox's user."""
PORT = 993
TIMEOUT_S = 30.0
FIRST = timedelta(days=30)
"""How far back a mailbox is read that was never read."""

_MARK = re.compile(r"([0-9]{1,10}):([0-9]{1,10})")
_FOLDER = re.compile(r"[ -~]{1,200}")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def open_postbox(
    url: str,
    secret: Secret,
    *,
    context: ssl.SSLContext | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Postbox:
    """The mailbox at `imaps://user@host:993/FOLDER` or `maildir:///PATH`; it does not connect yet.

    The user's @ may be written as it is, or as %40. Without a folder it is INBOX.

    Raises:
        ValueError: the URL is none of these, there is no such folder, or no password.
    """
    parts = urlsplit(url)
    expected = "Expected imaps://user@host/FOLDER or maildir:///PATH"
    if parts.scheme == "maildir" and parts.path and not parts.netloc:
        folder = Path(unquote(parts.path))
        if not (folder / "new").is_dir() or not (folder / "cur").is_dir():
            raise ValueError(f"Expected a Maildir (with new and cur) at {folder}, found none.")
        return Maildir(folder)
    user, _, _ = parts.netloc.rpartition("@")
    try:
        port = parts.port or PORT
    except ValueError:
        port = 0
    box = unquote(parts.path.lstrip("/")) or "INBOX"
    if parts.scheme != "imaps" or not user or not parts.hostname or not port:
        raise ValueError(f"{expected}, got something else.")
    if ":" in user:
        raise ValueError(f"{expected}, got one with a password: that is the secret {PASSWORD}.")
    if not _FOLDER.fullmatch(box) or '"' in box or "\\" in box:
        raise ValueError(f"{expected} with a folder in plain letters, got {box[:80]!r}.")
    return Imap(
        parts.hostname,
        port,
        unquote(user),
        secret(PASSWORD),
        box,
        context or ssl.create_default_context(),
        timeout_s,
    )


class Maildir:
    """A folder that a mail server on this machine delivers into."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def letters(self, mark: str, limit: int) -> Iterator[Letter]:
        """New mails, the oldest first."""
        del mark  # what was read is in another folder
        try:
            paths = sorted(path for path in (self._folder / "new").iterdir() if path.is_file())
            for path in paths[:limit]:
                with path.open("rb") as file:
                    yield Letter("", path.name, read(file.read(MOST_BYTES)))
        except OSError as error:
            raise MailAway(f"The Maildir cannot be read: {error.strerror}.") from error

    def done(self, letter: Letter) -> None:
        """A mail was read, and what it says is kept."""
        path = self._folder / "new" / letter.handle
        info = "" if ":2," in letter.handle else ":2,"
        # Another worker may have been quicker.
        with suppress(FileNotFoundError):
            path.rename(self._folder / "cur" / f"{letter.handle}{info}")

    def close(self) -> None:
        """Nothing is open."""


class Imap:
    """A folder of an IMAP server (RFC 3501), over TLS. It connects when it is asked."""

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        password: str,
        folder: str,
        context: ssl.SSLContext,
        timeout_s: float,
    ) -> None:
        self._where = (host, port)
        self._user, self._password = user, password
        self._folder = folder
        self._context = context
        self._timeout_s = timeout_s

    def letters(self, mark: str, limit: int) -> Iterator[Letter]:
        """Mails that came after the mark, the oldest first; one connection for each round."""
        server: imaplib.IMAP4 | None = None
        try:
            server = imaplib.IMAP4_SSL(
                *self._where, ssl_context=self._context, timeout=self._timeout_s
            )
            server.login(self._user, self._password)
            _said(server.select(f'"{self._folder}"', readonly=True), f"open {self._folder}")
            validity = _number(server.response("UIDVALIDITY")[1])
            known = _MARK.fullmatch(mark)
            # Another validity says that the numbers mean other mails now (RFC 3501, 2.3.1.1).
            after = int(known[2]) if known and int(known[1]) == validity else 0
            for uid in self._after(server, after)[:limit]:
                raw = self._mail(server, uid)
                yield Letter(f"{validity}:{uid}", str(uid), read(raw))
        except imaplib.IMAP4.error as error:
            raise MailAway(f"The mailbox cannot be read: {self._safe(error)}") from error
        except OSError as error:
            raise MailAway(f"The mailbox cannot be reached: {self._safe(error)}") from error
        finally:
            if server is not None:
                _leave(server)

    def done(self, letter: Letter) -> None:
        """The mark says it."""

    def close(self) -> None:
        """Each round has closed its connection."""

    def _after(self, server: imaplib.IMAP4, after: int) -> list[int]:
        """Numbers of mails after one, or of the last month."""
        if after:
            answer = server.uid("SEARCH", "UID", f"{after + 1}:*")
        else:
            day = datetime.now(UTC) - FIRST
            answer = server.uid("SEARCH", "SINCE", f"{day.day}-{_MONTHS[day.month - 1]}-{day.year}")
        found = _said(answer, "search")
        words = b" ".join(item for item in found if isinstance(item, bytes)).split()
        # `n:*` also names the last mail when that is before n.
        return sorted(int(word) for word in words if word.isdigit() and int(word) > after)

    def _mail(self, server: imaplib.IMAP4, uid: int) -> bytes:
        """As much of a mail as is looked at; empty when it is gone."""
        found = _said(server.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{MOST_BYTES}>)"), "read")
        pieces = (item[1] for item in found if isinstance(item, tuple) and len(item) > 1)
        return next((piece for piece in pieces if isinstance(piece, bytes)), b"")

    def _safe(self, error: Exception) -> str:
        # imaplib raises what the server says as bytes.
        said = error.args[0] if error.args else ""
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(error)
        return one_line(text, 200).replace(self._password, "…")


def _leave(server: imaplib.IMAP4) -> None:
    try:
        server.logout()
    except (imaplib.IMAP4.error, OSError):
        with suppress(OSError):
            server.shutdown()


def _said(answer: tuple[str, Sequence[object]], what: str) -> Sequence[object]:
    state, data = answer
    if state != "OK":
        said = data[0] if data and isinstance(data[0], bytes) else b""
        raise imaplib.IMAP4.error(f"cannot {what}: {said.decode('utf-8', 'replace')}")
    return data


def _number(data: object) -> int:
    first = data[0] if isinstance(data, list) and data else None
    return int(first) if isinstance(first, bytes) and first.isdigit() else 0
