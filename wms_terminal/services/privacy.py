"""What is shown of a customer, and to whom: the one place that decides.

The floor works with numbers, goods and parcels. Whoever packs sees the customer's wish, and name
and address on the papers that go into and on the box, because that is the work. Everywhere else
only customer service and supervisors see who a customer is.
"""

from __future__ import annotations

import json

from wms_terminal.domain.orders import Order
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.orders_room import EventRow

ABOUT_A_PERSON = frozenset({"note"})
"""Kinds of events in which customer service has written freely."""


def name_and_place(order: Order, may_see: bool) -> tuple[str | Text, str | Text]:
    """A customer's name, and the place that an order goes to, as far as somebody may see them."""
    who, where = order.address, order.address.country or "-"
    if not may_see:
        return T("not shown here"), where
    return who.name or who.company or "-", f"{who.city} {where}".strip()


def contact(order: Order) -> tuple[tuple[Text, str | Text], ...]:
    """All that is known of a customer; only for those who may see it."""
    said = (
        (T("Customer"), ", ".join(order.address.lines())),
        (T("E-mail"), order.email),
        (T("Phone"), order.phone),
        (T("Customer's wish"), order.note),
    )
    return tuple((label, words) for label, words in said if words)


def told(event: EventRow, may_see: bool) -> Text:
    """A line of a timeline, without what was written about a customer."""
    if event.kind in ABOUT_A_PERSON and not may_see:
        return T("Customer service has written something")
    return Text.from_json(json.loads(event.text))
