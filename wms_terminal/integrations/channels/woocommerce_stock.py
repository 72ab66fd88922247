"""What a WooCommerce shop may still sell, by its REST API v3 (products and their variations)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wms_terminal.integrations import intake
from wms_terminal.integrations.channels.outcome import asked
from wms_terminal.integrations.http import Away, Http, Lost, Refusal
from wms_terminal.integrations.intake import Unfit
from wms_terminal.ports.channel import ChannelAway, StockLevel, Told, Writeback

BATCH = 100
"""Changes in one request; the shop's own limit."""
SKUS = 50
"""In one question for products, so that its address stays short."""


@dataclass(frozen=True, slots=True)
class _Product:
    """What is known of the stock of a product or a variation."""

    id: int
    parent: int
    """Of a variation; 0 for a product."""
    stock: int | None
    """None where the shop does not count it."""


def set_stock(http: Http, levels: Sequence[StockLevel]) -> list[Told]:
    """Set what may be sold of products and variations, by SKU; an answer for each, in order.

    Raises:
        ChannelAway: nothing was changed.
    """
    products = asked(lambda: _products(http, [level.sku for level in levels]))
    answers: dict[str, Told] = {}
    batches: dict[str, list[tuple[StockLevel, _Product]]] = {}
    for level in levels:
        product = products.get(level.sku)
        if product is None:
            answers[level.sku] = _no(f"the shop sells nothing with SKU {level.sku[:64]}")
        elif product.stock == level.quantity:
            answers[level.sku] = Told(Writeback.APPLIED, remote_id=str(product.id))
        else:
            parent = f"products/{product.parent}/variations/batch"
            path = parent if product.parent else "products/batch"
            batches.setdefault(path, []).append((level, product))
    wrote = False
    for path, batch in batches.items():
        for start in range(0, len(batch), BATCH):
            some = batch[start : start + BATCH]
            answers.update(_set_some(http, path, some, wrote=wrote))
            wrote = True
    return [answers[level.sku] for level in levels]


def _products(http: Http, skus: Sequence[str]) -> dict[str, _Product]:
    """Products and variations of these SKUs.

    A SKU with a comma is asked for by itself: the shop takes a text apart at its commas, and
    looks for the whole of it as well.
    """
    simple = [sku for sku in skus if "," not in sku]
    groups = [simple[start : start + SKUS] for start in range(0, len(simple), SKUS)]
    questions = [*map(",".join, groups), *(sku for sku in skus if "," in sku)]
    found: dict[str, _Product] = {}
    for question in questions:
        answer = http.get("products", params={"sku": question, "per_page": BATCH})
        for entry in intake.items(answer.body, "products"):
            product = intake.obj(entry, "a product")
            counted = product.get("manage_stock") is True
            quantity = product.get("stock_quantity")
            found[str(product.get("sku"))] = _Product(
                id=intake.whole(product.get("id"), "a product's id"),
                parent=intake.whole(product.get("parent_id") or 0, "parent_id"),
                stock=quantity if counted and isinstance(quantity, int) else None,
            )
    return found


def _set_some(
    http: Http, path: str, batch: Sequence[tuple[StockLevel, _Product]], *, wrote: bool
) -> dict[str, Told]:
    update = [
        {"id": product.id, "manage_stock": True, "stock_quantity": level.quantity}
        for level, product in batch
    ]
    try:
        answer = http.write("POST", path, body={"update": update})
        entries = intake.items(intake.obj(answer.body, "a batch").get("update"), "update")
        done = {intake.code(intake.obj(one, "a product").get("id")): one for one in entries}
    except Away as error:
        if not wrote:
            raise ChannelAway(str(error), error.retry_after_s) from None
        return {level.sku: Told(Writeback.IN_DOUBT, str(error)) for level, _ in batch}
    except (Lost, Unfit) as error:
        return {level.sku: Told(Writeback.IN_DOUBT, str(error)) for level, _ in batch}
    except Refusal as error:
        return {level.sku: Told(Writeback.REJECTED, str(error)) for level, _ in batch}
    return {level.sku: _set(done.get(str(product.id)), product) for level, product in batch}


def _set(done: Any, product: _Product) -> Told:
    """What became of the stock of one product in a batch."""
    if done is None:
        return Told(Writeback.IN_DOUBT, "The shop did not say whether the stock was set.")
    if error := done.get("error"):
        said = intake.text(error.get("message")) if isinstance(error, dict) else ""
        return _no(said or "the shop did not set the stock")
    return Told(Writeback.APPLIED, remote_id=str(product.id))


def _no(why: str) -> Told:
    return Told(Writeback.REJECTED, f"Not done: {why}.")
