"""Who draws the papers."""

from __future__ import annotations

from typing import Protocol

from wms_terminal.domain.customs import CustomsPapers
from wms_terminal.domain.label import PackingSlip, ShippingLabel


class Documents(Protocol):
    """Turns what a document says into the bytes that a printer takes."""

    def label(self, content: ShippingLabel) -> bytes:
        """A shipping label as ZPL."""

    def slip(self, content: PackingSlip, printer: str) -> bytes:
        """A packing slip in the language of a printer, which is named by its URL."""

    def customs(self, content: CustomsPapers) -> bytes:
        """Customs declaration and commercial invoice, in as many copies as go along, as PDF."""

    def suits(self, payload: bytes, kind: str, printer: str) -> bool:
        """Whether the bytes of a paper that was printed elsewhere suit a printer."""
