"""Packing slips on a roll: readable, and never a command of somebody else's making."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices import urls
from devices.documents.receipt import Paper, receipt
from devices.printers.escpos import draw, open_printer
from devices.printers.virtual_receipt_printer import VirtualReceiptPrinter
from tests.devices.documents import SLIP, SSCC, slip_of
from tests.devices.naughty import NAUGHTY
from tests.devices.printer_rigs import HASTY, receipts
from wms_terminal.domain.label import PackingSlip, SlipLine
from wms_terminal.ports.devices import DeviceState, PrintState

COMMANDS = (
    b"\x1b@",
    b"\x1bt\x13",
    b"\x1ba\x00",
    b"\x1ba\x01",
    b"\x1bE\x00",
    b"\x1bE\x01",
    b"\x1d!\x00",
    b"\x1d!\x11",
    b"\x1dhP",
    b"\x1dw\x02",
    b"\x1dH\x00",
    b"\x1dVB\x00",
)


def shown(document: bytes) -> bytes:
    """What is left to be printed as text; fails at a control character that we do not send."""
    text = b""
    while document:
        command = next((one for one in COMMANDS if document.startswith(one)), b"")
        if document.startswith(b"\x1dkI"):
            command = document[: 4 + document[3]]
        elif not command:
            assert document[0] >= 0x20 or document[:1] == b"\n", document[:20]
            assert document[0] != 0x7F
            text += document[:1]
        document = document[max(1, len(command)) :]
    return text


def barcodes(document: bytes) -> list[bytes]:
    """The data of each barcode."""
    return [part[1 : 1 + part[0]] for part in document.split(b"\x1dkI")[1:]]


def test_a_slip_says_what_is_in_the_box() -> None:
    text = shown(receipt(SLIP)).decode("cp858")
    for words in ("Pakbon", "Zoë Simková", "4 x WHITE METAL LANTERN", "71053", "536847", "3.24 kg"):
        assert words in text
    assert "Stuks in deze doos: 4" in text
    assert f"(00) {SSCC}" in text


def test_the_same_slip_is_the_same_bytes() -> None:
    assert receipt(SLIP) == receipt(SLIP)


def test_an_unknown_language_is_english() -> None:
    assert b"Packing slip" in receipt(replace(SLIP, language="xx"))


def test_an_empty_box_says_so() -> None:
    assert b"This box is empty." in receipt(replace(SLIP, language="en", lines=()))


def test_letters_that_the_printer_lacks_become_ascii() -> None:
    slip = slip_of("Łódź Żółć Straße café 北京 Ω €5")
    text = shown(receipt(slip)).decode("cp858")
    assert "Lódz Zólc Straße café BeiJing" in text
    assert "€5" in text
    plain = shown(receipt(slip, Paper(codec="ascii")))
    assert plain.isascii()
    assert b"Lodz Zolc Strasse cafe BeiJing" in plain


@pytest.mark.parametrize("columns", [24, 32, 42, 48, 64])
@pytest.mark.parametrize("text", ["x", "W" * 500, "two words " * 60, ""])
def test_no_line_is_longer_than_the_paper_is_wide(columns: int, text: str) -> None:
    for line in shown(receipt(slip_of(text), Paper(columns))).split(b"\n"):
        assert len(line) <= columns


@pytest.mark.parametrize("text", NAUGHTY)
@pytest.mark.parametrize("codec", ["cp858", "ascii"])
def test_no_text_becomes_a_command(text: str, codec: str) -> None:
    document = receipt(slip_of(text), Paper(codec=codec))
    shown(document)
    assert document.count(b"\x1dV") == 1


@given(st.text(max_size=80), st.sampled_from([24, 42]))
def test_no_text_whatever_becomes_a_command(text: str, columns: int) -> None:
    line = SlipLine(text, text, text, 1, 2, 1)
    document = receipt(replace(slip_of(text), lines=(line,)), Paper(columns))
    shown(document)


def test_barcodes_are_order_and_sscc() -> None:
    order, sscc = barcodes(receipt(SLIP))
    assert order == b"{B536847"
    assert sscc[:5] == b"{C{1\x00"
    assert "".join(f"{pair:02d}" for pair in sscc[5:]) == SSCC


@pytest.mark.parametrize(
    ("number", "columns"), [("x" * 40, 42), ("é1", 42), ("", 42), ("1" * 12, 24)]
)
def test_a_barcode_that_does_not_fit_is_left_out(number: str, columns: int) -> None:
    slip = replace(SLIP, order_number=number)
    assert b"{B" not in receipt(slip, Paper(columns))


def test_a_brace_in_an_order_number_is_a_brace() -> None:
    assert barcodes(receipt(replace(SLIP, order_number="{1a")))[0] == b"{B{{1a"


# --- addresses -----------------------------------------------------------------------------------


def test_the_paper_is_named_in_the_address() -> None:
    wide = draw(SLIP, "escpos://10.0.0.7?columns=64&codepage=ascii")
    assert wide == receipt(SLIP, Paper(64, "ascii"))
    assert draw(SLIP, "escpos:///dev/usb/lp1") == receipt(SLIP)


@pytest.mark.parametrize(
    "url",
    [
        "escpos:",
        "escpos://",
        "escpos:///dev/usb/lp1?columns=9",
        "escpos://host?codepage=437",
        "escpos://host?status=hs",
        "escpos://host?baud=9600",
        "escpos://host/folder",
        "escpos://host:99999",
    ],
)
def test_a_wrong_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="xpected"):
        open_printer(urls.parse(url))


# --- printers ------------------------------------------------------------------------------------

RECEIPT = receipt(SLIP)


@pytest.fixture(params=["escpos-tcp", "escpos-usb"])
def driver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("paper_out", "Paper out. Load paper."),
        ("cover_open", "Cover open. Close it."),
        ("off_line", "off line"),
    ],
)
def test_a_printer_that_says_it_cannot_gets_no_slip(driver: str, fault: str, words: str) -> None:
    with receipts(driver) as rig:
        setattr(rig.head, fault, True)
        status = rig.printer.status()
        assert status.state is DeviceState.ATTENTION
        assert words in str(status.detail)
        result = rig.printer.print(RECEIPT, "slip")
        assert result.state is PrintState.FAULTED
        assert words in str(result.detail)
        rig.head.load()
        assert rig.head.slips == []
        assert rig.printer.print(RECEIPT, "slip").state is PrintState.DRAINED
        assert rig.head.slips == [RECEIPT]


def test_paper_that_is_nearly_at_its_end_is_told(driver: str) -> None:
    with receipts(driver) as rig:
        rig.head.near_end = True
        status = rig.printer.status()
        assert (status.state, "nearly" in str(status.detail)) == (DeviceState.READY, True)


def test_a_printer_that_says_nothing_gets_no_slip(driver: str) -> None:
    with receipts(driver, HASTY) as rig:
        rig.head.silent = True
        assert rig.printer.status().state is DeviceState.LOST
        assert rig.printer.print(RECEIPT, "slip").state is PrintState.FAULTED
        assert rig.head.slips == []


def test_paper_that_ends_within_a_slip_leaves_it_in_doubt(driver: str) -> None:
    with receipts(driver) as rig:
        rig.head.paper_ends = True
        result = rig.printer.print(RECEIPT, "slip")
        assert result.state is PrintState.UNKNOWN
        assert str(result.detail) == "Paper out. Load paper. The slip may still come out."
        rig.head.load()
        assert rig.head.slips == [RECEIPT]


def test_a_printer_that_does_not_say_when_it_is_done_has_been_handed_the_slip(driver: str) -> None:
    with receipts(driver, HASTY) as rig:
        rig.head.says_when_done = False
        assert rig.printer.print(RECEIPT, "slip").state is PrintState.SENT
        assert rig.printer.print(RECEIPT, "slip").state is PrintState.SENT
        assert rig.head.slips == [RECEIPT] * 2


@pytest.mark.parametrize("payload", [b"%PDF-1.3", b"^XA^XZ"])
def test_another_kind_of_paper_is_refused(driver: str, payload: bytes) -> None:
    with receipts(driver) as rig:
        assert rig.printer.print(payload, "slip").state is PrintState.FAULTED
        assert rig.head.slips == []


def test_a_slip_comes_off_the_roll_whole() -> None:
    head = VirtualReceiptPrinter()
    slip: PackingSlip = SLIP
    for byte in receipt(slip):
        head.feed(bytes((byte,)))
    assert head.slips == [receipt(slip)]
