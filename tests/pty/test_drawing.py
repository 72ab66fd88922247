"""What is drawn on terminals of several kinds, of changing sizes, and with noise on the line."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest

from tests.pty.test_terminal import codes, journaled, start
from tests.pty.test_terminal import world as world  # noqa: PLC0414 - the same small warehouse
from tests.world import ANNA, LANTERN, World, at

pytestmark = pytest.mark.pty

LATIN = re.compile(r"[\n\x20-\x7e\xa1-\xff■]*")
ASCII = re.compile(r"[\n\x20-\x7e]*")
ANY = re.compile(r"[\s\S]*")


@pytest.mark.parametrize(
    ("term", "drawable"),
    [
        ("linux", LATIN),
        ("vt220", ASCII),
        ("screen", ANY),
        ("tmux-256color", ANY),
        ("xterm-256color", ANY),
    ],
)
def test_each_kind_of_terminal_gets_what_it_can_draw(
    tmp_path: Path, world: World, term: str, drawable: re.Pattern[str]
) -> None:
    world.order((LANTERN, 2))
    with start(tmp_path, env={"TERM": term}) as terminal:
        terminal.wait_for("SCAN YOUR BADGE")
        terminal.send(f"{ANNA}\rWHCPICK\r{at('T-0001')}\r{at('A01-02-1')}\r")
        text = terminal.wait_for("XXX")
        assert drawable.fullmatch(text)
        assert (b"[38;2;" in terminal.written) is False
        assert (b"38;5;" in terminal.written) is term.endswith("256color")
        terminal.press("\r")
        text = terminal.wait_for(lambda: "XXX" not in terminal.text)
        assert drawable.fullmatch(text)


def is_whole(text: str) -> bool:
    """Whether a refusal is drawn from the first line to the last one."""
    lines = text.split("\n")
    return (
        lines[0].startswith(" PICK-01")
        and sum("XXX" in line for line in lines) == 2
        and all(lines[row].strip() for row in (18, 20, -1))
        and lines[-1].startswith(" F1 ")
    )


def test_resizing_in_the_middle_of_a_scan_loses_nothing_and_ends_well_drawn(
    tmp_path: Path, world: World
) -> None:
    sent = [f"UNKNOWN{number:03}" for number in range(60)]
    sizes = [(20, 16), (160, 48), (40, 12), (21, 8), (132, 43), (80, 24)]
    with start(tmp_path) as terminal:
        terminal.wait_for("SCAN YOUR BADGE")
        terminal.send(ANNA + "\r")
        terminal.wait_for("F10")
        for number, code in enumerate(sent):
            terminal.send(code[:4])
            if number % 10 == 5:
                terminal.resize(*sizes[number // 10])
            terminal.send(code[4:] + "\r")
        terminal.wait_for(partial(journaled, world, len(sent) + 1))
        assert codes(world, len(sent)) == sent
        terminal.wait_for(lambda: is_whole(terminal.text))


def test_control_characters_and_function_keys_inside_a_code_do_nothing(
    tmp_path: Path, world: World
) -> None:
    noise = [chr(code) for code in range(32) if chr(code) not in "\r\n\t"]
    noise += ["\x1b[21~", "\x1bOP", "\x1b[24~", "\x1b[Z", "\x1b[A", "\x1b[200~", "\x1b[I"]
    with start(tmp_path) as terminal:
        terminal.wait_for("SCAN YOUR BADGE")
        for number, between in enumerate(noise):
            terminal.send(f"CODE{between}END{number:02}\r")
        # Whatever was torn apart above, a whole code is taken again.
        terminal.send("\x1b[201~\r")
        terminal.press(f"{ANNA}\r")
        terminal.wait_for("Anna de Vries")
        assert world.journal(1)[0].code == "signed_in"
