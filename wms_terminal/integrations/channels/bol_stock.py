"""What may still be sold of a retailer's offers at bol, by the offers API v11."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from wms_terminal.integrations import intake
from wms_terminal.integrations.channels.bol_session import V11, BolSession
from wms_terminal.integrations.channels.outcome import told
from wms_terminal.integrations.intake import Unfit
from wms_terminal.ports.channel import ChannelAway, StockLevel, Told, Writeback

MOST_STOCK = 999
"""Units of one offer."""

_EAN = re.compile(r"\d{8,14}")
_OFFER_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


def set_stock(bol: BolSession, levels: Sequence[StockLevel]) -> list[Told]:
    """Set the stock of the offers whose reference or EAN is the SKU; an answer for each, in order.

    Raises:
        ChannelAway: nothing was changed.
    """
    answers: list[Told] = []
    for level in levels:
        try:
            answers.append(told(lambda: _set_one(bol, level)))  # noqa: B023
        except ChannelAway as error:
            if not answers:
                raise
            rest = len(levels) - len(answers)
            return answers + [Told(Writeback.IN_DOUBT, str(error))] * rest
    return answers


def _set_one(bol: BolSession, level: StockLevel) -> Told:
    offers = _offers(bol, level.sku)
    if len(offers) != 1:
        return _no(f"bol has {len(offers)} offers with SKU {level.sku[:64]}, expected one")
    (offer,) = offers
    number = intake.code(offer.get("offerId"))
    amount = min(level.quantity, MOST_STOCK)
    # Orders that are open were taken off already.
    stock = {"amount": amount, "managedByRetailer": True}
    there = offer.get("stock")
    if not isinstance(there, dict) or any(there.get(key) != stock[key] for key in stock):
        if not _OFFER_ID.fullmatch(number):
            raise Unfit("Expected offerId as a UUID.")
        bol.write("PATCH", f"retailer/offers/{number}", {"stock": stock}, media=V11)
    return Told(Writeback.APPLIED, remote_id=number)


def _offers(bol: BolSession, sku: str) -> list[Mapping[str, Any]]:
    if not sku:
        return []
    found = _found(bol, {"reference": sku})
    same = [offer for offer in found if intake.code(offer.get("reference")) == sku]
    return same or (_found(bol, {"eans": sku}) if _EAN.fullmatch(sku) else [])


def _found(bol: BolSession, params: Mapping[str, str]) -> list[Mapping[str, Any]]:
    answer = intake.obj(bol.get("retailer/offers", params, media=V11), "offers")
    return [intake.obj(offer, "an offer") for offer in intake.items(answer.get("offers"), "offers")]


def _no(why: str) -> Told:
    return Told(Writeback.REJECTED, f"Not done: {why}.")
