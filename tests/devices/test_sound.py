from __future__ import annotations

import io
import os
import select
import shutil
import tempfile
import threading
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import devices
from devices.sounds import player as module
from devices.sounds.player import LONGEST_TEXT, PlayedSound, spoken
from devices.sounds.tones import tone
from devices.sounds.virtual_sound import SimulatedSound
from wms_terminal.domain.outcome import Outcome
from wms_terminal.ports.devices import DeviceState, Sound

WAIT = 20.0
QUARTER_SECOND = 2 * 22050 // 4
PLAYER = """#!/bin/sh
{before}
size=$(wc -c < /dev/stdin)
echo "$(basename "$0") $* [$size]" >> "$PLAYER_LINE"
{after}
"""


class Loudspeaker:
    """Stands in for a sound program, and tells what it was started with."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        line = folder / "line"
        os.mkfifo(line)
        self._line = os.open(line, os.O_RDWR | os.O_NONBLOCK)
        self._heard = b""
        monkeypatch.setenv("PLAYER_LINE", str(line))
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def plug(self, program: str, *, before: str = "", after: str = "") -> None:
        """Put a program in place of the system's; shell lines say how it goes wrong."""
        path = self._folder / program
        path.write_text(PLAYER.format(before=before, after=after))
        path.chmod(0o755)

    def heard(self) -> str:
        """The next call of a program, its arguments, and the bytes that it was given."""
        while b"\n" not in self._heard:
            assert select.select([self._line], [], [], WAIT)[0], "nothing was played"
            self._heard += os.read(self._line, 4096)
        first, _, self._heard = self._heard.partition(b"\n")
        return first.decode()

    def close(self) -> None:
        os.close(self._line)


@pytest.fixture
def loudspeaker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loudspeaker]:
    loudspeaker = Loudspeaker(tmp_path, monkeypatch)
    yield loudspeaker
    loudspeaker.close()


@pytest.fixture
def opened() -> Iterator[Callable[[str], PlayedSound]]:
    sounds: list[PlayedSound] = []

    def open_sound(url: str) -> PlayedSound:
        sound = devices.open_sound(url)
        assert isinstance(sound, PlayedSound)
        sounds.append(sound)
        return sound

    yield open_sound
    for sound in sounds:
        sound.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "sound"]


def size(outcome: Outcome, volume: int = 60) -> int:
    return len(tone(outcome, volume))


def wait_for(state: DeviceState, sound: PlayedSound) -> str:
    """What a sound says of itself once it says so."""
    deadline = time.monotonic() + WAIT
    turn = threading.Event()
    while sound.status().state is not state:
        assert time.monotonic() < deadline, sound.status()
        turn.wait(0.01)
    return str(sound.status().detail)


def needs(program: str, package: str) -> None:
    assert shutil.which(program), f"{program} is missing: apt-get install {package}"


def test_the_player_gets_the_tone_of_the_outcome(
    loudspeaker: Loudspeaker, opened: Callable[[str], PlayedSound]
) -> None:
    for program in ("aplay", "paplay", "pw-play"):
        loudspeaker.plug(program)
    for url, command in (
        ("alsa:", "aplay -q /dev/stdin"),
        ("alsa:?device=hw:1,0", "aplay -q -D plughw:1,0 /dev/stdin"),
        ("alsa:?device=dmix:1", "aplay -q -D dmix:1 /dev/stdin"),
        ("pulse:?device=desk", "paplay --device=desk /dev/stdin"),
        ("pulse:", "paplay /dev/stdin"),
        ("pipewire:?device=desk", "pw-play --target=desk /dev/stdin"),
        ("pipewire:", "pw-play /dev/stdin"),
    ):
        opened(url).play(Outcome.OVER)
        assert loudspeaker.heard() == f"{command} [{size(Outcome.OVER)}]"


def test_the_newest_tone_cuts_off_the_one_before(
    loudspeaker: Loudspeaker, opened: Callable[[str], PlayedSound]
) -> None:
    loudspeaker.plug("aplay", after="exec sleep 60")
    sound = opened("alsa:")
    sound.play(Outcome.WRONG)
    assert loudspeaker.heard().endswith(f"[{size(Outcome.WRONG)}]")
    for outcome in (Outcome.OVER, Outcome.UNKNOWN, Outcome.DEVICE, Outcome.OK):
        sound.play(outcome)
    while not (last := loudspeaker.heard()).endswith(f"[{size(Outcome.OK)}]"):
        assert last
    assert sound.status().state is DeviceState.READY


