"""Who stands before a station while it is tried out: is told and asked, and waited for a while."""

from __future__ import annotations

import os
import select
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

import click

R = TypeVar("R")

_PAUSE_S = 0.2


class Person:
    """Somebody at a terminal, or nobody: a test, a pipe, a simulated device."""

    def __init__(self, wait_s: float, *, asks: bool | None = None) -> None:
        """A person who is given `wait_s` seconds for each thing to do."""
        self.wait_s = wait_s
        self.is_there = sys.stdin.isatty() if asks is None else asks

    def say(self, text: str) -> None:
        """Tell something."""
        click.echo(f"  {text}")

    def agrees(self, question: str) -> bool | None:
        """Yes or no; None where nobody is there or answers in time."""
        if not self.is_there:
            return None
        click.echo(f"  {question} [y/n] ", nl=False)
        deadline = time.monotonic() + self.wait_s
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([sys.stdin.fileno()], [], [], left)[0]:
                break
            answer = os.read(sys.stdin.fileno(), 1024).decode(errors="replace").strip().lower()
            if answer[:1] in ("y", "n"):
                return answer.startswith("y")
            click.echo("  y or n? ", nl=False)
        click.echo("\n  No answer.")
        return None

    def wait_for(self, ask: Callable[[], R | None], *, patient: bool = True) -> R | None:
        """Ask something again and again until there is an answer or the time is up."""
        deadline = time.monotonic() + (self.wait_s if patient else 0)
        while (answer := ask()) is None and time.monotonic() < deadline:
            time.sleep(_PAUSE_S)
        return answer


@contextmanager
def raw_keys() -> Iterator[int]:
    """Standard input as a scanner types it: nothing echoed, no key with a meaning of its own."""
    file = sys.stdin.fileno()
    try:
        before = termios.tcgetattr(file)
    except termios.error:
        yield file
        return
    raw = termios.tcgetattr(file)
    raw[0] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR | termios.IXON | termios.ISTRIP)
    raw[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
    termios.tcsetattr(file, termios.TCSANOW, raw)
    try:
        yield file
    finally:
        with suppress(termios.error):
            termios.tcsetattr(file, termios.TCSADRAIN, before)
