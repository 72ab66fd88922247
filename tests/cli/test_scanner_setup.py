from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run
from tests.devices.documents import words
from wms_terminal.texts import translator


def test_the_sheets_are_written_also_where_there_is_no_site_yet(run: Run, tmp_path: Path) -> None:
    none = f"sqlite:///{tmp_path / 'none.db'}"
    result = run("labels", "scanner-setup", store=none)
    assert result.exit_code == 0, result.output
    assert "Zebra" in "".join(words((tmp_path / "scanner-setup.pdf").read_bytes()))
    assert not (tmp_path / "none.db").exists()


def test_the_sheets_speak_the_language_that_is_asked_for(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.pdf"
    for language in ("en", "nl"):
        assert run("labels", "scanner-setup", "--language", language, "--out", out).exit_code == 0
        title = translator(language)("Scanner check page")
        assert title in words(out.read_bytes())[0]
    assert run("labels", "scanner-setup", "--out", out).exit_code == 0


def test_sheets_that_cannot_be_written_are_exit_code_2(run: Run) -> None:
    result = run("labels", "scanner-setup", "--out", "/missing/folder/out.pdf")
    assert result.exit_code == 2
    assert "Cannot write /missing/folder/out.pdf" in result.output
