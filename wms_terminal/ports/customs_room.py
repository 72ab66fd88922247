"""What the store knows of goods that cross a customs border."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from wms_terminal.domain.customs import Goods


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A product of which customs would want to know more."""

    product_id: int
    sku: str
    hs_code: str
    origin: str
    weight_g: int


class CustomsRoom(Protocol):
    """Parcel contents as customs want them, and what is missing of products."""

    def goods(self, parcel_id: int) -> list[Goods]:
        """What a parcel holds, a line of the order each, all its lots together."""

    def incomplete(self, order_id: int) -> list[Incomplete]:
        """The products of an order without HS code, origin or weight, by SKU."""

    def unpriced(self, order_id: int) -> list[str]:
        """The SKUs of an order's lines without a price."""

    def tell_once(self, product_id: int, at: str) -> bool:
        """Whether nobody was told of this product yet; from now on somebody was."""
