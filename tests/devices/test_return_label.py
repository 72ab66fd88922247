from __future__ import annotations

from dataclasses import replace

import pytest

from devices.documents.zpl import HEIGHT, WIDTH, return_label
from devices.documents.zpl_picture import render
from tests.devices.documents import barcodes
from tests.devices.naughty import NAUGHTY
from wms_terminal.domain.label import Address
from wms_terminal.domain.returns import ReturnLabel

LABEL = ReturnLabel(
    number="R000042",
    receiver=Address(name="Test Shop", street="Dam 1", city="Amsterdam", country="NL"),
    sender=Address(name="C. Klant", street="Straat 1", city="Utrecht", country="NL"),
    order_number="1001",
    reference="W-77",
    rma="#1001-R1",
)


@pytest.mark.parametrize("number", ["R000001", "R000042", "R999999", "R12345678901", "R1"])
def test_the_number_decodes_from_the_picture(number: str) -> None:
    (image,) = render(return_label(replace(LABEL, number=number)))
    assert image.size == (WIDTH, HEIGHT)
    assert [found[2] for found in barcodes(image)] == [number]


@pytest.mark.parametrize("text", NAUGHTY)
def test_no_text_becomes_a_command(text: str) -> None:
    hostile = Address(*([text] * 8))
    label = ReturnLabel("R000042", hostile, hostile, text, text, text)
    zpl = return_label(label)
    assert [zpl.count(command) for command in (b"^XA", b"^XZ", b"^BC", b"^PQ")] == [1, 1, 1, 1]
    (image,) = render(zpl)
    assert [found[2] for found in barcodes(image)] == ["R000042"]


@pytest.mark.parametrize("number", ["", "R-1", "^XZ", "R" * 15, "Ré1"])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="Expected a return's number"):
        return_label(replace(LABEL, number=number))
