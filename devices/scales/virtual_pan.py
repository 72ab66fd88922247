"""What lies on a virtual scale, and how it says so in each of the real protocols.

Weights are shown in kilograms with three decimals, by the HID scale in whole grams. For the
sources of the frames see the modules of the protocols.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

Speech = Literal["mtsics", "8217", "nci", "ohaus", "hid"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the scale's own display shows."""

    grams: Decimal
    """Net, where a tare is set."""
    tare: Decimal
    moves: bool
    over: bool


class Pan:
    """A pan with a tare key. May be used from any thread."""

    def __init__(self, *, capacity_g: int = 30_000, settles: int = 3) -> None:
        """Start empty; what weighs more than `capacity_g` is an overload."""
        self.settles = settles
        """How many answers a new load still moves for."""
        self.knows_tare = True
        """Whether it can be asked for its tare, or tells of it."""
        self._capacity = Decimal(capacity_g)
        self._load = self._tare = Decimal(0)
        self._moving = 0
        self._lock = threading.Lock()

    def put(self, grams: Decimal | int) -> None:
        """Lay a load on the pan, in place of what lies there; below zero is possible."""
        with self._lock:
            self._load, self._moving = Decimal(grams), self.settles

    def take_off(self) -> None:
        """Empty the pan."""
        self.put(0)

    def tare(self) -> None:
        """Press the tare key."""
        with self._lock:
            self._tare = self._load

    def clear_tare(self) -> None:
        """Clear the tare."""
        with self._lock:
            self._tare = Decimal(0)

    def answer(self, speaks: Speech, request: bytes) -> bytes:
        """The frame that answers a request; for HID, which is never asked, the next report."""
        if speaks == "mtsics":
            return self._sics(request)
        if speaks == "8217" and request == b"T":
            self.tare()
        elif request != _ASKS[speaks]:
            return _UNKNOWN[speaks]
        return _WORDS[speaks](self._look(), self.knows_tare)

    def _sics(self, request: bytes) -> bytes:
        if request == b"TA\r\n" and self.knows_tare:
            with self._lock:
                return f"TA A {_kg(self._tare):>10} kg\r\n".encode()
        return _sics(self._look()) if request == b"SI\r\n" else b"ES\r\n"

    def _look(self) -> Shown:
        """The display, which a new load makes wobble for a while."""
        with self._lock:
            moves = self._moving > 0
            self._moving -= moves
            wobble = (self._moving + 1) * 7 * (-1) ** self._moving if moves else 0
            net = self._load - self._tare + wobble
            return Shown(net, self._tare, moves, self._load > self._capacity)


def _kg(grams: Decimal) -> str:
    return str((grams / 1000).quantize(Decimal("0.001"), ROUND_HALF_EVEN))


def _sics(shown: Shown) -> bytes:
    if shown.over:
        return b"S +\r\n"
    if shown.grams + shown.tare < 0:
        return b"S -\r\n"
    return f"S {'D' if shown.moves else 'S'} {_kg(shown.grams):>10} kg\r\n".encode()


def _toledo(shown: Shown, _: bool) -> bytes:
    bits = 0x40 | shown.moves | shown.over << 1 | (shown.grams < 0) << 2 | (shown.tare != 0) << 5
    if bits & 0x07:
        return bytes((0x02, 0x3F, bits, 0x0D))
    return f"\x02{_kg(shown.grams):0>6}{'N' if shown.tare else ''}\r".encode()


def _nci(shown: Shown, knows_tare: bool) -> bytes:
    first, second = 0x30 | shown.moves, 0x30 | (shown.grams < 0) | shown.over << 1
    status = bytes((first, second))
    if knows_tare:
        status = bytes((first, second | 0x40, 0x30 | (shown.tare != 0) << 2))
    weight = b"" if first & 1 or second & 3 else f"\n{_kg(shown.grams):0>6}KG\r".encode()
    return weight + b"\nS" + status + b"\r\x03"


def _ohaus(shown: Shown, _: bool) -> bytes:
    if shown.over:
        return b"Err 8.3\r\n"
    sign = "-" if shown.grams < 0 else " "
    legend = "NET" if shown.tare else "G"
    stability = "?" if shown.moves else " "
    return f"{sign} {_kg(abs(shown.grams)):>7} {'kg':<5}{stability}{legend:<3}\r\n".encode()


def _hid(shown: Shown, _: bool) -> bytes:
    grams = int(shown.grams.to_integral_value(ROUND_HALF_EVEN))
    status = 4 if grams else 2
    if shown.moves:
        status = 3
    elif shown.over:
        status = 6
    elif grams < 0:
        status = 5
    return bytes((3, status, 2, 0)) + min(abs(grams), 0xFFFF).to_bytes(2, "little")


_ASKS = {"8217": b"W", "nci": b"W\r", "ohaus": b"IP\r\n", "hid": b""}
_UNKNOWN = {"8217": b"", "nci": b"\n?\r\x03", "ohaus": b"ES\r\n", "hid": b""}
_WORDS: dict[Speech, Callable[[Shown, bool], bytes]] = {
    "8217": _toledo,
    "nci": _nci,
    "ohaus": _ohaus,
    "hid": _hid,
}
