"""Keyboard scanners on this computer, read from the kernel and kept from the console.

    evdev:///dev/input/by-id/usb-...-event-kbd?layout=us&prefix=aim

Sources: Linux input.h and input-event-codes.h (struct input_event, EV_KEY, KEY_*, EVIOCGRAB),
Documentation/input/event-codes.rst (SYN_DROPPED).

The device is grabbed: keys reach nobody else, whatever has the focus. One that cannot be grabbed
is lost, for its keys would be typed into the screen as well. Reading needs the group `input`.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import struct
import time

from devices.scanners import framing, us_keys
from devices.scanners.framing import Assembler, framing_of
from devices.scanners.layouts import LAYOUTS
from devices.scanners.reading import TICK_S, ReaderThread, why
from devices.urls import DeviceUrl
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.text import Text
from wms_terminal.ports.devices import Listener

EVENT = struct.Struct("@llHHi")
"""struct input_event: seconds, microseconds, type, code, value."""
EV_SYN, EV_KEY = 0x00, 0x01
SYN_DROPPED = 3
UP, DOWN, REPEAT = 0, 1, 2
"""Values of EV_KEY."""

_EVIOCGRAB = 0x40044590
_EVENTS = 64
_LONGEST_NUMBER = 4
"""Digits; more make no smaller number."""


class Keys:
    """Makes characters of key events, as a keyboard of the scanner's layout does. Pure."""

    def __init__(self, layout: str = "us") -> None:
        self._layout = LAYOUTS[layout]
        self._held: set[int] = set()
        self._caps = False
        self._digits = ""

    def press(self, code: int, value: int) -> str | None:
        """What a key event types: characters, nothing, or None for a key that stands for none."""
        if value == UP:
            self._held.discard(code)
            return self._typed_number() if code in us_keys.ALT else ""
        if value != DOWN:
            return ""
        if code in us_keys.MODIFIERS:
            self._held.add(code)
            return ""
        if code == us_keys.CAPS_LOCK:
            self._caps = not self._caps
            return ""
        if code == us_keys.NUM_LOCK:
            return ""
        if self._held & us_keys.ALT and code in us_keys.KEYPAD_DIGITS:
            self._digits += us_keys.KEYPAD_DIGITS[code]
            return ""
        return self._character(code)

    def release(self) -> None:
        """Nothing is held down any more, as far as is known."""
        self._held.clear()
        self._digits = ""

    def _character(self, code: int) -> str | None:
        if self._held & us_keys.SHORTCUT:
            return None
        if code in us_keys.ALWAYS:
            return None if self._held & us_keys.CTRL else us_keys.ALWAYS[code]
        character = self._third(code) if self._held & us_keys.ALT_GR else self._on_layout(code)
        if character is not None and self._caps and character.isalpha():
            swapped = character.swapcase()
            character = swapped if len(swapped) == 1 else character
        if self._held & us_keys.CTRL:
            return _control(character) or _control(us_keys.PLAIN.get(code))
        return character

    def _on_layout(self, code: int) -> str | None:
        """What the key types on the scanner's keyboard; a dead key types nothing certain."""
        shift = bool(self._held & us_keys.SHIFT)
        if code == us_keys.EXTRA:
            return ("\\|" if self._layout.name in {"us", "us-intl", "gb"} else "<>")[shift]
        key = (us_keys.SHIFTED if shift else us_keys.PLAIN).get(code)
        character = None if key is None else self._layout.of(key)
        return None if character is None or character in self._layout.dead else character

    def _third(self, code: int) -> str | None:
        key = "<" if code == us_keys.EXTRA else us_keys.PLAIN.get(code, "")
        return us_keys.ALTGR.get(self._layout.name, {}).get(key)

    def _typed_number(self) -> str | None:
        """Alt and digits of the keypad type the character with that number: 029 is GS."""
        digits, self._digits = self._digits, ""
        if not digits:
            return ""
        number = int(digits[:_LONGEST_NUMBER])
        return chr(number) if 0 < number < 0x100 else None


class EvdevScanner:
    """Reads one input device in its own thread."""

    def __init__(self, path: str, assembler: Assembler, layout: str = "us") -> None:
        self._path = path
        self._layout = layout
        self._assembler = assembler
        self._thread = ReaderThread(path, self._read, assembler, self._why)

    def start(self, listener: Listener) -> None:
        """Begin to read."""
        self._thread.start(listener)

    def feedback(self, outcome: Outcome) -> None:
        """Do nothing: a keyboard has no beeper."""

    def close(self) -> None:
        """Stop reading and let the device go."""
        self._thread.close()

    def _read(self) -> None:
        """Open and grab the device, and read it until it is lost or the scanner is closed."""
        device = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            grab(device)
            keys = Keys(self._layout)
            self._thread.begin(time.monotonic())
            rest = b""
            while self._thread.running:
                ready, _, _ = select.select([device], [], [], TICK_S)
                rest += _read_events(device) if ready else b""
                whole = len(rest) - len(rest) % EVENT.size
                self._hear(keys, rest[:whole], time.monotonic())
                rest = rest[whole:]
        finally:
            os.close(device)

    def _hear(self, keys: Keys, events: bytes, at: float) -> None:
        typed = ""
        for _, _, kind, code, value in EVENT.iter_unpack(events):
            if kind == EV_SYN and code == SYN_DROPPED:
                self._thread.hear(typed.encode(), at)
                self._thread.begin(at)
                keys.release()
                typed = ""
            elif kind == EV_KEY:
                character = keys.press(code, value)
                if character is None:
                    self._thread.hear(typed.encode(), at)
                    self._assembler.spoil()
                    typed = ""
                else:
                    typed += character
        self._thread.hear(typed.encode(), at)

    def _why(self, error: Exception) -> Text:
        return why(self._path, error)


def grab(device: int) -> None:
    """Keep the device's keys from everybody else, until it is closed.

    Raises:
        OSError: EBUSY when somebody else has grabbed it, ENOTTY when it is no input device.
    """
    fcntl.ioctl(device, _EVIOCGRAB, 1)


def open_scanner(url: DeviceUrl) -> EvdevScanner:
    """The driver for `evdev:`.

    Raises:
        ValueError: naming what was expected and what came.
    """
    url.check_options(("layout", *framing.OPTIONS))
    if not url.where:
        raise ValueError(f"Expected evdev:///dev/input/by-id/...-event-kbd, got {url.text!r}.")
    layout = url.choice("layout", LAYOUTS, "us")
    return EvdevScanner(url.where, Assembler(framing_of(url)), layout)


def _control(character: str | None) -> str | None:
    """Ctrl types the control characters 00 to 1F with the keys from @ to _, letters included."""
    if character is None or not "@" <= character.upper() <= "_":
        return None
    return chr(ord(character.upper()) & 0x1F)


def _read_events(device: int) -> bytes:
    try:
        events = os.read(device, EVENT.size * _EVENTS)
    except BlockingIOError:
        return b""
    if not events:
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
    return events
