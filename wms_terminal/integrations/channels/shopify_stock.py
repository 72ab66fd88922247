"""What a Shopify shop may still sell at a location, by its Admin GraphQL API.

A quantity is set only if it still is what we read just before (compare and swap), so a sale in
between is not written over: it is in doubt, and read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from wms_terminal.integrations import intake
from wms_terminal.integrations.channels import shopify_documents as documents
from wms_terminal.integrations.channels.outcome import asked
from wms_terminal.integrations.channels.shopify_admin import Json, Problems, ShopifyAdmin
from wms_terminal.integrations.channels.shopify_orders import within
from wms_terminal.integrations.http import Away, Lost, Refusal
from wms_terminal.integrations.intake import Unfit
from wms_terminal.ports.channel import ChannelAway, StockLevel, Told, Writeback

BATCH = 200
"""Quantities in one mutation; it takes 250."""
SKUS = 30
"""In one question."""

_MEANWHILE = ("CHANGE_FROM_QUANTITY_STALE", "IDEMPOTENCY_CONCURRENT_REQUEST")


@dataclass(frozen=True, slots=True)
class _Item:
    """What is known of the stock of an item."""

    id: str
    tracked: bool
    available: int | None
    """None where it is not stocked at the location."""


def set_stock(admin: ShopifyAdmin, location: str, levels: Sequence[StockLevel]) -> list[Told]:
    """Set what may be sold at a location, by SKU; an answer for each, in order.

    Raises:
        ChannelAway: nothing was changed.
    """
    wanted = {level.sku: level.quantity for level in levels}
    items = asked(lambda: _items(admin, location, list(wanted)))
    answers: dict[str, Told] = {}
    todo: list[tuple[str, _Item]] = []
    for sku, quantity in wanted.items():
        found = items.get(sku, [])
        if answer := _without_writing(sku, found, quantity):
            answers[sku] = answer
        else:
            todo.append((sku, found[0]))
    wrote = False
    for start in range(0, len(todo), BATCH):
        batch = todo[start : start + BATCH]
        while batch:  # what the shop says no to leaves the batch; the others are told again
            try:
                refused = _set_some(admin, location, batch, wanted)
            except Away as error:
                if not wrote:
                    raise ChannelAway(str(error), error.retry_after_s) from None
                answers |= _all(batch, Told(Writeback.IN_DOUBT, str(error)))
                break
            except Lost as error:
                answers |= _all(batch, Told(Writeback.IN_DOUBT, str(error)))
                break
            except Refusal as error:
                answers |= _all(batch, Told(Writeback.REJECTED, str(error)))
                break
            finally:
                wrote = True
            answers |= refused
            batch = [(sku, item) for sku, item in batch if sku not in refused]
            if not refused:
                answers |= {sku: Told(Writeback.APPLIED, remote_id=item.id) for sku, item in batch}
                break
    return [answers[level.sku] for level in levels]


def _without_writing(sku: str, found: Sequence[_Item], quantity: int) -> Told | None:
    """The answer where there is nothing to set."""
    if not found:
        return _no(f"the shop sells nothing with SKU {sku[:64]}")
    if len(found) > 1:
        return _no(f"the shop sells {len(found)} things with SKU {sku[:64]}")
    if not found[0].tracked:
        return Told(Writeback.UNSUPPORTED, f"The shop does not count SKU {sku[:64]}.")
    if found[0].available is None:
        return _no(f"SKU {sku[:64]} is not stocked at our location; say so in the shop")
    if found[0].available == quantity:
        return Told(Writeback.APPLIED, remote_id=found[0].id)
    return None


def _items(admin: ShopifyAdmin, location: str, skus: Sequence[str]) -> dict[str, list[_Item]]:
    """Items of these SKUs; the search is wider than what was asked for."""
    found: dict[str, list[_Item]] = {}
    for start in range(0, len(skus), SKUS):
        query = " OR ".join(f"sku:{_quoted(sku)}" for sku in skus[start : start + SKUS])

        def page(after: str | None, query: str = query) -> Json:
            data = admin.ask(documents.STOCK, query=query, location=location, after=after)
            return within(data, "inventoryItems")

        for node in admin.nodes(page(None), page):
            item = _Item(str(node.get("id")), node.get("tracked") is True, _available(node))
            known = found.setdefault(str(node.get("sku")), [])
            if item.id not in [one.id for one in known]:
                known.append(item)
    return found


def _quoted(sku: str) -> str:
    """A SKU in a search, as one phrase (https://shopify.dev/docs/api/usage/search-syntax)."""
    escaped = sku.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _available(node: Json) -> int | None:
    level = node.get("inventoryLevel")
    if level is None:
        return None
    for entry in intake.items(intake.obj(level, "a level").get("quantities"), "quantities"):
        quantity = intake.obj(entry, "a quantity").get("quantity")
        if isinstance(quantity, int):  # below nothing when more was sold than there is
            return quantity
    raise Unfit("Expected a quantity that is available, got none.")


def _set_some(
    admin: ShopifyAdmin, location: str, batch: Sequence[tuple[str, _Item]], wanted: dict[str, int]
) -> dict[str, Told]:
    """Set them all, or none: then those that are to blame, by SKU, or all."""
    quantities: list[dict[str, Any]] = [
        {
            "inventoryItemId": item.id,
            "locationId": location,
            "quantity": wanted[sku],
            "changeFromQuantity": item.available,
        }
        for sku, item in batch
    ]
    given = {"name": "available", "reason": "correction", "quantities": quantities}
    try:
        admin.tell(documents.SET_STOCK, input=given, key=str(uuid4()))
    except Problems as error:
        return _blamed(error, batch)
    return {}


def _blamed(error: Problems, batch: Sequence[tuple[str, _Item]]) -> dict[str, Told]:
    found: dict[str, Told] = {}
    for problem in error.problems:
        said = f"The shop says: {intake.text(problem.get('message'))}"
        again = problem.get("code") in _MEANWHILE
        answer = Told(Writeback.IN_DOUBT if again else Writeback.REJECTED, said)
        path = problem.get("field")
        numbers = [part for part in path if str(part).isdigit()] if isinstance(path, list) else []
        if not numbers or int(numbers[0]) >= len(batch):
            return _all(batch, answer)
        found[batch[int(numbers[0])][0]] = answer
    return found


def _all(batch: Sequence[tuple[str, _Item]], answer: Told) -> dict[str, Told]:
    return {sku: answer for sku, _ in batch}


def _no(why: str) -> Told:
    return Told(Writeback.REJECTED, f"Not done: {why}.")
