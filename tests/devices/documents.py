"""Labels and slips to draw, and how to read them back."""

from __future__ import annotations

from dataclasses import replace

import pypdfium2
import zxingcpp
from PIL import Image

from wms_terminal.domain.label import Address, PackingSlip, ShippingLabel, SlipLine

SSCC = "387123450000123452"
SENDER = Address("Lantern & Co.", "", "Havenstraat 12", "", "3011 AB", "Rotterdam", "", "NL")
RECEIVER = Address("Zoë Šimková", "", "Prinsengracht 263", "", "1016 GV", "Amsterdam", "", "NL")

LABEL = ShippingLabel(
    sscc=SSCC,
    sender=SENDER,
    receiver=RECEIVER,
    carrier="DHL",
    service="Parcel Connect",
    routing="NL-1016",
    order_number="536847",
    reference="PO-118",
    parcel=1,
    parcels=2,
    weight_g=3240,
    ship_on="2026-03-17",
)

SLIP = PackingSlip(
    order_number="536847",
    reference="PO-118",
    channel="webshop.nl",
    placed_on="2026-03-16",
    sender=SENDER,
    receiver=RECEIVER,
    carrier="DHL",
    service="Parcel Connect",
    sscc=SSCC,
    parcel=1,
    parcels=2,
    package="Carton M",
    weight_g=3240,
    language="nl",
    lines=(SlipLine("71053", "WHITE METAL LANTERN", "L1", 4, 6, 2),),
)


def address_of(text: str) -> Address:
    """An address with the same text in every field."""
    return Address(text, text, text, text, text, text, text, text)


def label_of(text: str) -> ShippingLabel:
    """A label with the same text in every free field."""
    where = address_of(text)
    return replace(
        LABEL,
        sender=where,
        receiver=where,
        carrier=text,
        service=text,
        routing=text,
        order_number=text,
        reference=text,
        ship_on=text,
    )


def slip_of(text: str) -> PackingSlip:
    """A slip with the same text in every free field."""
    where = address_of(text)
    return replace(
        SLIP,
        sender=where,
        receiver=where,
        carrier=text,
        service=text,
        order_number=text,
        reference=text,
        channel=text,
        placed_on=text,
        package=text,
        language=text,
        lines=(SlipLine(text, text, text, 4, 6, 2),) * 3,
    )


def barcodes(image: Image.Image) -> list[tuple[str, str, str]]:
    """Symbology, AIM identifier and bytes of every barcode in a picture, top to bottom."""
    found = zxingcpp.read_barcodes(image, text_mode=zxingcpp.TextMode.Plain)
    found = sorted(found, key=lambda code: (code.position.top_left.y, code.position.top_left.x))
    return [
        (str(code.format), code.symbology_identifier, code.bytes.decode("latin-1"))
        for code in found
    ]


def pages(pdf: bytes, dpi: int = 200) -> list[Image.Image]:
    """A PDF's pages as pictures."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72).to_pil() for page in document]
    finally:
        document.close()


def words(pdf: bytes) -> list[str]:
    """The text of each page of a PDF."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
