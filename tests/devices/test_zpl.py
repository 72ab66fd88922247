from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from devices.documents.zpl import HEIGHT, WIDTH, escape, shipping_label
from devices.documents.zpl_picture import ZplError, render
from tests.devices.documents import LABEL, RECEIVER, SSCC, barcodes, label_of
from tests.devices.naughty import NAUGHTY

COMMANDS = re.compile(rb"[\^~][A-Z0-9]{2}")
ALLOWED = set(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz ^,_>;\n")
KNOWN = {
    b"^XA", b"^CI", b"^PW", b"^LL", b"^LH", b"^FO", b"^A0", b"^FH", b"^FD", b"^FS", b"^FR",
    b"^GB", b"^GF", b"^BY", b"^BC", b"^FB", b"^PQ", b"^XZ",
}  # fmt: skip
EXPECTED_SSCC = [("Code 128", "]C1", "00" + SSCC)]


def assert_harmless(zpl: bytes) -> None:
    assert set(zpl) <= ALLOWED
    commands = COMMANDS.findall(zpl)
    assert set(commands) <= KNOWN
    assert [commands.count(c) for c in (b"^XA", b"^XZ", b"^BC", b"^PQ")] == [1, 1, 1, 1]
    assert commands.count(b"^FD") <= commands.count(b"^FS")
    assert zpl.endswith(b"^PQ1^XZ\n")
    assert f"^FD>;>800{SSCC}^FS".encode() in zpl


def picture(zpl: bytes) -> Image.Image:
    (image,) = render(zpl)
    assert image.size == (WIDTH, HEIGHT)
    return image


def test_the_sscc_decodes_from_the_picture() -> None:
    assert barcodes(picture(shipping_label(LABEL))) == EXPECTED_SSCC


def test_the_barcode_is_as_gs1_wants_it() -> None:
    zpl = shipping_label(LABEL).decode()
    assert "^BY4^BCN," in zpl  # 0.5 mm
    height = int(zpl.split("^BCN,")[1].split(",")[0])
    assert height >= 256  # 32 mm
    left = int(zpl.split("^BY4")[0].rsplit("^FO", 1)[1].split(",")[0])
    assert left >= 40  # 10 modules of quiet zone
    assert WIDTH - left - 156 * 4 >= 40
    fields = re.findall(r"\^FO\d+,(\d+)", zpl.split("^BY4")[0])
    assert max(map(int, fields)) == int(fields[-1])  # the lowest block, but for its own digits


@pytest.mark.parametrize("text", NAUGHTY)
def test_no_text_becomes_a_command_and_the_sscc_still_decodes(text: str) -> None:
    zpl = shipping_label(label_of(text))
    assert_harmless(zpl)
    assert barcodes(picture(zpl)) == EXPECTED_SSCC


@given(st.text(st.characters(), max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_is_harmless(text: str) -> None:
    assert_harmless(shipping_label(label_of(text)))


@given(st.text())
def test_escape_leaves_only_letters_digits_and_spaces(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    escaped = escape(text)
    assert re.fullmatch(r"(?:[A-Za-z0-9 ]|_[0-9A-F]{2})*", escaped)
    raw = re.sub(r"_(..)", lambda match: chr(int(match[1], 16)), escaped)
    assert raw.encode("latin-1").decode("utf-8") == text


@pytest.mark.parametrize("text", ["W" * 300, "@mw " * 60, "ŴŒÆ" * 60, "Привет " * 40, "A" * 33])
def test_no_text_runs_out_of_its_field(text: str) -> None:
    full = picture(shipping_label(label_of(text)))
    empty = picture(shipping_label(label_of("")))
    added = ImageChops.difference(full, empty)
    margin = Image.new("L", full.size, 0)
    margin.paste(255, (WIDTH - 26, 0, WIDTH, HEIGHT))
    margin.paste(255, (0, 894, WIDTH, HEIGHT))
    assert ImageChops.multiply(added, margin).getbbox() is None


@pytest.mark.parametrize("name", ["محمد العربي", "Ελλάδα", "Привет"])
def test_other_scripts_are_drawn_as_dots(name: str) -> None:
    zpl = shipping_label(replace(LABEL, receiver=replace(RECEIVER, name=name)))
    assert b"^GFA," in zpl
    assert barcodes(picture(zpl)) == EXPECTED_SSCC


@pytest.mark.usefixtures("no_fonts")
def test_without_fonts_other_scripts_are_transliterated() -> None:
    zpl = shipping_label(replace(LABEL, receiver=replace(RECEIVER, name="Привет")))
    assert b"^FDPrivet^FS" in zpl
    assert b"^GFA" not in zpl
    assert barcodes(picture(zpl)) == EXPECTED_SSCC


@pytest.mark.parametrize("sscc", ["", "123", SSCC[:-1] + "9", "^XZ", SSCC + "0"])
def test_a_wrong_sscc_is_refused(sscc: str) -> None:
    with pytest.raises(ValueError, match="Expected an SSCC of 18 digits"):
        shipping_label(replace(LABEL, sscc=sscc))


def test_the_same_label_gives_the_same_bytes() -> None:
    assert shipping_label(LABEL) == shipping_label(LABEL)


def test_an_unknown_number_of_parcels_is_left_out() -> None:
    assert b"1 _2F 2" in shipping_label(LABEL)
    assert b"_2F" not in shipping_label(replace(LABEL, parcels=0))


@pytest.mark.parametrize(
    "zpl",
    [
        b"^XA^JUN^XZ",
        b"~JA",
        b"^XA~HS^XZ",
        b"^FDx^FS",
        b"^XA^FO1,1^FDx^FS",
        b"^XA^XA^XZ",
        b"junk^XA^XZ",
        b"^XA^XZjunk",
        b"^XA^FO1,1^A0N,30^FDx^FS^XZ",
        b"^XA^FO9999,1^FDx^FS^XZ",
        b"^XA^CI0^XZ",
        b"^XA^LH5,5^XZ",
        b"^XA^PQ0^XZ",
        b"^XA^FO1,1^A0R,30,30^FDx^FS^XZ",
        b"^XA^FO1,1^FH\\^FDx^FS^XZ",
        b"^XA^FO1,1^FH_^FD_C3^FS^XZ",
        b"^XA^CI28^FO1,1^FH_^FD_C3^FS^XZ",
        b"^XA^CI28^FO1,1^FH_^FD_0A^FS^XZ",
        b"^XA^FO1,1^FB100,2,0,C^FDx^FS^XZ",
        b"^XA^FO1,1^BCR,100,N,N,N,N^FD>;>800^FS^XZ",
        b"^XA^FO1,1^BCN,100,N,N,N,N^FDABC^FS^XZ",
        b"^XA^FO1,1^BCN,100,N,N,N,N^FD>;1A^FS^XZ",
        b"^XA^BY9^FO1,1^BCN,100,N,N,N,N^FD>;" + b"00" * 10 + b"^FS^XZ",
        b"^XA^FO1,1^GFA,2,2,3,FFFF^FS^XZ",
        b"^XA^FO1,1^GFA,2,2,1,FFZZ^FS^XZ",
        b"^XA^FO1,1^GFA,2,2,1,FF^FS^XZ",
        b"^XA^FO1,1^GB99999,1,1^FS^XZ",
        b"^XA^FO1,1^GB5,1,1^FSleak^XZ",
    ],
)
def test_the_virtual_printer_refuses_what_the_label_never_holds(zpl: bytes) -> None:
    with pytest.raises(ZplError):
        render(zpl)


def test_the_virtual_printer_prints_copies_and_several_labels() -> None:
    assert len(render(b"^XA^PQ2^XZ^XA^FO1,1^GB5,5,5^FS^XZ")) == 3


def test_reverse_fields_turn_black_to_white() -> None:
    (image,) = render(b"^XA^FO10,10^GB20,20,20^FS^FO10,10^FR^GB10,20,10^FS^XZ")
    assert [image.getpixel(point) for point in ((12, 12), (25, 25), (50, 50))] == [255, 0, 255]
