"""A whole real day, 2011-08-30, picked, packed and shipped by several processes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import zxingcpp

from data import open_store
from data.doctor import examine, totals
from devices.virtual_printer import render
from wms_terminal.domain.orders import ParcelState
from wms_terminal.simulate import Crew, simulate


@pytest.mark.slow
def test_a_real_day_is_picked_packed_and_shipped(day: str, tmp_path: Path) -> None:
    labels = tmp_path / "labels"
    crew = Crew(2, 2, 1, mistakes=0.03, printer=f"sim://{labels}", documents="sim:", seed=7)

    report = simulate(day, crew)

    assert report.troubles == []
    assert report.picked >= 40, "a back-order that is found later is a second walk"
    store = open_store(day)
    with store.read() as tx:
        assert examine(tx) == []
        sums = totals(tx)
        labelled = [tx.parcels.by_sscc(number) for number in _decoded(labels)]
    store.close()
    assert sums["ordered"] == sums["shipped"] + sums["short"]
    assert sums["moved_to_customer"] == sums["shipped"] > 9_000
    shipped = [item for item in labelled if item and item.state is ParcelState.SHIPPED]
    assert len(shipped) == report.handed_over
    assert report.refused, "three scans in a hundred are wrong on purpose"


def _decoded(labels: Path) -> set[str]:
    """The SSCC of every label that came out, read from its picture."""
    found: Counter[str] = Counter()
    for path in labels.glob("*.zpl"):
        for image in render(path.read_bytes()):
            codes = [code.text for code in zxingcpp.read_barcodes(image)]
            assert len(codes) == 1, f"{path.name}: {codes}"
            digits = "".join(filter(str.isdigit, codes[0]))
            assert digits.startswith("00")
            found[digits[2:]] += 1
    return set(found)
