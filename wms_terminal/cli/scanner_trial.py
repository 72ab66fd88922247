"""A scanner reads the check page, and what it sends is compared with what is printed there."""

from __future__ import annotations

import codecs
import os
import re
import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from devices import open_scanner, wedge_options
from devices.documents.scanner_sheets import GS1_CHECK
from devices.scanners.layouts import CALIBRATION, Diagnosis, diagnose
from devices.scanners.wedge import WedgeAssembler
from wms_terminal.cli.asking import Configured, held
from wms_terminal.cli.person import Person, raw_keys
from wms_terminal.cli.trials import IN_USE, Verdict
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.scan import GS
from wms_terminal.ports.devices import DeviceState, DeviceStatus

_AIM = re.compile(r"\]([A-Za-z])([0-9A-Za-z])")
_GS1_128 = "]C1"
_SUFFIXES = {"\r": "CR", "\n": "LF", "\t": "TAB", "\x03": "ETX"}
_CTRL_C = "\x03"
_IDLE_S = 1.0
"""A pause after which no more of a code comes."""


@dataclass(frozen=True, slots=True)
class Read:
    """One code as it arrived."""

    text: str
    """As the station takes it."""
    suffix: str = "any"
    """What ended it; `any` where the driver takes it off, empty where nothing did."""
    trouble: str = ""
    """Why the station would not take it."""
    keyed: str = ""
    """For a keyboard scanner: what its keys gave."""


NOTHING = Read("", trouble="Nothing came.")
_PARTIAL = Read("", trouble="Only parts of a code came. Set the suffix to CR.")

NextCode = Callable[[float], Read]
"""Waits so many seconds for a code."""


def try_scanner(device: Configured, person: Person) -> Verdict:
    """The calibration code and the GS1 code of the check page."""
    if held(device.url):
        return IN_USE
    with _codes(device.url) as next_code:
        person.say(f"Scan code 1 of the check page, within {person.wait_s:g} seconds.")
        calibration = next_code(person.wait_s)
        if calibration.trouble:
            return Verdict(False, calibration.trouble)
        person.say(f"Scan code 2 of the check page, within {person.wait_s:g} seconds.")
        gs1 = next_code(person.wait_s)
        while gs1.text == calibration.text:
            # Whoever scans it twice has not been heard the first time, or so it seemed.
            gs1 = next_code(person.wait_s)
    return judge(calibration, gs1, person.say)


def judge(calibration: Read, gs1: Read, say: Callable[[str], None]) -> Verdict:
    """What the two codes show: identifier, suffix, characters, separator."""
    wrong: list[str] = []
    for name, read, printed in (
        ("Calibration code", calibration, CALIBRATION),
        ("GS1 code", gs1, GS1_CHECK),
    ):
        if read.trouble:
            wrong.append(f"{name}: {read.trouble}")
            continue
        say(f"{name}: {read.text!a}")
        if not read.suffix:
            wrong.append(f"{name}: no suffix. Set the suffix to CR.")
        wrong += _compare(name, read, printed)
    if not gs1.trouble:
        found = _AIM.match(gs1.text)
        if found is None:
            say("No AIM identifier. Switch it on, so that no code is taken for another kind.")
        elif found[0] != _GS1_128:
            wrong.append(f"GS1 code: expected the identifier {_GS1_128}, got {found[0]}.")
    ends = sorted({read.suffix for read in (calibration, gs1)} - {"any", ""})
    suffix = f", suffix {' and '.join(ends)}" if ends else ""
    aim = "AIM identifier" if _AIM.match(calibration.text) else "no AIM identifier"
    if wrong:
        return Verdict(False, " ".join(wrong))
    return Verdict(True, f"every character as printed, GS kept, {aim}{suffix}")


def _compare(name: str, read: Read, printed: str) -> list[str]:
    """What is wrong with the characters of a code."""
    found = _AIM.match(read.text)
    data = read.text[found.end() :] if found else read.text
    if data == printed:
        return []
    if data == printed.replace(GS, ""):
        return [f"{name}: GS is lost. Let the scanner send FNC1 as GS (ASCII 29)."]
    keyboard = diagnose(read.keyed or read.text) if printed == CALIBRATION else None
    if keyboard is not None and not keyboard.right:
        return [f"{name}: {_advice(keyboard)}"]
    return [f"{name}: expected {printed!a}, got {data!a}."]


