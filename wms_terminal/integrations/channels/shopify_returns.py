"""Returns of a Shopify shop: announced by its customers, and taken back in.

A return keeps no key of ours. So before units are taken back we note with the order, under our key,
how many of each line had come before: what has come since then was told already.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wms_terminal.integrations import intake
from wms_terminal.integrations.channels import shopify_documents as documents
from wms_terminal.integrations.channels.shopify_admin import Json, Problems, ShopifyAdmin
from wms_terminal.integrations.channels.shopify_orders import (
    gid,
    is_number,
    number_of,
    summed,
    within,
)
from wms_terminal.integrations.http import Lost
from wms_terminal.integrations.intake import Unfit
from wms_terminal.ports.channel import (
    AdvisedLine,
    AnnouncedReturn,
    Disposition,
    ReturnNews,
    Told,
    Writeback,
)

_DISPOSITIONS = {
    Disposition.RESTOCK: "RESTOCKED",
    Disposition.SCRAP: "NOT_RESTOCKED",
    Disposition.HOLD: "PROCESSING_REQUIRED",
}


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a return."""

    id: str
    line: str
    """Of the order."""
    back: str
    """Of the reverse fulfilment order."""
    came: int
    left: int


def announced(admin: ShopifyAdmin, reference: str) -> Iterator[AnnouncedReturn]:
    """Returns of an order of which something is still to come; raises as the answers are."""

    def page(after: str | None) -> Json:
        data = admin.ask(documents.RETURNS, id=gid("Order", reference), after=after)
        return within(data, "order", "returns")

    for node in admin.nodes(page(None), page):
        lines = [
            intake.obj(line, "a line")
            for line in intake.items(within(node, "returnLineItems").get("nodes"), "lines")
            if line  # one of an item that Shopify does not know is empty
        ]
        left = sum(intake.whole(line.get("unprocessedQuantity"), "units") for line in lines)
        if node.get("status") in ("REQUESTED", "OPEN") and left:
            yield AnnouncedReturn(
                rma=intake.code(node.get("name")),
                reference=reference,
                announced_at=intake.changed(node.get("createdAt"), "createdAt"),
                lines=tuple(_advised(line) for line in lines),
            )


def _advised(line: Json) -> AdvisedLine:
    item = within(line, "fulfillmentLineItem", "lineItem")
    reason = line.get("returnReasonDefinition")
    words = (
        intake.text(intake.obj(reason, "a reason").get("name")) if reason else "",
        intake.text(line.get("returnReasonNote")),
        intake.text(line.get("customerNote")),
    )
    return AdvisedLine(
        line=number_of(item, "a line"),
        sku=intake.code(item.get("sku")),
        quantity=intake.whole(line.get("quantity"), "quantity"),
        reason=": ".join(word for word in words if word),
    )


def take_back(admin: ShopifyAdmin, location: str, news: ReturnNews) -> Told:
    """Say what came of a return.

    Raises:
        Away, Lost, Refusal, Unfit: as the shop's answers are.
    """
    order = gid("Order", news.reference)
    found = admin.ask(documents.ANNOUNCED, id=order) if is_number(news.reference) else {}
    if found.get("order") is None:
        return _no(f"the shop knows no order {news.reference[:64]}")
    raw = within(found, "order")
    theirs = [
        intake.obj(one, "a return")
        for one in intake.items(within(raw, "returns").get("nodes"), "returns")
    ]
    one = next((one for one in theirs if intake.code(one.get("name")) == news.rma), None)
    if one is None:
        return _no(f"the shop knows no return {news.rma[:64]} of order {news.reference[:64]}")
    key, lines = str(one.get("id")), _lines(admin, str(one.get("id")))
    came = summed({line.line: line.came} for line in lines)
    units = summed({line.line: line.quantity} for line in news.lines)
    notes, digest = _notes(raw)
    before = notes.get(news.key)
    if before is None:
        before = {line: came.get(line, 0) for line in units}
        if fault := _misfit(one, lines, units):
            return _no(fault)
        _remember(admin, order, {**notes, news.key: before}, digest)
    told = {line: came.get(line, 0) - before.get(line, 0) for line in units}
    given = _given(news, lines, told, location)
    if given:
        admin.tell(documents.TAKE_BACK, input={"returnId": key, "returnLineItems": given})
    return Told(Writeback.APPLIED, remote_id=key)


