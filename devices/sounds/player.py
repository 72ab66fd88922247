"""Tones and a voice through the sound programs of the system, one sound at a time.

Sources: manual pages of aplay(1), paplay(1), pw-cat(1) and espeak-ng(1).

One thread makes the sounds, and the newest wins: a tone cuts off whatever sounds, and what is said
follows the tone. A program that is missing, fails or hangs costs a sound and nothing else.
"""

from __future__ import annotations

import logging
import re
import subprocess
import tempfile
import threading
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from devices.sounds import tones
from devices.urls import DeviceUrl
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.devices import DeviceState, DeviceStatus

log = logging.getLogger(__name__)

GRACE_S = 2.0
"""How much longer than its sound a program may take."""
LONGEST_SPEECH_S = 30.0
LONGEST_TEXT = 200
"""Characters that are said of one text."""

_VOICE = "espeak-ng"
_ANY_LANGUAGE = "en"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_PHONEMES = str.maketrans("[]", "  ")
_END_S = 1.0


@dataclass(frozen=True, slots=True)
class Speech:
    """Something to be said; the text as `spoken` leaves it."""

    text: str
    language: str


class PlayedSound:
    """Plays through a program that is given a WAV file, and speaks through espeak-ng."""

    def __init__(self, player: Sequence[str], *, volume: int = 60, voice: bool = False) -> None:
        self._player = [*player, "/dev/stdin"]
        self._volume = volume
        self._voice = voice
        self._changed = threading.Condition()
        self._tone: Outcome | None = None
        self._speech: Speech | None = None
        self._now: Outcome | Speech | None = None
        self._running: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._troubles: dict[str, Text | str] = {}
        self._thread = threading.Thread(target=self._work, name="sound", daemon=True)
        self._thread.start()

    def play(self, outcome: Outcome) -> None:
        """Sound the tone of an outcome, instead of whatever sounds now."""
        with self._changed:
            self._tone = outcome
            self._cut()

    def say(self, text: str, language: str) -> None:
        """Speak after the tone, where a voice is switched on, instead of what is being said."""
        if not self._voice:
            return
        words = spoken(text)
        with self._changed:
            self._speech = Speech(words, language) if words else None
            if not isinstance(self._now, Outcome):
                self._cut()

    def status(self) -> DeviceStatus:
        """Whether the programs did their work when last asked to, and if not, why."""
        for program, trouble in self._troubles.copy().items():
            return DeviceStatus(
                DeviceState.ATTENTION,
                T(
                    "No sound: {program}: {trouble}. Tell who set this station up.",
                    program=program,
                    trouble=trouble,
                ),
            )
        return DeviceStatus(DeviceState.READY)

    def close(self) -> None:
        """Be silent."""
        with self._changed:
            self._closed = True
            self._tone = self._speech = None
            self._cut()
        self._thread.join(_END_S)

    def _cut(self) -> None:
        """End what sounds and wake the thread; with the lock."""
        self._now = None
        if self._running is not None:
            with suppress(OSError):
                self._running.kill()
        self._changed.notify()

    def _next(self) -> Outcome | Speech | None:
        """What is to sound now; None at the end."""
        with self._changed:
            self._now = None
            self._changed.wait_for(lambda: self._tone or self._speech or self._closed)
            if self._tone is not None:
                self._now, self._tone = self._tone, None
            else:
                self._now, self._speech = self._speech, None
            return self._now

    def _work(self) -> None:
        while (sound := self._next()) is not None:
            try:
                if isinstance(sound, Speech):
                    self._tell(sound)
                else:
                    self._sound(sound)
            except OSError as error:
                self._report(self._player[0], str(error))

    def _sound(self, outcome: Outcome) -> None:
        with tempfile.TemporaryFile() as wav:
            wav.write(tones.tone(outcome, self._volume))
            self._run(outcome, self._player, wav, None, tones.seconds(outcome))

    def _tell(self, speech: Speech) -> None:
        language = speech.language if _LANGUAGE.fullmatch(speech.language) else _ANY_LANGUAGE
        # Text comes on the standard input: an argument could be taken for an option.
        command = [_VOICE, "-v", language, "-b", "1", "-a", str(2 * self._volume)]
        command += ["--stdin", "--stdout"]
        with tempfile.TemporaryFile() as text, tempfile.TemporaryFile() as wav:
            text.write(speech.text.encode())
            if self._run(speech, command, text, wav, 0):
                self._run(speech, self._player, wav, None, LONGEST_SPEECH_S)

    def _run(
        self,
        sound: Outcome | Speech,
        command: Sequence[str],
        given: IO[bytes],
        made: IO[bytes] | None,
        seconds: float,
    ) -> bool:
        """Run one program from file to file; whether it did its work before a newer sound came."""
        given.seek(0)
        program = command[0]
        with tempfile.TemporaryFile() as errors:
            try:
                process = subprocess.Popen(
                    command, stdin=given, stdout=made or subprocess.DEVNULL, stderr=errors
                )
            except FileNotFoundError:
                self._report(program, T("it is not installed"))
                return False
            with self._changed:
                self._running = process
                if self._now is not sound:
                    process.kill()
            ended = _ended(process, seconds + GRACE_S)
            with self._changed:
                self._running = None
                cut = self._now is not sound
            if not ended:
                self._report(program, T("it hangs"))
            elif process.returncode == 0:
                self._report(program, "")
            elif not cut:
                self._report(program, _last_line(errors))
            return process.returncode == 0 and not cut

    def _report(self, program: str, trouble: Text | str) -> None:
        """Keep what became of a program; what stays the same is logged once."""
        if not trouble:
            self._troubles.pop(program, None)
        elif self._troubles.get(program) != trouble:
            log.warning("No sound: %s: %s", program, trouble)
            self._troubles[program] = trouble


