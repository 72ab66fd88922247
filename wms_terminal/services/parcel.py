"""The parcel on the bench: what is in it, what is still to come, and the carton for it."""

from __future__ import annotations

from wms_terminal.domain.orders import PackLine, Parcel, ParcelState
from wms_terminal.domain.packing import UNLIMITED, carrier_objection, room, suggest, volume
from wms_terminal.domain.site import PackageType, Product, Service
from wms_terminal.services.dialogue import Context

CLAIM = "pack"
COUNT_FROM = "pack.count_from"
"""The setting: of so many units of a product, one is scanned and the rest may be counted."""


def open_parcel(ctx: Context) -> Parcel:
    """The parcel that the dialogue is about."""
    assert ctx.dialogue.parcel_id is not None
    return ctx.tx.parcels.get(ctx.dialogue.parcel_id)


def still_to_pack(ctx: Context, order_id: int) -> list[PackLine]:
    """Lines of which something is picked and not packed."""
    return [line for line in ctx.tx.parcels.pack_lines(order_id) if line.packed < line.picked]


def is_left_to_pack(ctx: Context, order_id: int) -> bool:
    """Whether something is picked and not packed."""
    return ctx.tx.parcels.pack_progress(order_id).lines_left > 0


def countable(ctx: Context, order_id: int, product_id: int) -> int:
    """Units of a product that may be counted into the box instead of scanned; 0 for none.

    Only where the site allows it for as many as are still to be packed, the one just scanned
    among them, and never where each unit has a lot.
    """
    least = int(ctx.tx.site.setting(COUNT_FROM, "0"))
    if not least or ctx.tx.site.product(product_id).lot_tracked:
        return 0
    lines = ctx.tx.parcels.pack_lines_of(order_id, product_id)
    left = sum(line.picked - line.packed for line in lines)
    return left if left + in_box(ctx, product_id) >= least else 0


def in_box(ctx: Context, product_id: int) -> int:
    """Units of a product in the parcel on the bench."""
    assert ctx.dialogue.parcel_id is not None
    return ctx.tx.parcels.units_in(ctx.dialogue.parcel_id, product_id)


def unlabelled(ctx: Context, order_id: int) -> Parcel | None:
    """The first parcel of an order that is packed, not yet labelled."""
    parcels = ctx.tx.parcels.of_order(order_id)
    return next((item for item in parcels if item.state is ParcelState.PACKED), None)


def service_of(ctx: Context, order_id: int) -> Service:
    """Which carrier's service an order leaves with."""
    return ctx.tx.site.service(ctx.tx.orders.get(order_id).service_id)


def advised(ctx: Context, parcel: Parcel, *, with_rest: bool = False) -> PackageType | None:
    """A carton for what is in the parcel, and for what is still to be packed."""
    size = ctx.tx.parcels.size(parcel.id, with_rest=with_rest)
    return suggest(size, ctx.tx.site.package_types(), service_of(ctx, parcel.order_id))


def room_for(ctx: Context, parcel: Parcel, product: Product) -> int:
    """How many more units of a product go into the parcel's carton, or into the largest."""
    service = service_of(ctx, parcel.order_id)
    if parcel.package_type_id is not None:
        package = ctx.tx.site.package_type(parcel.package_type_id)
    else:
        packages = ctx.tx.site.package_types()
        allowed = [item for item in packages if not carrier_objection(item, service)]
        if not allowed:
            return UNLIMITED
        package = max(allowed, key=volume)
    return room(ctx.tx.parcels.size(parcel.id), product, package, service)


def expected_g(ctx: Context, parcel: Parcel) -> int:
    """What a parcel ought to weigh, carton included."""
    tare = 0
    if parcel.package_type_id is not None:
        tare = ctx.tx.site.package_type(parcel.package_type_id).tare_g
    return ctx.tx.parcels.size(parcel.id).weight_g + tare


def unfinished(ctx: Context, order_id: int) -> bool:
    """Whether a parcel of an order still misses something: a lid or a label."""
    parcels = ctx.tx.parcels.of_order(order_id)
    return any(item.state in (ParcelState.OPEN, ParcelState.PACKED) for item in parcels)


def leave_bench(ctx: Context, order_id: int) -> None:
    """This packer is done with an order; its empty totes go back once every label is on."""
    more = unfinished(ctx, order_id)
    if not more or is_mine(ctx, order_id):
        ctx.tx.picks.release_claim(CLAIM, order_id)
    for tote in ctx.tx.site.totes_of(order_id):
        if not more and ctx.tx.stock.on_hand(tote.id) == 0:
            ctx.tx.site.use_tote(tote.id, None, None)


def is_mine(ctx: Context, order_id: int) -> bool:
    """Whether nobody else packs an order."""
    claim = ctx.tx.picks.claim_of(CLAIM, order_id, ctx.at)
    return claim is None or claim.operator_id == ctx.operator.id
