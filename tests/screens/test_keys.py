"""Function keys, acknowledging, keying in, help, and the choice of a station."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from devices.scanners.layouts import CALIBRATION, LAYOUTS
from tests.screens import steps
from tests.screens.fakes import (
    F,
    FakeTerminal,
    app_for,
    burst,
    counted,
    press,
    refused,
    region,
    running,
    station,
    text_of,
    until,
)
from wms_terminal.domain.scan import Source
from wms_terminal.domain.text import T


async def test_function_keys_send_the_command_that_they_stand_for(tmp_path: Path) -> None:
    terminal = FakeTerminal()
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        press(app, F[4], F[8], F[10], "\x1b[15~")
        await until(pilot, lambda: len(terminal.scans) == 3)
        await pilot.pause()
    assert terminal.codes == ["WHCSHRT", "WHCSKIP", "WHCMENU"]
    assert {source for _, source, _ in terminal.scans} == {Source.KEY}


async def test_a_held_or_bouncing_key_counts_once(tmp_path: Path) -> None:
    terminal = FakeTerminal()
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        press(app, F[8])
        press(app, F[8], F[8], F[8], gap_s=0.03)
        press(app, F[8])
        burst(app, "")
        await until(pilot, lambda: len(terminal.scans) == 2)
    assert terminal.codes == ["WHCSKIP", "WHCSKIP"]


@pytest.mark.parametrize("answer", ["\r", " ", "\x1b", "WHCOK\r"])
async def test_a_refusal_stays_until_it_is_acknowledged(tmp_path: Path, answer: str) -> None:
    terminal = FakeTerminal(answer=refused)
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        burst(app, "WRONG1\r")
        await until(pilot, lambda: app.page.step.must_acknowledge)
        burst(app, "WRONG2\r")
        await until(pilot, lambda: len(terminal.scans) == 2)
        assert "PRESS OR SCAN OK" in text_of(app)
        press(app, answer, gap_s=0.5 if len(answer) == 1 else 0.0)
        await until(pilot, lambda: not app.page.step.must_acknowledge)
        assert "SCAN THE LOCATION" in text_of(app)
    assert terminal.codes == ["WRONG1", "WRONG2", "WHCOK"]


@pytest.mark.parametrize("suffix", ["\r", "\r\n", "\r\r", "\n\n", "\t\r"])
async def test_a_scanners_own_enter_acknowledges_nothing(tmp_path: Path, suffix: str) -> None:
    terminal = FakeTerminal(answer=refused)
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        burst(app, "WRONG1" + suffix)
        await until(pilot, lambda: app.page.step.must_acknowledge)
        burst(app, "WRONG2" + suffix + " WRONG3" + suffix)
        await until(pilot, lambda: len(terminal.scans) == 3)
    assert terminal.codes == ["WRONG1", "WRONG2", " WRONG3"]


async def test_two_enters_acknowledge_once(tmp_path: Path) -> None:
    terminal = FakeTerminal(answer=refused, delay_s=0.3)
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        burst(app, "WRONG1\r")
        await until(pilot, lambda: app.page.step.must_acknowledge)
        press(app, "\r")
        await until(pilot, lambda: terminal.asked == 2)
        press(app, "\r")
        await until(pilot, lambda: not app.page.step.must_acknowledge)
    assert terminal.codes == ["WRONG1", "WHCOK"]


async def test_enter_at_other_times_does_nothing(tmp_path: Path) -> None:
    terminal = FakeTerminal()
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        press(app, "\r", " ", "\x7f", "\x1b[A", F[8])
        await until(pilot, lambda: bool(terminal.scans))
    assert terminal.codes == ["WHCSKIP"]


async def test_typed_characters_show_only_while_keying_in(tmp_path: Path) -> None:
    terminal = FakeTerminal()
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        press(app, "q", "j")
        await pilot.pause()
        assert "qj" not in text_of(app)
        press(app, "\x1b", F[2], "4", "7", "9", "\x7f", "2")
        await until(pilot, lambda: "Check digits at A07-12-3: 472_" in text_of(app))
        press(app, "\r")
        await until(pilot, lambda: bool(terminal.scans))
        await until(pilot, lambda: "SCAN THE LOCATION" in text_of(app))
    assert terminal.scans[0][:2] == ("472", Source.KEYED)


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (160, 48)], ids=str)
async def test_the_end_of_a_long_line_stays_in_sight(tmp_path: Path, size: tuple[int, int]) -> None:
    app = app_for(FakeTerminal(), tmp_path)
    async with running(app, size) as pilot:
        press(app, F[2], *("x" * 200), "y", "z")
        await until(pilot, lambda: "xxyz_" in region(app, "prompt").text)
        assert "Check" in region(app, "prompt").text


async def test_escape_leaves_keying_in(tmp_path: Path) -> None:
    terminal = FakeTerminal()
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        press(app, F[2], "4", "7")
        await until(pilot, lambda: "47_" in text_of(app))
        press(app, "\x1b")
        await until(pilot, lambda: "47_" not in text_of(app))
        press(app, "\r")
        await pilot.pause()
    assert terminal.codes == []


async def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    step = replace(steps.PACK_WEIGH, state="pin", keyed=T("PIN"), secret=True, keys=())
    terminal = FakeTerminal(step)
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        press(app, F[2], "7", "3", "9", "1")
        await until(pilot, lambda: "PIN: ****_" in text_of(app))
        assert "7391" not in text_of(app)
        press(app, "\r")
        await until(pilot, lambda: bool(terminal.scans))
    assert terminal.scans[0][:2] == ("7391", Source.KEYED)


async def test_a_scan_while_keying_in_is_a_scan_and_never_glued(tmp_path: Path) -> None:
    terminal = FakeTerminal()
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        press(app, F[2], "4", "7")
        await until(pilot, lambda: "47_" in text_of(app))
        press(app, "", "WHLA0", gap_s=1.0)
        press(app, "7123", "\r", gap_s=0.0)
        await pilot.pause()
    assert ("47WHLA07123", Source.KEYED) not in [scan[:2] for scan in terminal.scans]
    assert "47WHLA07123" not in terminal.codes


async def test_a_key_of_the_step_wins_over_key_in(tmp_path: Path) -> None:
    terminal = FakeTerminal(steps.MENU)
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        press(app, F[2])
        await until(pilot, lambda: bool(terminal.scans))
    assert terminal.codes == ["WHCPICK"]


async def test_help_opens_and_a_scan_still_works(tmp_path: Path) -> None:
    terminal = FakeTerminal(answer=counted)
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        press(app, F[1])
        await until(pilot, lambda: "TOO MANY" in text_of(app))
        press(app, F[1])
        await until(pilot, lambda: "TOO MANY" not in text_of(app))
        burst(app, "WHCHELP\r")
        await until(pilot, lambda: "TOO MANY" in text_of(app))
        burst(app, "WHL01\r")
        await until(pilot, lambda: "1: WHL01" in region(app, "band").text)
        assert "TOO MANY" not in text_of(app)
    assert terminal.codes == ["WHL01"]


async def test_practice_shows_a_hint_and_f12_scans_it(tmp_path: Path) -> None:
    terminal = FakeTerminal(steps.PICK_PRODUCT, simulated=True)
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        assert "F12 scans ]C10108712345" in text_of(app)
        press(app, F[12])
        await until(pilot, lambda: bool(terminal.scans))
    assert terminal.scans[0][:2] == (steps.PICK_PRODUCT.hint, Source.SCANNER)


async def test_f12_does_nothing_where_the_scanner_is_real(tmp_path: Path) -> None:
    terminal = FakeTerminal(steps.PICK_PRODUCT)
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        assert "F12" not in text_of(app)
        press(app, F[12], F[8])
        await until(pilot, lambda: bool(terminal.scans))
    assert terminal.codes == ["WHCSKIP"]


async def test_arrows_scroll_a_long_table(tmp_path: Path) -> None:
    app = app_for(FakeTerminal(steps.LOOKUP_ORDER), tmp_path)
    async with running(app) as pilot:
        assert "23-11 09:00" in text_of(app)
        await pilot.press("end")
        await until(pilot, lambda: "23-11 09:39" in text_of(app))
        assert "/ 40" in text_of(app)
        await pilot.press("pageup", "home")
        await until(pilot, lambda: "23-11 09:00" in text_of(app))


async def test_ctrl_c_three_times_closes_and_says_so(tmp_path: Path) -> None:
    app = app_for(FakeTerminal(), tmp_path)
    async with running(app) as pilot:
        press(app, "\x03")
        await until(pilot, lambda: "Ctrl+C 2 times more" in text_of(app))
        press(app, "\x03", gap_s=5.0)
        await pilot.pause()
        assert app.is_running
        press(app, "\x03", "\x03")
        await until(pilot, lambda: not app.is_running)
    assert app.return_code == 0


@pytest.mark.parametrize(
    "how",
    ["WHSPACK01\r", "]C0WHSPACK01\r", "pack-01\r", "\x1b[13~", "\x1bOR"],
    ids=["barcode", "aim", "typed", "vt-f3", "f3"],
)
async def test_a_station_is_chosen_by_scan_name_or_key(tmp_path: Path, how: str) -> None:
    terminal = FakeTerminal()
    app = app_for(terminal, tmp_path, code=None)
    async with running(app, begun=False) as pilot:
        await until(pilot, lambda: "Name of PACK-01" in text_of(app))
        if how.startswith("pack"):
            press(app, *how)
        else:
            burst(app, how)
        await until(pilot, lambda: app.page.step.flow == "pick")
    assert terminal.opened_as == "PACK-01"
    assert terminal.codes == []


async def test_a_station_is_chosen_from_the_list(tmp_path: Path) -> None:
    terminal = FakeTerminal()
    app = app_for(terminal, tmp_path, code=None)
    async with running(app, begun=False) as pilot:
        await until(pilot, lambda: "Name of PACK-01" in text_of(app))
        burst(app, "NOSUCH\r\n")
        await until(pilot, lambda: "There is no station NOSUCH" in text_of(app))
        press(app, "\x1b[B", "\x1b[B", "\r")
        await until(pilot, lambda: app.page.step.flow == "pick")
    assert terminal.opened_as == "SHIP-01"


async def test_an_empty_site_can_be_left(tmp_path: Path) -> None:
    app = app_for(FakeTerminal(), tmp_path, code=None, stations=())
    async with running(app, begun=False) as pilot:
        await until(pilot, lambda: "NO STATION IS SET UP YET" in text_of(app))
        press(app, "\r", F[10])
        await until(pilot, lambda: not app.is_running)


@pytest.mark.parametrize("is_open", [False, True])
async def test_the_calibration_code_tests_the_keyboard_and_is_no_scan(
    tmp_path: Path, is_open: bool
) -> None:
    terminal = FakeTerminal()
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        if is_open:
            press(app, F[2])
            await until(pilot, lambda: "Check digits" in text_of(app))
        burst(app, f"]C0{CALIBRATION}\r")
        await until(pilot, lambda: "This keyboard is right" in region(app, "band").text)
        burst(app, "".join(map(LAYOUTS["fr"].of, f"]C0{CALIBRATION}")) + "\r")
        await until(pilot, lambda: "Keyboard is French" in region(app, "band").text)
        await pilot.pause()
        assert "wedge:?layout=fr" in text_of(app)
    assert terminal.codes == []


async def test_the_calibration_code_is_known_where_the_mark_is_garbled(tmp_path: Path) -> None:
    terminal = FakeTerminal(station=station(scanner="wedge:?prefix=aim"))
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        burst(app, "".join(map(LAYOUTS["de"].of, f"]C0{CALIBRATION}")) + "\r")
        await until(pilot, lambda: "Keyboard is German" in region(app, "band").text)


async def test_a_layout_is_put_right(tmp_path: Path) -> None:
    terminal = FakeTerminal(station=station(scanner="wedge:?prefix=aim&layout=be"))
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        burst(app, "".join(map(LAYOUTS["be"].of, "]C0LOC-A01.Z")) + "\r")
        await until(pilot, lambda: bool(terminal.scans))
    assert terminal.codes == ["]C0LOC-A01.Z"]


async def test_a_scanner_that_sends_no_mark_is_said_so(tmp_path: Path) -> None:
    terminal = FakeTerminal(station=station(scanner="wedge:?prefix=aim"))
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        burst(app, "WHL01\r")
        await until(pilot, lambda: "without the mark" in region(app, "band").text)
    assert terminal.codes == []


async def test_a_scanner_without_a_suffix_is_said_so(tmp_path: Path) -> None:
    terminal = FakeTerminal()
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        burst(app, "WHL01")
        await until(pilot, lambda: "Only part of a code came" in text_of(app))
    assert terminal.codes == []


async def test_a_resize_that_settles_after_the_end_harms_nothing(tmp_path: Path) -> None:
    app = app_for(FakeTerminal(), tmp_path)
    async with running(app):
        pass
    assert app.screen_stack == []
    app._draw_all()
