"""Reading what a vendor says: values of a shape that nobody promised, made fit to be kept.

Text keeps what it says, markup and printer commands too (each sink escapes for itself); only
control characters go, which no store keeps, and what is far too long is cut.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from wms_terminal.domain.money import exponent
from wms_terminal.domain.promise import stamp

LONGEST_TEXT = 300
LONGEST_CODE = 64
LONGEST_NOTE = 2000


class Unfit(Exception):
    """An answer that does not have the shape it must have."""


def obj(value: Any, what: str) -> Mapping[str, Any]:
    """A JSON object; raises Unfit."""
    if isinstance(value, dict):
        return value
    raise Unfit(f"Expected {what} as an object, got {type(value).__name__}.")


def items(value: Any, what: str) -> list[Any]:
    """A JSON array; raises Unfit."""
    if isinstance(value, list):
        return value
    raise Unfit(f"Expected {what} as an array, got {type(value).__name__}.")


def text(value: Any, longest: int = LONGEST_TEXT) -> str:
    """A text or number as one line; empty when it is absent or something else."""
    return _kept(value, "")[:longest].strip()


def note(value: Any) -> str:
    """The same for text that may have line ends."""
    return _kept(value, "\n")[:LONGEST_NOTE].strip()


def code(value: Any) -> str:
    """A reference, SKU, postcode or phone number; one too long to be right is cut."""
    return text(value, LONGEST_CODE)


def whole(value: Any, what: str) -> int:
    """A whole number that is not negative; raises Unfit."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise Unfit(f"Expected {what} as a number, got {type(value).__name__}.")
    try:
        number = Decimal(value)
        if number != int(number) or not 0 <= number <= 1_000_000_000:
            raise Unfit(f"Expected {what} as a whole number from 0, got {text(value)[:40]}.")
    except (InvalidOperation, ValueError, OverflowError):
        raise Unfit(f"Expected {what} as a number, got {text(value)[:40]!r}.") from None
    return int(number)


def minor(value: Any, currency: str, what: str) -> int:
    """Money such as 12.95 in minor units, rounded half up; raises Unfit.

    `domain.money.decimal_text` is the way back.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise Unfit(f"Expected {what} as money, got {type(value).__name__}.")
    try:
        units = (Decimal(value).scaleb(exponent(currency)) + Decimal("0.5")) // 1
        if not -1_000_000_000 <= units <= 1_000_000_000:
            raise Unfit(f"Expected {what} as money, got {text(value)[:40]}.")
    except InvalidOperation:
        raise Unfit(f"Expected {what} as money, got {text(value)[:40]!r}.") from None
    return int(units)


def moment(value: Any, what: str) -> datetime:
    """An ISO time in UTC; one without an offset is taken as UTC. Raises Unfit."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Unfit(f"Expected {what} as a time, got {text(value)[:40]!r}.")


def placed(value: Any, what: str) -> str:
    """A time as an `OrderRecord` has it, with whole seconds; raises Unfit."""
    return moment(value, what).strftime("%Y-%m-%dT%H:%M:%SZ")


def changed(value: Any, what: str) -> str:
    """A time as the store keeps it (`promise.stamp`); raises Unfit."""
    return stamp(moment(value, what))


def _kept(value: Any, end: str) -> str:
    """Text without control characters; a line end becomes `end`, or a space."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return ""
    words = str(value)
    if words.isprintable():
        return words
    words = words.replace("\r\n", "\n").replace("\r", "\n").replace("\n", end or " ")
    words = words.replace("\t", " ")
    return "".join(
        char for char in words if char == end or unicodedata.category(char) not in ("Cc", "Cs")
    )
