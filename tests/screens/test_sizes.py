"""Every flow on every size of screen, from a wrist to a wall, and keys that nothing reacts to."""

from __future__ import annotations

import string
from functools import partial
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

from screens.bigtext import big
from tests.screens import steps
from tests.screens.fakes import (
    FakeTerminal,
    app_for,
    burst,
    counted,
    region,
    running,
    text_of,
    until,
)
from wms_terminal.app import WmsApp
from wms_terminal.domain.outcome import WORDS
from wms_terminal.services.step import Step

TINY = [(20, 16), (21, 8)]
SIZES = [*TINY, (40, 12), (80, 24), (160, 48)]


def _show(app: WmsApp, step: Step) -> None:
    assert app._controls is not None
    app._controls.show(step)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _says(app: WmsApp, name: str, wanted: str, height: int = 5) -> bool:
    """Whether a region says something, in plain letters or in big ones."""
    drawn = region(app, name)
    if wanted in _flat(drawn.text):
        return True
    letters = big(wanted, drawn.size.width, height)
    return letters is not None and drawn.size.height >= height


def _is_big(app: WmsApp, step: Step, name: str) -> bool:
    """Whether the number stands in big letters beside the name."""
    drawn, goods = region(app, "middle"), step.view.goods
    assert goods is not None
    number = big(f"{goods.quantity}×", drawn.size.width // 3, 5)
    return number is not None and drawn.size.height >= 5 and name in _flat(drawn.text)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_essentials_are_there_at_every_size(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    app = app_for(FakeTerminal(), tmp_path)
    async with running(app, size) as pilot:
        for name, step in steps.ALL.items():
            _show(app, step)
            await pilot.pause()
            lines = text_of(app).split("\n")
            assert len(lines) == size[1]
            assert {cell_len(line) for line in lines} == {size[0]}
            prompt, whole = _flat(region(app, "prompt").text).removeprefix("> "), str(step.prompt)
            assert prompt[:12] == whole[:12] or _says(app, "prompt", whole), name
            assert len(prompt) == len(whole) or size == (21, 8) or size[0] == 160, name
            assert "PICK-03" in region(app, "top").text, name
            if step.message is not None:
                assert _says(app, "band", str(WORDS[step.message.outcome])), name
            if step.must_acknowledge:
                assert "Enter" in region(app, "keys").text
                assert (
                    "A07-12-" in region(app, "middle").text
                    or name != "refused_place"
                    or (size[0] >= 80)
                )
                continue
            for item in step.keys:
                assert str(item.number) in region(app, "keys").text, name
            view = step.view
            if view.place and view.table is None:
                assert _says(app, "middle", str(view.place)), name
            if view.goods is not None and view.table is None:
                count = f"{view.goods.done}/" if view.goods.done else ""
                middle = _flat(region(app, "middle").text)
                # The lot is worth more than the end of a name.
                name_shown = view.goods.name[: 3 if view.goods.lot else 8]
                plain = f"{count}{view.goods.quantity} × {name_shown}"
                assert plain in middle or size[0] >= 64 or _is_big(app, step, name_shown), name
            if view.table is not None and size[1] > 8:
                assert str(view.table.rows[0][0])[:4] in region(app, "middle").text, name


async def test_a_handheld_shows_all_that_a_picker_needs(tmp_path: Path) -> None:
    app = app_for(FakeTerminal(steps.PICK_PRODUCT), tmp_path)
    async with running(app, (40, 12)) as pilot:
        await pilot.pause()
        text = _flat(text_of(app))
    for needed in (
        "PICK-03 · Anna de Vries",
        "order 536847",
        "5/12 × WHITE HANGING HEART T-",
        "L2024-05",
        "INTO T-0142",
        "SCAN THE NEXT ONE, OR THE TOTE",
        "√ OK",
        *("1Help", "2Key in", "4Short", "8Skip", "9Undo", "10Menu"),
    ):
        assert needed in text


async def test_a_wrist_offers_every_kind_of_work_and_every_reason(tmp_path: Path) -> None:
    app = app_for(FakeTerminal(steps.MENU), tmp_path)
    async with running(app, (21, 8)) as pilot:
        await pilot.pause()
        middle = region(app, "middle").text
        for item in steps.MENU.keys:
            assert f"F{item.number}" in middle
        _show(app, steps.PICK_REASON)
        await pilot.pause()
        seen = set()
        for _ in range(8):
            seen |= {line.split()[0] for line in region(app, "middle").text.split("\n")}
            app.page.move(1)
            await pilot.pause()
        assert steps.PICK_REASON.view.table is not None
        assert seen == {str(row[0]) for row in steps.PICK_REASON.view.table.rows}


def _drawn(app: WmsApp, size: tuple[int, int], last: str) -> bool:
    lines = text_of(app).split("\n")
    return (len(lines[0]), len(lines)) == size and last in _flat(region(app, "band").text)


async def test_resizing_between_scans_loses_none(tmp_path: Path) -> None:
    terminal = FakeTerminal(answer=counted)
    app = app_for(terminal, tmp_path)
    codes = [f"CODE{number:03}" for number in range(60)]
    async with running(app) as pilot:
        for number, code in enumerate(codes):
            burst(app, f"{code}\r")
            if number % 6 == 0:
                await pilot.resize_terminal(*SIZES[number // 6 % len(SIZES)])
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: len(terminal.scans) == len(codes))
        await until(pilot, partial(_drawn, app, (80, 24), "60: CODE059"))
    assert terminal.codes == codes


async def test_no_key_is_bound_to_anything(tmp_path: Path) -> None:
    app = app_for(FakeTerminal(), tmp_path)
    async with running(app):
        for node in (app, app.screen, *app.screen.walk_children()):
            assert not node._bindings.key_to_bindings, node
        assert not app.ENABLE_COMMAND_PALETTE
        assert app.focused is None


async def test_no_key_that_a_terminal_knows_opens_or_ends_anything(tmp_path: Path) -> None:
    terminal = FakeTerminal(answer=counted)
    app = app_for(terminal, tmp_path)
    controls = "".join(map(chr, range(32)))
    sequences = [key for key in ANSI_SEQUENCES_KEYS if key.startswith("\x1b")]
    async with running(app) as pilot:
        for number, sequence in enumerate((*controls, *sequences, *string.printable)):
            burst(app, f"A{sequence}B")
            if number % 25 == 0:
                await pilot.pause()
        burst(app, "\r")
        await pilot.pause()
        burst(app, "GOOD\r")
        await until(pilot, lambda: "GOOD" in "".join(terminal.codes[-1:]))
        assert app.is_running
        assert len(app.screen_stack) == 1
