"""Who draws the papers."""

from __future__ import annotations

from typing import Protocol

from wms_terminal.domain.label import PackingSlip, ShippingLabel


class Documents(Protocol):
    """Turns what a document says into the bytes that a printer takes."""

    def label(self, content: ShippingLabel) -> bytes:
        """A shipping label as ZPL."""

    def slip(self, content: PackingSlip) -> bytes:
        """A packing slip as PDF."""
