from __future__ import annotations

import io
import itertools
import struct
import wave

import pytest

from devices.sounds.tones import FULL_SCALE, RATE, TONES, Note, seconds, tone
from wms_terminal.domain.outcome import Outcome

ALL = list(Outcome)


def samples(outcome: Outcome, volume: int = 100) -> list[int]:
    with wave.open(io.BytesIO(tone(outcome, volume))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        data = file.readframes(file.getnframes())
    return list(struct.unpack(f"<{len(data) // 2}h", data))


def stretches(outcome: Outcome) -> list[Note]:
    """What is heard, taken from the samples alone: pitch by zero crossings, length by silence."""
    heard: list[Note] = []
    quiet = round(RATE * 0.02)
    values = samples(outcome)
    sounding = [at for at, value in enumerate(values) if value]
    breaks = [0, *(n for n in range(1, len(sounding)) if sounding[n] - sounding[n - 1] > quiet)]
    for first, after in itertools.pairwise([*breaks, len(sounding)]):
        start, end = sounding[first], sounding[after - 1]
        following = sounding[after] if after < len(sounding) else len(values)
        crossings = sum((a < 0) != (b < 0) for a, b in itertools.pairwise(values[start : end + 1]))
        length = (end - start) / RATE
        rest = (following - end) / RATE
        heard.append(Note(round(crossings / 2 / length), round(1000 * length), round(1000 * rest)))
    return heard


@pytest.mark.parametrize("outcome", ALL)
def test_what_sounds_is_what_is_written_down(outcome: Outcome) -> None:
    heard = stretches(outcome)
    assert len(heard) == len(TONES[outcome])
    for note, meant in zip(heard, TONES[outcome], strict=True):
        assert note.hertz == pytest.approx(meant.hertz, rel=0.04)
        assert note.ms == pytest.approx(meant.ms, abs=2)
        assert note.rest_ms == pytest.approx(meant.rest_ms, abs=2)


@pytest.mark.parametrize("outcome", ALL)
def test_a_tone_is_over_before_the_next_scan_and_as_long_as_it_says(outcome: Outcome) -> None:
    assert len(samples(outcome)) / RATE == pytest.approx(seconds(outcome), abs=0.001)
    assert seconds(outcome) <= (1.0 if outcome.is_refusal else 0.7)


@pytest.mark.parametrize("outcome", ALL)
def test_a_tone_is_loud_but_never_clipped_and_does_not_click(outcome: Outcome) -> None:
    values = samples(outcome)
    assert 0.85 * FULL_SCALE < max(values) < 0.96 * FULL_SCALE
    assert abs(sum(values)) / len(values) < 0.01 * FULL_SCALE
    assert values[0] == values[-1] == 0
    begin, end = values[: RATE // 1000], values[-RATE // 1000 :]
    assert max(map(abs, begin + end)) < 0.3 * FULL_SCALE


def test_the_volume_scales_the_level() -> None:
    full, quiet = samples(Outcome.WRONG), samples(Outcome.WRONG, 25)
    assert len(full) == len(quiet)
    assert max(quiet) == pytest.approx(max(full) / 4, abs=1)


@pytest.mark.parametrize(("one", "other"), [*itertools.combinations(ALL, 2)])
def test_two_outcomes_differ_in_their_rhythm_and_not_only_in_their_pitch(
    one: Outcome, other: Outcome
) -> None:
    assert rhythm(one) != rhythm(other)
    assert [note.hertz for note in TONES[one]] != [note.hertz for note in TONES[other]]


def rhythm(outcome: Outcome) -> str:
    """Short (.), middle (-) and long (=) notes, as an ear that hears no pitch tells them apart."""
    return "".join(
        "." if note.ms < 100 else "-" if note.ms < 200 else "=" for note in stretches(outcome)
    )


def test_a_refusal_is_lower_than_all_that_went_well() -> None:
    low = [note.hertz for outcome in ALL if outcome.is_refusal for note in TONES[outcome][-1:]]
    well = (Outcome.OK, Outcome.LINE_DONE, Outcome.ORDER_DONE)
    high = [note.hertz for outcome in well for note in TONES[outcome]]
    assert 2 * max(low) < min(high)


def test_what_is_done_rises_and_what_is_wrong_repeats_one_low_note() -> None:
    for outcome in (Outcome.LINE_DONE, Outcome.ORDER_DONE):
        pitches = [note.hertz for note in TONES[outcome]]
        assert pitches == sorted(set(pitches))
    assert len({note.hertz for note in TONES[Outcome.WRONG]}) == 1
