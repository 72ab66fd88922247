"""Who draws the papers."""

from __future__ import annotations

from typing import Protocol

from wms_terminal.domain.label import PackingSlip, ShippingLabel


class Documents(Protocol):
    """Turns what a document says into the bytes that a printer takes."""

    def label(self, content: ShippingLabel) -> bytes:
        """A shipping label as ZPL."""

    def slip(self, content: PackingSlip, printer: str) -> bytes:
        """A packing slip in the language of a printer, which is named by its URL."""

    def suits(self, payload: bytes, kind: str, printer: str) -> bool:
        """Whether the bytes of a `label` or `slip` that was printed elsewhere suit a printer."""
