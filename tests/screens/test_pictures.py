"""What is on the screen, in every flow and at every size."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from rich.cells import cell_len

from screens.bigtext import big
from screens.clean import clean
from tests.screens import steps
from tests.screens.fakes import FakeTerminal, app_for, region, running, text_of, until
from wms_terminal.app import WmsApp
from wms_terminal.domain.outcome import Message, Outcome
from wms_terminal.domain.text import T
from wms_terminal.services.step import Goods, Key, Step, Table, View

SIZES = [(40, 12), (80, 24), (160, 48)]

HOSTILE = [
    "[/foo]",
    "[red]x[/red]",
    "[@click=app.quit]x",
    "\x1b[2J\x1b[31mX\x1b]0;title\x07",
    "two\nlines\r\nand\ttabs",
    "\u202egnol\u2066 x\u200b y\u2069",
    "x" * 10_000,
    "Z" + "\u0301" * 500,
    "漢字かな交じり文" * 30,
    "\ud800 lone",
    "{name} %s \\",
    "",
    "\U0001f4a9\ufe0f\u200d\U0001f9e8",
]


def _fits(app_text: str, width: int, height: int) -> None:
    lines = app_text.split("\n")
    assert len(lines) == height
    assert {cell_len(line) for line in lines} == {width}


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", steps.ALL)
async def test_every_step_shows_what_matters(
    tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    step = steps.ALL[name]
    app = app_for(FakeTerminal(step), tmp_path)
    async with running(app, size) as pilot:
        await pilot.pause()
        text = text_of(app)
        _fits(text, *size)
        assert text.startswith(" PICK-03")
        prompt = region(app, "prompt")
        shown = prompt.text if size[0] < 160 else str(step.prompt)
        assert shown.replace("\n  ", "").strip(" >\n") == str(step.prompt)
        assert any(line.spans for line in prompt._lines) or size[0] < 160
        middle = region(app, "middle")
        if step.view.place and not step.must_acknowledge and step.view.table is None:
            letters = big(str(step.view.place), size[0], 5, "bold") is not None
            assert letters or str(step.view.place) in middle.text
            if step.view.goods is None or name.startswith("pick"):
                assert middle.text.count("\n") >= 4
        if step.view.goods is not None and not step.must_acknowledge and size[0] < 160:
            assert step.view.goods.name[:20] in " ".join(middle.text.split())
        if step.message is not None:
            band = " ".join(region(app, "band").text.split())
            assert str(step.message.text)[:20] in band
        keys = region(app, "keys").text
        assert keys.strip()
        assert text.split("\n")[-1 if size[1] < 40 else -2].strip() == keys.strip()
        for item in () if step.must_acknowledge else step.keys:
            assert str(item.number) in keys
            assert str(item.label)[:3] in keys


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_refusal_says_what_was_expected_what_came_and_what_to_do(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    app = app_for(FakeTerminal(steps.REFUSED), tmp_path)
    async with running(app, size) as pilot:
        await pilot.pause()
        middle = region(app, "middle")
        text = " ".join(middle.text.split())
        assert "XXX" in text
        assert "EXPECTED" in text
        assert "WHITE HANGING HEART T-LIGHT" in text
        assert "GOT" in text
        assert "RED HANGING HEART" in text
        assert "Put it back where it was" in text
        assert middle.has_class("-refusal")
        assert "Enter" in region(app, "keys").text


@pytest.mark.parametrize(
    "size", [(20, 8), (30, 10), (60, 18), (80, 22), (100, 30), (200, 60)], ids=str
)
@pytest.mark.parametrize("name", ["pick", "menu", "refused", "ship_load", "lookup_order"])
async def test_odd_sizes_are_drawn_too(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    app = app_for(FakeTerminal(steps.ALL[name]), tmp_path)
    async with running(app, size) as pilot:
        await pilot.pause()
        _fits(text_of(app), *size)


def _has_size(app: WmsApp, size: tuple[int, int]) -> bool:
    """Drawn anew, the regions too."""
    lines = text_of(app).split("\n")
    widths = {len(line) for line in lines}
    return (max(widths), len(lines)) == size and "Menu" in "".join(lines[-2:])


async def test_resizing_keeps_the_essentials(tmp_path: Path) -> None:
    app = app_for(FakeTerminal(), tmp_path)
    async with running(app) as pilot:
        for size in (*SIZES, *reversed(SIZES)):
            await pilot.resize_terminal(*size)
            await until(pilot, partial(_has_size, app, size))
            assert "LANTERN" in text_of(app) or size[0] == 160
            _fits(text_of(app), *size)


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_names_are_data(tmp_path: Path, hostile: str, size: tuple[int, int]) -> None:
    view = View(
        title=T("{x}", x=hostile),
        place_label=T("{x}", x=hostile),
        place=hostile,
        goods_label=T("TAKE"),
        goods=Goods(hostile, hostile, 3, 1, T("{x}", x=hostile), hostile),
        into_label=T("INTO"),
        into=hostile,
        facts=((T("{x}", x=hostile), hostile),),
        table=Table((T("{x}", x=hostile), T("b")), ((hostile, T("{x}", x=hostile)),)),
        progress=(1, 3),
    )
    message = Message(
        Outcome.WRONG, "x", T("{x}", x=hostile), hostile, T("{x}", x=hostile), T("{x}", x=hostile)
    )
    base = Step(
        hostile, hostile, "", "pick", "x", T("{x}", x=hostile), view,
        (Key(4, "X", T("{x}", x=hostile)),), message, keyed=T("{x}", x=hostile), hint=hostile,
    )  # fmt: skip
    terminal = FakeTerminal(base, simulated=True)
    app = app_for(terminal, tmp_path)
    async with running(app, size) as pilot:
        for flow in ("pick", "pack", "ship", "menu", "lookup", "sign_in", "unheard-of"):
            for table in (view.table, None):
                for refused in (False, True):
                    step = replace(
                        base, flow=flow, view=replace(view, table=table), must_acknowledge=refused
                    )
                    assert app._controls is not None
                    app._controls.show(step)
                    await pilot.pause()
                    text = text_of(app)
                    assert len(text.split("\n")) == size[1]
                    assert not any(char in text for char in "\x1b\x07\u202e\u2066\u200b\ud800")
        assert app.is_running


def test_clean_leaves_plain_names_alone() -> None:
    assert clean("Café “Zoë” naïve × Ł ß 漢字") == "Café “Zoë” naïve × Ł ß 漢字"
    assert clean("a\x1db\x00c") == "a b·c"
    assert len(clean("x" * 10_000)) <= 500


def test_big_letters_grow_with_the_room_and_give_up_in_time() -> None:
    assert big("A07-12-3", 30, 5) is None
    small = big("A07-12-3", 60, 5)
    large = big("A07-12-3", 160, 10)
    assert small is not None
    assert large is not None
    assert (len(small), len(large)) == (5, 10)
    assert len(large[0]) > len(small[0])
    assert big("ŁÓDŹ", 200, 10) is None
    assert big("", 200, 10) is None


async def test_dutch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = {"SCAN THE LOCATION": "SCAN DE LOCATIE", "Help": "Hulp", "GO TO": "GA NAAR"}
    monkeypatch.setattr(
        "screens.speech.translator", lambda language: lambda text: words.get(text, text)
    )
    app = app_for(FakeTerminal(replace(steps.PICK, language="nl-test")), tmp_path)
    async with running(app) as pilot:
        await pilot.pause()
        text = text_of(app)
        assert "SCAN DE LOCATIE" in text
        assert "Hulp" in text
        assert "GA NAAR" in text
        assert "SCAN THE LOCATION" not in text


async def test_a_translation_with_a_wrong_field_falls_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {"Check digits at {location}": "Controlegetal op {lokatie}"}
    monkeypatch.setattr(
        "screens.speech.translator", lambda language: lambda text: words.get(text, text)
    )
    app = app_for(FakeTerminal(replace(steps.PICK, language="nl-broken")), tmp_path)
    async with running(app) as pilot:
        await pilot.press("f2")
        await until(pilot, lambda: "Check digits at A07-12-3" in text_of(app))


async def test_what_is_said_after_the_end_does_no_harm(tmp_path: Path) -> None:
    app = app_for(FakeTerminal(), tmp_path)
    async with running(app):
        pass
    app.page.note(T("Paper out"))
    app.page.show(steps.MENU)
