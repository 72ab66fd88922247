"""What to send to a scanner so that it beeps: one pattern for each outcome, maker by maker.

Sources: Zebra scanner guides ("Beep on <BEL>") and Simple Serial Interface guide (BEEP, LED);
Honeywell Xenon/Granit and 2020/5620 guides (host escape commands); Datalogic Gryphon, QuickScan and
PowerScan guides (ESC [ n q, message ends in CR); Datalogic Magellan and PSC single-byte commands.
"""

from __future__ import annotations

from dataclasses import dataclass

from devices.scanners import ssi
from devices.urls import DeviceUrl
from wms_terminal.domain.outcome import Outcome

Notes = tuple[tuple[float, bytes], ...]
"""What to send, and how many seconds after the outcome."""

OPTIONS = ("feedback", "ok", "error")
"""Names of the options that `beeper_of` reads."""

_GAP_S = 0.15
_LED_S = 0.8
"""Shorter than a scanner stays awake, so that the light also goes out."""
_LED_RED = 2
_ONE_HIGH, _TWO_HIGH, _FIVE_LOW = 0x00, 0x01, 0x13
"""SSI beep codes: short high ones, and long low ones."""


@dataclass(frozen=True, slots=True)
class Beeper:
    """What one scanner is sent."""

    ok: Notes = ()
    done: Notes = ()
    """The order is complete."""
    error: Notes = ()
    """Refused, or a device has a fault."""

    def notes(self, outcome: Outcome) -> Notes:
        """What to send for an outcome; nothing where the scanner has no beeper."""
        if outcome.is_refusal or outcome is Outcome.DEVICE:
            return self.error
        return self.done if outcome is Outcome.ORDER_DONE else self.ok


NO_BEEPER = Beeper()


def _again(count: int, data: bytes) -> Notes:
    return tuple((n * _GAP_S, data) for n in range(count))


def _ssi(beep: int, *, red: bool = False) -> Notes:
    """A beep by SSI: the scanner may be asleep, so it is woken first."""
    notes = [
        (0.0, ssi.WAKE_UP),
        (ssi.WAKE_S, ssi.encode(ssi.Packet(ssi.BEEP, bytes((beep,))))),
    ]
    if red:
        led = bytes((_LED_RED,))
        notes.append((ssi.WAKE_S, ssi.encode(ssi.Packet(ssi.LED_ON, led))))
        notes.append((ssi.WAKE_S + _LED_S, ssi.encode(ssi.Packet(ssi.LED_OFF, led))))
    return tuple(notes)


BEEPERS = {
    "none": NO_BEEPER,
    "bel": Beeper(_again(1, b"\a"), _again(2, b"\a"), _again(3, b"\a")),
    "ssi": Beeper(_ssi(_ONE_HIGH), _ssi(_TWO_HIGH), _ssi(_FIVE_LOW, red=True)),
    "honeywell": Beeper(
        ((0.0, b"\x1b7,"),),
        ((0.0, b"\x1ba,"),),
        ((0.0, b"\x1b8,\x1b8,"),),
    ),
    "datalogic": Beeper(
        ((0.0, b"\x1b[3q\r"),),
        ((0.0, b"\x1b[0q\x1b[0q\r"),),
        ((0.0, b"\x1b[2q\x1b[2q\x1b[2q\r"),),
    ),
    "psc": Beeper(_again(1, b"B"), _again(2, b"B"), _again(1, b"F")),
}
"""By the value of `feedback`."""


def beeper_of(url: DeviceUrl, default: str = "none") -> Beeper:
    """The beeper that `feedback=`, and `ok=` and `error=` in hexadecimal, ask for.

    Raises:
        ValueError: naming what was expected and what came.
    """
    chosen = BEEPERS[url.choice("feedback", BEEPERS, default)]
    ok, error = _hex(url, "ok"), _hex(url, "error")
    return Beeper(
        _again(1, ok) if ok else chosen.ok,
        _again(2, ok) if ok else chosen.done,
        _again(1, error) if error else chosen.error,
    )


def _hex(url: DeviceUrl, name: str) -> bytes:
    digits = url.options.get(name, "")
    try:
        return bytes.fromhex(digits)
    except ValueError:
        raise ValueError(
            f"{url.text}: expected {name} in hexadecimal such as 1B372C, got {digits!r}."
        ) from None
