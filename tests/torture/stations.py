"""Stations that are killed or frozen at any point, and gestures that come twice at once."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.torture.floor import CONTEXT, Floor, Post
from tests.torture.station import Gesture

FROZEN_S = (0.1, 2.0)
"""For how long, longer than a moment and shorter than any patience."""


def kill(floor: Floor) -> bool:
    """SIGKILL: what it did ends here, and its last gesture is made again by its successor."""
    post = floor.anybody()
    if post is None:
        return False
    post.killed = True
    with suppress(ProcessLookupError):
        os.kill(post.pid, signal.SIGKILL)
    return True


def freeze(floor: Floor) -> bool:
    """SIGSTOP, and after a while SIGCONT, or SIGKILL."""
    post = floor.anybody()
    if post is None or floor.is_frozen:
        return False
    with suppress(ProcessLookupError):
        os.kill(post.pid, signal.SIGSTOP)
    post.frozen = True
    dies = floor.chance.random() < 0.25

    def end() -> None:
        if not post.frozen:
            return
        if dies:
            post.killed, post.frozen = True, False
            with suppress(ProcessLookupError):
                os.kill(post.pid, signal.SIGKILL)
        floor.thaw()

    floor.later(floor.chance.uniform(*FROZEN_S), end)
    return True


@dataclass
class Echo:
    """Another process that makes the same gestures at the same time."""

    floor: Floor
    wanted: int = 0
    sent: set[str] = field(default_factory=set)
    _line: Any = None
    _process: Any = None

    def __enter__(self) -> Echo:
        self._line, theirs = CONTEXT.Pipe()
        self._process = CONTEXT.Process(target=_echo, args=(self.floor.url, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self.floor.listeners.append(self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        self.floor.listeners.remove(self._hear)
        self._line.send(None)
        self._process.join(60)
        if self._process.exitcode != 0:
            self.floor.broken.append(f"the echo ended with {self._process.exitcode}")

    def twice(self, floor: Floor) -> bool:
        """The next gesture, whoever makes it, is made by two processes at once."""
        self.wanted += 1
        return floor is self.floor

    def _hear(self, post: Post, gesture: Gesture) -> None:
        if self.wanted and not gesture.code.startswith("WHB"):
            self.wanted -= 1
            self.sent.add(gesture.id)
            self._line.send((post.name, gesture))


def _echo(url: str, line: Any) -> None:
    from wms_terminal.bootstrap import Terminal, open_terminal
    from wms_terminal.ports.store import StoreError

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    terminals: dict[str, Terminal] = {}
    while (heard := line.recv()) is not None:
        name, gesture = heard
        # A store that is away is the station's own affair: it has the same gesture to settle.
        with suppress(StoreError):
            if name not in terminals:
                terminals[name] = open_terminal(url, name)
            terminals[name].scan(gesture.code, gesture.source, gesture.id)
    for terminal in terminals.values():
        terminal.close()
