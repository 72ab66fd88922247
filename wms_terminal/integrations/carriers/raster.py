"""A label that comes as PDF, drawn in dots for a printer that speaks ZPL.

Needs the extra `zpl` (pypdfium2 and zebrafy). What is kept in memory is bounded by the size of the
label: a page is drawn to fit it, however large it says it is. It is never made larger than it is,
and not so small that its barcodes could not be read.

Sources: Zebra ZPL II Programming Guide (^GF, ^PW, ^LL); ISO 32000 (a PDF point is 1/72 inch).
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from wms_terminal.integrations.intake import Unfit

if TYPE_CHECKING:
    import pypdfium2

WIDTH_MM = 101.6
HEIGHT_MM = 152.4
"""Of a label of 4 by 6 inches."""
LARGEST = 4 << 20
"""Bytes of a PDF."""
MOST_PAGES = 4
SMALLEST = 0.6
"""A page is drawn at this part of its size at least: A5 fits 4 by 6 inches so, A4 does not."""
MOST_DOTS = 20_000_000

_PDFIUM = threading.Lock()
"""PDFium is not made for several threads."""


class RasterMissing(Exception):
    """The extra `zpl` is not installed; the text says how to install it."""


def to_zpl(
    pdf: bytes, *, dpi: int = 203, width_mm: float = WIDTH_MM, height_mm: float = HEIGHT_MM
) -> bytes:
    """The pages of a PDF as ZPL, a label each, black and white without grey.

    Args:
        pdf: As the carrier gave it.
        dpi: Dots of the printer in an inch: 203, 300 or 600.
        width_mm: Of the labels in the printer.
        height_mm: Of the labels in the printer.

    Raises:
        RasterMissing: the extra is not installed.
        Unfit: it is no PDF that can be drawn on such a label.
    """
    width, height = round(width_mm / 25.4 * dpi), round(height_mm / 25.4 * dpi)
    if not 0 < width * height <= MOST_DOTS:
        raise Unfit(f"Expected a label of {MOST_DOTS} dots at most, got {width} by {height}.")
    if len(pdf) > LARGEST:
        raise Unfit(f"Expected a PDF of {LARGEST >> 20} MB at most, got {len(pdf) >> 20} MB.")
    try:
        import pypdfium2
        import zebrafy  # noqa: F401 - `_drawn` needs it
    except ImportError as error:
        raise RasterMissing(
            f"A PDF becomes ZPL with the extra zpl, and {error.name} is not installed. "
            "Use pip install 'wms-terminal[zpl]'."
        ) from None
    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except (pypdfium2.PdfiumError, ValueError) as error:
            raise Unfit(f"Expected a label as PDF, got something else ({error}).") from None
        try:
            if not 0 < len(document) <= MOST_PAGES:
                raise Unfit(f"Expected a label of 1 to {MOST_PAGES} pages, got {len(document)}.")
            labels = [
                _drawn(document, number, dpi, width, height) for number in range(len(document))
            ]
        except pypdfium2.PdfiumError as error:
            raise Unfit(f"Expected a PDF that can be drawn ({error}).") from None
        finally:
            document.close()
    return b"".join(labels)


def _drawn(
    document: pypdfium2.PdfDocument, number: int, dpi: int, width: int, height: int
) -> bytes:
    from zebrafy.zebrafy_image import ZebrafyImage

    page = document[number]
    try:
        across, down = page.get_size()
        if min(across, down) <= 0:
            raise Unfit("Expected a page with a size, got one without.")
        upright = min(dpi / 72, width / across, height / down)
        turned = min(dpi / 72, width / down, height / across)
        scale = max(upright, turned)
        if scale * 72 / dpi < SMALLEST:
            size = f"{across / 72 * 25.4:.0f} by {down / 72 * 25.4:.0f} mm"
            raise Unfit(
                f"Expected a page about as large as the label, got one of {size}. "
                "Let the carrier make labels of A6."
            )
        bitmap = page.render(
            scale=scale,
            rotation=90 if turned > upright else 0,
            grayscale=True,
            limit_image_cache=True,
        )
        image = bitmap.to_pil().copy()
        bitmap.close()
    finally:
        page.close()
    if image.width > width or image.height > height:  # it is rounded up to whole dots
        image = image.crop((0, 0, min(image.width, width), min(image.height, height)))
    graphic = ZebrafyImage(
        image,
        format="Z64",
        dither=False,
        pos_x=(width - image.width) // 2,
        pos_y=0,
        complete_zpl=False,
    ).to_zpl()
    return f"^XA^PW{width}^LL{height}^LH0,0\n{graphic.strip()}\n^PQ1^XZ\n".encode("ascii")
