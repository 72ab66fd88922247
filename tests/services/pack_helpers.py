"""Ways to the bench and the ship desk, and what is found there."""

from __future__ import annotations

import json
from typing import Any

from data.store import Transaction
from tests.world import ANNA, BOB, SARA, World
from wms_terminal.domain.orders import Order, Parcel
from wms_terminal.domain.promise import stamp
from wms_terminal.ports.devices import PrintState
from wms_terminal.ports.parcels_room import PrintJob
from wms_terminal.services import desk
from wms_terminal.services.resolver import badge_key
from wms_terminal.services.step import Step, Weigh

PACK, OTHER, SHIP = "PACK-01", "PACK-02", "SHIP-01"
"""A bench with a scale, one without, and the ship desk."""

PETE = "WHBPETE00004"
"""A second packer; see `hire`."""


def hire(world: World) -> None:
    """Take a second packer on."""
    with world.store.write() as tx:
        tx.site.put_operator("PETE", "Pete Novak", "en", "packing", False, badge_key(PETE), "")


def picked(world: World, *lines: tuple[str, int], **changes: Any) -> Order:
    """An order that stands at staging."""
    order = world.order(*lines, **changes)
    world.pick_all("PICK-01", ANNA)
    return order


def opened(world: World, *lines: tuple[str, int], station: str = PACK, **changes: Any) -> Order:
    """An order that lies open on Bob's bench."""
    order = picked(world, *lines, **changes)
    world.scan(station, BOB, "WHCPACK", order.number)
    return order


def reach(world: World, station: str, state: str) -> Step:
    """Do what the screen asks, the scale included, until it is in a state; nothing is printed."""
    step = world.floor.look(station)
    for _ in range(100):
        weighing = [effect for effect in step.effects if isinstance(effect, Weigh)]
        if step.state == state:
            return step
        if weighing:
            step = world.weigh(station, weighing[0].load.expected_g)
        else:
            assert step.hint, f"no hint at {step.flow}/{step.state}"
            step = world.scan(station, step.hint)
    raise AssertionError(f"never at {state}, still at {step.flow}/{step.state}")


def packed(world: World, *lines: tuple[str, int], **changes: Any) -> Order:
    """An order whose only parcel is closed; its label is not scanned back."""
    order = opened(world, *lines, **changes)
    reach(world, PACK, "label")
    return order


def labelled(world: World, *lines: tuple[str, int], **changes: Any) -> Order:
    """An order whose only parcel waits to be loaded."""
    order = packed(world, *lines, **changes)
    world.printed()
    world.scan(PACK, label_of(world, order))
    return order


def shipping(world: World, carrier: str = "CARPOSTNL") -> Step:
    """Sara loads for a carrier."""
    return world.scan(SHIP, SARA, "WHCSHIP", carrier)


def hand_over(world: World, carrier: str = "CARPOSTNL") -> Step:
    """Everything that is loaded leaves."""
    return world.scan(SHIP, "WHCHAND", carrier)


def hold(world: World, order: Order, why: str = "Customer called") -> None:
    """Put an order on hold from a desk, or let it go on."""
    with world.store.write() as tx:
        desk.hold(tx, order.number, why, stamp(world.now))


def parcels(world: World, order: Order) -> list[Parcel]:
    """An order's parcels."""
    with world.store.read() as tx:
        return tx.parcels.of_order(order.id)


def states(world: World, order: Order) -> list[str]:
    """The states of an order's parcels."""
    return [parcel.state.value for parcel in parcels(world, order)]


def label_of(world: World, order: Order, number: int = 1) -> str:
    """What the barcode of a parcel's label says."""
    return "00" + parcels(world, order)[number - 1].sscc


def jobs(world: World, order: Order, number: int = 1, kind: str = "label") -> list[PrintJob]:
    """A parcel's print jobs."""
    parcel = parcels(world, order)[number - 1]
    with world.store.read() as tx:
        return tx.parcels.jobs_of(parcel.id, kind)


def content(job: PrintJob) -> dict[str, Any]:
    """What a document says."""
    data: dict[str, Any] = json.loads(job.content)
    return data


def inside(world: World, order: Order, number: int = 1) -> dict[str, int]:
    """What a parcel holds, by SKU."""
    parcel = parcels(world, order)[number - 1]
    found: dict[str, int] = {}
    with world.store.read() as tx:
        for line, _, count in tx.parcels.contents(parcel.id):
            found[line.sku] = found.get(line.sku, 0) + count
    return found


def sql(world: World, statement: str, **values: object) -> list[tuple[Any, ...]]:
    """Ask, or change, what no room of the store is for."""
    with world.store.write() as tx:
        assert isinstance(tx, Transaction)
        return tx.connection.all(statement, **values)


def end(world: World, job: PrintJob, state: PrintState, detail: str = "") -> None:
    """Let a print job come to an end."""
    with world.store.write() as tx:
        tx.parcels.set_job_state(job.id, state, detail, stamp(world.now))


def printer_off(world: World) -> None:
    """Every job fails."""
    world.printed(PrintState.FAULTED, "The printer does not answer.")


def claims(world: World) -> list[tuple[int, str]]:
    """Which order is on whose bench."""
    with world.store.read() as tx:
        found = []
        for order in tx.orders.search("1", 100):
            claim = tx.picks.claim_of("pack", order.id, stamp(world.now))
            if claim is not None:
                found.append((order.id, claim.operator))
    return found
