"""The terminal driver, made to survive what scanners and hang-ups do to it."""

from __future__ import annotations

import os
import sys
from codecs import IncrementalDecoder, getincrementaldecoder
from functools import partial

from textual.driver import Driver


def tolerant(driver: type[Driver]) -> type[Driver]:
    """Read on after a byte that is no UTF-8.

    Textual's input thread dies of one (textual#6456): a Latin-1 scanner or a noisy line is enough.
    """
    if sys.platform != "win32":
        from textual.drivers import linux_driver, web_driver

        for module in (linux_driver, web_driver):
            vars(module)["getincrementaldecoder"] = _replacing
    return driver


def _replacing(encoding: str) -> partial[IncrementalDecoder]:
    return partial(getincrementaldecoder(encoding), errors="replace")


def hung_up(descriptor: int) -> bool:
    """Whether the terminal has gone: nobody sends a signal when a line is cut."""
    try:
        os.get_terminal_size(descriptor)
    except OSError:
        return True
    return False
