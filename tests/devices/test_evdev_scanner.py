from __future__ import annotations

import errno
import fcntl
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import devices
from devices.scanners import evdev_scanner
from devices.scanners.evdev_scanner import DOWN, REPEAT, UP, Keys
from devices.scanners.virtual_evdev import VirtualKeyboard, numbered, strokes
from tests.devices.ears import Ears
from wms_terminal.ports.devices import DeviceState, Scanner

A, SHIFT, CAPS, NUM, ALT, F1, ENTER = 30, 42, 58, 69, 56, 59, 28
ALT_GR, EXTRA = 100, 86


def altgr(code: int) -> list[tuple[int, int]]:
    """A key with AltGr."""
    return [(ALT_GR, DOWN), (code, DOWN), (code, UP), (ALT_GR, UP)]


def typed(keys: list[tuple[int, int]], layout: str = "us") -> str:
    """What key events type; `?` for a key that stands for no character."""
    decoder = Keys(layout)
    found = [decoder.press(code, value) for code, value in keys]
    return "".join("?" if character is None else character for character in found)


@settings(deadline=None)
@given(st.text(string.printable[:95] + "\x1d\x1e\x1c\x04\t"))
def test_every_character_of_a_us_keyboard(text: str) -> None:
    assert typed(strokes(text)) == text


def test_gs_as_a_number() -> None:
    assert typed([*strokes("10A"), *numbered("\x1d"), *strokes("21B")]) == "10A\x1d21B"


def test_caps_lock_turns_letters_only() -> None:
    caps = [(CAPS, DOWN), (CAPS, UP)]
    assert typed([*caps, *strokes("aB1!"), *caps, *strokes("aB1!")]) == "Ab1!aB1!"


def test_repeats_and_num_lock_type_nothing() -> None:
    assert typed([(A, DOWN), (A, REPEAT), (A, REPEAT), (A, UP), (NUM, DOWN), (NUM, UP)]) == "a"


def test_keys_that_stand_for_no_character() -> None:
    assert typed([(F1, DOWN), (F1, UP)]) == "?"
    assert typed([(ALT, DOWN), (A, DOWN), (A, UP), (ALT, UP)]) == "?"
    assert typed([*numbered("\x00")]) == "?"


def test_keypad_and_both_enter_keys() -> None:
    keys = [71, 72, 73, 75, 76, 77, 79, 80, 81, 82, 96, 28]
    assert typed([(key, DOWN) for key in keys]) == "7894561230\r\r"


@pytest.mark.parametrize(
    ("layout", "keys", "expected"),
    [
        ("de", strokes("zY-") + altgr(10) + strokes("]C0"), "yZß]+C0"),
        ("de", [(EXTRA, DOWN), (EXTRA, UP), *altgr(EXTRA)], "<|"),
        ("de", strokes("`="), "??"),  # dead keys
        ("fr", strokes("!@aq") + altgr(12), "12qa]"),
        ("se", strokes("[") + altgr(9), "å["),
        ("us", altgr(10), "?"),
        ("gb", [(EXTRA, DOWN)], "\\"),
    ],
)
def test_the_scanner_may_have_another_layout(
    layout: str, keys: list[tuple[int, int]], expected: str
) -> None:
    assert typed(keys, layout) == expected


def test_gs_with_another_layout() -> None:
    assert typed(strokes("\x1d"), "de") == "\x1d"
    assert typed(numbered("\x1d"), "fr") == "\x1d"


@pytest.fixture
def keyboard(tmp_path: Path) -> Iterator[VirtualKeyboard]:
    keyboard = VirtualKeyboard(tmp_path / "kbd")
    yield keyboard
    keyboard.unplug()


@pytest.fixture
def scanner(keyboard: VirtualKeyboard, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scanner]:
    monkeypatch.setattr(evdev_scanner, "grab", lambda device: None)
    scanner = devices.open_scanner(keyboard.url)
    yield scanner
    scanner.close()


def test_it_is_grabbed_before_it_is_read(
    keyboard: VirtualKeyboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    grabbed: list[tuple[int, int]] = []

    def ioctl(device: int, request: int, on: int) -> int:
        grabbed.append((request, on))
        return 0

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    scanner = devices.open_scanner(keyboard.url)
    ears = Ears()
    scanner.start(ears)
    try:
        assert ears.next_state() is DeviceState.READY
        assert grabbed == [(0x40044590, 1)]
        keyboard.scan("]C0A-1")
        assert ears.next() == "]C0A-1"
    finally:
        scanner.close()


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.EBUSY, "in use by another program"), (errno.EPERM, "Ask an administrator")],
)
def test_one_that_cannot_be_grabbed_is_lost_and_not_read(
    keyboard: VirtualKeyboard, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def refuse(device: int) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(evdev_scanner, "grab", refuse)
    scanner = devices.open_scanner(keyboard.url)
    ears = Ears()
    scanner.start(ears)
    try:
        keyboard.scan("TYPED")
        assert words in str(ears.until(DeviceState.LOST).detail)
    finally:
        scanner.close()
    assert ears.heard.empty()


def test_what_is_no_input_device_says_so(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    scanner = devices.open_scanner(f"evdev://{path}")
    ears = Ears()
    scanner.start(ears)
    try:
        assert "Inappropriate ioctl" in str(ears.until(DeviceState.LOST).detail)
    finally:
        scanner.close()


def test_events_that_the_kernel_lost_make_no_code(
    keyboard: VirtualKeyboard, scanner: Scanner
) -> None:
    ears = Ears()
    scanner.start(ears)
    assert ears.next_state() is DeviceState.READY
    keyboard.type([*strokes("HEA"), (SHIFT, DOWN)])
    keyboard.overflow()
    keyboard.scan("d")
    assert [ears.next(), ears.next()] == [None, None]
    keyboard.scan("next")
    assert ears.next() == "next"


def test_a_key_without_a_character_spoils_the_code_it_is_in(
    keyboard: VirtualKeyboard, scanner: Scanner
) -> None:
    ears = Ears()
    scanner.start(ears)
    assert ears.next_state() is DeviceState.READY
    f1 = [(F1, DOWN), (F1, UP)]
    keyboard.type([*f1, *strokes("A"), *f1, *strokes("B"), (ENTER, DOWN), (ENTER, UP)])
    keyboard.scan("C")
    assert [ears.next(), ears.next()] == [None, "C"]


def test_bad_urls() -> None:
    for url, expected in (
        ("evdev:", "evdev:///dev/input"),
        ("evdev:///dev/input/x?layout=klingon", "layout"),
        ("evdev:///dev/input/x?baud=9600", "'baud'"),
    ):
        with pytest.raises(ValueError, match=expected):
            devices.open_scanner(url)
