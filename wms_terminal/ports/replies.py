"""What customers answer to our mails, and mails that come back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    """Somebody has answered a mail; everything in it is somebody else's text."""

    key: str
    """The same for the same mail, however often it is read."""
    answers: tuple[str, ...]
    """Message-IDs of what it answers, the likeliest first."""
    score: int | None
    """1 to 5, where its first line is one."""
    text: str
    """Without what it quotes."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail could not be delivered after all."""

    about: tuple[str, ...]
    """Message-IDs of what came back."""
    why: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail of a mailbox."""

    mark: str
    """How far the mailbox is read with this one, where it cannot keep that itself; else empty."""
    handle: str
    """The mailbox's own name of it."""
    says: Answer | Bounce | None
    """None: nothing that is for us."""


class Postbox(Protocol):
    """A mailbox that answers arrive in."""

    def letters(self, mark: str, limit: int) -> Iterator[Letter]:
        """Mails after the mark, the oldest first.

        Raises:
            MailAway: it cannot be read now.
        """

    def done(self, letter: Letter) -> None:
        """A mail was read, and what it says is kept."""

    def close(self) -> None:
        """Let go of the connection."""
