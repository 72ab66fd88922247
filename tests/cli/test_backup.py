"""`wms-terminal backup`, and the way back from it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from data import backup as backups
from data import doctor, open_store
from data.sqlite import Sqlite
from tests.cli.conftest import Run, dump
from tests.stores import url_of

ROOT = Path(__file__).parents[2]

WRITES = """
import sys
from data import open_store
store = open_store(sys.argv[1], "writer")
while True:
    with store.write() as tx:
        number = tx.site.next_number(sys.argv[2])
    print(number, flush=True)
"""


def test_a_backup_is_the_store(run: Run, url: str, tmp_path: Path) -> None:
    result = run("backup", "copy.db")
    assert result.exit_code == 0, result.output
    assert "copied to copy.db and the copy is sound" in result.stdout
    assert "ordered" in result.stdout
    assert dump(url_of(tmp_path / "copy.db")) == dump(url)
    names = {path.name for path in tmp_path.iterdir()}
    gate = {"wms.db-gate", "wms.db-gate-line"}
    assert names <= {"copy.db", "wms.db", *gate, "copy.db-wal", "copy.db-shm"}


def test_a_file_that_is_there_is_never_overwritten(run: Run, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("precious")
    (tmp_path / "link.db").symlink_to(tmp_path / "nowhere")
    for name in ("copy.db", "link.db"):
        result = run("backup", name)
        assert result.exit_code == 1
        assert "is there already" in result.stderr
    assert (tmp_path / "copy.db").read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_that_is_missing_is_named(run: Run) -> None:
    result = run("backup", "nowhere/copy.db")
    assert result.exit_code == 1
    assert "nowhere" in result.stderr


@pytest.mark.parametrize("store", ["postgresql://host/wms", "sqlite:///none.db"])
def test_only_a_store_in_a_file_is_copied(run: Run, tmp_path: Path, store: str) -> None:
    result = run("backup", "copy.db", store=store)
    assert result.exit_code == 2
    assert ("pg_dump" if store.startswith("postgresql") else "found nothing") in result.stderr
    assert not (tmp_path / "copy.db").exists()


def test_a_copy_that_is_damaged_gets_no_name(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sqlite, "damage", lambda self: ["page 7 is torn"])
    result = run("backup", "copy.db")
    assert result.exit_code == 1
    assert "page 7 is torn" in result.stderr
    assert not list(tmp_path.glob("*copy*"))
    assert not list(tmp_path.glob(".wms-backup-*"))


def test_a_copy_with_other_totals_gets_no_name(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sums = iter([{"ordered": 12}, {"ordered": 11}])
    monkeypatch.setattr(backups, "totals", lambda tx: next(sums))
    result = run("backup", "copy.db")
    assert result.exit_code == 1
    assert "12" in result.stderr
    assert not list(tmp_path.glob("*copy*"))


def test_a_backup_under_load_is_restored_with_all_that_was_answered_before_it(
    run: Run, url: str, tmp_path: Path
) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITES, url, f"w{number}"],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for number in range(3)
    ]
    try:
        answered = {}
        for number, writer in enumerate(writers):
            assert writer.stdout is not None
            for _ in range(20):
                answered[f"w{number}"] = int(writer.stdout.readline())
        result = run("backup", "copy.db")
        assert result.exit_code == 0, result.output
        assert all(writer.poll() is None for writer in writers)
    finally:
        for writer in writers:
            writer.kill()
            writer.communicate()
    (tmp_path / "restored").mkdir()
    restored = tmp_path / "restored" / "wms.db"
    shutil.copy(tmp_path / "copy.db", restored)
    with closing(open_store(url_of(restored))) as store:
        with store.read() as tx:
            assert doctor.examine(tx) == []
        with store.write() as tx:
            for name, number in answered.items():
                assert tx.site.next_number(name) > number
    assert run("doctor", store=url_of(restored)).exit_code == 0


def test_a_damaged_store_is_restored_as_the_documentation_says(
    run: Run, url: str, tmp_path: Path
) -> None:
    before = dump(url)
    assert run("backup", "copy.db").exit_code == 0
    with subprocess.Popen(
        [sys.executable, "-c", WRITES, url, "late"], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        # Killed, so that the log of what is damaged now stays beside it.
        writer.kill()
    os.truncate(tmp_path / "wms.db", 40 * 4096)
    assert run("doctor").exit_code == 2
    assert (tmp_path / "wms.db-wal").stat().st_size

    for step in documented_steps():
        here = step.replace("/var/lib/wms/", f"{tmp_path}/")
        here = here.replace("/backup/wms-2026-03-03.db", f"{tmp_path}/copy.db")
        here = here.replace("wms-terminal ", f"{sys.executable} -m wms_terminal ")
        subprocess.run(["sh", "-ec", here], check=True, cwd=ROOT, capture_output=True)
    assert dump(url) == before
    assert (tmp_path / "before" / "wms.db-wal").exists()


def documented_steps() -> list[str]:
    """The commands of docs/backup.md that restore, but for who owns the file."""
    text = (ROOT / "docs" / "backup.md").read_text()
    section = text.partition("## Restore")[2].partition("\n## ")[0]
    blocks = section.split("```")[1::2]
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("chown")]