def test_what_is_said_follows_the_tone_and_only_newer_speech_cuts_it_off(
    loudspeaker: Loudspeaker, opened: Callable[[str], PlayedSound]
) -> None:
    loudspeaker.plug("aplay")
    loudspeaker.plug("espeak-ng", after="exec sleep 60")
    sound = opened("alsa:?voice=1&volume=50")
    sound.play(Outcome.OK)
    sound.say("SCAN DE LOCATIE", "nl")
    assert loudspeaker.heard().startswith("aplay")
    arguments = "-v nl -b 1 -a 100 --stdin --stdout"
    assert loudspeaker.heard() == f"espeak-ng {arguments} [15]"
    sound.say("SCAN", "en-gb")
    assert loudspeaker.heard() == f"espeak-ng {arguments.replace('nl', 'en-gb')} [4]"
    sound.play(Outcome.OK)
    assert loudspeaker.heard().startswith("aplay")


def test_the_voice_is_silent_unless_it_is_switched_on(
    loudspeaker: Loudspeaker, opened: Callable[[str], PlayedSound]
) -> None:
    loudspeaker.plug("aplay")
    loudspeaker.plug("espeak-ng")
    sound = opened("alsa:")
    sound.say("SCAN", "en")
    sound.play(Outcome.OK)
    assert loudspeaker.heard().startswith("aplay")


def test_saying_nothing_runs_no_program(
    loudspeaker: Loudspeaker, opened: Callable[[str], PlayedSound]
) -> None:
    loudspeaker.plug("aplay")
    loudspeaker.plug("espeak-ng")
    sound = opened("alsa:?voice=1")
    sound.say(" \n[]", "en")
    sound.play(Outcome.OK)
    assert loudspeaker.heard().startswith("aplay")


def test_a_language_that_is_none_is_read_as_english(
    loudspeaker: Loudspeaker, opened: Callable[[str], PlayedSound]
) -> None:
    loudspeaker.plug("aplay")
    loudspeaker.plug("espeak-ng")
    sound = opened("alsa:?voice=1")
    for language in ("", "--help", "../../etc/passwd", "EN"):
        sound.say("SCAN", language)
        assert loudspeaker.heard().startswith("espeak-ng -v en ")
        assert loudspeaker.heard().startswith("aplay")


def test_a_missing_program_is_reported_and_logged_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    opened: Callable[[str], PlayedSound],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    sound = opened("pulse:")
    sound.play(Outcome.OK)
    words = wait_for(DeviceState.ATTENTION, sound)
    assert words == "No sound: paplay: it is not installed. Tell who set this station up."
    for _ in range(3):
        sound.play(Outcome.WRONG)
    sound.close()
    assert len(caplog.records) == 1


def test_a_program_that_fails_is_reported_in_its_own_words_until_it_works_again(
    loudspeaker: Loudspeaker, opened: Callable[[str], PlayedSound]
) -> None:
    loudspeaker.plug("aplay", after="echo 'audio open error: Device busy' >&2; exit 1")
    sound = opened("alsa:")
    sound.play(Outcome.OK)
    assert "aplay: audio open error: Device busy." in wait_for(DeviceState.ATTENTION, sound)
    loudspeaker.plug("aplay")
    sound.play(Outcome.OK)
    wait_for(DeviceState.READY, sound)


def test_a_program_that_hangs_is_ended_and_reported(
    loudspeaker: Loudspeaker,
    opened: Callable[[str], PlayedSound],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "GRACE_S", 0.1)
    loudspeaker.plug("aplay", before="exec sleep 60")
    sound = opened("alsa:")
    sound.play(Outcome.OK)
    assert "aplay: it hangs." in wait_for(DeviceState.ATTENTION, sound)
    loudspeaker.plug("aplay")
    sound.play(Outcome.OK)
    assert loudspeaker.heard().startswith("aplay")


