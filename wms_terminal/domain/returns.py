"""Goods that come back: what was advised, what came, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wms_terminal.domain.label import Address
from wms_terminal.domain.text import T, Text


class ReturnState(StrEnum):
    """How far a return is."""

    ANNOUNCED = "announced"
    ARRIVED = "arrived"
    """Something of it was received; more may come."""
    CLOSED = "closed"
    VOID = "void"
    """Nothing of it came, and nothing is waited for."""


OPEN = (ReturnState.ANNOUNCED, ReturnState.ARRIVED)
"""States in which more may come."""

WRONG_ITEM = "wrong_item"
"""The reason of what was never ordered."""

REASONS: dict[str, Text] = {
    WRONG_ITEM: T("Wrong item"),
    "damaged": T("Arrived damaged"),
    "defective": T("Does not work"),
    "not_as_described": T("Not as described"),
    "changed_mind": T("Changed mind"),
    "too_late": T("Came too late"),
    "other": T("Another reason"),
}
"""Our reasons with their names; a channel's own words stay as they are."""

LONGEST = 200
"""Characters of a reason or note that somebody outside wrote."""


def reason_name(reason: str) -> Text | str:
    """A reason as people read it."""
    return REASONS.get(reason, reason)


def is_wrong_item(reason: str) -> bool:
    """Whether a reason says that another thing came than was ordered, in any channel's words."""
    said = reason.casefold().replace("_", " ")
    return any(words in said for words in ("wrong item", "wrong product", "verkeerd"))


@dataclass(frozen=True, slots=True)
class Advised:
    """Units of an order's line that a customer wants to send back."""

    line_id: int
    quantity: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReturnCase:
    """One return, announced or not, of an order or of nobody knows which."""

    id: int
    number: str
    """Ours: `R` and digits; what the return label holds."""
    order_id: int | None
    channel: str
    rma: str
    """The channel's number of it, or empty."""
    tracking: str
    """Of the parcel that comes back, or empty."""
    state: ReturnState
    announced_at: str
    """Empty for what came unannounced."""
    arrived_at: str
    closed_at: str
    note: str
    location_id: int | None
    """Where what came lies on hold."""

    @property
    def is_open(self) -> bool:
        """Whether more of it may come."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """Units of one product and lot in a return."""

    id: int
    return_id: int
    line_id: int | None
    """The order's line; None where nobody knows it."""
    product_id: int
    sku: str
    name: str
    lot: str
    advised: int
    received: int
    reason: str
    restocked: int
    scrapped: int
    held: int
    unit_price: int
    """What the customer paid, 0 where the line is not known."""
    currency: str
    reference: str
    """The channel's own id of the order's line, or empty."""


@dataclass(frozen=True, slots=True)
class Came:
    """Units of one line of an order in a return, all lots together."""

    line: ReturnLine
    """The first of its rows."""
    advised: int
    received: int
    held: int


def by_line(lines: list[ReturnLine]) -> list[Came]:
    """A return's lines with their lots together, in their order."""
    together: dict[tuple[int | None, int], list[ReturnLine]] = {}
    for line in lines:
        together.setdefault((line.line_id, line.product_id), []).append(line)
    return [
        Came(
            rows[0],
            sum(row.advised for row in rows),
            sum(row.received for row in rows),
            sum(row.held for row in rows),
        )
        for rows in together.values()
    ]


@dataclass(frozen=True, slots=True)
class Shipped:
    """Units of an order's line and lot that a customer still has."""

    line_id: int
    lot: str
    quantity: int


@dataclass(frozen=True, slots=True)
class ScanBehind:
    """One scan that brought units of an order's line towards the customer."""

    at: str
    flow: str
    operator: str
    station: str
    raw: str
    """Exactly what the scanner read."""
    sku: str
    quantity: int
    """Units that it moved; 0 for a scan that only counted towards a later one."""


@dataclass(frozen=True, slots=True)
class ReturnLabel:
    """What goes on the parcel that comes back."""

    number: str
    """As its barcode holds it."""
    receiver: Address
    """The warehouse."""
    sender: Address
    order_number: str
    reference: str
    rma: str
