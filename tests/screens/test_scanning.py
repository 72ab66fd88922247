"""Scans on the way from the keyboard to the store: complete, in order, and never as keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from tests.screens.fakes import (
    F,
    FakeTerminal,
    app_for,
    burst,
    counted,
    press,
    region,
    running,
    text_of,
    until,
)
from wms_terminal.domain.scan import Source

GS = "\x1d"
MANY = [
    f"]C101087123456789061{n:02}{GS}10LOT{n}" if n % 3 == 0 else f"WHL{n:06}" for n in range(300)
]


@pytest.mark.parametrize("suffix", ["\r", "\n", "\r\n", "\t"])
async def test_300_scans_in_one_burst_arrive_complete_and_in_order(
    tmp_path: Path, suffix: str
) -> None:
    terminal = FakeTerminal(answer=counted)
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        burst(app, "".join(code + suffix for code in MANY))
        await until(pilot, lambda: len(terminal.scans) == len(MANY))
        await until(pilot, lambda: "300: " in region(app, "band").text)
    assert terminal.codes == MANY
    assert {source for _, source, _ in terminal.scans} == {Source.SCANNER}
    assert len({gesture for _, _, gesture in terminal.scans}) == len(MANY)
    assert len(terminal.threads) == 1


async def test_kitty_keys_without_characters_are_characters_all_the_same(tmp_path: Path) -> None:
    terminal = FakeTerminal()
    app = app_for(terminal, tmp_path)
    code = f"[)>\x1e06{GS}P123\x04"
    names = {GS: "ctrl+right_square_bracket", "\x1e": "ctrl+circumflex_accent", "\x04": "ctrl+d"}
    async with running(app) as pilot:
        for char in code:
            known = char in names
            app.post_message(events.Key(names.get(char, char), None if known else char))
        app.post_message(events.Key("enter", "\r"))
        await until(pilot, lambda: bool(terminal.scans))
    assert terminal.codes == [code]


@pytest.mark.parametrize("control", ["\x11", "\x03", "\x10", "\x1b[21~", "\x1bOS"])
async def test_control_keys_inside_a_code_neither_quit_nor_press_anything(
    tmp_path: Path, control: str
) -> None:
    terminal = FakeTerminal()
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        burst(app, f"AB{control}CD\r12345678\r")
        await until(pilot, lambda: "12345678" in terminal.codes)
        assert app.is_running
    assert "ABCD" not in terminal.codes
    assert not any(source is Source.KEY for _, source, _ in terminal.scans)


async def test_ctrl_q_by_itself_does_nothing(tmp_path: Path) -> None:
    terminal = FakeTerminal()
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        press(app, "\x11", "\x10", "\x1b", F[8])
        await until(pilot, lambda: bool(terminal.scans))
        assert app.is_running
        assert len(app.screen_stack) == 1


async def test_pasted_lines_are_scans(tmp_path: Path) -> None:
    terminal = FakeTerminal()
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        burst(app, f"\x1b[200~WHL01\r\n010871{GS}10A\n\nLAST\x1b[201~")
        await until(pilot, lambda: len(terminal.scans) == 3)
    assert terminal.codes == ["WHL01", f"010871{GS}10A", "LAST"]


async def test_a_slow_store_loses_nothing(tmp_path: Path) -> None:
    terminal = FakeTerminal(answer=counted, delay_s=0.2)
    app = app_for(terminal, tmp_path)
    codes = [f"WHL{n:03}" for n in range(15)]
    async with running(app) as pilot:
        burst(app, "".join(code + "\r" for code in codes))
        await until(pilot, lambda: len(terminal.scans) == len(codes))
    assert terminal.codes == codes


async def test_a_store_that_is_away_keeps_scans_their_order_and_their_gestures(
    tmp_path: Path,
) -> None:
    terminal = FakeTerminal(answer=counted)
    app = app_for(terminal, tmp_path)
    codes = [f"WHL{n:03}" for n in range(10)]
    async with running(app) as pilot:
        terminal.broken = 3
        burst(app, "".join(code + "\r" for code in codes))
        await until(pilot, lambda: "10 scans wait" in region(app, "band").text)
        assert "the disk is full" in region(app, "band").text
        assert "Traceback" not in text_of(app)
        await until(pilot, lambda: len(terminal.scans) == len(codes))
        await until(pilot, lambda: "10: WHL009" in region(app, "band").text)
    assert terminal.codes == codes
    assert terminal.asked == len(codes) + 3


async def test_a_store_that_is_away_at_the_start_is_waited_for(tmp_path: Path) -> None:
    terminal = FakeTerminal(broken=1)
    app = app_for(terminal, tmp_path)
    async with running(app, begun=False) as pilot:
        await until(pilot, lambda: "the disk is full" in region(app, "band").text)
        burst(app, "EARLY\r")
        await until(pilot, lambda: bool(terminal.scans))
    assert terminal.codes == ["EARLY"]


async def test_a_broken_code_is_never_used_and_said_so(tmp_path: Path) -> None:
    terminal = FakeTerminal()
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        press(app, "W", gap_s=1.0)
        press(app, "HL01\r", gap_s=1.0)
        await until(pilot, lambda: "Only part of a code came" in text_of(app))
    assert terminal.codes == []


async def test_escape_forgets_a_key_that_somebody_leaned_on(tmp_path: Path) -> None:
    terminal = FakeTerminal()
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        app.post_message(events.Key("x", "x"))
        press(app, "W", "\x1b", gap_s=1.0)
        press(app, "", "H", gap_s=1.0)
        press(app, "J\r", gap_s=0.0)
        await until(pilot, lambda: bool(terminal.scans))
    assert terminal.codes == ["HJ"]


async def test_a_failing_scan_is_said_in_words_logged_and_not_the_end(tmp_path: Path) -> None:
    def answer(terminal: FakeTerminal, raw: str):
        if raw == "BAD":
            raise ZeroDivisionError("inside")
        return counted(terminal, raw)

    terminal = FakeTerminal(answer=answer)
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        burst(app, "BAD\r")
        await until(pilot, lambda: "The program failed" in region(app, "band").text)
        assert "Traceback" not in text_of(app)
        burst(app, "GOOD\r")
        await until(pilot, lambda: "GOOD" in region(app, "band").text)
    assert app.return_code == 1
    assert "ZeroDivisionError" in (tmp_path / "terminal.log").read_text(encoding="utf-8")


async def test_leaving_answers_what_came_in_and_closes_the_store(tmp_path: Path) -> None:
    terminal = FakeTerminal(delay_s=0.05)
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        burst(app, "A1\rA2\rA3\r")
        press(app, "\x03", "\x03", "\x03")
        await until(pilot, lambda: not app.is_running)
    assert terminal.codes == ["A1", "A2", "A3"]
    assert terminal.closed
    assert app.return_code == 0
