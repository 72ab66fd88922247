"""A parcel's customs papers in one document: CN 23 twice, commercial invoice three times."""

from __future__ import annotations

from devices.documents.cn23 import declaration
from devices.documents.frame import is_plain
from devices.documents.invoice import invoice
from devices.documents.pdf import Page
from wms_terminal.domain.customs import CustomsPapers


def customs_papers(*papers: CustomsPapers) -> bytes:
    """Everything that goes with one or several parcels as PDF; always the same bytes for them."""
    first = papers[0]
    page = Page(f"Customs papers {first.number}", latin_1=all(map(is_plain, papers)))
    for parcel in papers:
        declaration(page, parcel)
        invoice(page, parcel)
    return page.to_bytes()
