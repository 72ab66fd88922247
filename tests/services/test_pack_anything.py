"""Whatever two packers and a shipper scan in whatever order, the store stays sound."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from data import doctor
from tests.services.pack_helpers import OTHER, PACK, PETE, SHIP, hire, hold, parcels
from tests.world import BOB, CANDLE, LANTERN, MUG, SARA, SIGN, World, at, gtin, pack_gtin
from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import Order
from wms_terminal.domain.reasons import REPRINT, SHORT_PACK
from wms_terminal.ports.devices import PrintState
from wms_terminal.services.step import Step, Weigh

PEOPLE = {PACK: BOB, OTHER: PETE, SHIP: SARA}

CODES = (
    *(command.value for command in Command),
    *(reason.code for reason in (*SHORT_PACK, *REPRINT)),
    *(gtin(number) for number in range(1, 5)),
    *(at(place) for place in ("T-0001", "T-0002", "T-0006", "STAGE-01", "BENCH-01")),
    *PEOPLE.values(),
    *("BOXS", "BOXL", "CARPOSTNL", "CARDHL", "LOT-A", "1001", "1002", "NOSUCH"),
    pack_gtin(1),
    f"]C1010{gtin(3)}10LOT-A",
)


class Crowd:
    """People who scan what the screen asks for, and often something else."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = random.Random(seed)
        hire(world)
        self.orders = list(self._orders())
        world.pick_all()
        for station, badge in PEOPLE.items():
            world.scan(station, badge)

    def _orders(self) -> Iterator[Order]:
        for _ in range(4):
            skus = self.random.sample((LANTERN, MUG, CANDLE, SIGN), 2)
            yield self.world.order(
                *((sku, self.random.randint(1, 4)) for sku in skus),
                partial=self.random.random() < 0.8,
                service=self.random.choice(("", "DHL-EU")),
            )

    def scan(self) -> None:
        """Somebody scans something, the scale answers, and now and then the world changes."""
        station = self.random.choice((PACK, PACK, OTHER, SHIP))
        self._meanwhile(station)
        step = self.world.floor.look(station)
        code = self._code(step, station)
        step = self.world.scan(station, code)
        while any(isinstance(effect, Weigh) for effect in step.effects):
            step = self._weigh(station, step)

    def _meanwhile(self, station: str) -> None:
        chance = self.random.random()
        if chance < 0.03:
            self.world.wait(minutes=self.random.choice((1, 40)))
        elif chance < 0.08:
            ends = (PrintState.SENT, PrintState.FAULTED, PrintState.UNKNOWN)
            self.world.printed(self.random.choice(ends), "paper")
        elif chance < 0.1:
            order = self.world.find(self.random.choice(self.orders).number)
            if order.state not in ("shipped", "cancelled"):
                hold(self.world, order, self.random.choice(("", "stop")))
        elif chance < 0.11:
            self.world.floor.start(station)

    def _code(self, step: Step, station: str) -> str:
        if step.flow == "sign_in":
            return PEOPLE[station]
        if step.hint and self.random.random() < 0.7:
            return step.hint
        labels = [p.sscc for order in self.orders for p in parcels(self.world, order) if p.sscc]
        if labels and self.random.random() < 0.3:
            return "00" + self.random.choice(labels)
        return self.random.choice(CODES)

    def _weigh(self, station: str, step: Step) -> Step:
        expected = next(item.load.expected_g for item in step.effects if isinstance(item, Weigh))
        chance = self.random.random()
        if chance < 0.1:
            return self.world.weigh(station, None, "off")
        return self.world.weigh(station, expected + (500 if chance < 0.2 else 0))


@pytest.mark.parametrize("seed", range(6))
def test_nothing_breaks_the_store(world: World, seed: int) -> None:
    crowd = Crowd(world, seed)
    for number in range(150):
        crowd.scan()
        if number % 50 == 0:
            with world.store.read() as tx:
                assert not doctor.examine(tx)
