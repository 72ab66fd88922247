"""Colours, contrast and characters: readable on every terminal, and never colour alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.style import Style

from screens import palette
from screens.base import STYLES
from screens.charset import Charset, charset, spell
from screens.speech import speaker
from screens.widgets import CLASSES
from tests.screens import steps
from tests.screens.cells import Palette, cells, console, contrast, eight_bit, truecolor
from tests.screens.fakes import FakeTerminal, app_for, region, running, text_of
from wms_terminal.app import TICK_S, WmsApp
from wms_terminal.domain.outcome import GLYPHS, WORDS, Message, Outcome
from wms_terminal.domain.text import T
from wms_terminal.services.step import Goods, Step

READABLE, FAR = 4.5, 7.0
"""WCAG 2.2, 1.4.3 and 1.4.6: the least for text, and for what is read from two metres."""
SIZES = [(20, 16), (80, 24), (160, 48)]
SYSTEMS: dict[str, Palette] = {"truecolor": truecolor, "256": eight_bit, "standard": console}
NAMES = "Łódź 漢字 “naïve” – 5 × 3 √2 … Zoë 💩"


@pytest.fixture(params=SYSTEMS)
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Palette:
    """A terminal's colours; the application is started on such a terminal."""
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", request.param)
    return SYSTEMS[request.param]


def _outcomes() -> Iterator[Step]:
    for outcome in Outcome:
        message = Message(outcome, "x", T("What happened"), "A1", "B2", T("What to do"))
        yield replace(steps.PICK, message=message, must_acknowledge=outcome.is_refusal)
        yield replace(steps.PICK, message=message)


def _show(app: WmsApp, step: Step) -> None:
    assert app._controls is not None
    app._controls.show(step)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_all_text_is_readable_and_what_is_read_from_afar_is_so_from_afar(
    tmp_path: Path, system: Palette, size: tuple[int, int]
) -> None:
    app = app_for(FakeTerminal(), tmp_path)
    async with running(app, size) as pilot:
        for step in (*steps.ALL.values(), *_outcomes()):
            _show(app, step)
            for trouble, helping, typed in (("", False, None), ("Paper out", True, "12")):
                app.page.note(trouble)
                app.page.help(helping)
                app.page.key_in(typed, step.keyed)
                await pilot.pause()
                drawn = [cell for cell in cells(app, system) if cell.char != " "]
                assert not [cell for cell in drawn if cell.contrast < READABLE], step.state
                assert not any(cell.blinks for cell in drawn)
                far = [cell for cell in cells(app, system, "prompt") if cell.char != " "]
                if step.must_acknowledge and not helping:
                    far += [cell for cell in cells(app, system, "middle") if cell.char != " "]
                assert not [cell for cell in far if cell.contrast < FAR], step.state
                app.page.key_in(None)


@pytest.mark.parametrize("system", SYSTEMS)
def test_big_letters_and_the_word_of_an_outcome_are_read_from_afar(system: str) -> None:
    colours = SYSTEMS[system]
    black = colours(Style.parse(palette.PANEL))[1]
    for letters in (palette.PLACE, palette.QUANTITY, palette.ALARM):
        assert contrast(colours(Style.parse(letters))[1], black) >= FAR, letters
    # Letters of five rows are large text, for which 4.5 is the higher of the two levels.
    assert contrast(colours(Style.parse(palette.INTO))[1], black) >= READABLE
    assert contrast(*colours(Style.parse(palette.WORD))) >= FAR
    done, left = (colours(Style.parse(bar))[1] for bar in (palette.BAR_DONE, palette.BAR_LEFT))
    # Neighbours in a bar, WCAG 2.2, 1.4.11; its numbers stand beside it.
    assert contrast(done, left) >= 3


async def test_kinds_of_outcomes_differ_in_colour(tmp_path: Path, system: Palette) -> None:
    app = app_for(FakeTerminal(), tmp_path)
    papers: dict[str, object] = {}
    async with running(app) as pilot:
        for outcome in Outcome:
            _show(app, replace(steps.PICK, message=Message(outcome, "x", T("What happened"))))
            await pilot.pause()
            papers[CLASSES[outcome]] = [cell.paper for cell in cells(app, system, "band")][-1]
        papers["prompt"] = [cell.paper for cell in cells(app, system, "prompt")][-1]
    assert len(set(papers.values())) == len(papers)


@pytest.mark.parametrize("known", Charset)
def test_every_outcome_has_a_word_and_a_glyph_of_its_own_on_every_terminal(known: Charset) -> None:
    for language in ("en", "nl"):
        say = speaker(language, known)
        for texts in (WORDS.values(), GLYPHS.values()):
            said = [say(text) for text in texts]
            assert all(said)
            assert len(set(said)) == len(Outcome)


@pytest.mark.parametrize(("term", "encoding", "known"), [
    ("linux", "utf-8", Charset.CONSOLE),
    ("linux-16color", "UTF-8", Charset.CONSOLE),
    ("xterm-256color", "utf-8", Charset.UNICODE),
    ("screen", "utf8", Charset.UNICODE),
    ("tmux-256color", "utf-8", Charset.UNICODE),
    ("vt220", "utf-8", Charset.ASCII),
    ("xterm", "iso8859-1", Charset.ASCII),
])  # fmt: skip
def test_the_terminal_says_what_it_can_draw(term: str, encoding: str, known: Charset) -> None:
    assert charset(term, encoding) is known


def test_names_are_spelled_with_what_there_is() -> None:
    assert spell(NAMES, Charset.UNICODE) == NAMES
    assert spell("Łódź “naïve” – 5 × √ … ■", Charset.CONSOLE) == 'Lódz "naïve" - 5 × v .. ■'
    assert spell("Łódź “naïve” – 5 × √ … ■", Charset.ASCII) == 'Lodz "naive" - 5 x v .. #'
    assert spell("漢字", Charset.CONSOLE) == "HanZi"


@pytest.mark.parametrize("known", [Charset.CONSOLE, Charset.ASCII])
@pytest.mark.parametrize("size", [(20, 16), (80, 24), (160, 48)], ids=str)
async def test_nothing_is_drawn_that_the_terminal_cannot_draw(
    tmp_path: Path, known: Charset, size: tuple[int, int]
) -> None:
    allowed = {chr(code) for code in range(0x20, 0x7F)}
    if known is Charset.CONSOLE:
        allowed |= {chr(code) for code in range(0xA1, 0x100)} | {"■"}
    app = app_for(FakeTerminal(simulated=True), tmp_path, known=known)
    named = Goods(NAMES, NAMES, 3, 1, T("{x}", x=NAMES), NAMES)
    named_step = replace(
        steps.PICK,
        operator=NAMES,
        view=replace(steps.PICK.view, goods=named, into=NAMES),
        keyed=T("{x}", x=NAMES),
        hint=NAMES,
    )
    async with running(app, size) as pilot:
        for step in (*steps.ALL.values(), *_outcomes(), named_step):
            _show(app, step)
            for helping in (False, True):
                app.page.help(helping)
                await pilot.pause()
                assert not set(text_of(app).replace("\n", "")) - allowed
        app.page.key_in(NAMES, named_step.keyed)
        await pilot.pause()
        assert not set(text_of(app).replace("\n", "")) - allowed
        assert "dz" in region(app, "top").text or size[0] == 20


def test_nothing_moves_by_itself_faster_than_three_times_a_second() -> None:
    assert TICK_S >= 1 / 3
    styles = STYLES.read_text()
    assert "blink" not in styles
    assert "transition" not in styles
