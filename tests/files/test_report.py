"""The report of an import and the errors of files."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from data.files.report import FileError, Note, NoteFile, Report, cell


def test_counts_by_kind_and_passes_each_note_on():
    notes: list[Note] = []
    report = Report(notes.append)
    report.note(2, "skipped_service", "POST")
    report.note(2, "changed_name", "a: b")
    report.note(9, "skipped_service", "DOT")
    report.note(9, "kept_free_goods", "71053")
    assert report.counts == {"changed_name": 1, "kept_free_goods": 1, "skipped_service": 2}
    assert (report.skipped, report.changed) == (2, 1)
    assert notes[2] == Note(9, "skipped_service", "DOT")


def test_counts_without_a_sink():
    report = Report()
    report.note(1, "skipped_service", "POST")
    assert report.skipped == 1


def test_note_file_survives_hostile_text(tmp_path: Path):
    path = tmp_path / "notes.csv"
    hostile = ['=HYPERLINK("http://x","y")', 'a,b;c"d', "\x1b[31mred\r\n\x00", "[b]@x[/b]"]
    with NoteFile(path) as sink:
        report = Report(sink)
        for number, text in enumerate(hostile):
            report.note(number, "skipped_x", text)
    raw = path.read_bytes()
    assert b"\x1b" not in raw
    assert b"\r" not in raw
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["line", "kind", "what"]
    assert rows[1] == ["0", "skipped_x", "'" + hostile[0]]
    assert rows[2] == ["1", "skipped_x", hostile[1]]
    assert rows[3][2] == r"\x1b[31mred\r\n\x00"
    assert len(rows) == 5


@pytest.mark.parametrize("text", ["=1+1", "+31", "-2", "@SUM(A1)", " =1", "＝1", "\t=1"])
def test_no_cell_is_a_formula(text: str):
    assert cell(text)[0] in "'\\"


def test_direction_overrides_are_written_as_escapes():
    assert cell("abc\u202etxt.exe") == r"abc\u202etxt.exe"
    assert cell("Ørsted 佐藤 כהן") == "Ørsted 佐藤 כהן"


def test_error_names_everything():
    error = FileError(Path("o.csv"), 7, "Quantity", "a whole number", "'six'", number=4)
    assert str(error) == (
        "o.csv, line 7, column 4 (Quantity): expected a whole number, got 'six'. "
        "Correct the file and import it again."
    )
    assert (error.line, error.column, error.number) == (7, "Quantity", 4)


def test_error_of_a_whole_file_has_no_line():
    error = FileError(Path("o.csv"), 0, "", "a readable file", "none", advice="Check the path.")
    assert str(error) == "o.csv: expected a readable file, got none. Check the path."