def test_a_folder_without_room_costs_the_sound_and_nothing_else(
    tmp_path: Path, opened: Callable[[str], PlayedSound], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    sound = opened("alsa:?device=null")
    sound.play(Outcome.OK)
    assert "No such file" in wait_for(DeviceState.ATTENTION, sound)
    monkeypatch.undo()
    sound.play(Outcome.OK)
    wait_for(DeviceState.READY, sound)


def test_closing_ends_what_sounds_and_later_sounds_are_none(
    loudspeaker: Loudspeaker, opened: Callable[[str], PlayedSound]
) -> None:
    loudspeaker.plug("aplay", after="exec sleep 60")
    sound = opened("alsa:")
    sound.play(Outcome.OK)
    loudspeaker.heard()
    sound.close()
    sound.play(Outcome.OK)
    sound.close()


def test_the_systems_own_aplay_plays_the_whole_tone(
    tmp_path: Path, opened: Callable[[str], PlayedSound]
) -> None:
    needs("aplay", "alsa-utils")
    heard = tmp_path / "heard.wav"
    sound = opened(f"alsa:?device=file:{heard},wav&volume=80")
    sound.play(Outcome.ORDER_DONE)
    wanted = frames(tone(Outcome.ORDER_DONE, 80))
    until(lambda: heard.exists() and frames(heard.read_bytes())[: len(wanted)] == wanted)


@pytest.mark.parametrize(
    ("text", "language"),
    [("SCAN DE LOCATIE", "nl"), ("SKANUJ LOKALIZACJĘ", "pl"), ("--help", "en")],
)
def test_the_systems_own_voice_speaks_any_language(
    text: str, language: str, opened: Callable[[str], PlayedSound], tmp_path: Path
) -> None:
    needs("aplay", "alsa-utils")
    needs("espeak-ng", "espeak-ng")
    heard = tmp_path / "heard.wav"
    sound = opened(f"alsa:?device=file:{heard},wav&voice=1")
    sound.say(text, language)
    until(lambda: heard.exists() and len(frames(heard.read_bytes())) > QUARTER_SECOND)
    assert sound.status().state is DeviceState.READY


def test_a_language_that_the_voice_does_not_know_is_reported(
    opened: Callable[[str], PlayedSound],
) -> None:
    needs("espeak-ng", "espeak-ng")
    sound = opened("alsa:?device=null&voice=1")
    sound.say("SCAN", "qq")
    assert "espeak-ng" in wait_for(DeviceState.ATTENTION, sound)


def frames(wav: bytes) -> bytes:
    """The samples of a file that may still be written; empty while there are none."""
    try:
        with wave.open(io.BytesIO(wav)) as file:
            return bytes(file.readframes(file.getnframes()))
    except (EOFError, wave.Error):
        return b""


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT
    turn = threading.Event()
    while not condition():
        assert time.monotonic() < deadline
        turn.wait(0.01)


@given(st.text(max_size=2 * LONGEST_TEXT))
def test_what_is_spoken_is_one_short_line_without_commands(text: str) -> None:
    said = spoken(text)
    said.encode()
    assert said == " ".join(said.split())
    assert len(said) <= LONGEST_TEXT
    assert not set(said) & set("[]")
    assert all(char.isprintable() for char in said if ord(char) < 256)


def test_phonemes_and_control_codes_are_read_as_text() -> None:
    assert spoken("\x01+10S [[h@'loU]]\r\nTAKE 4") == "+10S h@'loU TAKE 4"


def test_no_sound_and_the_bell_leave_it_to_the_terminal() -> None:
    assert devices.open_sound("") is None
    assert devices.open_sound("bell:") is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("siren:", "alsa:, pulse:, pipewire:, bell:, sim:"),
        ("alsa:hw:1,0", "alsa:?device="),
        ("alsa:?volume=0", "volume from 1 to 100"),
        ("alsa:?voice=nl", "voice to be 0, 1"),
        ("alsa:?device=a%00b", "the name of a sound device"),
        ("pulse:?sink=desk", "device, voice, volume"),
        ("bell:?volume=10", "no options"),
        ("sim:?voice=1", "no options"),
    ],
)
def test_bad_urls_name_what_was_expected_and_what_came(url: str, expected: str) -> None:
    with pytest.raises(ValueError) as caught:
        devices.open_sound(url)
    assert expected in str(caught.value)
    assert url in str(caught.value)


def test_the_simulated_sound_keeps_what_it_was_asked() -> None:
    sound = devices.open_sound("sim:")
    assert isinstance(sound, SimulatedSound)
    port: Sound = sound
    port.play(Outcome.OK)
    port.say("SCAN", "en")
    port.close()
    assert (sound.played, sound.said, sound.is_closed) == ([Outcome.OK], [("SCAN", "en")], True)
    assert sound.status().state is DeviceState.READY
