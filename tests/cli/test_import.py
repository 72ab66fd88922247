from __future__ import annotations

import csv
import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from data import open_store
from tests.cli.conftest import Program, Run, dump
from tests.world import LANTERN, MUG
from wms_terminal.demo_day import order_book

ORDERS = (
    "channel,reference,placed_at,name,city,country,sku,quantity\n"
    "web,9001,2026-03-03T09:30:00Z,Anna,Amsterdam,NL,{first},2\n"
    "web,9002,2026-03-03T09:31:00Z,Zoë,Utrecht,NL,{second},1\n"
)
FILES = {
    "orders.csv": ORDERS.format(first=LANTERN, second=MUG),
    "orders.json": '{"channel": "web", "reference": "9003", "placed_at": "2026-03-03T09:30:00Z", '
    '"customer": {"name": "Anna", "country": "NL"}, '
    f'"lines": [{{"sku": "{LANTERN}", "quantity": 1}}]}}\n',
    "products.csv": "sku,name\nNEW-1,NEW THING\n",
    "locations.csv": "code,kind\nA09-01-1,pick\n",
    "stock.csv": f"location,sku,quantity\nA01-01-1,{LANTERN},33\n",
}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", FILES)
def test_the_same_file_twice_changes_nothing(run: Run, url: str, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(FILES[name], encoding="utf-8")
    kind, _, form = name.partition(".")
    before = dump(url)
    first = run("import", kind, path, "--format", form)
    assert first.exit_code == 0, first.output
    assert "added" in first.stdout
    between = dump(url)
    assert between != before
    second = run("import", kind, path, "--format", form)
    assert second.exit_code == 0
    assert "unchanged" in second.stdout
    assert "added" not in second.stdout
    assert dump(url) == between


def test_stdout_is_data_and_stderr_is_progress(program: Program, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(FILES["orders.csv"], encoding="utf-8")
    told = program("import", "orders", "orders.csv")
    assert told.stdout == b"        2  added\n"
    assert b"checking" in told.stderr
    assert b"importing" in told.stderr


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (FILES["orders.csv"].replace(",2\n", ",two\n"), "line 2, column 8 (quantity)"),
        (FILES["orders.csv"] + "web,9003\n", "line 4, column 3 (placed_at)"),
        ("", "line 1"),
        ("\0\x01\x02", "line 1"),
        ('"never closed', "line 1"),
    ],
)
def test_a_broken_file_changes_nothing(
    run: Run, url: str, tmp_path: Path, content: str, place: str
) -> None:
    path = tmp_path / "broken.csv"
    path.write_text(content, encoding="utf-8")
    before = dump(url)
    result = run("import", "orders", path)
    assert result.exit_code == 1
    assert f"broken.csv, {place}" in result.stderr
    assert result.stdout == ""
    assert dump(url) == before
    assert not list(tmp_path.glob("*report*"))


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\x80" * 99, gzip.compress(b"channel\n" * 99, mtime=0)[:-9]],
    ids=["no text", "cut gzip"],
)
def test_binary_garbage_changes_nothing(run: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "garbage.csv"
    path.write_bytes(content)
    for form in ("csv", "json", "online-retail"):
        result = run("import", "orders", path, "--format", form)
        assert result.exit_code == 1
        assert "garbage.csv" in result.stderr
        assert isinstance(result.exception, SystemExit)


def test_orders_before_their_products_are_listed(run: Run, url: str, tmp_path: Path) -> None:
    path = tmp_path / "early.csv"
    path.write_text(ORDERS.format(first="UNHEARD-1", second=MUG), encoding="utf-8")
    result = run("import", "orders", path)
    assert result.exit_code == 0
    assert "1  added" in result.stdout
    assert "1  skipped unknown product" in result.stdout
    assert "early-orders-import-report.csv" in result.stdout
    (row,) = rows(tmp_path / "early-orders-import-report.csv")
    assert row["kind"] == "skipped_unknown_product"
    assert row["what"] == "9001: UNHEARD-1"
    products = tmp_path / "products.csv"
    products.write_text("sku,name\nUNHEARD-1,NOW HEARD OF\n")
    assert run("import", "products", products).exit_code == 0
    again = run("import", "orders", path)
    assert "1  added" in again.stdout
    assert "1  unchanged" in again.stdout
    assert rows(tmp_path / "early-orders-import-report.csv") == []


def test_the_report_lists_what_the_counts_count(run: Run, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    with order_book() as book:
        result = run("import", "products", book, "--format", "online-retail", "--report", report)
        assert result.exit_code == 0, result.output
        arguments = ("--format", "online-retail", "--day", "2011-08-30", "--report", report)
        result = run("import", "orders", book, *arguments)
    assert result.exit_code == 0, result.output
    counts = {
        line[11:].replace(" ", "_"): int(line[:9].replace(",", ""))
        for line in result.stdout.splitlines()
        if line[:9].strip()[:1].isdigit()
    }
    noted = {name: n for name, n in counts.items() if name.startswith(("skipped", "changed_"))}
    found = [row["kind"] for row in rows(report)]
    assert noted == {kind: found.count(kind) for kind in set(found)}


@pytest.mark.parametrize("place", ["missing/report.csv", ".", "/proc/report.csv"])
def test_a_report_that_cannot_be_written(run: Run, url: str, tmp_path: Path, place: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(FILES["orders.csv"], encoding="utf-8")
    before = dump(url)
    result = run("import", "orders", path, "--report", place)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert dump(url) == before


def test_a_report_replaces_nothing_but_a_report(run: Run, url: str, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(FILES["orders.csv"], encoding="utf-8")
    before = dump(url)
    result = run("import", "orders", path, "--report", path)
    assert result.exit_code == 2
    assert "another file" in result.stderr
    assert path.read_text(encoding="utf-8") == FILES["orders.csv"]
    assert dump(url) == before
    default = tmp_path / "orders-orders-import-report.csv"
    default.write_text("somebody's own")
    assert run("import", "orders", path).exit_code == 2
    assert default.read_text() == "somebody's own"
    default.write_text("line,kind,what\n7,old,old\n")
    assert run("import", "orders", path).exit_code == 0
    assert rows(default) == []
    assert run("import", "orders", path, "--report", "/dev/null").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense", "orders.csv"),
        ("orders", "missing.csv"),
        ("orders", "."),
        ("orders", "orders.csv", "--format", "xml"),
        ("orders", "orders.csv", "--day", "2026-03-03"),
        ("stock", "orders.csv", "--format", "online-retail"),
        ("orders", "orders.csv", "--format", "online-retail", "--day", "2011-02-30"),
        ("orders", "orders.csv", "--format", "online-retail", "--today", "2026-03-03"),
    ],
)
def test_usage(run: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "orders.csv").write_text(FILES["orders.csv"], encoding="utf-8")
    result = run("import", *arguments)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)


def test_a_day_without_orders_says_so(run: Run) -> None:
    with order_book() as book:
        arguments = ("--format", "online-retail", "--day", "2011-09-09")
        result = run("import", "orders", book, *arguments)
    assert result.exit_code == 0
    assert result.stdout == "There are no orders in it.\n"


@pytest.mark.slow
def test_an_import_that_was_killed_is_finished_by_the_next(
    run: Run, url: str, tmp_path: Path
) -> None:
    count = 3000
    path = tmp_path / "many.csv"
    head, first, _ = FILES["orders.csv"].splitlines()
    lines = [first.replace("9001", str(100_000 + number)) for number in range(count)]
    path.write_text("\n".join((head, *lines)) + "\n", encoding="utf-8")
    words = [sys.executable, "-m", "wms_terminal", "--store", url, "import", "orders", str(path)]
    store = open_store(url)

    def there() -> int:
        with store.read() as tx:
            return tx.orders.counts()["new"]

    begun = there()
    importing = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.DEVNULL)
    while there() == begun and importing.poll() is None:
        pass
    os.kill(importing.pid, signal.SIGKILL)
    assert importing.wait() == -signal.SIGKILL
    assert begun < there() < begun + count
    result = run("import", "orders", path)
    assert result.exit_code == 0, result.output
    assert there() == begun + count
    store.close()
    assert run("doctor").exit_code == 0
