"""The tone of each outcome, told apart by its rhythm as well as by its pitch.

Source: IBM/Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (WAVE).

What went well is high and short; a refusal is low and long; a question hovers between the two.
"""

from __future__ import annotations

import io
import math
import struct
import wave
from dataclasses import dataclass
from functools import lru_cache

from wms_terminal.domain.outcome import Outcome

RATE = 22050
"""Samples a second; one channel of 16 bits."""

FULL_SCALE = 32767


@dataclass(frozen=True, slots=True)
class Note:
    """One sounding stretch of a tone and the silence after it."""

    hertz: int
    ms: int
    rest_ms: int = 0


TONES: dict[Outcome, tuple[Note, ...]] = {
    Outcome.OK: (Note(1760, 80),),
    Outcome.LINE_DONE: (Note(1175, 80, 40), Note(1568, 120)),
    Outcome.ORDER_DONE: (Note(1047, 80, 30), Note(1319, 80, 30), Note(1568, 260)),
    Outcome.CONFIRM: (Note(784, 130, 130), Note(784, 130)),
    Outcome.WRONG: (Note(220, 220, 90), Note(220, 220, 90), Note(220, 220)),
    Outcome.OVER: (Note(587, 90, 40), Note(294, 380)),
    Outcome.UNKNOWN: (Note(349, 500),),
    Outcome.DEVICE: (Note(988, 60, 50), Note(740, 60, 50)) * 3,
}

_ATTACK_S, _DECAY_S = 0.005, 0.015
"""How long a note swells and fades: without, a loudspeaker clicks."""
_THIRD = 1 / 3
"""Share of the third harmonic: small loudspeakers have no bass, and low notes are heard by it."""


@lru_cache(2 * len(TONES))
def tone(outcome: Outcome, volume: int = 100) -> bytes:
    """The tone of an outcome as a WAV file; `volume` is in per cent of full scale, 1 to 100."""
    level = FULL_SCALE * volume / 100
    samples: list[int] = []
    for note in TONES[outcome]:
        samples += (round(level * value) for value in _sounding(note))
        samples += [0] * _count(note.rest_ms / 1000)
    return _wav(samples)


def seconds(outcome: Outcome) -> float:
    """How long the tone of an outcome lasts."""
    return sum(note.ms + note.rest_ms for note in TONES[outcome]) / 1000


def _sounding(note: Note) -> list[float]:
    """One note within -0.95 and 0.95, which begins and ends in silence."""
    count = _count(note.ms / 1000)
    attack, decay = _count(_ATTACK_S), _count(_DECAY_S)
    turn = 2 * math.pi * note.hertz / RATE
    values = [math.sin(turn * at) + _THIRD * math.sin(3 * turn * at) for at in range(count)]
    for at in range(attack):
        values[at] *= at / attack
    for at in range(decay):
        values[-1 - at] *= at / decay
    return values


def _count(length: float) -> int:
    return round(length * RATE)


def _wav(samples: list[int]) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return file.getvalue()
