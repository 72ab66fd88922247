"""`make demo` without a terminal: a whole day, and the story of one order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from wms_terminal.cli import cli


@pytest.mark.slow
def test_the_day_and_its_story(tmp_path: Path) -> None:
    folder = tmp_path / "a b%3F"
    folder.mkdir()
    mine = folder / "labels" / "my-own-label.png"
    mine.parent.mkdir()
    mine.write_text("mine")
    words = [sys.executable, "-m", "wms_terminal", "demo", "--folder", str(folder)]
    told = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert told.returncode == 0, told.stderr
    assert mine.exists()
    text = told.stdout.decode()
    assert b"Products ..." in told.stderr
    assert text.startswith("\nThe story of order 56")
    story = [
        r"\d\d:\d\d:\d\d  Received from web",
        r"Released to the floor: \d+ lines  \(Picker \d, SIM-PICK-0\d\)",
        r"Picking begins",
        r"Picked: T-\d+ at STAGE",
        r"Packing begins  \(Packer \d, SIM-PACK-0\d\)",
        r"Parcel 1 is packed: \d+ g",
        r"Parcel 1 is labelled: \d{18}  \(Packer \d",
        r"Loaded on manifest M-.*\(Shipper 1, SIM-SHIP-01\)",
        r"left with ",
    ]
    assert re.search(".*".join(story), text, re.DOTALL), text
    papers = dict(re.findall(r"(label|slip) of parcel 1: (.+)", text))
    assert set(papers) == {"label", "slip"}
    assert Path(papers["slip"]).read_bytes().startswith(b"%PDF")
    assert Path(papers["label"]).stat().st_size > 100
    assert "40 orders picked, 40 packed" in text
    assert text.endswith("Doctor: the store is healthy.\n")

    again = subprocess.run(
        [*words, "--keep"], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert again.returncode == 0
    assert b"Products ..." not in again.stderr
    assert re.search(r"^0 orders picked", again.stdout.decode(), re.MULTILINE)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "x", Path(os.devnull) / "x"):
        result = CliRunner().invoke(cli, ["demo", "--folder", str(folder)])
        assert result.exit_code == 2
        assert isinstance(result.exception, SystemExit)
