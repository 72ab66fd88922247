"""What a Vendure shop may still sell: what is on hand at its stock location less what is allocated.

Units of open orders are allocated until their parcel is made, so that what is on hand must cover
them as well: a shop refuses a parcel of what is not on hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wms_terminal.integrations import intake
from wms_terminal.integrations.channels.outcome import asked
from wms_terminal.integrations.channels.vendure_api import Api, Json
from wms_terminal.integrations.channels.vendure_documents import SET_STOCK, VARIANTS
from wms_terminal.integrations.http import Away, Lost, Refusal
from wms_terminal.integrations.intake import Unfit
from wms_terminal.ports.channel import ChannelAway, StockLevel, Told, Writeback

BATCH = 100
"""Variants in one request."""
MOST = 2**31 - 1
"""On hand, in the shop's own numbers."""


@dataclass(frozen=True, slots=True)
class _Held:
    """What a variant has at our location."""

    location: str
    on_hand: int
    allocated: int


@dataclass(frozen=True, slots=True)
class _Change:
    """A level to set."""

    variant: str
    quantity: int
    held: _Held

    @property
    def on_hand(self) -> int:
        """What must be on hand for it."""
        return self.quantity + self.held.allocated


def set_stock(api: Api, location: str, levels: Sequence[StockLevel]) -> list[Told]:
    """Set what may be sold, by SKU; an answer for each level, in order.

    Args:
        api: The shop.
        location: Id of our stock location; empty where the shop has only one.
        levels: What may be sold.

    Raises:
        ChannelAway: nothing was changed.
    """
    variants = asked(lambda: _variants(api, sorted({level.sku for level in levels})))
    answers: dict[str, Told] = {}
    changes: dict[str, _Change] = {}
    for level in levels:
        try:
            found = _change(level, variants.get(level.sku, ()), location)
        except Unfit as error:
            answers[level.sku] = Told(Writeback.REJECTED, f"Not done: {error}")
            continue
        if found.held.on_hand == found.on_hand:
            answers[level.sku] = Told(Writeback.APPLIED, remote_id=found.variant)
        else:
            changes[level.sku] = found
    due = list(changes.items())
    for start in range(0, len(due), BATCH):
        answers |= _set_some(api, location, dict(due[start : start + BATCH]), wrote=start > 0)
    return [answers[level.sku] for level in levels]


def _variants(api: Api, skus: Sequence[str]) -> dict[str, list[Json]]:
    """Variants by SKU, which a shop does not keep unique."""
    found: dict[str, list[Json]] = {}
    for start in range(0, len(skus), BATCH):
        some = skus[start : start + BATCH]
        options = {"filter": {"sku": {"in": list(some)}}, "take": 2 * BATCH}
        answer = intake.obj(api.ask(VARIANTS, {"options": options}), "productVariants")
        for entry in intake.items(answer.get("items"), "variants"):
            variant = intake.obj(entry, "a variant")
            found.setdefault(str(variant.get("sku")), []).append(variant)
    return found


def _change(level: StockLevel, variants: Sequence[Json], location: str) -> _Change:
    """What is to be set; raises Unfit when the shop could not."""
    sku = intake.code(level.sku)
    if len(variants) != 1:
        raise Unfit(f"the shop sells {len(variants) or 'nothing'} with SKU {sku}.")
    held = _held(variants[0], location)
    if held is None:
        raise Unfit(f"{sku} lies at several stock locations; name ours in the option location.")
    change = _Change(intake.code(variants[0].get("id")), level.quantity, held)
    if not 0 <= change.on_hand <= MOST:
        raise Unfit(f"{level.quantity} of {sku} is no stock.")
    return change


def _held(variant: Json, location: str) -> _Held | None:
    """What lies at our location; None when it is not known which is ours."""
    found = [
        _Held(
            intake.code(one.get("stockLocationId")),
            intake.whole(one.get("stockOnHand"), "stockOnHand"),
            intake.whole(one.get("stockAllocated"), "stockAllocated"),
        )
        for one in (
            intake.obj(entry, "a stock level")
            for entry in intake.items(variant.get("stockLevels"), "stockLevels")
        )
    ]
    if location:
        return next((one for one in found if one.location == location), _Held(location, 0, 0))
    return found[0] if len(found) == 1 else None


def _set_some(
    api: Api, location: str, changes: dict[str, _Change], *, wrote: bool
) -> dict[str, Told]:
    entries = [
        {
            "id": change.variant,
            "stockLevels": [
                {"stockLocationId": change.held.location, "stockOnHand": change.on_hand}
            ],
        }
        for change in changes.values()
    ]
    try:
        answer = api.change(SET_STOCK, {"input": entries})
        done = {
            intake.code(one.get("id")): _held(one, location)
            for one in (intake.obj(one, "a variant") for one in intake.items(answer, "variants"))
        }
    except Away as error:
        if not wrote:
            raise ChannelAway(str(error), error.retry_after_s) from None
        return {sku: Told(Writeback.IN_DOUBT, str(error)) for sku in changes}
    except (Lost, Unfit) as error:
        return {sku: Told(Writeback.IN_DOUBT, str(error)) for sku in changes}
    except Refusal as error:
        return {sku: Told(Writeback.REJECTED, str(error)) for sku in changes}
    return {sku: _set(change, done.get(change.variant)) for sku, change in changes.items()}


def _set(change: _Change, after: _Held | None) -> Told:
    """What became of the stock of one variant.

    What was allocated may have left meanwhile: then as much too much is on hand.
    """
    if after is None or after.on_hand != change.on_hand:
        return Told(Writeback.IN_DOUBT, "The shop does not have the stock that was told.")
    if after.allocated < change.held.allocated:
        return Told(Writeback.IN_DOUBT, "Units left while the stock was told.")
    return Told(Writeback.APPLIED, remote_id=change.variant)
