"""Helpers for the tests of import files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
ORDER_BOOK = Path(
    os.environ.get("WMS_ORDER_BOOK")
    or _ROOT.parent / "shared" / "datasets" / "online_retail_2010-12_2011-08.csv.gz"
)
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"

Write = Callable[..., Path]


@pytest.fixture(scope="session")
def order_book() -> Path:
    """The real order book; `WMS_ORDER_BOOK` names it where it lies elsewhere."""
    if not ORDER_BOOK.exists():
        pytest.fail(
            f"Expected the order book at {ORDER_BOOK}. Put the online retail data set (CC0) "
            "there, or name it in WMS_ORDER_BOOK."
        )
    return ORDER_BOOK


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file of these lines."""

    def make(*lines: str, name: str = "import.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding=encoding, newline="")
        return path

    return make


@pytest.fixture
def book(write: Write) -> Write:
    """Writes an order book of these rows."""

    def make(*rows: str) -> Path:
        return write(HEADER, *rows)

    return make
