"""A list to choose from: arrows mark a row, Enter takes it, once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from screens import palette
from tests.screens import steps
from tests.screens.fakes import FakeTerminal, app_for, press, running, text_of, until
from wms_terminal.app import WmsApp
from wms_terminal.domain.scan import Source
from wms_terminal.services.step import Step

DOWN, ESCAPE = "\x1b[B", "\x1b"


def marked(app: WmsApp) -> str:
    """The row that is marked."""
    page = app.page.get_child_by_id("middle")
    lines = page._lines  # type: ignore[attr-defined]
    found = [str(line) for line in lines if any(s.style == palette.CHOSEN for s in line.spans)]
    assert len(found) == 1
    return found[0]


def listed(terminal: FakeTerminal, raw: str) -> Step:
    """The terminal answers with the list again."""
    return steps.SERVICE_LIST


async def shown(app: WmsApp) -> None:
    """The list is on the screen."""
    assert app._controls is not None
    app._controls.show(steps.SERVICE_LIST)


async def test_arrows_mark_a_row_and_enter_takes_it(tmp_path: Path) -> None:
    terminal = FakeTerminal(answer=listed)
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        await shown(app)
        await pilot.pause()
        assert "536847" in marked(app)
        press(app, DOWN)
        await until(pilot, lambda: "536848" in marked(app))
        press(app, "\r")
        await until(pilot, lambda: len(terminal.scans) == 1)
        await pilot.pause()
    assert terminal.codes == ["2"]
    assert {source for _, source, _ in terminal.scans} == {Source.KEYED}


async def test_a_second_enter_waits_for_the_answer(tmp_path: Path) -> None:
    terminal = FakeTerminal(answer=listed)
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        await shown(app)
        assert app._controls is not None
        app._controls._take()
        app._controls._take()
        await until(pilot, lambda: len(terminal.scans) == 1)
        await pilot.pause()
        assert terminal.codes == ["1"]
        press(app, "\r")
        await until(pilot, lambda: len(terminal.scans) == 2)


async def test_escape_takes_nothing_and_neither_does_enter_elsewhere(tmp_path: Path) -> None:
    terminal = FakeTerminal(answer=listed)
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        await shown(app)
        press(app, ESCAPE)
        await pilot.pause()
        assert app._controls is not None
        app._controls.show(replace(steps.LOOKUP_ORDER))
        press(app, "\r")
        await pilot.pause(0.5)
        assert terminal.codes == []
        app._controls.show(steps.SERVICE_ORDER)
        await pilot.pause()
        assert "NOT TOLD: shipping mail to customer" in text_of(app)
