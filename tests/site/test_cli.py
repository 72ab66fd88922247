from __future__ import annotations

from pathlib import Path

import pytest

from data import open_store
from tests.devices.documents import barcodes, pages, words
from tests.site.conftest import Cli
from wms_terminal.cli.site import default_folder
from wms_terminal.domain.codes import location_barcode
from wms_terminal.domain.commands import Command
from wms_terminal.domain.records import ProductBarcode, ProductRecord
from wms_terminal.services import take_in

GTIN = "9520100020001"
PRODUCTS = (
    ProductRecord("10002", "GLOBE [red]", (ProductBarcode(GTIN), ProductBarcode("PACK6", 6))),
    ProductRecord("10003A", "LANTERN"),
    ProductRecord("10004É", "CAFÉ SIGN"),
)


@pytest.fixture
def ready(run: Cli, url: str, site_file: Path, locations_file: Path) -> Cli:
    """The example site is in the store, with products."""
    result = run("site", "init", site_file, "--locations", locations_file)
    assert result.exit_code == 0, result.output
    store = open_store(url)
    take_in.products(store, PRODUCTS)
    store.close()
    return run


def decoded(pdf: Path) -> list[str]:
    return [data for page in pages(pdf.read_bytes()) for _, _, data in barcodes(page)]


def test_init_with_own_files(run: Cli, site_file: Path, locations_file: Path) -> None:
    first = run("site", "init", site_file, "--locations", locations_file)
    assert first.exit_code == 0, first.output
    assert "4  locations added or changed" in first.output
    assert "2  operators" in first.output
    second = run("site", "init", site_file, "--locations", locations_file)
    assert "4  locations unchanged" in second.output
    assert run("site", "init", site_file).exit_code == 0
    assert run("site", "init", "--locations", locations_file).exit_code == 0


@pytest.mark.parametrize(
    "arguments", [[], ["--demo", "x.toml"], ["--folder", "x"], ["--demo", "--locations", "x.csv"]]
)
def test_init_says_what_it_needs(run: Cli, arguments: list[str]) -> None:
    result = run("site", "init", *arguments)
    assert result.exit_code == 2
    assert "Expected" in result.output


def test_a_fault_in_a_file_changes_nothing(
    run: Cli, url: str, site_file: Path, locations_file: Path
) -> None:
    site_file.write_text(site_file.read_text().replace("17:00", "7 pm"))
    result = run("site", "init", site_file, "--locations", locations_file)
    assert result.exit_code == 2
    assert "cutoff: expected a time HH:MM" in result.output
    store = open_store(url)
    with store.read() as tx:
        assert tx.site.locations("tote") == []
    store.close()
    locations_file.write_text("code,knid\n")
    result = run("site", "init", "--locations", locations_file)
    assert result.exit_code == 2
    assert "the nearest is kind" in result.output
    assert run("site", "init", "missing.toml").exit_code == 2


def test_the_demo_site_in_a_real_store(run: Cli, url: str, tmp_path: Path) -> None:
    result = run("site", "init", "--demo")
    assert result.exit_code == 0, result.output
    assert "7,100  locations added or changed" in result.output
    assert "There are no products yet" in result.output
    assert (tmp_path / "site" / "site.toml").exists()
    store = open_store(url)
    take_in.products(store, PRODUCTS)
    result = run("site", "init", "--demo")
    assert "3  products put away" in result.output
    assert "7,100  locations unchanged" in result.output
    with store.read() as tx:
        product = tx.site.product_by_sku("10003A")
        assert product is not None
        bins = tx.stock.available(product.id)
        rows = tx.stock.of_product(product.id)
        assert [item.location_kind for item in rows if item.location_kind == "pick"] == ["pick"]
    result = run("site", "init", "--demo")
    assert "3  products with stock already" in result.output
    with store.read() as tx:
        assert tx.stock.available(product.id) == bins
    store.close()
    assert "healthy" in run("doctor").output


def test_the_demo_folder(run: Cli, tmp_path: Path) -> None:
    assert run("site", "init", "--demo", "--folder", tmp_path / "here").exit_code == 0
    assert (tmp_path / "here" / "locations.csv").exists()
    (tmp_path / "file").write_text("")
    result = run("site", "init", "--demo", "--folder", tmp_path / "file" / "x")
    assert result.exit_code == 2
    assert "Cannot write to" in result.output


def test_the_folder_beside_the_store() -> None:
    assert default_folder("sqlite:////srv/wms/wms.db") == Path("/srv/wms/site")
    assert default_folder("sqlite:///wms.db") == Path("site")
    assert default_folder("postgresql://db/wms") == Path("site")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("locations", [location_barcode(code) for code in ("A01-01-1", "BENCH-01", "DOCK-1")]),
        ("totes", [location_barcode("T-0001")]),
        ("stations", ["WHSPICK01"]),
        ("cartons", ["BOXM1"]),
        ("carriers", ["CARRPOSTNL"]),
        ("products", ["10003A", GTIN, "PACK6"]),
    ],
)
def test_every_sheet_scans(ready: Cli, tmp_path: Path, kind: str, expected: list[str]) -> None:
    out = tmp_path / "out.pdf"
    result = ready("labels", kind, "--out", out)
    assert result.exit_code == 0, result.output
    assert sorted(decoded(out)) == sorted(expected)


def test_the_badges_come_from_the_file(ready: Cli, tmp_path: Path, site_file: Path) -> None:
    out = tmp_path / "out.pdf"
    assert ready("labels", "badges", "--site", site_file, "--out", out).exit_code == 0
    assert sorted(decoded(out)) == ["WHB0ZZ81KT4P2", "WHB7F3K2M9QX1"]
    assert "4711" not in "".join(words(out.read_bytes()))


def test_the_command_sheet_has_every_command_and_reason(ready: Cli, tmp_path: Path) -> None:
    out = tmp_path / "out.pdf"
    assert ready("labels", "commands", "--language", "en", "--out", out).exit_code == 0
    found = decoded(out)
    assert set(Command) <= set(found)
    assert {"WHREMPTY", "WHRDAMAG", "WHRMISS", "WHRLOST"} <= set(found)
    assert len(found) == len(set(found))
    assert "Hand over" in "".join(words(out.read_bytes()))
    assert ready("labels", "commands", "--out", out).exit_code == 0


def test_only_some(ready: Cli, tmp_path: Path) -> None:
    out = tmp_path / "out.pdf"
    assert ready("labels", "locations", "--only", "a01-*", "--out", out).exit_code == 0
    assert decoded(out) == ["LA01011H"]
    result = ready("labels", "locations", "--only", "Z*", "--out", tmp_path / "none.pdf")
    assert result.exit_code == 2
    assert "Expected locations like 'Z*' among 3, got none" in result.output
    assert not (tmp_path / "none.pdf").exists()


def test_a_code_that_no_barcode_holds_is_named(ready: Cli, tmp_path: Path) -> None:
    result = ready("labels", "products", "--out", tmp_path / "out.pdf")
    assert "Left out, no Code 128 can hold it: '10004\\xc9'" in result.output


@pytest.mark.parametrize(
    "arguments", [["badges"], ["totes", "--site", "x.toml"], ["boxes"], ["totes", "--out", "/"]]
)
def test_labels_say_what_they_need(ready: Cli, arguments: list[str]) -> None:
    assert ready("labels", *arguments).exit_code == 2


def test_the_sheet_cannot_be_written(ready: Cli) -> None:
    result = ready("labels", "totes", "--out", "/missing/folder/out.pdf")
    assert result.exit_code == 2
    assert "Cannot write /missing/folder/out.pdf" in result.output
