"""Codes of a keyboard scanner in real terminals: how they come, and what else goes on meanwhile.

What the kernel got is read from the scan journal. With a mark before each code (an AIM identifier
or STX) none may be lost; without one some may, and each time the operator is told. In no case may
a code be changed, or a part of it press a key.
"""

from __future__ import annotations

import itertools
import multiprocessing
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from devices.scanners.wedge import PREFIXES, Prefix
from screens.keyboard import ALONE_S
from tests import sshd
from tests.pty.terminal import Terminal
from tests.pty.test_terminal import ROOT, _Now, environment, start
from tests.stores import url_of
from tests.world import BOB, World
from wms_terminal.ports.journal_room import ScanRow

pytestmark = pytest.mark.pty

STATION = "PACK-01"
LOST = "Only part of a code came"
REFUSED = "PRESS OR SCAN OK"
GS, CTRL_Q, CTRL_C, F10 = "\x1d", "\x11", "\x03", "\x1b[21~"
F1, F2, ESCAPE = "\x1bOP", "\x1bOQ", "\x1b"
GAPS_S = [0.0, 0.001, 0.008, 0.03]


@dataclass
class Scanner:
    """A scanner plugged into a terminal, and the book of what became of its codes."""

    terminal: Terminal
    world: World
    prefix: Prefix
    sent: list[str] = field(default_factory=list)
    settled: int = 0
    """How many journal rows are none of this test's."""
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def sign_in(self, suffix: str) -> None:
        """To the packers' station."""
        self.terminal.wait_for("SCAN YOUR BADGE")
        for self.settled, command in enumerate((BOB, "WHCPACK"), 1):
            self.terminal.send(self.mark + command + suffix)
            self.terminal.wait_for(lambda: len(self._rows()) == self.settled)
        self.terminal.wait_for("F10")

    @property
    def mark(self) -> str:
        return {"none": "", "stx": "\x02", "aim": "]C0"}[self.prefix]

    def code(self, inside: str = "") -> str:
        """A code that was not sent before; as it is to arrive."""
        return f"{self.mark}N{next(self.numbers):04}{inside}Z".removeprefix("\x02")

    def keys(self, code: str, suffix: str = "\r") -> list[str]:
        """What the scanner presses for it."""
        keys = list(code.replace(F10, "\0") + suffix)
        return ["\x02"] * (self.prefix == "stx") + [F10 if key == "\0" else key for key in keys]

    def scan(self, gap_s: float = 0.0, suffix: str = "\r", inside: str = "") -> bool:
        """One code, and the answer to it; whether there was one."""
        code = self.code(inside)
        return self.send(self.keys(code, suffix), code, gap_s=gap_s)

    def send(self, keys: list[str], *codes: str, gap_s: float = 0.0) -> bool:
        """Press keys, and wait until the last of their codes is answered or said to be lost.

        Whether it was answered.
        """
        terminal, bells, last = self.terminal, self.terminal.bells, f"scanner {codes[-1]}"
        terminal.type(keys, gap_s)
        self.sent += codes
        terminal.wait_for(
            lambda: last in self.arrived or (LOST in terminal.text and terminal.bells > bells)
        )
        answered = last in self.arrived
        # What is said about one code must not be taken for what is said about the next.
        if answered:
            terminal.wait_for(lambda: LOST not in terminal.text)
        else:
            terminal.wait_for(lambda: terminal.bells >= bells + 3)
        return answered

    def key(self, key: str) -> None:
        """A person's key: alone, before and after."""
        self.terminal.type(["", key, ""], 1.3 * ALONE_S)

    def rest(self) -> None:
        """Acknowledge a refusal, or shut the line."""
        self.key(ESCAPE)
        self.terminal.type(["", ""], ALONE_S)
        self.terminal.wait_for(lambda: REFUSED not in self.terminal.text)

    def open_line(self) -> None:
        """Begin to key in."""
        self.key(F2)
        self.terminal.wait_for("Order number")

    def refusal(self) -> None:
        """Have a refusal on the screen."""
        while REFUSED not in self.terminal.text and not self.scan():
            continue
        self.terminal.wait_for(REFUSED)

    @property
    def arrived(self) -> list[str]:
        """What the kernel was asked, in order; each as its source and code."""
        return [f"{row.source} {row.raw}" for row in self._rows()[self.settled :]]

    def check(self) -> None:
        """The books agree: nothing changed, nothing pressed, and with a mark nothing lost."""
        while not self.scan():  # what is answered last was sent last
            continue
        expected, arrived = [f"scanner {code}" for code in self.sent], self.arrived
        self.settled, self.sent = self.settled + len(arrived), []
        assert [code for code in arrived if code not in expected] == []
        assert [code for code in expected if code in arrived] == arrived
        print(f"{self.prefix}: {len(expected)} sent, {len(expected) - len(arrived)} lost")
        if self.prefix != "none":
            assert len(arrived) == len(expected)

    def _rows(self) -> list[ScanRow]:
        rows = reversed(self.world.journal(1000))
        return [row for row in rows if row.code != "acknowledged"]


def give_scanner(world: World, prefix: Prefix) -> None:
    """Plug a scanner of this kind in."""
    devices = {"scanner": f"wedge:?prefix={prefix}", "printer": "sim:", "scale": "sim:"}
    with world.store.write() as tx:
        tx.site.put_station(STATION, "Pack 1", "packing", "BENCH-01", devices, 300)