def spoken(text: str) -> str:
    """A text as espeak-ng may read it: one line, without its commands and phoneme brackets."""
    seen = "".join(
        " " if unicodedata.category(char).startswith("C") else char for char in text[:LONGEST_TEXT]
    )
    return " ".join(seen.translate(_PHONEMES).split())


def _ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether a program ended by itself in time; else it is killed."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        # A program that waits inside a sound driver cannot even be killed.
        with suppress(subprocess.TimeoutExpired):
            process.wait(_END_S)
        return False
    return True


def _last_line(file: IO[bytes]) -> str:
    file.seek(0)
    lines = file.read(4096).decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it failed")


def open_sound(url: DeviceUrl) -> PlayedSound:
    """The sound of `alsa:`, `pulse:` or `pipewire:` with `?device=…&voice=1&volume=60`.

    Raises:
        ValueError: naming what was expected and what came.
    """
    url.check_options(("device", "voice", "volume"))
    if url.where:
        raise ValueError(f"Expected {url.scheme}:?device=..., got {url.text!r}.")
    device = url.options.get("device", "")
    if not device.isprintable():
        raise ValueError(f"{url.text}: expected the name of a sound device, got {device!r}.")
    return PlayedSound(
        _player(url.scheme, device),
        volume=url.number("volume", 60, 1, 100),
        voice=url.choice("voice", ("0", "1"), "0") == "1",
    )


def open_bell(url: DeviceUrl) -> None:
    """Nothing: `bell:` leaves the sounding to the terminal's own bell.

    Raises:
        ValueError: it takes no options.
    """
    url.check_options(())


def _player(scheme: str, device: str) -> list[str]:
    if scheme == "alsa":
        # A bare card plays one rate and number of channels only; `plughw:` converts.
        device = f"plug{device}" if device.startswith("hw:") else device
        return ["aplay", "-q", *(("-D", device) if device else ())]
    if scheme == "pulse":
        return ["paplay", *((f"--device={device}",) if device else ())]
    return ["pw-play", *((f"--target={device}",) if device else ())]
