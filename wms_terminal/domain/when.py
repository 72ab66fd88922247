"""Times as others write them in files."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_ONE_DIGIT = re.compile(r"^[T ]+(?=[0-9]:)")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[-./]([0-9]{1,2})[-./]([0-9]{4})(.*)", re.DOTALL)


def read_time(text: str, zone: ZoneInfo) -> datetime:
    """An ISO time or day, or one that begins with the day (`3-3-2026 14:05`), in UTC.

    Without an offset it is local to the zone. Where the day comes first, it is never the month.

    Raises:
        ValueError: it is no time, or none that a calendar has; says what was expected.
    """
    plain = text.strip()
    turned = _DAY_FIRST.fullmatch(plain)
    if turned is not None:
        day, month, year, rest = turned.groups()
        plain = f"{year}-{month:0>2}-{day:0>2}{_ONE_DIGIT.sub(r' 0', rest)}"
    try:
        found = datetime.fromisoformat(plain)
        if found.tzinfo is None:
            found = found.replace(tzinfo=zone)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        expected = "a time such as 2026-03-03T14:05:00+01:00 or 3-3-2026 14:05"
        raise ValueError(f"Expected {expected}, got {text[:40]!r}.") from None
