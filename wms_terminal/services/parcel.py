"""The parcel on the bench: what is in it, what is still to come, and the carton for it."""

from __future__ import annotations

from wms_terminal.domain.orders import PackLine, Parcel
from wms_terminal.domain.packing import Contents, suggest
from wms_terminal.domain.site import PackageType
from wms_terminal.services.dialogue import Context


def open_parcel(ctx: Context) -> Parcel:
    """The parcel that the dialogue is about."""
    assert ctx.dialogue.parcel_id is not None
    return ctx.tx.parcels.get(ctx.dialogue.parcel_id)


def still_to_pack(ctx: Context, order_id: int) -> list[PackLine]:
    """Lines of which something is picked and not packed."""
    return [line for line in ctx.tx.parcels.pack_lines(order_id) if line.packed < line.picked]


def contents(ctx: Context, parcel: Parcel) -> Contents:
    """Weight and size of what is in a parcel."""
    return Contents.of(
        (ctx.tx.site.product(line.product_id), count)
        for line, _, count in ctx.tx.parcels.contents(parcel.id)
    )


def advised_for_rest(ctx: Context, todo: list[PackLine]) -> PackageType | None:
    """A carton for what is still to be packed."""
    assert ctx.dialogue.order_id is not None
    order = ctx.tx.orders.get(ctx.dialogue.order_id)
    contents = Contents.of(
        (ctx.tx.site.product(line.product_id), line.picked - line.packed) for line in todo
    )
    service = ctx.tx.site.service(order.service_id)
    return suggest(contents, ctx.tx.site.package_types(), service)


def advised(ctx: Context, parcel: Parcel) -> PackageType | None:
    """A carton for what is in the parcel."""
    service = ctx.tx.site.service(ctx.tx.orders.get(parcel.order_id).service_id)
    return suggest(contents(ctx, parcel), ctx.tx.site.package_types(), service)


def expected_g(ctx: Context, parcel: Parcel) -> int:
    """What a parcel ought to weigh, carton included."""
    tare = 0
    if parcel.package_type_id is not None:
        tare = ctx.tx.site.package_type(parcel.package_type_id).tare_g
    return contents(ctx, parcel).weight_g + tare