@pytest.fixture(scope="module", params=PREFIXES)
def plugged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scanner]:
    """One station at work per kind of scanner; one start for many codes."""
    prefix, folder = request.param, tmp_path_factory.mktemp(request.param)
    world = _Now(folder)
    give_scanner(world, prefix)
    with start(folder, STATION) as terminal:
        made = Scanner(terminal, world, prefix)
        # Enter would make TAB and ETX a part of codes, before they are tried as suffixes.
        made.sign_in("\t")
        yield made
    world.store.close()


@pytest.fixture
def scanner(plugged: Scanner) -> Scanner:
    """The same, with nothing on the screen."""
    plugged.rest()
    return plugged


def test_codes_come_whole_with_any_suffix(scanner: Scanner) -> None:
    for suffix in ("\t", "\x03", "\n", "\r\n", "\r"):
        scanner.scan(0.001, suffix)
        scanner.scan(0.03, suffix)
    scanner.check()


def test_codes_come_whole_at_any_speed_whatever_is_on_the_screen(scanner: Scanner) -> None:
    for gap_s in GAPS_S:
        scanner.rest()
        scanner.scan(gap_s)
        scanner.refusal()
        scanner.scan(gap_s)
        scanner.rest()
        scanner.open_line()
        scanner.scan(gap_s)
        scanner.rest()
        scanner.open_line()
        scanner.terminal.type(["7", "7"], 0.1)
        scanner.terminal.wait_for("77_")
        scanner.scan(gap_s)
        scanner.key(F1)
        scanner.terminal.wait_for("TOO MANY")
        scanner.scan(gap_s)
    scanner.check()


def test_what_is_in_a_code_stays_in_it(scanner: Scanner) -> None:
    scanner.scan()
    for gap_s in (0.0, 0.008):
        for inside in (GS, F10, CTRL_Q, CTRL_C, F2, ESCAPE):
            scanner.scan(gap_s, inside=inside)
    scanner.check()


def test_codes_come_whole_in_any_encoding(scanner: Scanner) -> None:
    for inside in ("", GS):
        code = scanner.code(inside)
        scanner.send([kitty(key) for key in scanner.keys(code)], code)
    for end in ("", "\r", "\r\n"):
        code = scanner.code(f"{GS}\x1b")
        scanner.send([f"\x1b[200~{code}{end}\x1b[201~"], code)
    several = [scanner.code() for _ in range(3)]
    scanner.send(["\x1b[200~" + "\r\n".join(several) + "\x1b[201~"], *several)
    code = scanner.code()
    scanner.send([f"\x1b[200~{code}\x1b[201~", "\r"], code)
    scanner.check()


def kitty(key: str) -> str:
    """A key as the Kitty protocol sends it: control characters as a letter or sign with Ctrl."""
    code = ord(key)
    if code >= 32 or key in "\r\t":
        return f"\x1b[{code}u"
    return f"\x1b[{code + (96 if code < 27 else 64)};5u"


def test_a_stall_in_a_code_never_shortens_it(scanner: Scanner) -> None:
    for place in (1, 4):
        for opens in (False, True):
            if opens:
                scanner.open_line()
            code = scanner.code()
            keys = scanner.keys(code)
            parts = ["".join(keys[:place]), "".join(keys[place:])]
            scanner.send(parts, code, gap_s=0.3)
            scanner.rest()
    scanner.check()


def test_300_codes_come_back_to_back(scanner: Scanner) -> None:
    codes = [scanner.code() for _ in range(300)]
    scanner.send(["".join("".join(scanner.keys(code)) for code in codes)], *codes)
    scanner.check()


def test_codes_come_whole_on_a_busy_machine(scanner: Scanner) -> None:
    with busy(2):
        for gap_s in GAPS_S:
            for _ in range(5):
                scanner.scan(gap_s)
        scanner.check()


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Give the machine something else to do."""
    burners = [multiprocessing.Process(target=_burn, daemon=True) for _ in range(processes)]
    for burner in burners:
        burner.start()
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.join()


def _burn() -> None:
    while True:
        pass


@pytest.mark.parametrize("prefix", PREFIXES)
def test_codes_come_whole_over_ssh(tmp_path: Path, prefix: Prefix) -> None:
    keys, world = tmp_path / "ssh", _Now(tmp_path)
    keys.mkdir(mode=0o700)
    give_scanner(world, prefix)
    program = [sys.executable, "-m", "wms_terminal", "--store", url_of(tmp_path / "wms.db")]
    env = [f"{name}={value}" for name, value in environment(tmp_path).items()]
    command = shlex.join(["env", "-C", str(ROOT), *env, *program, "--station", STATION])
    with sshd.start(keys, command) as client, Terminal(client, {}) as terminal:
        scanner = Scanner(terminal, world, prefix)
        scanner.sign_in("\r")
        for gap_s in (0.0, 0.008, 0.03):
            scanner.rest()
            scanner.scan(gap_s)
            scanner.scan(gap_s, inside=GS)
            scanner.scan(gap_s, inside=F10)
            scanner.rest()
            scanner.open_line()
            scanner.scan(gap_s, "\r\n")
        scanner.check()
    world.store.close()
