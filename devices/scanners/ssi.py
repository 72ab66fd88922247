"""Zebra's Simple Serial Interface: packets with a checksum, each one acknowledged.

Sources: Zebra Simple Serial Interface programmer's guide (72E-40451), scan engine integration
guides SE923 and SE955 (packet, status, retransmission, WAKEUP, table of code types); beep codes of
the MK1000 guide; checksums compared with public captures of real scanners.

    length  opcode  source  status  data ...  checksum (two bytes, two's complement of the sum)

The length counts everything but the checksum. A scanner that gets no ACK within its response
time-out (2 s, at most 9.9 s) sends the packet again with bit 0 of the status set, twice at most.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from devices.scanners.framing import PARTIAL, Heard

CMD_ACK, CMD_NAK = 0xD0, 0xD1
BEEP, LED_ON, LED_OFF = 0xE6, 0xE7, 0xE8
DECODE_DATA, EVENT = 0xF3, 0xF6
SCANNER, HOST = 0, 4
RETRANSMITTED, CONTINUED = 0x01, 0x02
"""Status bits: sent before; more packets of this code follow."""
RESEND, BAD_CONTEXT = 1, 2
"""Why a packet is not accepted: wrong checksum, or not understood."""
WAKE_UP = b"\0"
WAKE_S = 0.1
"""What a scanner in low power needs between WAKE_UP and a command; it then stays awake for 1 s."""
LONGEST_DATA = 0xFF - 4

CODE_TYPES = {
    0x03: b"]C0",  # Code 128
    0x0A: b"]E4",  # EAN-8
    0x0B: b"]E0",  # EAN-13
    0x0F: b"]C1",  # GS1-128
    0x30: b"]e0",  # GS1 DataBar
    0x31: b"]e0",  # GS1 DataBar Limited
    0x32: b"]e0",  # GS1 DataBar Expanded
}
"""AIM identifiers of the code types that leave no choice. QR and Data Matrix are not among them:
whether they carry GS1 data the type does not say."""

_HEADER, _CHECKSUM = 4, 2
_GAP_S = 0.2
"""Bytes of one packet come closer together than this (the guide's Host Character Time-out)."""
_HEALS_S = 3.0
"""A damaged packet that has not come again after this long will not come any more."""
_SAME_S = 10.0
"""A packet that is marked as sent before, and comes later than this, is another one."""
_AIM = re.compile(rb"\][A-Za-z][0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet, without length and checksum."""

    opcode: int
    data: bytes = b""
    source: int = HOST
    status: int = 0


def encode(packet: Packet) -> bytes:
    """The packet as it goes over the line."""
    length = _HEADER + len(packet.data)
    body = bytes((length, packet.opcode, packet.source, packet.status)) + packet.data
    return body + _checksum(body)


class Session:
    """The host's half of the conversation. Pure: time is an argument, in seconds."""

    settled = True
    """The checksum tells a whole packet from a tail, so there is nothing to wait for."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._noise = False
        self._last = 0.0
        self._parts: list[bytes] = []
        self._headless = False
        """Whether what comes next belongs to a code whose first packets are lost."""
        self._accepted = b""
        self._accepted_at = 0.0
        self._damaged_at: float | None = None

    def begin(self, at: float) -> None:
        """The line was opened; what was accepted before is remembered, it may come again."""
        self._last = at

    def feed(self, data: bytes, at: float) -> list[Heard]:
        """Take the bytes that came at `at`."""
        heard = self.tick(at)
        self._last = at
        self._buffer += data
        while (body := self._next()) is not None:
            heard += self._accept(body, at)
        if self._noise and self._damaged_at is None:
            self._damaged_at = at
        return heard

    def tick(self, at: float) -> list[Heard]:
        """Nothing came until `at`: give up what is unfinished, and ask for it again."""
        heard: list[Heard] = []
        if (self._buffer or self._noise) and at - self._last > _GAP_S:
            self._buffer.clear()
            self._noise = False
            if self._damaged_at is None:
                self._damaged_at = at
            heard.append(_reply(CMD_NAK, RESEND))
        if self._damaged_at is not None and at - self._damaged_at > _HEALS_S:
            self._damaged_at = None
            self._drop_parts()
            heard.append(PARTIAL)
        return heard

    def lost(self) -> list[Heard]:
        """The line broke: whether part of a code had come."""
        pending = any((self._buffer, self._noise, self._parts, self._damaged_at is not None))
        self._buffer.clear()
        self._drop_parts()
        self._noise = False
        self._damaged_at = None
        return [PARTIAL] if pending else []

    def _next(self) -> bytes | None:
        """The next packet without its checksum; None while there is none."""
        if self._noise:
            self._buffer.clear()
        if not self._buffer:
            return None
        length = self._buffer[0]
        if length < _HEADER:
            self._give_up()
            return None
        if len(self._buffer) < length + _CHECKSUM:
            return None
        body = bytes(self._buffer[:length])
        if _checksum(body) != self._buffer[length : length + _CHECKSUM]:
            self._give_up()
            return None
        del self._buffer[: length + _CHECKSUM]
        return body

    def _give_up(self) -> None:
        """Where the next packet begins shows only once the line has been quiet."""
        self._buffer.clear()
        self._noise = True

    def _drop_parts(self) -> None:
        self._headless = self._headless or bool(self._parts)
        self._parts.clear()

    def _accept(self, body: bytes, at: float) -> list[Heard]:
        opcode, status, data = body[1], body[3], body[_HEADER:]
        if opcode in {CMD_ACK, CMD_NAK}:
            return []
        if opcode == EVENT:
            return [_reply(CMD_ACK)]
        if opcode != DECODE_DATA or not data:
            return [_reply(CMD_NAK, BAD_CONTEXT)]
        again, damaged = bool(status & RETRANSMITTED), self._damaged_at is not None
        known = data == self._accepted and at - self._accepted_at < _SAME_S
        self._damaged_at = None
        if again and known and not damaged:
            return [_reply(CMD_ACK)]
        self._accepted, self._accepted_at = data, at
        # What was damaged comes again, marked as such; unmarked, this is the code after it.
        heard = [PARTIAL] if damaged and not again else []
        if heard or (self._parts and self._parts[0][:1] != data[:1]):
            self._drop_parts()
        self._parts.append(data)
        if not status & CONTINUED:
            heard += [PARTIAL] if self._headless else _code(self._parts)
            self._headless = False
            self._parts.clear()
        return [*heard, _reply(CMD_ACK)]


def _code(parts: list[bytes]) -> list[Heard]:
    """One code out of its packets, each of which begins with the code type."""
    text = b"".join(part[1:] for part in parts)
    if not text:
        return []
    identifier = b"" if _AIM.match(text) else CODE_TYPES.get(parts[0][0], b"")
    return [Heard("code", identifier + text)]


def _reply(opcode: int, *data: int) -> Heard:
    return Heard("reply", encode(Packet(opcode, bytes(data))))


def _checksum(body: bytes) -> bytes:
    return (-sum(body) & 0xFFFF).to_bytes(2, "big")
