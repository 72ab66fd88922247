"""A keyboard scanner made of software: it types into a pipe what the kernel would.

A pipe cannot be grabbed as an input device is; who tests with it replaces `evdev_scanner.grab`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from devices.scanners import us_keys
from devices.scanners.evdev_scanner import DOWN, EV_KEY, EV_SYN, EVENT, SYN_DROPPED, UP

_SHIFT, _CTRL, _ALT, _ENTER = 42, 29, 56, 28
_PLAIN = {character: code for code, character in us_keys.PLAIN.items()} | {" ": 57, "\t": 15}
_SHIFTED = {character: code for code, character in us_keys.SHIFTED.items()}
_KEYPAD = {digit: code for code, digit in us_keys.KEYPAD_DIGITS.items()}


class VirtualKeyboard:
    """Types codes with the keys of a US keyboard, and Enter behind each."""

    def __init__(self, path: Path) -> None:
        self.url = f"evdev://{path}"
        """The program's address of this scanner."""
        self._path = path
        self._pipe = -1
        self.plug()

    def plug(self) -> None:
        """Be plugged in."""
        if self._pipe < 0:
            os.mkfifo(self._path)
            self._pipe = os.open(self._path, os.O_RDWR)

    def unplug(self) -> None:
        """Be pulled out."""
        if self._pipe >= 0:
            self._path.unlink()
            os.close(self._pipe)
            self._pipe = -1

    def scan(self, code: str) -> bool:
        """Read a code; False when it is unplugged."""
        return self.type([*strokes(code), (_ENTER, DOWN), (_ENTER, UP)])

    def cut(self, code: str) -> None:
        """Be pulled out in the middle of a code."""
        self.type(strokes(code[: len(code) // 2 + 1]))
        self.unplug()

    def type(self, keys: list[tuple[int, int]]) -> bool:
        """Send key events, each a key code and UP, DOWN or REPEAT."""
        if self._pipe < 0:
            return False
        for code, value in keys:
            self._send(EV_KEY, code, value)
            self._send(EV_SYN, 0, 0)
        return True

    def overflow(self) -> None:
        """Have the kernel say that it lost events."""
        self._send(EV_SYN, SYN_DROPPED, 0)

    def _send(self, kind: int, code: int, value: int) -> None:
        os.write(self._pipe, EVENT.pack(0, 0, kind, code, value))


def strokes(code: str) -> list[tuple[int, int]]:
    """The key events that type a code, for a scanner that sends GS as Ctrl+]."""
    return [stroke for character in code for stroke in _strokes(character)]


def numbered(character: str) -> list[tuple[int, int]]:
    """The key events that type a character by its number: Alt and three digits of the keypad."""
    digits = [_KEYPAD[digit] for digit in f"{ord(character):03}"]
    return list(_with(_ALT, *digits))


def _strokes(character: str) -> Iterator[tuple[int, int]]:
    if character in _PLAIN:
        yield from _tap(_PLAIN[character])
    elif character in _SHIFTED:
        yield from _with(_SHIFT, _SHIFTED[character])
    elif character < " ":
        key = chr(ord(character) | 0x40).lower()
        if key in _PLAIN:
            yield from _with(_CTRL, _PLAIN[key])
        else:  # Ctrl+Shift+6 and Ctrl+Shift+- for RS and US
            yield (_CTRL, DOWN)
            yield from _with(_SHIFT, _SHIFTED[key])
            yield (_CTRL, UP)
    else:
        raise ValueError(f"Expected characters of a US keyboard, got {character!r}.")


def _with(modifier: int, *keys: int) -> Iterator[tuple[int, int]]:
    yield (modifier, DOWN)
    for key in keys:
        yield from _tap(key)
    yield (modifier, UP)


def _tap(key: int) -> Iterator[tuple[int, int]]:
    yield (key, DOWN)
    yield (key, UP)
