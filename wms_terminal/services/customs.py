"""Customs papers: which parcels need them, what they say, and who is told what is missing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from wms_terminal.domain.customs import CustomsPapers, Exporter, Gap, Goods, needs_papers
from wms_terminal.domain.label import Address
from wms_terminal.domain.orders import Order, Parcel, ParcelState
from wms_terminal.domain.promise import moment
from wms_terminal.domain.text import NO_TEXT, T, Text
from wms_terminal.ports.customs_room import Incomplete
from wms_terminal.ports.store import StoreError, Tx
from wms_terminal.services import words
from wms_terminal.services.heads import local_day

GAPS: dict[Gap, Text] = {
    Gap.HS_CODE: T("HS code"),
    Gap.ORIGIN: T("country of origin"),
    Gap.WEIGHT: T("weight"),
    Gap.VALUE: T("price"),
}


def sender_of(tx: Tx) -> Address:
    """Where the site's parcels come from."""
    stored = tx.site.setting("sender")
    return Address(**json.loads(stored)) if stored else Address(name="")


def look(tx: Tx, order_id: int, sender: Address, receiver: Address, at: str) -> None:
    """A new order for outside the customs union: tell at once what its papers will miss.

    Of a product, whoever answers for stock is told once; of a line without a price, whoever
    answers for shipping, with the order.
    """
    if not needs_papers(sender, receiver):
        return
    for product in tx.customs.incomplete(order_id):
        if tx.customs.tell_once(product.product_id, at):
            text = T(
                "{sku} leaves the customs union and its papers miss: {what}. Import it complete",
                sku=product.sku,
                what=words.listing(_missing(product)),
            )
            tx.orders.add_notice("stock", text, at=at, order_id=order_id)
    if unpriced := tx.customs.unpriced(order_id):
        text = T(
            "{sku} leaves the customs union without a price: customs ask for its value",
            sku=", ".join(unpriced),
        )
        tx.orders.add_notice("shipping", text, at=at, order_id=order_id)


def papers_of(tx: Tx, order: Order, parcel: Parcel, day: str) -> CustomsPapers | None:
    """What the papers of a parcel say when they are issued on `day`; None where it needs none."""
    sender = sender_of(tx)
    if not needs_papers(sender, order.address):
        return None
    service = tx.site.service(order.service_id)
    exporter = tx.site.setting("exporter")
    return CustomsPapers(
        order_number=order.number,
        reference=order.reference,
        placed_on=local_day(tx, moment(order.placed_at)),
        issued_on=day,
        sender=sender,
        exporter=Exporter(**json.loads(exporter)) if exporter else Exporter(),
        receiver=order.address,
        email=order.email,
        phone=order.phone,
        carrier=service.carrier,
        service=service.name,
        sscc=parcel.sscc,
        parcel=parcel.number,
        weight_g=parcel.weight_g,
        currency=order.currency,
        goods=tuple(tx.customs.goods(parcel.id)),
    )


def for_order(tx: Tx, order: Order, day: str) -> list[CustomsPapers]:
    """The papers of an order's closed parcels as they are now; `day` dates what was not printed.

    Raises:
        StoreError: the order needs none, or has no closed parcel yet.
    """
    if not needs_papers(sender_of(tx), order.address):
        raise StoreError(
            f"Expected an order that leaves the customs union, got {order.number} to "
            f"{order.address.country or 'no country'}: it needs no customs papers."
        )
    found = []
    for parcel in tx.parcels.of_order(order.id):
        if parcel.state in (ParcelState.OPEN, ParcelState.VOID):
            continue
        jobs = tx.parcels.jobs_of(parcel.id, "customs")
        again = renewed(tx, order, parcel, jobs[-1].content) if jobs else None
        papers = again or papers_of(tx, order, parcel, day)
        if papers is not None:
            found.append(papers)
    if not found:
        raise StoreError(
            f"Expected a closed parcel of order {order.number}, got none: its customs papers say "
            "what is in the box. Pack it first."
        )
    return found


def renewed(tx: Tx, order: Order, parcel: Parcel, content: str) -> CustomsPapers | None:
    """The papers of an earlier job, with what was filled in since; dated as they were.

    None where the job's content is gone: its customer was made anonymous.
    """
    issued_on = json.loads(content).get("issued_on", "")
    return papers_of(tx, order, parcel, issued_on) if issued_on else None


def read(data: Mapping[str, object]) -> CustomsPapers:
    """The papers that `asdict` and JSON made this of."""
    values = dict(data)
    for name in ("sender", "receiver"):
        address = values[name]
        if isinstance(address, Mapping):
            values[name] = Address(**address)
    exporter, goods = values["exporter"], values["goods"]
    assert isinstance(exporter, Mapping)
    assert isinstance(goods, Iterable)
    values["exporter"] = Exporter(**exporter)
    values["goods"] = tuple(Goods(**item) for item in goods)
    return CustomsPapers(**values)  # type: ignore[arg-type]  # as written above


def what_to_do(content: str) -> Text:
    """What the packer has to do with the customs papers of a print job."""
    data = json.loads(content)
    if "exporter" not in data:
        return T("The carrier's own, in the pouch on the parcel")
    return advice(read(data))


def advice(papers: CustomsPapers) -> Text:
    """What the packer has to do with the papers of a parcel."""
    gaps = gaps_of(papers)
    if not gaps:
        return T("CN23 twice and invoice three times, in the pouch on the parcel")
    return T("Fill in by hand: {gaps}. Then into the pouch on the parcel", gaps=gaps)


def gaps_of(papers: CustomsPapers) -> Text:
    """What the papers of a parcel miss, by product; no text when nothing is."""
    missing = [
        T("{sku} {what}", sku=goods.sku, what=words.listing([GAPS[gap] for gap in goods.gaps]))
        for goods in papers.goods
        if goods.gaps
    ]
    return words.listing(missing) if missing else NO_TEXT


def _missing(product: Incomplete) -> list[Text]:
    goods = Goods("", "", 1, 1, product.weight_g, product.hs_code, product.origin)
    return [GAPS[gap] for gap in goods.gaps]
