"""`wms-terminal customs`, as it is used."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from data import open_store
from tests.cli.conftest import Run
from tests.devices.documents import words
from tests.world import ANNA, BOB, MUG, World
from wms_terminal.domain.label import Address


def pack(url: str) -> str:
    """An order to Oslo, in its parcel; its number."""
    with closing(open_store(url)) as store:
        world = World(store, ready=True)
        oslo = Address("Kari Nordmann", postcode="0150", city="Oslo", country="NO")
        number = world.order((MUG, 2), customer=oslo, reference="N-1").number
        world.pick_all("PICK-01", ANNA)
        world.pack_all("PACK-01", BOB)
    return number


def test_the_papers_of_every_parcel_are_written(run: Run, url: str, tmp_path: Path) -> None:
    number = pack(url)
    result = run("customs", number, "--out", "papers.pdf")
    assert (result.exit_code, result.stdout) == (0, "papers.pdf: papers of 1 parcel\n")
    assert result.stderr == f"Missing in N-1-1: {MUG} HS code, country of origin\n"
    texts = words((tmp_path / "papers.pdf").read_bytes())
    assert len(texts) == 4
    assert "Kari Nordmann" in texts[0]
    assert run("customs", number).exit_code == 0
    assert (tmp_path / "customs-N-1.pdf").exists()


def test_a_product_that_was_completed_is_complete_in_the_papers(run: Run, url: str) -> None:
    number = pack(url)
    rows = f"sku,name,weight_g,hs_code,origin\n{MUG},RED MUG,300,6912.00.25,pt\n"
    Path("products.csv").write_text(rows)
    assert run("import", "products", "products.csv").exit_code == 0
    result = run("customs", number, "--out", "papers.pdf")
    assert (result.exit_code, result.stderr) == (0, "")
    (text, *_) = words(Path("papers.pdf").read_bytes())
    assert "6912.00.25" in text
    assert "PT" in text


def test_what_cannot_be_written_is_said(run: Run, url: str) -> None:
    inside = run("customs", "1001")
    assert inside.exit_code == 1
    assert "1001 to NL: it needs no customs papers" in inside.stderr
    assert run("customs", "nothing").exit_code == 1
    number = pack(url)
    nowhere = run("customs", number, "--out", "no/such/folder.pdf")
    assert nowhere.exit_code == 2
    assert "Cannot write no/such/folder.pdf" in nowhere.stderr