def _lines(admin: ShopifyAdmin, key: str) -> list[_Line]:
    raw = within(admin.ask(documents.RETURN, id=key), "return")
    back = {}
    for part in _whole(within(raw, "reverseFulfillmentOrders")):
        for line in _whole(within(part, "lineItems")):
            if item := line.get("fulfillmentLineItem"):
                back[str(intake.obj(item, "a line").get("id"))] = str(line.get("id"))
    found = []
    for line in _whole(within(raw, "returnLineItems")):
        if not line:  # one of an item that Shopify does not know
            continue
        item = within(line, "fulfillmentLineItem")
        found.append(
            _Line(
                str(line.get("id")),
                number_of(item.get("lineItem"), "a line"),
                back.get(str(item.get("id")), ""),
                intake.whole(line.get("processedQuantity"), "processedQuantity"),
                intake.whole(line.get("unprocessedQuantity"), "unprocessedQuantity"),
            )
        )
    return found


def _whole(page: Json) -> list[Json]:
    """The nodes of a list that must be all of it."""
    if within(page, "pageInfo").get("hasNextPage") is not False:
        raise Unfit("Expected a return of up to 100 lines, got more.")
    return [intake.obj(node, "a node") for node in intake.items(page.get("nodes"), "nodes")]


def _notes(raw: Json) -> tuple[dict[str, dict[str, int]], str | None]:
    """What had come of each line before, by our keys, and what the note's contents are called."""
    field = raw.get("metafield")
    if field is None:
        return {}, None
    kept = intake.obj(field, "a metafield")
    found = {
        str(key): {
            str(line): intake.whole(units, "units")
            for line, units in intake.obj(lines, "a note").items()
        }
        for key, lines in intake.obj(kept.get("jsonValue"), "a note").items()
    }
    return found, str(kept.get("compareDigest"))


def _remember(
    admin: ShopifyAdmin, order: str, notes: Mapping[str, Mapping[str, int]], digest: str | None
) -> None:
    field = {
        "ownerId": order,
        "namespace": "wms",
        "key": "taken_back",
        "type": "json",
        "value": json.dumps(notes),
        "compareDigest": digest,
    }
    try:
        admin.tell(documents.REMEMBER, metafields=[field])
    except Problems as error:
        if any(one.get("code") == "STALE_OBJECT" for one in error.problems):
            raise Lost(f"{error} Somebody else wrote; read again.") from None
        raise


def _misfit(one: Json, lines: list[_Line], units: Mapping[str, int]) -> str:
    """Why units cannot be taken back; empty when they can."""
    if one.get("status") != "OPEN":
        return f"the return is {intake.code(one.get('status')).lower()}"
    left = summed({line.line: line.left} for line in lines)
    for line, count in units.items():
        if count > left.get(line, 0):
            return f"{count} of line {line[:64]} came back, {left.get(line, 0)} were to come"
    return ""


def _given(
    news: ReturnNews, lines: list[_Line], told: Mapping[str, int], location: str
) -> list[dict[str, Any]]:
    """What to send: units that were not told yet, by line of the return and disposition."""
    skip, left = dict(told), {line.id: line.left for line in lines}
    found: dict[str, dict[str, Any]] = {}
    for one in news.lines:
        passed = min(max(skip.get(one.line, 0), 0), one.quantity)
        skip[one.line] = skip.get(one.line, 0) - passed
        units = one.quantity - passed
        for line in lines:
            part = min(units, left[line.id]) if line.line == one.line else 0
            if not part:
                continue
            units -= part
            left[line.id] -= part
            entry = found.setdefault(line.id, {"id": line.id, "quantity": 0, "dispositions": []})
            entry["quantity"] += part
            entry["dispositions"].append({
                "reverseFulfillmentOrderLineItemId": line.back,
                "quantity": part,
                "locationId": location,
                "dispositionType": _DISPOSITIONS[one.disposition],
            })  # fmt: skip
    return list(found.values())


def _no(why: str) -> Told:
    return Told(Writeback.REJECTED, f"Not done: {why}.")
