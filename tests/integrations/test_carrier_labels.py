"""Labels as carriers give them: sorted, refused, and drawn in dots."""

from __future__ import annotations

import base64
import builtins
import re
import threading
import zlib
from typing import Any

import pytest
import zxingcpp
from fpdf import FPDF
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from wms_terminal.integrations.carriers import label_file, raster
from wms_terminal.integrations.intake import Unfit
from wms_terminal.ports.carrier import LabelFormat

A6 = (105.0, 148.0)


def pdf(*sizes: tuple[float, float], barcode: str = "3SWHTE000000042") -> bytes:
    """A label with a Code 128 barcode on each page, as a carrier draws it."""
    from barcode import Code128
    from barcode.writer import ImageWriter

    picture = Code128(barcode, writer=ImageWriter()).render({"module_width": 0.35})
    made = FPDF(unit="mm")
    for width, height in sizes:
        made.add_page(format=(width, height))
        made.image(picture, x=width * 0.1, y=height * 0.1, w=width * 0.8)
    return bytes(made.output())


def pictures(zpl: bytes) -> list[Image.Image]:
    """What a printer would draw: white paper, with the graphics in their place."""
    found = []
    for label in zpl.split(b"^XA")[1:]:
        size = re.search(rb"\^PW(\d+)\^LL(\d+)", label)
        field = re.search(rb"\^FO(\d+),(\d+)\^GFA,(\d+),(\d+),(\d+),:Z64:([^:]+):", label)
        assert size, label[:200]
        assert field, label[:200]
        row = int(field[5])
        dots = zlib.decompress(base64.b64decode(field[6]))
        assert len(dots) == int(field[4])
        graphic = Image.frombytes("1", (row * 8, len(dots) // row), dots, "raw", "1;I")
        paper = Image.new("1", (int(size[1]), int(size[2])), 1)
        paper.paste(graphic, (int(field[1]), int(field[2])))
        found.append(paper)
    return found


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_a_pdf_label_becomes_dots_whose_barcode_reads(dpi: int) -> None:
    zpl = raster.to_zpl(pdf(A6), dpi=dpi)
    (picture,) = pictures(zpl)
    assert picture.size == (4 * dpi, 6 * dpi)
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == ["3SWHTE000000042"]
    assert label_file.sort(zpl) is LabelFormat.ZPL


def test_a_page_that_lies_on_its_side_is_turned() -> None:
    (picture,) = pictures(raster.to_zpl(pdf((148.0, 105.0))))
    assert picture.size == (812, 1218)
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == ["3SWHTE000000042"]


def test_a_small_label_is_not_blown_up_and_each_page_is_one() -> None:
    small = pdf((60.0, 40.0), (60.0, 40.0))
    first, second = pictures(raster.to_zpl(small, width_mm=60, height_mm=160))
    assert zxingcpp.read_barcodes(first)
    assert first.convert("L").crop((0, 330, *first.size)).getextrema() == (255, 255)
    assert second.size == first.size


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (pdf((210.0, 297.0)), r"one of 210 by 297 mm.*A6"),
        (pdf((5000.0, 5000.0)), "about as large"),
        (pdf(*[A6] * 5), "1 to 4 pages, got 5"),
        (b"%PDF-1.7 nothing", "something else"),
        (pdf(A6)[:300], "something else"),
        (b"%PDF-" + b"x" * (raster.LARGEST + 1), "4 MB at most"),
    ],
)
def test_a_pdf_that_is_no_label_says_what_is_wrong(content: bytes, expected: str) -> None:
    with pytest.raises(Unfit, match=expected):
        raster.to_zpl(content)


def test_a_label_of_absurd_size_is_not_drawn() -> None:
    with pytest.raises(Unfit, match="dots at most"):
        raster.to_zpl(pdf(A6), width_mm=100_000)


@given(st.binary(max_size=300))
def test_whatever_comes_is_drawn_or_unfit(tail: bytes) -> None:
    for content in (tail, b"%PDF-1.4\n" + tail):
        with pytest.raises(Unfit):
            raster.to_zpl(content)


def test_threads_draw_in_turn() -> None:
    content, found = pdf(A6), []
    threads = [
        threading.Thread(target=lambda: found.append(raster.to_zpl(content))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(set(found)) == 1
    assert len(found) == 4


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    known = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "zebrafy":
            raise ModuleNotFoundError("No module named 'zebrafy'", name="zebrafy")
        return known(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(raster.RasterMissing, match=r"zebrafy.*pip install 'wms-terminal\[zpl\]'"):
        raster.to_zpl(b"%PDF-")
    assert label_file.at_best(b"%PDF-1.4", LabelFormat.ZPL, 203) == (b"%PDF-1.4", LabelFormat.PDF)


ZPL = b"^XA^FO10,10^A0N,30,30^FDAnna^FS^XZ"


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (ZPL, LabelFormat.ZPL),
        (b"\xef\xbb\xbf\r\n" + ZPL, LabelFormat.ZPL),
        (b"~DGR:LOGO.GRF,8,1,FF00FF00FF00FF00\n" + ZPL, LabelFormat.ZPL),
        (ZPL * 3, LabelFormat.ZPL),
        (b"%PDF-1.4\n%", LabelFormat.PDF),
    ],
)
def test_a_label_is_what_it_begins_with(content: bytes, form: LabelFormat) -> None:
    assert label_file.sort(content) is form


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "got nothing"),
        (b"<html>Back soon", "got '<html>"),
        (b"\x89PNG\r\n", "ZPL or PDF"),
        (ZPL[:-3], "beginning"),
        (b"^XA^FDAnna ~JA^FS^XZ", "printer command '~JA'"),
        (b"^XA^FDAnna^xz^xa^dfE:X.ZPL^FS^XZ", r"printer command '\^df'"),
        (b"^XA^CC#^FDAnna#FS#XZ", r"printer command '\^CC'"),
        (ZPL + b" " * label_file.LARGEST, "4 MB at most"),
    ],
)
def test_what_no_printer_may_have_is_refused(content: bytes, expected: str) -> None:
    with pytest.raises(Unfit, match=expected):
        label_file.sort(content)


@given(st.text())
def test_neutral_text_holds_no_command(text: str) -> None:
    found = label_file.neutral(text)
    assert not {"^", "~"} & set(found)
    assert found.split() == text.replace("^", " ").replace("~", " ").split()
