"""Paying money back of an order of a Shopify shop, once: by a mark in its note, and by a key."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from wms_terminal.domain.money import decimal_text
from wms_terminal.integrations import intake
from wms_terminal.integrations.channels import shopify_documents as documents
from wms_terminal.integrations.channels.shopify_admin import Json, ShopifyAdmin
from wms_terminal.integrations.channels.shopify_orders import gid, is_number, money, summed, within
from wms_terminal.ports.channel import RefundNews, Told, Writeback

_GOING = ("SUCCESS", "PENDING", "AWAITING_RESPONSE", "UNKNOWN")
"""Transactions of refunds whose money is gone, or may be."""


def refund(admin: ShopifyAdmin, channel: str, news: RefundNews, *, notify: bool) -> Told:
    """Pay money back to how the order was paid.

    Goods that come back are not counted here: they are told as stock, and as a return.

    Raises:
        Away, Lost, Refusal, Unfit: as the shop's answers are.
    """
    order = gid("Order", news.reference)
    found = admin.ask(documents.MONEY, id=order) if is_number(news.reference) else {}
    if found.get("order") is None:
        return _no(f"the shop knows no order {news.reference[:64]}")
    raw = within(found, "order")
    mark = f"[wms {intake.text(news.key).replace(']', ')')}]"
    for entry in intake.items(raw.get("refunds"), "refunds"):
        made = intake.obj(entry, "a refund")
        if intake.note(made.get("note")).endswith(mark):
            return Told(Writeback.APPLIED, remote_id=str(made.get("id")))
    currency = intake.code(raw.get("presentmentCurrencyCode"))
    paid = _paid(raw, currency)
    left = sum(amount for _, amount in paid)
    if currency != news.currency or not 0 < news.amount <= left:
        return _no(
            f"{decimal_text(news.amount, news.currency)} {news.currency} cannot go back of "
            f"{decimal_text(left, currency)} {currency} that is left"
        )
    given = {
        "orderId": order,
        "currency": currency,
        "note": f"{intake.text(news.reason)} {mark}".strip(),
        "notify": notify,
        "transactions": _transactions(order, paid, news.amount, currency),
        "refundLineItems": [
            {"lineItemId": gid("LineItem", line), "quantity": units, "restockType": "NO_RESTOCK"}
            for line, units in summed({one.line: one.quantity} for one in news.lines).items()
        ],
    }
    key = str(uuid5(NAMESPACE_URL, f"wms-refund:{channel}:{news.reference}:{news.key}"))
    done = admin.tell(documents.REFUND, input=given, key=key)
    return Told(Writeback.APPLIED, remote_id=str(within(done, "refund").get("id")))


def _paid(raw: Json, currency: str) -> list[tuple[Json, int]]:
    """Payments, and what of each has not gone back yet, in minor units."""
    transactions = [
        intake.obj(one, "a transaction")
        for one in intake.items(raw.get("transactions"), "transactions")
    ]
    back = summed(
        {str(within(one, "parentTransaction").get("id")): money(one.get("amountSet"), currency)}
        for one in transactions
        if one.get("kind") == "REFUND"
        and one.get("status") in _GOING
        and one.get("parentTransaction")
    )
    return [
        (one, money(one.get("amountSet"), currency) - back.get(str(one.get("id")), 0))
        for one in transactions
        if one.get("kind") in ("SALE", "CAPTURE") and one.get("status") == "SUCCESS"
    ]


def _transactions(
    order: str, paid: list[tuple[Json, int]], amount: int, currency: str
) -> list[Json]:
    """An amount spread over payments, the largest first."""
    made: list[Json] = []
    for payment, left in sorted(paid, key=lambda entry: -entry[1]):
        part = min(left, amount)
        if part > 0:
            amount -= part
            made.append({
                "orderId": order,
                "parentId": payment.get("id"),
                "gateway": payment.get("gateway") or "",
                "kind": "REFUND",
                "amount": decimal_text(part, currency),
            })  # fmt: skip
    return made


def _no(why: str) -> Told:
    return Told(Writeback.REJECTED, f"Not done: {why}.")
