"""A whole real day, 2011-08-30, picked, packed and shipped by several processes, and its story."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import zxingcpp

from data import open_store
from data.doctor import examine, totals
from devices.documents.zpl_picture import render
from wms_terminal.domain.orders import ParcelState

STORY = (
    r"\d\d:\d\d:\d\d  Received from web",
    r"Released to the floor: \d+ lines  \(Picker \d, SIM-PICK-0\d\)",
    r"Picking begins",
    r"Picked: T-\d+ at STAGE",
    r"Packing begins  \(Packer \d, SIM-PACK-0\d\)",
    r"Parcel 1 is packed: \d+ g",
    r"Parcel 1 is labelled: \d{18}  \(Packer \d",
    r"Loaded on manifest M-.*\(Shipper 1, SIM-SHIP-01\)",
    r"left with ",
)


@pytest.mark.slow
def test_a_real_day_is_picked_packed_and_shipped(tmp_path: Path) -> None:
    folder = tmp_path / "a b%3F"
    folder.mkdir()
    mine = folder / "labels" / "my-own-label.png"
    mine.parent.mkdir()
    mine.write_text("mine")
    words = [sys.executable, "-m", "wms_terminal", "demo", "--folder", str(folder)]

    told = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False)

    assert told.returncode == 0, told.stderr
    assert b"Products ..." in told.stderr
    _tells_a_story(told.stdout.decode())
    _is_shipped_and_labelled(folder)
    assert mine.exists()

    again = subprocess.run(
        [*words, "--keep"], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )

    assert again.returncode == 0
    assert b"Products ..." not in again.stderr
    (left,) = re.findall(r"^(\d+) orders picked", again.stdout.decode(), re.MULTILINE)
    assert int(left) < 5, "back-orders at most"


def _tells_a_story(text: str) -> None:
    assert text.startswith("\nThe story of order 56")
    assert re.search(".*".join(STORY), text, re.DOTALL), text
    papers = dict(re.findall(r"(label|slip) of parcel 1: (.+)", text))
    assert Path(papers["slip"]).read_bytes().startswith(b"%PDF")
    assert Path(papers["label"]).stat().st_size > 100
    assert "40 orders picked, 40 packed" in text
    assert re.search(r"[1-9]\d* of them refused", text), "one scan in a hundred is wrong on purpose"
    assert text.endswith("Doctor: the store is healthy.\n")


def _is_shipped_and_labelled(folder: Path) -> None:
    """Every label that came out decodes to the SSCC of a parcel; the ledger adds up."""
    decoded = _decoded(folder / "labels")
    store = open_store(f"sqlite:///{folder / 'demo.db'}")
    with store.read() as tx:
        assert examine(tx) == []
        sums = totals(tx)
        parcels = [tx.parcels.by_sscc(number) for number in decoded]
        carried = sum(tx.parcels.size(item.id).units for item in parcels if item)
    store.close()
    shipped = [item for item in parcels if item and item.state is ParcelState.SHIPPED]
    assert len(shipped) == len(decoded)
    assert sums["ordered"] == sums["shipped"] + sums["short"]
    assert sums["moved_to_customer"] == sums["shipped"] == carried > 9_000


def _decoded(labels: Path) -> set[str]:
    """The SSCC of every label that came out, read from its picture."""
    found: set[str] = set()
    for path in labels.glob("*.zpl"):
        for image in render(path.read_bytes()):
            codes = [code.text for code in zxingcpp.read_barcodes(image)]
            assert len(codes) == 1, f"{path.name}: {codes}"
            digits = "".join(filter(str.isdigit, codes[0]))
            assert digits.startswith("00")
            found.add(digits[2:])
    return found