def _advice(keyboard: Diagnosis) -> str:
    return f"{keyboard.message.text}. {keyboard.message.advice}."


@contextmanager
def _codes(url: str) -> Iterator[NextCode]:
    """A scanner that is open, as a way to wait for its codes.

    Raises:
        ValueError: the URL is not as it has to be.
    """
    if url.startswith("wedge:"):
        with raw_keys() as file:
            yield _Keys(url, file).next_code
        return
    scanner, ear = open_scanner(url), _Ear()
    scanner.start(ear)
    check_page = iter([f"]C0{CALIBRATION}", f"{_GS1_128}{GS1_CHECK}"])

    def next_code(seconds: float) -> Read:
        if url.startswith("sim:"):
            scanner.scan(next(check_page))  # type: ignore[attr-defined]  # simulated only
        read = ear.next_code(seconds)
        scanner.feedback(Outcome.WRONG if read.trouble else Outcome.OK)
        return read

    try:
        yield next_code
    finally:
        scanner.close()


class _Ear:
    """Hears a scanner from the driver's thread."""

    def __init__(self) -> None:
        self._heard: SimpleQueue[Read] = SimpleQueue()
        self._said = DeviceStatus(DeviceState.READY)

    def code(self, text: str) -> None:
        """A whole code."""
        self._heard.put(Read(text))

    def partial(self) -> None:
        """Part of one."""
        self._heard.put(_PARTIAL)

    def status(self, status: DeviceStatus) -> None:
        """How the scanner is."""
        self._said = status

    def next_code(self, seconds: float) -> Read:
        """The next code, or why there is none."""
        try:
            return self._heard.get(timeout=seconds)
        except Empty:
            if self._said.state is DeviceState.LOST:
                return Read("", trouble=str(self._said.detail) or "It does not answer.")
            return NOTHING


class _Keys:
    """Reads a keyboard scanner from standard input, as it is and as the station would."""

    def __init__(self, url: str, file: int) -> None:
        self._options = wedge_options(url)
        self._file = file
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def next_code(self, seconds: float) -> Read:
        """The next characters up to a terminator or a pause.

        Raises:
            KeyboardInterrupt: Ctrl-C came, and not inside a code.
        """
        text = self._more(seconds)
        if text == _CTRL_C:
            raise KeyboardInterrupt
        while text and text[-1] not in _SUFFIXES and (more := self._more(_IDLE_S)):
            text += more
        if text.endswith("\r") and select.select([self._file], [], [], 0.05)[0]:
            text += self._more(0)
        if not text:
            return NOTHING
        data = text.rstrip("".join(_SUFFIXES))
        suffix = " ".join(_SUFFIXES[char] for char in text[len(data) :])
        taken = self._taken(text) if suffix else data
        if taken is None:
            return Read(data, suffix, self._refusal(data), data)
        return Read(taken, suffix, keyed=data)

    def _taken(self, text: str) -> str | None:
        """What the station makes of these characters; None when it takes no code from them."""
        assembler = WedgeAssembler(self._options)
        frames = [assembler.feed(char, 0.0) for char in text]
        return next((frame.text for frame in frames if frame and frame.kind == "code"), None)

    def _refusal(self, data: str) -> str:
        said = f"prefix={self._options.prefix} and layout={self._options.layout}"
        keyboard = diagnose(data)
        advice = "" if keyboard is None or keyboard.right else f" {_advice(keyboard)}"
        return (
            f"{data!a} came, which the station does not take with {said} in its address. "
            f"Set the scanner or the address right.{advice}"
        )

    def _more(self, seconds: float) -> str:
        """What comes within some seconds; empty when nothing does."""
        if not select.select([self._file], [], [], seconds)[0]:
            return ""
        return self._decode(os.read(self._file, 4096))
