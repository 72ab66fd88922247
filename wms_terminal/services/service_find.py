"""Find an order by anything that a customer can say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from wms_terminal.domain.codes import is_sscc
from wms_terminal.domain.customer_keys import is_phone, phone_key, postcode_key
from wms_terminal.domain.orders import Order
from wms_terminal.domain.promise import stamp
from wms_terminal.ports.store import Tx

MANY = 50
"""Orders that one search finds at most."""

_DATE = re.compile(
    r"(?<![\w-])(?:(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"|(?P<day2>\d{1,2})[-/.](?P<month2>\d{1,2})(?:[-/.](?P<year2>\d{4}|\d{2}))?)(?![\w-])"
)
"""2026-03-01, 1-3-2026, 1/3/26, 1.3."""


def find(tx: Tx, said: str, now: datetime) -> list[Order]:
    """The orders that somebody may mean, the newest first.

    What can only be one thing (a number, a mailbox, a phone, a postcode) is looked up by it, then
    a product with a date; what is left is looked for in names and the beginnings of numbers.
    """
    bare = said.strip().lstrip("#").strip()
    if not bare:
        return []
    return (
        _exact(tx, bare)
        or _at_home(tx, bare)
        or _sold(tx, bare, now)
        or tx.orders.search(bare, MANY)
        or tx.orders.search("".join(bare.split()), MANY)
    )


def _exact(tx: Tx, bare: str) -> list[Order]:
    room = tx.customers
    # Some shops write the sign in the number itself.
    found = [*room.numbered(bare, MANY), *room.numbered(f"#{bare}", MANY)]
    closed = "".join(bare.split())
    sscc = closed.removeprefix("00") if len(closed) == 20 else closed
    if is_sscc(sscc) and (parcel := tx.parcels.by_sscc(sscc)) is not None:
        found.append(tx.orders.get(parcel.order_id))
    for number in {bare, bare.upper(), closed.upper()}:
        found += room.by_tracking(number)
        found += room.by_return(number)
    if "@" in bare:
        found += room.by_email(bare, MANY)
    if is_phone(bare):
        found += room.by_phone(phone_key(bare), MANY)
    return _newest(found)


def _at_home(tx: Tx, bare: str) -> list[Order]:
    """By postcode, and by postcode and house number."""
    if not any(char.isdigit() for char in bare):
        return []
    found = tx.customers.by_postcode(postcode_key(bare), MANY)
    if found:
        return found
    place, _, house = bare.rpartition(" ")
    if not place or not house[:1].isdigit():
        return []
    same = re.compile(rf"(?<!\w){re.escape(house)}(?!\d)", re.IGNORECASE)
    return [
        order
        for order in tx.customers.by_postcode(postcode_key(place), MANY)
        if same.search(f"{order.address.street} {order.address.extra}")
    ]


def _sold(tx: Tx, bare: str, now: datetime) -> list[Order]:
    """By a product and the day of the order, give or take one: nobody is sure of it."""
    match = _DATE.search(bare)
    words = " ".join((bare[: match.start()] + " " + bare[match.end() :]).split()) if match else ""
    zone = ZoneInfo(tx.site.setting("timezone", "UTC"))
    day = _day(match, now.astimezone(zone).date()) if match else None
    return sold_on(tx, words, day, zone) if words and day else []


def sold_on(tx: Tx, words: str, day: date, zone: ZoneInfo) -> list[Order]:
    """Orders of about that day with a product that is called so."""
    noon = datetime(day.year, day.month, day.day, tzinfo=zone)
    low, high = stamp(noon - timedelta(days=1)), stamp(noon + timedelta(days=2))
    return tx.customers.sold(words, low, high, MANY)


def day_of(words: str, today: date) -> date | None:
    """The day that somebody wrote, alone."""
    match = _DATE.fullmatch(words.strip())
    return _day(match, today) if match else None


def _day(match: re.Match[str], today: date) -> date | None:
    year = match["year"] or match["year2"] or ""
    month, day = int(match["month"] or match["month2"]), int(match["day"] or match["day2"])
    try:
        if year:
            return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
        said = date(today.year, month, day)
        # Without a year it is the last time that there was such a day.
        return said if said <= today else date(today.year - 1, month, day)
    except ValueError:
        return None


def _newest(orders: Iterable[Order]) -> list[Order]:
    once = {order.id: order for order in orders}
    return sorted(once.values(), key=lambda order: -order.id)[:MANY]
